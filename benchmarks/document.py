"""Writes the results into docs/performance.md, between two marks, and their pictures beside it; the rest is by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks import plot, results_file, table
from benchmarks.figure import groups, impossible_figures, missed_goals
from benchmarks.results_file import JobResult

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PICTURES = "pictures"
NOTHING = "No full run has been kept yet: `make bench`, then `python -m benchmarks --docs`."
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def renew(name: str = "latest", page: Path = PAGE) -> None:
    """Insert the results of a file into the page."""
    text = page.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{page.name} lacks the marks {BEGIN} and {END}")
    pictures = page.parent / PICTURES
    pictures.mkdir(exist_ok=True)
    sections = [_section(job, result, pictures) for job, result in results_file.read(name).items()]
    results = "\n\n".join(sections) or NOTHING
    page.write_text(f"{before}{BEGIN}\n{results}\n{END}{after}", encoding="utf-8")


def _picture(job: str, entry: JobResult, pictures: Path) -> list[str]:
    """Write the picture of a job; return the line that shows it."""
    picture = plot.svg(f"{job}: {entry.title}", entry.figures)
    if not picture:
        return []
    path = pictures / f"benchmark-{job}.svg"
    path.write_text(picture, encoding="utf-8")
    return [f"![{entry.title}: the table below as a picture]({PICTURES}/{path.name})", ""]


def _section(job: str, entry: JobResult, pictures: Path) -> str:
    host = entry.machine
    memory = f"{host['memory_gb']} GB, Python {host['python']}, SQLite {host['sqlite']}, GDAL {host['gdal']}"
    lines = [
        f"### {job}: {entry.title}",
        "",
        f"{entry.at}, size {entry.size}, {entry.rounds} rounds, {entry.seconds:,.0f} s; {host['cores']} cores "
        f"({host['processor']}), {memory}; load before {entry.load:.2f}, others used up to {100 * entry.others:.0f} %."
        + _ceilings(entry),
        "",
        *_picture(job, entry, pictures),
        table.markdown(entry.figures, entry.ceilings),
    ]
    for members in groups(entry.figures).values():
        lines += [f"\n**Wrong:** {one}" for one in impossible_figures(members)]
        lines += [f"\n**Missed:** {one}" for one in missed_goals(members)]
    return "\n".join(lines)


def _ceilings(entry: JobResult) -> str:
    most = entry.ceilings
    if most is None:
        return ""
    return (
        f" Ceilings: {table.number(most.answers)} bare HTTP answers/s, {table.number(most.rows)} rows/s by executemany."
    )
