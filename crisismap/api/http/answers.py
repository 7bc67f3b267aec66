"""The schemas of API responses, for the OpenAPI document only: responses are encoded column by column, not from these.

Members may be added; those named here are always present, as tests/api/test_fuzz.py checks.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from crisismap.situation.record.fact import Member, members_of
from crisismap.situation.record.record import Record
from crisismap.situation.record.record_types import Count, Lat, Lon


class Point(msgspec.Struct):
    """RFC 7946."""

    type: Literal["Point"]
    coordinates: tuple[Lon, Lat]


class SituationNumbers(msgspec.Struct):
    """The situation in numbers; null where the public may not know how few."""

    made_up: bool
    revision: Count
    reports: Count
    requests: Count
    unanswered: Count
    overdue: Count
    unplaced: Count
    by_area: list[dict[str, Any]]
    by_category: list[dict[str, Any]]
    layers: list[dict[str, Any]]
    may_need_help: Count | msgspec.UnsetType = msgspec.UNSET  # for staff: unanswered, and nobody has looked yet
    offers: Count | msgspec.UnsetType = msgspec.UNSET  # for staff: offers of help


class LayerInfo(msgspec.Struct):
    """A layer without its features."""

    id: str
    title: str
    role: Literal["area", "hazard", "shelter", "transport", "context"]
    version: Count  # 0: followed, but nothing was fetched yet
    loaded_at: str | None
    as_of: str | None
    age_s: Count | None
    features: Count
    refused: Count
    repaired: Count
    notes: list[str]
    warnings: list[str]  # those of the notes that a person should act on
    licence: str
    attribution: str
    made_up: bool
    bbox: list[float] | None  # west, south, east, north


class Reachable(msgspec.Struct):
    """The requester's contact details."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None


class Health(msgspec.Struct):
    """All checks passed."""

    status: Literal["ok"]
    revision: Count = 0


class ReportReceipt(msgspec.Struct):
    """The answer to the sender of a report, the same for a repeat."""

    id: str
    tracking_code: str
    revision: int


class ShelterItem(msgspec.Struct):
    """An official shelter as its layer describes it, with statements in reports."""

    layer: str
    id: str
    name: str
    lon: Lon
    lat: Lat
    status: str  # as the layer says, "" if it has none
    open: bool
    capacity: Count | None
    occupancy: Count | None
    free: Count | None
    needs: str | None
    as_of: str
    people: list[dict[str, Any]]
    distance_m: float | None
    direction: str | None
    way: dict[str, Any] | None


class ShelterList(msgspec.Struct):
    """Shelters; with a given place the nearest open ones first."""

    place: dict[str, Any] | None
    items: list[ShelterItem]
    total: Count
    revision: Count


class Problem(msgspec.Struct):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: Annotated[str, msgspec.Meta(description="the reason, stable; the reference lists the codes")]


SHAPES = (Problem, ReportReceipt, SituationNumbers, LayerInfo, Reachable, Health, ShelterList)


def record_shapes(record: type[msgspec.Struct] = Record) -> tuple[type[msgspec.Struct], ...]:
    """Return the schemas made from a record: a GeoJSON feature, an item, a page of items."""
    members = members_of(record)
    properties = _shape(
        "Properties",
        "The members of a report; those that are not required are for staff.",
        [each for each in members if each.fact.feature],
        omits_staff=True,
    )
    item = _shape(
        "RequestItem", "A request: the members of its report, and its state, claim and answer.", list(members)
    )
    feature = msgspec.defstruct(
        "Feature",
        [("type", Literal["Feature"]), ("id", str), ("geometry", Point | None), ("properties", properties)],
        namespace={"__doc__": "A report as a GeoJSON feature."},
    )
    page = msgspec.defstruct(
        "RequestList",
        [("items", list[item]), ("total", Count), ("revision", Count)],  # type: ignore[valid-type]
        namespace={"__doc__": "A page of requests."},
    )
    return feature, item, page


def _shape(name: str, doc: str, members: list[Member], *, omits_staff: bool = False) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
        (each.name, each.schema | msgspec.UnsetType, msgspec.UNSET)
        if omits_staff and each.fact.staff
        else (each.name, each.schema)
        for each in members
    ]
    return msgspec.defstruct(name, fields, kw_only=True, namespace={"__doc__": doc})


FEATURE, REQUEST_ITEM, REQUEST_LIST = record_shapes()
