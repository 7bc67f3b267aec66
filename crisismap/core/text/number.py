"""Numbers as people write them: other digits, groups of thousands, decimal commas, and words of doubt around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ENOUGH = 200  # values of a column, to know whether it uses points
_LONGEST = 60  # characters; a longer text is no number
_NUMBER = r"\d[\d.,'\u066b\u066c ]*"
_ABOUT = (
    r"(?:~|≈|±|>|<|≥|≤|=|ca\.?|c\.|circa|about|approx\.?|approximately|around|some|over|up to|max\.?|min\.?|at least)"
)
_ABOUT_ELSEWHERE = (
    r"(?:aprox\.?|cerca de|unos|unas|hasta|sekitar|kurang lebih|maks\.?|حوالي|نحو|लगभग|करिब|சுமார்|etwa|rund)"
)
_OF_PEOPLE = (
    r"(?:people|persons?|pers\.?|pax|beds?|places?|seats?|personas|plazas|camas|orang|jiwa|"
    r"شخص|أشخاص|سرير|लोग|व्यक्ति|जना|பேர்|plätze|personen)"
)
_WRITTEN = re.compile(
    rf"(?P<about>(?:{_ABOUT}|{_ABOUT_ELSEWHERE})\s*)?(?P<sign>[+-]?)\s*(?P<number>{_NUMBER})"
    rf"\s*(?P<more>\+)?\s*(?P<unit>{_OF_PEOPLE})?",
    re.IGNORECASE,
)
_EXPONENT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)
# Spaces of typesetters become plain ones, apostrophes and minus signs those of ASCII.
_MARKS = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u02bc": "'", "\u2212": "-", "_": " "})
_GROUPS = re.compile(r"\d{1,3}(?P<mark>[.,' \u066c])\d{3}(?:(?P=mark)\d{3})*|\d{1,2}(?:,\d\d)+,\d{3}")


def read_number(text: str, *, decimal: str = "") -> float | None:
    """Return the number that a text writes: `1.5`, `1 234,5`, `1'234.5`, `-3,42`, `१२`; None for anything else.

    `decimal`: the mark that the column uses (`decimal_mark`). Without it a text such as `3,425` is no number, because
    it could mean thousands, and `3.425` is one, as programs write it.
    """
    plain = _plain(text)
    if plain is None:
        return None
    if decimal in ("", ".") and _EXPONENT.fullmatch(plain):
        return float(plain)
    match = re.fullmatch(rf"([+-]?)({_NUMBER})", plain)
    if match is None:
        return None
    value = _value(match[2].strip(), decimal)
    return -value if value is not None and match[1] == "-" else value


def read_count(text: str) -> int | None:
    """Return the whole number of people that a text writes: `1.200`, `1,20,000`, `150+`, `~150 people`; else None.

    A single mark before three digits separates thousands, because nobody counts people in thousandths. A range, a
    fraction and two numbers are no count: nothing is cut.
    """
    plain = _plain(text)
    match = None if plain is None else _WRITTEN.fullmatch(plain)
    if match is None or match["sign"] == "-":
        return None
    number = match["number"].strip()
    if _GROUPS.fullmatch(number):
        return int(re.sub(r"\D", "", number))
    value = _value(number, "")
    return int(value) if value is not None and value.is_integer() else None


def decimal_mark(values: Iterable[object]) -> str:
    """Return the decimal mark of a column, "." or ","; "" where its texts do not tell, or contradict each other."""
    found: set[str] = set()
    points = 0
    for value in values:
        if not isinstance(value, str):
            continue
        if "," not in value and value.isascii():  # says only that points are in use, and so do the next thousands
            points += 1
            if points > _ENOUGH:
                continue
        plain = _plain(value)
        if plain is not None and (mark := _telling_mark(plain.lstrip("+-"))):
            found.add(mark)
    return found.pop() if len(found) == 1 else ""


def _plain(text: str) -> str | None:
    """Return the text with ASCII digits, marks and spaces; None for one that is too long to be a number."""
    if len(text) > _LONGEST:
        return None
    if text.isascii():
        return " ".join(text.translate(_MARKS).split())
    folded = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    digits = (str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)
    return " ".join("".join(digits).split())


def _value(number: str, decimal: str) -> float | None:
    """Return the value of digits with marks; None where the marks contradict each other or `decimal`."""
    if "\u066b" in number:  # the Arabic decimal separator, which means nothing else
        number, decimal = number.replace("\u066b", ","), ","
    number = number.replace("\u066c", "'")
    marks = [char for char in number if not char.isdecimal()]
    if not marks:
        return float(number)
    point = marks[-1] if marks[-1] in ".," and marks.count(marks[-1]) == 1 else ""
    grouped = _GROUPS.fullmatch(number) is not None
    if point and grouped and not _is_decimal(number, point, decimal):
        return None if not decimal and point == "," else _digits(number)
    if not point:
        return _digits(number) if grouped and (decimal == "" or decimal not in marks) else None
    whole, _, fraction = number.rpartition(point)
    if decimal not in ("", point) or not fraction:
        return None
    rest = [char for char in whole if not char.isdecimal()]
    if rest and (point in rest or not _GROUPS.fullmatch(whole)):
        return None
    return float(f"{re.sub(r'[^0-9]', '', whole)}.{fraction}")


def _is_decimal(number: str, point: str, decimal: str) -> bool:
    """Return whether the only mark, which has three digits behind it, is the decimal one."""
    return number.startswith("0") or decimal == point or (decimal == "" and point == ".")


def _digits(number: str) -> float:
    return float(re.sub(r"\D", "", number))


def _telling_mark(number: str) -> str:
    """Return the decimal mark that this number can only have; "" where it tells nothing."""
    if re.fullmatch(r"\d+[.,]\d{1,2}|\d+[.,]\d{4,}|0[.,]\d+|\d{4,}[.,]\d+", number):
        return "," if "," in number else "."
    match = re.fullmatch(r"\d{1,3}(?:([.,' ])\d{3})+([.,])\d+", number)
    if match and match[1] != match[2]:
        return match[2]
    several = re.fullmatch(r"\d{1,3}(?:([.,])\d{3}){2,}", number)
    return {".": ",", ",": "."}[several[1]] if several and re.fullmatch(r"[\d.]+|[\d,]+", number) else ""
