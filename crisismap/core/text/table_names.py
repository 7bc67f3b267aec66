"""Names of columns, and what stands above them in tables of people and programs: titles and `sep=`; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from crisismap.core.text.names import fold_accents

DELIMITERS = ",;\t|"
HEADER_WITHIN = 25  # rows in which the names are looked for, as in HXL; nobody writes longer titles
_SEP = re.compile(r'\s*"?sep=(?P<mark>[^\w"\r\n])"?\s*', re.IGNORECASE)
_SIGNS = re.compile(r"[\s_\-./:#*?&+\\|,;'\"\u061f\u00b0\u00ba]+")
_BRACKETS = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]\s*")


def declared_delimiter(line: str) -> str:
    """Return the delimiter that a first line such as `sep=;` declares, as spreadsheet programs write it; else ""."""
    match = _SEP.fullmatch(line)
    return match["mark"] if match else ""


def distinct_names(names: Iterable[str]) -> list[str]:
    """Return the names, each once: `column 3` for one that is empty, `note (2)` for the second `note`."""
    found: dict[str, None] = {}
    for place, given in enumerate(names, 1):
        name = first = given or f"column {place}"
        number = 1
        while name in found:
            number += 1
            name = f"{first} ({number})"
        found[name] = None
    return list(found)


def fold_name(name: str) -> str:
    """Return a column's name without case, accents and signs."""
    return _SIGNS.sub(" ", fold_accents(name)).strip()


def fold_without_brackets(name: str) -> str:
    """Return a column's folded name without what stands in brackets, such as a unit."""
    return fold_name(_BRACKETS.sub(" ", name))


def column_by_name(names: Sequence[str], known: Iterable[str]) -> str | None:
    """Return the column whose name is the first of `known` that exists; None for none."""
    by_name = {fold_without_brackets(name): name for name in reversed(names)}
    by_name |= {fold_name(name): name for name in reversed(names)}
    return next((by_name[key] for each in known if (key := fold_name(each)) in by_name), None)
