"""Names of columns, and what stands above them in tables of people and programs: titles and `sep=`; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crisismap.core.text.names import fold_accents

DELIMITERS = ",;\t|"
_HASHTAG = re.compile(r"#[A-Za-z][\w+ ]*")
HEADER_WITHIN = 25  # rows in which the names are looked for, as in HXL; nobody writes longer titles
_SEP = re.compile(r'\s*"?sep=(?P<mark>[^\w"\r\n])"?\s*', re.IGNORECASE)
_SIGNS = re.compile(r"[\s_\-./:#*?&+\\|,;'\"\u061f\u00b0\u00ba]+")
_BRACKETS = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]\s*")


def are_hashtags(cells: Sequence[str]) -> bool:
    """Return whether a row is one of HXL hashtags: nothing but tags such as `#adm1 +code`, in half of the columns.

    A single tag is a word that somebody wrote, in a row of data.
    """
    tags = [cell.strip() for cell in cells if cell.strip()]
    return len(tags) > 1 and 2 * len(tags) >= len(cells) and all(map(_HASHTAG.fullmatch, tags))


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
    return next(columns_by_name(names, known), None)


def columns_by_name(names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Yield the columns that have a name of `known`, in its order. Signs and what is in brackets do not count."""
    row = NamedValues({name: name for name in names})
    yield from dict.fromkeys(row.of(folded(known)))


def folded(names: Iterable[str]) -> tuple[str, ...]:
    """Return known names as `NamedValues.of` takes them."""
    return tuple(_keys(name)[0] for name in names)


class NamedValues:
    """The values of one row by the names of its columns, however these are written; see `columns_by_name`."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._by_key: dict[str, list[Any]] = {}
        bare: list[tuple[str, Any]] = []
        for name, value in row.items():
            keys = _keys(name)
            self._by_key.setdefault(keys[0], []).append(value)
            bare += [(key, value) for key in keys[1:]]
        for key, value in bare:  # after all names without brackets
            self._by_key.setdefault(key, []).append(value)

    def of(self, known: Iterable[str]) -> Iterator[Any]:
        """Yield the values of the columns with one of these `folded` names, in their order; empty ones as well."""
        return (value for key in known for value in self._by_key.get(key, ()))


def _keys(name: str) -> tuple[str, ...]:
    """Return the folded name, and the one without brackets if it differs."""
    if name.isascii() and name.isidentifier() and "__" not in name:  # as nearly all are, and a tenth of the time
        return (name.lower().replace("_", " ").strip(),)
    whole, bare = fold_name(name), fold_without_brackets(name)
    return (whole,) if bare in (whole, "") else (whole, bare)
