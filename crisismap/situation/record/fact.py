"""Facts: how each member of a record is made from columns, and where it appears."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from crisismap.situation.board.column import Column, TextColumn
from crisismap.situation.record.encoding import ToJson


@dataclass(frozen=True, slots=True)
class Cell:
    """A CSV column: its name, and how its value follows from that of the fact; None: it is the same."""

    name: str
    of: Callable[[Any], Any] | None = None


class Fact:
    """The annotation of a member of `Record`: the complete definition of a fact in one entry.

    `doc`: a sentence for the API's document. `json`: its JSON from the columns. `columns`: those that only this fact
    needs. `feature`: whether it is also a property of the GeoJSON feature; else it appears only in single reports and
    lists of requests. `staff`: whether files for the public leave it out, in which it would always be empty. `csv`: its
    cells; a feature's property has one of the same name.
    """

    def __init__(
        self,
        doc: str,
        json: ToJson,
        *columns: Column | TextColumn,
        feature: bool = True,
        staff: bool = False,
        csv: bool | tuple[Cell, ...] | None = None,
    ) -> None:
        self.doc = doc
        self.json = json
        self.columns = columns
        self.feature = feature
        self.staff = staff
        self.csv = csv if csv is not None else feature


class Member(typing.NamedTuple):
    """A fact with its name and type."""

    name: str
    type: Any
    fact: Fact

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return its CSV columns."""
        if isinstance(self.fact.csv, bool):
            return (Cell(self.name),) if self.fact.csv else ()
        return self.fact.csv

    @property
    def schema(self) -> Any:
        """Return its type with its sentence, for a document."""
        return typing.Annotated[self.type, msgspec.Meta(description=self.fact.doc)]


def members_of(record: type[msgspec.Struct]) -> tuple[Member, ...]:
    """Return the facts of a record, in its order."""
    found = []
    for name, hint in typing.get_type_hints(record, include_extras=True).items():
        fact = next(each for each in hint.__metadata__ if isinstance(each, Fact))
        rest = tuple(each for each in hint.__metadata__ if each is not fact)
        plain = hint.__origin__
        found.append(Member(name, typing.Annotated[(plain, *rest)] if rest else plain, fact))
    return tuple(found)
