"""Numbers as people write them: other digits, groups of thousands, decimal commas, and words of doubt around them.

Layers, files of reports and the API read by these rules. What has two meanings, or none, is no number; none is cut.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

_ENOUGH = 200  # values of a column, to know whether it uses points
_LONGEST = 60  # characters; a longer text is no number
_NUMBER = r"\d[\d.,' ]*"
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
_SIGNED = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})")
_EXPONENT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)
_ARABIC_POINT = "\u066b"  # the decimal separator, which means nothing else
# Minus signs, marks of full width and the Arabic separators become those of ASCII.
_OTHER_MARKS = str.maketrans(
    {"\u2212": "-", "\u066c": "'", _ARABIC_POINT: ".", "\uff0e": ".", "\uff0c": ",", "\uff0b": "+", "\uff0d": "-"}
)
# Apostrophes become those of ASCII, and what programs put between groups a space.
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'", "\u02bc": "'", "_": " "})
_GROUPS = re.compile(r"[1-9]\d{0,2}(?P<mark>[.,' ])\d{3}(?:(?P=mark)\d{3})*|[1-9]\d?(?:,\d\d)+,\d{3}")
_POINT_AND_ZEROS = re.compile(r"\d{1,3}\.000")


def ascii_digits(text: str) -> str:
    """Return the text with the digits, decimal marks and minus signs of any script as those of ASCII."""
    if text.isascii():
        return text
    plain = text.translate(_OTHER_MARKS)
    return "".join(str(digit) if (digit := unicodedata.decimal(each, -1)) >= 0 else each for each in plain)


def read_number(text: str, *, decimal: str = "", fraction: bool = False) -> float | None:
    """Return the finite number that a text writes: `1.5`, `1 234,5`, `1'234.5`, `-3,42`, `१२`; None for anything else.

    `decimal`: the mark that the column uses (`decimal_mark`). Without it a text such as `3,425` is no number, because
    it could mean thousands, and `3.425` is one, as programs write it. `fraction`: a comma that is not the column's mark
    of thousands is a decimal comma, as in coordinates.
    """
    plain = _plain(text)
    if plain is None:
        return None
    if _ARABIC_POINT in text:
        decimal = "."
    if decimal in ("", ".") and _EXPONENT.fullmatch(plain):
        number = float(plain)
        return number if math.isfinite(number) else None
    match = _SIGNED.fullmatch(plain)
    if match is None:
        return None
    value = _value(match["number"].strip(), decimal, fraction=fraction)
    return -value if value is not None and match["sign"] == "-" else value


def read_count(text: str, *, rough: bool = False) -> int | None:
    """Return the whole number of people that a text writes: `6`, `6.0`, `1.200`, `1,20,000`, `150 people`; else None.

    A single mark before three digits separates thousands, because nobody counts people in thousandths. A range, a
    fraction, a negative number and two numbers are no count. `rough`: an estimate will do, as for the capacity of a
    shelter: `150+` and `~150` are 150, and `6.000`, which programs write for six, is taken for thousands. A report
    keeps these as text for a person.
    """
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST:
        return int(text)  # as nearly all are written
    plain = _plain(text)
    if plain is None:
        return None
    match = _WRITTEN.fullmatch(plain)
    if match and (match["sign"] == "-" or not (rough or (match["about"] is None and match["more"] is None))):
        return None
    number = match["number"].strip() if match else plain
    if _ARABIC_POINT not in text and _GROUPS.fullmatch(number):
        return None if _POINT_AND_ZEROS.fullmatch(number) and not rough else int(_digits(number))
    value = read_number(number)
    return int(value) if value is not None and value >= 0 and value.is_integer() else None


def decimal_mark(values: Iterable[object]) -> str:
    """Return the decimal mark of a column, "." or ","; "" where its texts do not tell, or contradict each other."""
    found: set[str] = set()
    points = 0
    for value in values:
        if not isinstance(value, str) or _ARABIC_POINT in value:
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
    plain = text if text.isascii() else ascii_digits(unicodedata.normalize("NFC", text))
    return " ".join(plain.translate(_APOSTROPHES).split())


def _value(number: str, decimal: str, *, fraction: bool) -> float | None:
    """Return the value of digits with marks; None where the marks contradict each other or `decimal`."""
    marks = [char for char in number if not char.isdecimal()]
    if not marks:
        return float(number)
    point = marks[-1] if marks[-1] in ".," and marks.count(marks[-1]) == 1 else ""
    grouped = _GROUPS.fullmatch(number) is not None
    if point and grouped and decimal != point and (decimal or (point == "," and not fraction)):
        return float(_digits(number)) if decimal else None
    if not point:
        return float(_digits(number)) if grouped and (decimal == "" or decimal not in marks) else None
    whole, _, rest = number.rpartition(point)
    if not rest or (decimal not in ("", point) and not fraction):
        return None
    between = [char for char in whole if not char.isdecimal()]
    if between and (point in between or not _GROUPS.fullmatch(whole)):
        return None
    return float(f"{_digits(whole)}.{rest}")


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _telling_mark(number: str) -> str:
    """Return the decimal mark that this number can only have; "" where it tells nothing."""
    if re.fullmatch(r"\d+[.,]\d{1,2}|\d+[.,]\d{4,}|0[.,]\d+|\d{4,}[.,]\d+", number):
        return "," if "," in number else "."
    match = re.fullmatch(r"\d{1,3}(?:([.,' ])\d{3})+([.,])\d+", number)
    if match and match[1] != match[2]:
        return match[2]
    several = re.fullmatch(r"\d{1,3}(?:([.,])\d{3}){2,}", number)
    return {".": ",", ",": "."}[several[1]] if several and re.fullmatch(r"[\d.]+|[\d,]+", number) else ""
