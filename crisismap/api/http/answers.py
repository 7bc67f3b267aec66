"""The shapes of what the API answers, for its document only: answers are encoded column by column, not from these.

Members may be added; those named here are always there. A test asks whether they are (tests/api/test_fuzz.py).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Priority = Literal["P1", "P2", "P3", "P4"]
State = Literal["open", "claimed", "answered", "confirmed", "withdrawn", "joined", "cannot_meet"]
Verification = Literal["unverified", "corroborated", "verified", "disputed", "stale"]


class Area(msgspec.Struct):
    """Where a report lies."""

    code: str | None
    name: str | None


class Properties(msgspec.Struct):
    """What is told of a report, all members always."""

    category: str
    text: str | None
    lang: str | None
    status: Verification
    observed_at: str
    received_at: str
    updated_revision: Count
    place_kind: Literal["exact", "cell", "area", "none"]
    accuracy_m: float | None
    area: Area | None
    hazards: list[dict[str, Any]]
    nearest_shelter: dict[str, Any] | None
    disagrees: list[dict[str, Any]]
    flags: list[str]
    asks: bool
    state: State | None
    priority: Priority | None
    reasons: list[str]
    due_at: str | None
    overdue: bool
    channel: str | None
    verification: Verification


class Point(msgspec.Struct):
    """RFC 7946."""

    type: Literal["Point"]
    coordinates: tuple[Lon, Lat]


class Feature(msgspec.Struct):
    """A report as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Point | None
    properties: Properties


class RequestItem(Properties, kw_only=True):
    """A request: a report's members flat, and what is done about it."""

    id: str
    lon: Lon | None
    lat: Lat | None
    waiting_s: Count
    claimed_by: str | None
    claim_until: str | None
    asking: Annotated[int, msgspec.Meta(ge=1)]
    etag: str
    reopened: Count
    place: str | None
    people: Count | None


class RequestList(msgspec.Struct):
    """A page of requests."""

    items: list[RequestItem]
    total: Count
    revision: Count


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


class LayerInfo(msgspec.Struct):
    """A layer without its features."""

    id: str
    title: str
    role: Literal["area", "hazard", "shelter", "transport", "context"]
    version: Count  # 0: followed, and nothing has come yet
    loaded_at: str | None
    as_of: str | None
    age_s: Count | None
    features: Count
    refused: Count
    repaired: Count
    notes: list[str]
    licence: str
    attribution: str
    made_up: bool
    bbox: tuple[float, float, float, float] | None


class Reachable(msgspec.Struct):
    """How to reach the requester."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None


class Health(msgspec.Struct):
    """All is well."""

    status: Literal["ok"]
    revision: Count = 0


class Receipt(msgspec.Struct):
    """What the sender of a report is told; a repeat is told the same."""

    id: str
    tracking_code: str
    revision: int


class ShelterItem(msgspec.Struct):
    """An official shelter as its layer has it, and what people say of it beside that."""

    layer: str
    id: str
    name: str
    lon: Lon
    lat: Lat
    status: str  # as the layer says, "" where it does not
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
    """Shelters; with a place the nearest open ones first."""

    place: dict[str, Any] | None
    items: list[ShelterItem]
    total: Count
    revision: Count


SHAPES = (Receipt, Feature, RequestItem, RequestList, SituationNumbers, LayerInfo, Reachable, Health, ShelterList)
_ONE = "#/components/schemas/"
# Path and method to the schema of a success.
ANSWERS: dict[tuple[str, str], dict[str, Any]] = {
    ("/api/v1/reports/{report_id}", "get"): {"$ref": f"{_ONE}Feature"},
    ("/api/v1/requests", "get"): {"$ref": f"{_ONE}RequestList"},
    ("/api/v1/requests/{report_id}", "get"): {"$ref": f"{_ONE}RequestItem"},
    ("/api/v1/requests/{report_id}/contact", "get"): {"$ref": f"{_ONE}Reachable"},
    ("/api/v1/requests/{report_id}/{verb}", "post"): {"$ref": f"{_ONE}RequestItem"},
    ("/api/v1/requests/{report_id}/shelters", "get"): {"$ref": f"{_ONE}ShelterList"},
    ("/api/v1/shelters", "get"): {"$ref": f"{_ONE}ShelterList"},
    ("/api/v1/situation", "get"): {"$ref": f"{_ONE}SituationNumbers"},
    ("/api/v1/layers", "get"): {"type": "array", "items": {"$ref": f"{_ONE}LayerInfo"}},
    ("/api/v1/layers/{layer_id}", "put"): {"$ref": f"{_ONE}LayerInfo"},
    ("/healthz", "get"): {"$ref": f"{_ONE}Health"},
    ("/readyz", "get"): {"$ref": f"{_ONE}Health"},
}
