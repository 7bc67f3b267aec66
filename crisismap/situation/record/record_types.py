"""Types of the members of a record."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Priority = Literal["P1", "P2", "P3", "P4"]
Need = Literal["asks", "may", "information", "offer"]
State = Literal["open", "claimed", "answered", "confirmed", "withdrawn", "joined", "cannot_meet"]
Verification = Literal["unverified", "corroborated", "verified", "disputed"]
PlaceKind = Literal["exact", "cell", "area", "none"]


class RecordArea(msgspec.Struct, frozen=True):
    """The official area in which a report lies."""

    code: str | None
    name: str


class RecordHazard(msgspec.Struct, frozen=True):
    """An official hazard in which a report lies."""

    layer: str
    feature: str
    name: str


class RecordShelter(msgspec.Struct, frozen=True):
    """The nearest open official shelter; metres along the ground."""

    id: str
    name: str
    distance_m: int


class RecordDisagreement(msgspec.Struct, frozen=True):
    """An official feature that a report contradicts, and how."""

    layer: str
    feature: str
    why: str
