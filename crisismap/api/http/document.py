"""The OpenAPI document: what FastAPI sees of the routes, and what it cannot see: media types, questions, hot paths."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI

from crisismap.api.http.answers import ANSWERS, SHAPES, record_shapes
from crisismap.api.http.problems import MEDIA_TYPE as PROBLEM
from crisismap.api.http.query import SELECTING
from crisismap.api.live import LiveFrame
from crisismap.api.tile import MEDIA_TYPE as TILE
from crisismap.api.verbs import BODIES
from crisismap.core.report.report import Correction, Draft
from crisismap.exports import EXPORTS
from crisismap.situation.board.record import Record

JSON, GEOJSON = "application/json", "application/geo+json"
_SCHEMAS = "#/components/schemas/"
_BASEMAP = (TILE, "image/png", "image/jpeg", "image/webp", "image/avif")

# Where the answer is not plain JSON.
_MEDIA: dict[str, tuple[str, ...]] = {
    "/api/v1/reports.{form}": tuple(kind.media_type.partition(";")[0] for kind in EXPORTS.values()),
    "/api/v1/reports/{report_id}": (GEOJSON,),
    "/api/v1/layers/{name}": (GEOJSON,),
    "/api/v1/basemap/{z}/{x}/{y}": _BASEMAP,
    "/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}": ("image/png", "image/jpeg"),
    "/api/v1/photos/{name}": ("image/jpeg",),
    "/api/v1/photos/{photo_id}/thumb.jpg": ("image/jpeg",),
    "/api/v1/sheet.pdf": ("application/pdf",),
    "/api/v1/map.html": ("text/html",),
    "/metrics": ("text/plain",),
    "/api/v1/audit.csv": ("text/csv",),
    "/api/v1/tiles/{z}/{x}/{y}.mvt": (TILE,),
    "/api/v1/live": ("text/event-stream",),
}
_ASKED = {
    "bbox": "west,south,east,north in degrees; west > east spans 180 degrees",
    "since": "observed at this time (RFC 3339) or later",
    "until": "observed before this time",
    "category": "one or more, with commas",
    "status": "verification; one or more, with commas",
    "state": "of the request; one or more, with commas",
    "area": "codes or names of areas, with commas",
    "priority": "P1 to P4; one or more, with commas",
    "overdue": "true: only requests past their due time",
    "unplaced": "true: only what has no place yet",
    "limit": "at most so many",
    "cursor": "from the Link header of the page before",
    "audience": "public or agency; the caller's own when left out",
    "verb": "one or more, with commas",
    "actor": "the id of who did it; empty: a stranger",
    "subject": "the id of what it was done to",
    "near": "a place: its name, or two numbers",
    "lon": "of a place, in degrees",
    "lat": "of a place, in degrees",
    "at": "a past time (RFC 3339): as it was known, or counted, then",
    "version": "the number of a kept version, in place of the newest",
    "v": "the revision, so that addresses differ when the content does",
}
_PAGED = ("limit", "cursor")
_QUERIES: dict[str, tuple[str, ...]] = {
    "/api/v1/reports.{form}": (*SELECTING, *_PAGED, "audience"),
    "/api/v1/requests": (*SELECTING, *_PAGED),
    "/api/v1/sheet.pdf": ("area",),
    "/api/v1/shelters": ("near", "lon", "lat", *_PAGED),
    "/api/v1/map.html": ("area", "audience"),
    "/api/v1/audit.csv": ("verb", "actor", "subject", "since", "until"),
    "/api/v1/tiles/{z}/{x}/{y}.mvt": (*SELECTING, "v", "at"),
    "/api/v1/situation": ("at",),
    "/api/v1/layers/{name}": ("at", "version"),
}
# What is answered beside 200, and is no refusal.
_ALSO: dict[tuple[str, str], dict[str, str]] = {
    ("/api/v1/reports/{report_id}", "get"): {"304": "As you have it"},
    ("/api/v1/layers/{name}", "get"): {"304": "As you have it"},
    ("/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}", "get"): {"304": "As you have it"},
    ("/api/v1/layers/{layer_id}", "put"): {"201": "The first version of a new layer"},
    ("/api/v1/basemap/{z}/{x}/{y}", "get"): {"204": "The basemap has nothing there"},
}
# What may be refused, each with a problem document: everywhere, and where there is more to refuse.
_REFUSALS = ("401", "403", "404", "422", "429", "503")
_MORE_REFUSALS: dict[str, tuple[str, ...]] = {
    "/api/v1/reports": ("413",),
    "/api/v1/reports:batch": ("413",),
    "/api/v1/reports.{form}": ("501",),
    "/api/v1/requests/{report_id}/{verb}": ("409", "412", "413", "428", "501"),
    "/api/v1/layers/{layer_id}": ("413",),
    "/api/v1/layers/{layer_id}/picture/{z}/{x}/{y}": ("502",),
}
_HEADERS: dict[str, tuple[str, bool, str]] = {
    "/api/v1/reports": ("Idempotency-Key", False, "the same as client_id: makes every retry safe"),
    "/api/v1/requests/{report_id}/{verb}": ("If-Match", True, "the etag of the request as it was seen, or *"),
}
# Answered by the front, before FastAPI.
_HOT: dict[str, dict[str, Any]] = {
    "/api/v1/tiles/{z}/{x}/{y}.mvt": {
        "tags": ["tiles"],
        "summary": "One vector tile: layer `reports`, and `clusters` at low zoom or `stacks` at high.",
        "operationId": "get_tile",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
            for name in "zxy"
        ],
        "responses": {
            "200": {"description": "The tile; empty where nothing is"},
            "304": {"description": "As you have it"},
        },
    },
    "/api/v1/live": {
        "tags": ["situation"],
        "summary": "Server-sent events: a frame at once, then one whenever the situation moves.",
        "operationId": "get_live",
        "responses": {"200": {"description": "Frames, as long as you listen"}},
    },
}


def describe(app: FastAPI, record: type[msgspec.Struct] = Record) -> None:
    """Make the app's document tell the whole. `record`: what is told of a report."""
    generated = app.openapi
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_completed(generated(), record))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any], record: type[msgspec.Struct]) -> dict[str, Any]:
    shapes = (Draft, Correction, LiveFrame, *BODIES, *SHAPES, *record_shapes(record))
    _, schemas = msgspec.json.schema_components(shapes, ref_template=_SCHEMAS + "{name}")
    known = document.setdefault("components", {}).setdefault("schemas", {})
    known.update(schemas)
    known["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail"],
        "properties": {name: {"type": "string"} for name in ("type", "title", "detail")}
        | {"status": {"type": "integer"}},
    }
    for name in ("HTTPValidationError", "ValidationError"):
        known.pop(name, None)
    paths = document["paths"]
    paths.update({path: {"get": operation} for path, operation in _HOT.items()})
    for path, methods in paths.items():
        for method, operation in methods.items():
            _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status, words in _ALSO.get((path, method), {}).items():
        answers[status] = {"description": words}
    for status in (*_REFUSALS, *_MORE_REFUSALS.get(path, ())):
        answers[status] = {
            "description": HTTPStatus(int(status)).phrase,
            "content": {PROBLEM: {"schema": {"$ref": _SCHEMAS + "Problem"}}},
        }
    for status in ("200", "201"):
        if status in answers and (path in _MEDIA or "content" not in answers[status]):
            shape = ANSWERS.get((path, method))
            answers[status]["content"] = {
                kind: {"schema": shape} if shape else {} for kind in _MEDIA.get(path, (JSON,))
            }
    parameters = operation.setdefault("parameters", [])
    for name in sorted(_QUERIES.get(path, ())):
        parameters.append({"name": name, "in": "query", "description": _ASKED[name], "schema": {"type": "string"}})
    if path in _HEADERS:
        name, required, words = _HEADERS[path]
        schema = {"type": "string"}
        parameters.append({"name": name, "in": "header", "required": required, "description": words, "schema": schema})
    if path.endswith("/{verb}"):
        choices = [{"$ref": f"{_SCHEMAS}{kind.__name__}"} for kind in BODIES]
        operation["requestBody"] = {"content": {JSON: {"schema": {"anyOf": choices}}}}
