"""Writes the results into docs/performance.md, between two marks; the rest of the page is written by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks import results_file, table
from benchmarks.figure import groups, impossible_figures, missed_goals
from benchmarks.results_file import JobResult

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


def results(jobs: dict[str, JobResult]) -> str:
    """Return the section of results."""
    if not jobs:
        return "No full run has been kept yet: `make bench`, then `python -m benchmarks --docs`."
    return "\n\n".join(_section(job, result) for job, result in jobs.items())


def _section(job: str, entry: JobResult) -> str:
    host = entry.machine
    memory = f"{host['memory_gb']} GB, Python {host['python']}, SQLite {host['sqlite']}, GDAL {host['gdal']}"
    lines = [
        f"### {job}: {entry.title}",
        "",
        f"{entry.at}, size {entry.size}, {entry.rounds} rounds, {entry.seconds:,.0f} s; {host['cores']} cores "
        f"({host['processor']}), {memory}; load before {entry.load:.2f}, others used up to {100 * entry.others:.0f} %.",
        "",
        table.markdown(entry.figures),
    ]
    for members in groups(entry.figures).values():
        lines += [f"\n**Wrong:** {one}" for one in impossible_figures(members)]
        lines += [f"\n**Missed:** {one}" for one in missed_goals(members)]
    return "\n".join(lines)
