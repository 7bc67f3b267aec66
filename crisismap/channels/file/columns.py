"""Which column of a file is what: guessed from the names that people use, with the reason; and what nobody reads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from crisismap import i18n
from crisismap.channels.file.mapping import CONTACT, OBJECTS, Pick, ReportMapping
from crisismap.channels.file.values import text_of
from crisismap.core.errors import shorten
from crisismap.core.own_channels import FILE
from crisismap.core.place.cell import point_of_cell
from crisismap.core.text.table_names import fold_name, fold_without_brackets

MAPPED = "the mapping says so"  # why a column is used that nobody had to guess
LONGEST_NAME = 100  # characters of a name that can mean something
MOST_NAMES = 1000  # unused columns that are counted one by one
OTHERS = "other columns"
SAMPLES = 20  # cells of an unused column that are looked at
_ALL_OF = ("text", "place", "position")  # members that may stand in several columns
_READ_AS = {"shape": "position"}  # a cell with a geometry is a position like any other
_LOOKS = {
    **dict.fromkeys(("lon", "lat", "position", "place"), "a place"),
    **dict.fromkeys(("phone", "email"), "contact details"),
    "observed_at": "a time",
    "people": "a number of people",
}
_OTHER_MEANINGS = frozenset({"status", "kind", "name"})  # fields whose names mean something else in most sheets
_TELEPHONE = re.compile(r"\+?\d[\d ()/.-]{6,18}\d")
_DATE = r"(\d{4}-\d\d?-\d\d?|\d{4}/\d\d?/\d\d?|\d\d?[/.-]\d\d?[/.-]\d{2,4})"
_TIME = re.compile(rf"{_DATE}([ T]\d\d?:\d\d.*)?|\d\d?:\d\d(:\d\d)?")


@dataclass(frozen=True, slots=True)
class UsedColumn:
    """What a column is read as, and why: by the mapping, by the name of the API, or by a name that people use."""

    column: str
    member: str
    reason: str


class FileColumns:
    """The columns of one file: those that its mapping reads, and the cells of the others, counted row by row."""

    def __init__(self, names: Iterable[str], mapping: ReportMapping | None) -> None:
        listed = list(names)
        self.guessed = mapping is None
        self.mapping = guess_mapping(listed) if mapping is None else mapping
        self._members = self.mapping.columns()
        self._heads = {name.partition(".")[0] for name in self._members if name not in listed}
        self._starts = tuple(f"{name}." for name in self.mapping.objects)
        self.used = [self._used(name) for name in listed if name in self._members or name.startswith(self._starts)]
        self._counts: Counter[str] = Counter(dict.fromkeys(filter(self._is_unused, listed), 0))
        self._samples: dict[str, list[str]] = {}

    def count(self, row: Mapping[str, Any]) -> None:
        """Count the cells of a row that nobody reads."""
        for name, value in row.items():
            if name in self._members or value is None or value == "":
                continue
            if self._is_unused(name) and (text := text_of(value) or (str(value) if value else "")):
                counted = name if name in self._counts or len(self._counts) < MOST_NAMES else OTHERS
                self._counts[counted] += 1
                samples = self._samples.setdefault(counted, [])
                if len(samples) < SAMPLES:
                    samples.append(text)

    def unused(self) -> dict[str, int]:
        """Return the number of cells with a value by the name of each column that nobody reads."""
        return {name: count for name, count in self._counts.items() if count}

    def warnings(self) -> list[str]:
        """Return a sentence for each unused column that looks like something a report needs."""
        return [
            f"The column {shorten(name)!r} was not used and looks like {look}: a mapping file can say what it is."
            for name, count in self._counts.items()
            if count and (look := looks_like(name, self._samples[name]))
        ]

    def _used(self, name: str) -> UsedColumn:
        member = self._members.get(name, name)
        if not self.guessed:
            return UsedColumn(name, member, MAPPED)
        is_api = name.strip().lower() in (member, member.partition(".")[2])
        return UsedColumn(name, member, "the API's name" if is_api else "a usual name for it")

    def _is_unused(self, name: str) -> bool:
        if name in self._members or name in self._heads:
            return False
        return not name.startswith(self._starts)


def guess_mapping(names: Sequence[str]) -> ReportMapping:
    """Return the mapping that the names of the columns suggest; no category when none does."""
    found = _columns_by_member(names)

    def pick(member: str, join: str = " ") -> Pick:
        columns = tuple(found.get(member, ()))
        return Pick(fields=columns, join=join) if len(columns) > 1 else Pick(fields=columns)

    lon, lat = found.get("lon", [""])[0], found.get("lat", [""])[0]
    return ReportMapping(
        name=FILE,
        key="content",
        lang_field=found.get("lang", [""])[0],
        lon=lon if lat else "",
        lat=lat if lon else "",
        position=tuple(found.get("position", ())),
        category=pick("category"),
        text=pick("text", ". "),
        place=pick("place", ", "),
        accuracy_m=pick("accuracy_m"),
        observed_at=pick("observed_at"),
        people=pick("people"),
        asks=pick("asks"),
        source=pick("source"),
        client_id=pick("client_id"),
        fields={name: pick(name) for name in _field_ids() if name in found},
        contact={name: pick(name) for name in CONTACT if name in found},
        objects=tuple(name for name in OBJECTS if any(each == name or each.startswith(f"{name}.") for each in names)),
    )


def looks_like(name: str, samples: Sequence[str]) -> str:
    """Return what a column looks like by its name, or by half of its cells: a place, a time, ...; "" for nothing."""
    if (member := member_of(name)) in _LOOKS:
        return _LOOKS[member]
    tests = (
        ("a place", lambda text: point_of_cell(text, None)[0] is not None),
        ("contact details", lambda text: "@" in text or _is_telephone(text)),
        ("a time", lambda text: _TIME.fullmatch(text) is not None),
    )
    return next((look for look, test in tests if 2 * sum(map(test, samples)) > len(samples)), "")


def _is_telephone(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return _TELEPHONE.fullmatch(text) is not None and 8 <= digits <= 15 and _TIME.fullmatch(text) is None


def member_of(name: str) -> str:
    """Return the member of a report that a column's name means, "" for none."""
    if not name or len(name) > LONGEST_NAME:
        return ""
    known, folded = _known_names(), fold_name(name)
    if folded in known:
        return known[folded]
    short = fold_without_brackets(name)
    if short in known:
        return known[short]
    last = short.rpartition(" ")[2]
    return known[last] if len(last) > 2 and known.get(last) in ("lon", "lat") else ""


def _columns_by_member(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the columns of each member; where only one is wanted, the one whose name is preferred."""
    found: dict[str, list[str]] = {}
    for name in names:
        if name and not name.startswith(tuple(f"{each}." for each in OBJECTS)) and (member := member_of(name)):
            found.setdefault(member, []).append(name)
    ranks = {member: [fold_name(each) for each in wanted] for member, wanted in i18n.column_names().items()}
    for member, columns in found.items():
        if member not in _ALL_OF and len(columns) > 1:
            order = ranks.get(member, [])
            columns.sort(key=lambda column: order.index(f) if (f := fold_name(column)) in order else len(order))
            del columns[1:]
    return found


@cache
def _known_names() -> Mapping[str, str]:
    """Return the member by folded name; a name that two members have means the first."""
    known: dict[str, str] = {}
    for member, names in i18n.column_names().items():
        for name in (member, *names):
            known.setdefault(fold_name(name), _READ_AS.get(member, member))
    labels = i18n.field_names()
    for id_ in _field_ids():
        for name in (id_, *labels[id_]):
            known.setdefault(fold_name(name), id_)
    return known


@cache
def _field_ids() -> tuple[str, ...]:
    return tuple(sorted(i18n.field_names().keys() - _OTHER_MEANINGS))
