"""The pages of the sheet of all areas: the index with its map, then one section for each area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crisismap.core.text.wording import count_phrase
from crisismap.exports import sheet as paper
from crisismap.exports.lettering import Lettering, from_right
from crisismap.exports.sheet import MeasuredRow, Sheet, SheetSection
from crisismap.exports.sheet_map import draw_map

MAP_H = 132.0  # mm
HEAD_H = 10.0  # of a section
COLUMNS = 2
GAP = 6.0  # mm between the columns
ROW_H = 4.2  # of the table
PAGE_COL = 17.0  # mm of its column of pages
MOST_EMPTY_LINES = 4
EMPTY_H = 18.0  # mm below the table for the areas in which nobody waits


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows of one section that stand on one page. `again`: the section began on an earlier one."""

    number: int
    section: SheetSection
    rows: tuple[MeasuredRow, ...]
    again: bool

    @property
    def height(self) -> float:
        return HEAD_H + sum(row.height for row in self.rows)


def write_sections(sheet: Sheet) -> bytes:
    """Return the PDF of all areas."""
    letters = paper.open_pdf(sheet)
    measured = [
        [paper.measure_row(letters, number, entry) for number, entry in enumerate(section.entries, 1)]
        for section in sheet.sections
    ]
    pages = _section_pages(sheet.sections, measured)
    index = _index_pages(sheet)
    total = len(index) + len(pages)
    begins = {block.number: len(index) + at for at, page in enumerate(pages, 1) for block in page if not block.again}
    for number, rows in enumerate(index, 1):
        letters.pdf.add_page()
        paper.head(letters, sheet, number, total)
        _index(letters, sheet, rows, begins, first=number == 1)
        paper.foot(letters, sheet)
    for number, blocks in enumerate(pages, len(index) + 1):
        letters.pdf.add_page()
        paper.head(letters, sheet, number, total)
        y = paper.TOP
        for block in blocks:
            _block(letters, block, y)
            y += block.height
        if number == total:
            paper.end(letters, sheet, y)
        paper.foot(letters, sheet)
    return bytes(letters.pdf.output())


def _section_pages(sections: Sequence[SheetSection], measured: Sequence[list[MeasuredRow]]) -> list[list[_Block]]:
    """Return the blocks of each page: a section stands on one page where it has room there."""
    room = paper.BOTTOM - 8 - paper.TOP
    pages: list[list[_Block]] = []
    left = 0.0
    for number, (section, rows) in enumerate(zip(sections, measured, strict=True), 1):
        if not rows:
            continue  # none of its requests is among the most urgent; the index counts them
        whole = _Block(number, section, tuple(rows), again=False)
        blocks = [whole] if whole.height <= room else _parts(whole, room)
        for block in blocks:
            if block.height > left:
                pages.append([])
                left = room
            pages[-1].append(block)
            left -= block.height
    return pages


def _parts(whole: _Block, room: float) -> list[_Block]:
    """Return a section that is longer than a page in parts of a page each."""
    parts: list[list[MeasuredRow]] = [[]]
    left = room - HEAD_H
    for row in whole.rows:
        if row.height > left and parts[-1]:
            parts.append([])
            left = room - HEAD_H
        parts[-1].append(row)
        left -= row.height
    return [_Block(whole.number, whole.section, tuple(rows), again=at > 0) for at, rows in enumerate(parts)]


def _index_pages(sheet: Sheet) -> list[range]:
    """Return which sections the table of each page of the index has; the first page has the map."""
    pages: list[range] = []
    at = 0
    while at < len(sheet.sections) or not pages:
        top = _table_top(sheet, first=not pages)
        most = max(1, int((paper.BOTTOM - EMPTY_H - top) / ROW_H)) * COLUMNS
        pages.append(range(at, min(at + most, len(sheet.sections))))
        at += most
    return pages


def _table_top(sheet: Sheet, *, first: bool) -> float:
    return paper.TOP + (MAP_H + 13 if first and sheet.box is not None else 6)


def _index(letters: Lettering, sheet: Sheet, rows: range, begins: dict[int, int], *, first: bool) -> None:
    if first and sheet.box is not None:
        frame = (paper.MARGIN, paper.TOP, paper.WIDTH, MAP_H)
        draw_map(letters, frame, sheet.box, sheet.shapes, (), "Numbers: the areas below, where there is room.")
    top, deep = _table_top(sheet, first=first), -(-len(rows) // COLUMNS)
    width = (paper.WIDTH - GAP * (COLUMNS - 1)) / COLUMNS
    paper.ink(letters, paper.SOFT)
    about = "Unanswered requests of each area, P1 among them, and the page. Not listed: others are more urgent."
    letters.write((paper.MARGIN, top - 4.5), about, paper.SMALL)
    for at, place in enumerate(rows):
        column, down = divmod(at, deep)
        x, y = paper.MARGIN + column * (width + GAP), top + down * ROW_H
        _index_row(letters, (x, y, width), place + 1, sheet.sections[place], begins.get(place + 1))
    if rows.stop == len(sheet.sections):
        _empty_areas(letters, sheet, top + deep * ROW_H + 2)


def _index_row(
    letters: Lettering, at: tuple[float, float, float], number: int, section: SheetSection, page: int | None
) -> None:
    x, y, width = at
    paper.ink(letters, paper.INK)
    letters.write((x + 7, y), str(number), 8, bold=True, right=True)
    counts = f"{section.waiting}, P1 {section.urgent}" + (f", overdue {section.overdue}" if section.overdue else "")
    where = f"page {page}" if page is not None else "not listed"
    letters.write((x + width, y), where, 8, right=True)
    letters.write((x + width - PAGE_COL, y), counts, 8, bold=bool(section.urgent), right=True)
    room = width - 9 - PAGE_COL - letters.width(counts, 8, bold=True)
    letters.write((x + 9, y), paper.truncate(letters, section.title, 8, room + 5, bold=False), 8)
    letters.pdf.set_draw_color(*paper.SOFT)
    letters.pdf.set_line_width(0.05)
    letters.pdf.line(x, y + ROW_H - 0.6, x + width, y + ROW_H - 0.6)


def _empty_areas(letters: Lettering, sheet: Sheet, y: float) -> None:
    """Write in one paragraph in which areas nobody waits."""
    if not sheet.empty:
        return
    paper.ink(letters, paper.INK)
    nobody = "None of these" if sheet.only else "Nobody waits"
    text = f"{nobody} in {count_phrase(len(sheet.empty), 'area')}: {', '.join(sheet.empty)}."
    lines = letters.lines(text, paper.WIDTH - 4, 8)
    if len(lines) > MOST_EMPTY_LINES:
        lines = [*lines[: MOST_EMPTY_LINES - 1], f"{lines[MOST_EMPTY_LINES - 1]} …"]
    for at, line in enumerate(lines):
        letters.write((paper.MARGIN, y + at * paper.line_height(8)), line, 8)


def _block(letters: Lettering, block: _Block, y: float) -> None:
    paper.ink(letters, paper.INK)
    paper.rule(letters, y, 0.5)
    letters.pdf.set_fill_color(*paper.INK)
    letters.pdf.rect(paper.MARGIN, y + 1.5, letters.width(str(block.number), 12, bold=True) + 3, 6.5, style="F")
    letters.pdf.set_text_color(255, 255, 255)
    letters.write((paper.MARGIN + 1.5, y + 2), str(block.number), 12, bold=True)
    paper.ink(letters, paper.INK)
    counts = "continued" if block.again else block.section.counts()
    letters.write((paper.PAGE_W - paper.MARGIN, y + 3), counts, paper.BODY, bold=True, right=True)
    room = paper.WIDTH - 16 - letters.width(counts, paper.BODY, bold=True)
    title = paper.truncate(letters, block.section.title, 12, room)
    at = paper.MARGIN + 13
    if from_right(title):
        letters.write((at + letters.width(title, 12, bold=True), y + 2), title, 12, bold=True, right=True)
    else:
        letters.write((at, y + 2), title, 12, bold=True)
    y += HEAD_H
    for row in block.rows:
        paper.draw_row(letters, row, y)
        y += row.height
