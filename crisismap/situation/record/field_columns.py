"""The columns of the members of `fields` in a table: one a field, and one for what is beyond the limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.core.category import Category

PREFIX = "fields."  # the column of a field is called as a refusal of its value names it
REST = "fields_other"  # the fields without a column of their own, as a JSON object
MAX_OTHER = 200  # columns of fields that no category declares: senders choose their names
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """The fields that have a column, in their order."""

    fields: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""
        return (*(PREFIX + name for name in self.fields), REST)

    def cells(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the cells of one report; None for a field that it does not have."""
        cells = list(map(values.get, self.fields))
        rest = {name: value for name, value in values.items() if name not in self.fields} if values else None
        return [*cells, _encode(rest).decode() if rest else None]


def declared(categories: Iterable[Category]) -> tuple[str, ...]:
    """Return the fields that categories declare, each once, in the order of the categories."""
    return tuple(dict.fromkeys(each.id for category in categories for each in category.fields))


def columns_of(declared_fields: Sequence[str], found: Iterable[bytes]) -> FieldColumns:
    """Return the columns for reports with these fields, as JSON objects: the declared ones, then the most common."""
    counts: Counter[str] = Counter()
    for each in found:
        counts.update(_decode(each).keys())
    for name in declared_fields:
        del counts[name]
    others = sorted(name for name, _ in counts.most_common(MAX_OTHER))
    return FieldColumns((*declared_fields, *others))
