"""The print sheet: unanswered requests with a small map, for teams without a screen.

The sheet of all areas begins with an index: a map of numbered areas and a table of counts and pages. Each area follows
as a section that is kept together on a page, or begins one.

It contains no contact details and no tracking code, because paper gets lost and copied. Whoever needs a telephone
number claims the request and gets it then.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from fpdf import FPDF

from crisismap.core.place.place import Extent
from crisismap.core.text import symbols
from crisismap.core.text.symbols import Symbol
from crisismap.core.text.wording import count_phrase
from crisismap.exports.lettering import POINT_MM, Lettering, from_right
from crisismap.exports.sheet_map import Mark, Shape, draw_map

MEDIA_TYPE = "application/pdf"
PAGE_W, PAGE_H, MARGIN = 210.0, 297.0, 12.0  # A4, millimetres
WIDTH = PAGE_W - 2 * MARGIN
TOP, BOTTOM = 32.0, PAGE_H - 18.0  # vertical range of the rows
MAP_H = 96.0
SMALL, BODY, LARGE = 7.0, 9.0, 14.0  # points
LEADING = 1.3
MIN_ROW = 21.5
NUMBER_W, SYMBOL_W, URGENCY_W, TICK_W = 10.0, 12.0, 27.0, 42.0
TEXT_W = WIDTH - NUMBER_W - SYMBOL_W - URGENCY_W - TICK_W - 4
MAX_TEXT = 700  # characters per text
INK, SOFT, RED = (17, 20, 24), (95, 103, 112), (179, 38, 30)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One request of the list. `point` is where its number is drawn on the map."""

    symbol: Symbol
    priority: str  # P1 to P4
    waiting: str
    overdue: str  # "" if it is not
    title: str
    text: str
    notes: tuple[str, ...]
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class SheetSection:
    """One area of the sheet of all areas. The counts are of all its requests, also of those beyond `entries`."""

    title: str
    entries: tuple[SheetRow, ...]
    waiting: int
    urgent: int  # P1
    overdue: int

    def counts(self) -> str:
        """Return the counts, and how many are listed where that is not all."""
        text = f"{count_phrase(self.waiting, 'request')} (P1: {self.urgent}, overdue: {self.overdue})"
        if len(self.entries) == self.waiting:
            return text
        return f"{text}, {f'the first {len(self.entries)}' if self.entries else 'none'} listed"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of the sheet. `more` counts requests beyond `entries`.

    With `sections` it is the sheet of all areas (`sheet_sections`): they hold the entries again, by area, in the order
    of the numbers on the map.
    """

    incident: str
    area: str
    made_at: str
    zone: str  # of all times, as people call it
    revision: int
    made_up: bool
    entries: tuple[SheetRow, ...]
    more: int = 0
    urgent: int = 0  # P1 and overdue requests among all
    overdue: int = 0
    box: Extent | None = None  # the map's unrolled extent; None without anything to draw
    shapes: tuple[Shape, ...] = ()
    sections: tuple[SheetSection, ...] = ()
    empty: tuple[str, ...] = ()  # titles of areas in which nobody waits
    only: str = ""  # what it is narrowed to, beside the area
    handling: str = ""  # the data notice: printed, and in the file's metadata

    def counts(self) -> str:
        """Return the sentence at the top."""
        sentence = f"{count_phrase(len(self.entries) + self.more, 'request')} that nobody has answered"
        sentence += f", only: {self.only}" if self.only else ""
        return f"{sentence} (P1: {self.urgent}, overdue: {self.overdue})" if self.entries else sentence


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """A request's lines and height."""

    number: int
    entry: SheetRow
    lines: tuple[tuple[str, bool, bool], ...]  # text, bold, right-aligned
    height: float


def open_pdf(sheet: Sheet) -> Lettering:
    """Return an empty document with the sheet's title and notice."""
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.c_margin = 0
    pdf.alias_nb_pages(None)  # type: ignore[arg-type]  # a mark in the text would be replaced, in crowd words too
    letters = Lettering(pdf)
    pdf.set_title(letters.clean(f"{sheet.area}: requests nobody has answered"))
    pdf.set_creator("crisismap")
    pdf.set_subject(letters.clean(sheet.handling))
    return letters


def write_sheet(sheet: Sheet) -> bytes:
    """Return the PDF of one list with its map."""
    letters = open_pdf(sheet)
    pdf = letters.pdf
    rows = [measure_row(letters, number, entry) for number, entry in enumerate(sheet.entries, 1)]
    marks = [Mark(row.number, row.entry.symbol, row.entry.point) for row in rows if row.entry.point is not None]
    pages = _pages(rows, with_map=sheet.box is not None)
    for number, page in enumerate(pages, 1):
        pdf.add_page()
        head(letters, sheet, number, len(pages))
        y = TOP
        if number == 1 and sheet.box is not None:
            frame = (MARGIN, TOP, WIDTH, MAP_H)
            draw_map(letters, frame, sheet.box, sheet.shapes, marks, "Numbers: the requests below.")
            y += MAP_H + 9
        for row in page:
            draw_row(letters, row, y)
            y += row.height
        if number == len(pages):
            end(letters, sheet, y)
        foot(letters, sheet)
    return bytes(pdf.output())


def measure_row(letters: Lettering, number: int, entry: SheetRow) -> MeasuredRow:
    """Return a row broken into lines, with its height in mm."""
    short_text = entry.text if len(entry.text) <= MAX_TEXT else f"{entry.text[:MAX_TEXT]} … (shortened)"
    lines = [(line, True, False) for line in letters.lines(entry.title, TEXT_W, BODY, bold=True)]
    for text in (short_text, *entry.notes):
        right = from_right(text)
        lines += [(line, False, right) for line in letters.lines(text, TEXT_W, BODY)]
    return MeasuredRow(number, entry, tuple(lines), max(MIN_ROW, 5 + len(lines) * line_height(BODY)))


def _pages(rows: list[MeasuredRow], *, with_map: bool) -> list[list[MeasuredRow]]:
    """Return the rows of each page; the last page has space for the closing line."""
    pages: list[list[MeasuredRow]] = [[]]
    y = TOP + (MAP_H + 9 if with_map else 0)
    for row in rows:
        if y + row.height > BOTTOM - 8 and (pages[-1] or len(pages) == 1):
            pages.append([])
            y = TOP
        pages[-1].append(row)
        y += row.height
    return pages


def head(letters: Lettering, sheet: Sheet, number: int, pages: int) -> None:
    """Draw the head of a page: area, counts, and when it was made."""
    ink(letters, INK)
    letters.write((MARGIN, 9), truncate(letters, sheet.area, LARGE, WIDTH - 32), LARGE, bold=True)
    letters.write((PAGE_W - MARGIN, 10.5), f"page {number} of {pages}", BODY, bold=True, right=True)
    letters.write((MARGIN, 16), sheet.counts(), BODY, bold=True)
    origin = f"made at {sheet.made_at} (times: {sheet.zone}) · revision {sheet.revision} · {sheet.incident}"
    letters.write((MARGIN, 20.5), truncate(letters, origin, BODY, WIDTH, bold=False), BODY)
    if sheet.made_up:
        ink(letters, RED)
        warning = "MADE UP. This is a demonstration: nothing here has happened, and nobody waits."
        letters.write((MARGIN, 25), warning, BODY, bold=True)
    rule(letters, TOP - 1.5, 0.5)


def truncate(letters: Lettering, text: str, size: float, width: float, *, bold: bool = True) -> str:
    """Return as much of a text as fits on one line."""
    lines = letters.lines(text, width - 6, size, bold=bold)
    return f"{lines[0]} …" if len(lines) > 1 else "".join(lines)


def draw_row(letters: Lettering, row: MeasuredRow, y: float) -> None:
    """Draw a row with its top at y."""
    rule(letters, y, 0.2)
    entry, top = row.entry, y + 2
    ink(letters, INK)
    letters.write((MARGIN + 1, top), str(row.number), 12, bold=True)
    x = MARGIN + NUMBER_W
    letters.pdf.image(io.BytesIO(symbols.svg(entry.symbol).encode()), x=x - 1, y=top - 1, w=SYMBOL_W, h=SYMBOL_W)
    x += SYMBOL_W
    ink(letters, symbols.rgb(symbols.LIGHT.priority[entry.symbol.priority]))
    letters.write((x, top), entry.priority, 12, bold=True)
    ink(letters, INK)
    urgency = [(f"waiting {entry.waiting}", False), (entry.overdue, True)]
    at = top + 6
    for text, bold in urgency:
        for line in letters.lines(text, URGENCY_W - 2, 8, bold=bold):
            letters.write((x, at), line, 8, bold=bold)
            at += line_height(8)
    x += URGENCY_W
    at = top
    for line, bold, right in row.lines:
        letters.write((x + TEXT_W if right else x, at), line, BODY, bold=bold, right=right)
        at += line_height(BODY)
    _checkboxes(letters, PAGE_W - MARGIN - TICK_W, top)


def _checkboxes(letters: Lettering, x: float, y: float) -> None:
    """Draw empty boxes to fill in with a pen."""
    pdf = letters.pdf
    pdf.set_draw_color(*INK)
    pdf.set_line_width(0.3)
    pdf.rect(x, y, 5, 5)
    letters.write((x + 7, y + 0.6), "done", BODY)
    ink(letters, SOFT)
    for name, down in (("by", 7.5), ("time", 13.0)):
        letters.write((x, y + down), name, SMALL)
        pdf.line(x + 8, y + down + 3.6, x + TICK_W, y + down + 3.6)


def end(letters: Lettering, sheet: Sheet, y: float) -> None:
    """Draw the closing line, which says that nothing is missing, or how much."""
    rule(letters, y, 0.2)
    ink(letters, INK)
    sentence = "End of the list." if sheet.entries else "Nobody is waiting here now."
    if sheet.more:
        sentence = f"{count_phrase(sheet.more, 'more request')}, less urgent, did not fit: see the desk."
    letters.write((MARGIN, y + 1.5), sentence, BODY, bold=bool(sheet.more))


def foot(letters: Lettering, sheet: Sheet) -> None:
    """Draw the notice at the foot of a page."""
    ink(letters, SOFT)
    text = (
        "Handle with care: it says where people in need are. Keep it with the team, destroy it after use. How to reach "
    )
    text += "somebody is shown on the desk to the team that has claimed the request. "
    text += letters.clean(sheet.handling)
    if letters.unprinted:
        text += " \ufffd stands for a letter or picture that cannot be printed here; the desk shows it."
    at = PAGE_H - 16
    for line in letters.lines(text, WIDTH, SMALL):
        letters.write((MARGIN, at), line, SMALL)
        at += line_height(SMALL)


def line_height(size: float) -> float:
    """Return the line height in millimetres."""
    return size * POINT_MM * LEADING


def ink(letters: Lettering, colour: tuple[int, int, int]) -> None:
    """Write in a colour from here on."""
    letters.pdf.set_text_color(*colour)


def rule(letters: Lettering, y: float, width: float) -> None:
    """Draw a line across the page."""
    letters.pdf.set_draw_color(*INK)
    letters.pdf.set_line_width(width)
    letters.pdf.line(MARGIN, y, PAGE_W - MARGIN, y)
