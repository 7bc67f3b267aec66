"""Numbers and answers as people write them in tables and messages, read only where the meaning is certain; pure."""

from __future__ import annotations

import re
import unicodedata

_SPACES = "\u00a0\u2000-\u200a\u202f "
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}(?:[{_SPACES}'\u2019]\d{{3}})+(?:[.,]\d+)?")
_GROUP_MARKS = re.compile(rf"[{_SPACES}'\u2019]")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|[+-]?\d{1,3}(?:,\d{3})+\.\d+")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?\d+,\d+")
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_OTHER_MARKS = str.maketrans({"\u2212": "-", "\u066b": ".", "\u066c": "'"})
_LONGEST = 40  # characters of a number
_YES = frozenset({"true", "yes", "y", "1", "1.0", "x"})
_NO = frozenset({"false", "no", "n", "0", "0.0"})


def ascii_digits(text: str) -> str:
    """Return the text with the digits, decimal marks and minus signs of any script as those of ASCII."""
    if text.isascii():
        return text
    plain = text.translate(_OTHER_MARKS)
    return "".join(str(digit) if (digit := unicodedata.decimal(each, -1)) >= 0 else each for each in plain)


def written_number(text: str, *, fraction: bool = False) -> float | None:
    """Return the finite number that a text is, None for anything else and for what has two meanings.

    `fraction`: a single comma is a decimal comma, as in coordinates. Without it "1,234" has two meanings.
    """
    if len(text) > _LONGEST:
        return None
    plain = ascii_digits(text.strip())
    if _GROUPED.fullmatch(plain):
        plain = _GROUP_MARKS.sub("", plain)
    elif _COMMA_GROUPS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _POINT_GROUPS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    if _COMMA.fullmatch(plain) and (fraction or not _ONE_GROUP.fullmatch(plain)):
        plain = plain.replace(",", ".")
    number = float(plain) if _PLAIN.fullmatch(plain) else None
    return number if number is not None and abs(number) != float("inf") else None


def written_count(text: str) -> int | None:
    """Return the whole number that a text is, None for anything else: "6", "6.0", "1,200", "1.200", "1 200".

    A count has no fraction, so three digits behind one mark are thousands; "6.000" may be both and is none.
    """
    if text.isascii() and text.isdigit() and len(text) < _LONGEST:
        return int(text)  # as nearly all are written
    if len(text) > _LONGEST:
        return None
    plain = ascii_digits(text.strip())
    if _ONE_GROUP.fullmatch(plain) and not plain.endswith(".000"):
        return int(plain.replace(",", "").replace(".", ""))
    number = None if plain.endswith(".000") else written_number(plain)
    return int(number) if number is not None and number == int(number) else None


def written_truth(text: str) -> bool | None:
    """Return whether a text means yes or no, None when it means neither; other languages are in `i18n`."""
    plain = text.strip().casefold()
    return True if plain in _YES else False if plain in _NO else None
