"""Reports to be written, without a store: features as the situation encodes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec

from crisismap.situation.record.fact import members_of
from crisismap.situation.record.record import Record

PLAIN: dict[str, Any] = {
    "category": "rescue",
    "text": None,
    "lang": None,
    "status": "unverified",
    "observed_at": "2015-12-02T06:30:00.000Z",
    "received_at": "2015-12-02T06:30:00.000Z",
    "updated_revision": 1,
    "place_kind": "exact",
    "accuracy_m": None,
    "area": None,
    "hazards": [],
    "nearest_shelter": None,
    "disagrees": [],
    "flags": [],
    "asks": True,
    "state": "open",
    "priority": "P1",
    "reasons": [],
    "due_at": None,
    "overdue": False,
    "channel": "api",
    "verification": "unverified",
}


def feature(number: int, point: tuple[float, float] | None = (80.25, 13.05), **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": list(point)} if point else None
    return {"type": "Feature", "id": f"id-{number}", "geometry": geometry, "properties": PLAIN | properties}


@dataclass
class Made:
    """What a format is given: features in parts of two."""

    these: Sequence[dict[str, Any]]
    made_up: bool = False
    care: str = ""
    taken_by: str = ""
    revision: int = 7

    def features(self) -> Iterator[list[bytes]]:
        for at in range(0, len(self.these), 2):
            yield [msgspec.json.encode(f) for f in self.these[at : at + 2]]
        yield []

    def grid(self) -> tuple[list[str], Iterator[list[list[Any]]]]:
        parts = ([cells_of(f) for f in self.these[at : at + 2]] for at in range(0, len(self.these), 2))
        return [cell.name for member in TOLD for cell in member.cells], chain(parts, [[]])


MEMBERS = {member.name: member for member in members_of(Record)}
TOLD = [MEMBERS[name] for name in ("id", "lon", "lat", *PLAIN)]


def cells_of(feature: dict[str, Any]) -> list[Any]:
    """The cells of a feature, each made of its fact as a record has it."""
    lon, lat = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
    values = {"id": feature["id"], "lon": lon, "lat": lat} | feature["properties"]
    typed = {member.name: msgspec.convert(values[member.name], member.type) for member in TOLD}
    cells = [(cell.of, typed[member.name]) for member in TOLD for cell in member.cells]
    return [value if of is None else of(value) for of, value in cells]
