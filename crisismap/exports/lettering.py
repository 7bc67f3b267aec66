"""Text on PDF pages: shaping, direction and line breaks for any script.

Each line is cut into runs of one direction (Unicode's bidirectional algorithm) and drawn run by run from the left;
HarfBuzz shapes each run. Characters that no font here has are replaced by a mark and counted.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from fpdf import FPDF
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import Align, TextDirection
from fpdf.fonts import TTFFont

from crisismap.settings import ROOT

FONTS = ROOT / "crisismap" / "web" / "static" / "vendor" / "fonts"
BASE, MARK = "latin", "\ufffd"
POINT_MM = 25.4 / 72
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_JOINERS = "\u200c\u200d"  # invisible, and part of Indic and Arabic spelling
_UNPRINTED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_MOST_MARKS = 4  # per letter; more is deliberate stacking
_MEASURE_PT = 100.0


class Lettering:
    """Writes text on one document. Sizes are in points, everything else in millimetres."""

    def __init__(self, pdf: FPDF) -> None:
        self.pdf = pdf
        self.unprinted = 0  # characters replaced by a mark
        others = sorted(path.stem for path in FONTS.glob("*-400.ttf") if path.stem != f"{BASE}-400")
        pdf.add_font(BASE, "", FONTS / f"{BASE}-400.ttf")
        pdf.add_font(BASE, "B", FONTS / f"{BASE}-700.ttf")
        for name in others:
            pdf.add_font(name, "", FONTS / f"{name}.ttf")
        pdf.set_fallback_fonts(others, exact_match=False)
        pdf.set_text_shaping(True)
        self._codepoints = frozenset().union(*(font.cmap for font in pdf.fonts.values() if isinstance(font, TTFFont)))
        self._width = lru_cache(maxsize=20_000)(self._text_width)

    def clean(self, text: str) -> str:
        """Return one printable line: no control characters, no direction overrides, no stacked accents."""
        characters: list[str] = []
        marks = 0
        for letter in unicodedata.normalize("NFC", " ".join(text.split())):
            kind = unicodedata.category(letter)
            marks = marks + 1 if kind == "Mn" else 0
            if marks > _MOST_MARKS or (kind in _UNPRINTED and letter not in _JOINERS):
                continue
            if ord(letter) not in self._codepoints and letter not in _JOINERS:
                self.unprinted += 1
                letter = MARK
            characters.append(letter)
        return "".join(characters)

    def lines(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """Return cleaned text broken into lines that fit. A word wider than a line is broken inside."""
        lines: list[str] = []
        line, end, space = "", 0.0, self.width(" ", size, bold=bold)
        for word in self.clean(text).split(" "):
            for part in self._parts(word, width, size, bold=bold):
                part_width = self.width(part, size, bold=bold)
                if line and end + space + part_width > width:
                    lines.append(line)
                    line, end = part, part_width
                else:
                    line, end = (f"{line} {part}", end + space + part_width) if line else (part, part_width)
        return [*lines, line] if line else lines

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text."""
        return self._width(text, bold) * size / _MEASURE_PT

    def write(
        self, at: tuple[float, float], text: str, size: float, *, bold: bool = False, right: bool = False
    ) -> None:
        """Draw one cleaned line with its top at (x, y), starting there or, with `right`, ending there.

        `right` is for lines of right-to-left text.
        """
        pdf, (x, y) = self.pdf, at
        runs = _runs(text, TextDirection.RTL if right and rtl(text) else TextDirection.LTR)
        widths = [self.width(run, size, bold=bold) for run, _ in runs]
        x -= sum(widths) if right else 0
        pdf.set_font(BASE, "B" if bold else "", size)  # after measuring, which sets a font of its own
        for (run, direction), run_width in zip(runs, widths, strict=True):
            pdf.set_text_shaping(True, direction=direction)
            pdf.current_font_is_set_on_page = False  # the page's current font may be a fallback font
            pdf.set_xy(x, y)
            pdf.cell(run_width, size * POINT_MM * 1.2, run, align=Align.L)
            x += run_width

    def _text_width(self, text: str, bold: bool) -> float:
        self.pdf.set_font(BASE, "B" if bold else "", _MEASURE_PT)
        self.pdf.set_text_shaping(True, direction=TextDirection.RTL if rtl(text) else TextDirection.LTR)
        return float(self.pdf.get_string_width(text))

    def _parts(self, word: str, width: float, size: float, *, bold: bool) -> list[str]:
        """Return a word in parts that each fit on a line, never split before a mark of the previous letter."""
        if len(word) < 8 or self.width(word, size, bold=bold) <= width:
            return [word]
        parts, piece = [], ""
        for letter in word:
            joins = unicodedata.category(letter).startswith("M") or letter in _JOINERS
            if piece and not joins and self.width(piece + letter, size, bold=bold) > width:
                parts.append(piece)
                piece = ""
            piece += letter
        return [*parts, piece]


def rtl(text: str) -> bool:
    """Return whether any part is written from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def from_right(text: str) -> bool:
    """Return whether a text is right-to-left as a whole, by its first letter with a direction."""
    return rtl(text) and auto_detect_base_direction(text) is TextDirection.RTL


def _runs(text: str, base: TextDirection) -> list[tuple[str, TextDirection]]:
    """Return runs of one direction in visual order from left to right (UAX 9, rule L2)."""
    if not rtl(text):
        return [(text, TextDirection.LTR)]
    letters = BidiParagraph(text, base, preserve_bn_chars=True).get_characters_with_embedding_level()
    runs = [
        (level, "".join(c.character for c in run))
        for level, run in groupby(letters, lambda letter: int(letter.embedding_level))
    ]
    for least in range(max(level for level, _ in runs), 0, -1):
        runs = _reverse_runs(runs, least)
    return [(run, TextDirection.RTL if level % 2 else TextDirection.LTR) for level, run in runs]


def _reverse_runs(runs: list[tuple[int, str]], least: int) -> list[tuple[int, str]]:
    """Reverse every sequence of runs of at least this level."""
    sequences = [(high, [*group]) for high, group in groupby(runs, lambda run: run[0] >= least)]
    return [run for high, group in sequences for run in (reversed(group) if high else group)]
