"""Writes the results into docs/performance.md, between two marks; the rest of the page is written by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks import results_file, table
from benchmarks.figure import groups, impossible, missed
from benchmarks.results_file import Taken

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def renew(name: str = "latest", page: Path = PAGE) -> None:
    """Insert the results of a file into the page."""
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{page.name} lacks the marks {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{results(results_file.read(name))}\n{END}{after}", encoding="utf-8")


def results(jobs: dict[str, Taken]) -> str:
    """Return the section of results."""
    if not jobs:
        return "No full run has been kept yet: `make bench`, then `python -m benchmarks --docs`."
    return "\n\n".join(_one(job, taken) for job, taken in jobs.items())


def _one(job: str, taken: Taken) -> str:
    here = taken.machine
    memory = f"{here['memory_gb']} GB, Python {here['python']}, SQLite {here['sqlite']}, GDAL {here['gdal']}"
    lines = [
        f"### {job}: {taken.title}",
        "",
        f"{taken.at}, size {taken.size}, {taken.rounds} rounds, {taken.seconds:,.0f} s; {here['cores']} cores "
        f"({here['processor']}), {memory}; load before {taken.load:.2f}, others used up to {100 * taken.others:.0f} %.",
        "",
        table.markdown(taken.figures),
    ]
    for members in groups(taken.figures).values():
        lines += [f"\n**Wrong:** {one}" for one in impossible(members)]
        lines += [f"\n**Missed:** {one}" for one in missed(members)]
    return "\n".join(lines)
