"""The OpenAPI document: FastAPI's own, completed with media types, query parameters and the hot paths."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from crisismap.api.http.answers import ANSWERS, SHAPES, record_shapes
from crisismap.api.http.declared import (
    EVERYWHERE,
    JSON,
    SCHEMAS,
    UNCHANGED,
    Responses,
    media_types,
    query_parameters,
    refusals,
)
from crisismap.api.http.query import SELECTING
from crisismap.api.live import LiveFrame
from crisismap.api.tile import MEDIA_TYPE as TILE
from crisismap.core.report.report import Correction, Draft
from crisismap.core.verbs import VERBS
from crisismap.exports import EXPORTS
from crisismap.situation.record.record import Record

_EXPORT = "/api/v1/reports.{form}"
# Additional error responses of POST routes, and headers.
_MORE_REFUSALS: dict[str, tuple[int, ...]] = {
    "/api/v1/reports": (413,),
    "/api/v1/reports:batch": (413,),
    "/api/v1/requests/{report_id}/{verb}": (409, 412, 413, 428, 501),
}
_HEADERS: dict[str, tuple[str, bool, str]] = {
    "/api/v1/reports": ("Idempotency-Key", False, "the same as client_id: makes every retry safe"),
    "/api/v1/requests/{report_id}/{verb}": ("If-Match", True, "the etag of the request as it was seen, or *"),
}


def _by_status(responses: Responses) -> dict[str, Any]:
    """Return responses by status, as the document has them."""
    return {str(status): answer for status, answer in responses.items()}


# Answered by the front middleware, before FastAPI.
_HOT: dict[str, dict[str, Any]] = {
    "/api/v1/tiles/{z}/{x}/{y}.mvt": {
        "tags": ["tiles"],
        "summary": "One vector tile: layer `reports`, and `clusters` at low zoom or `stacks` at high.",
        "operationId": "get_tile",
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
                for name in "zxy"
            ),
            *query_parameters(*SELECTING, "v", "at")["parameters"],
        ],
        "responses": _by_status(
            EVERYWHERE
            | UNCHANGED
            | {200: {"description": "The tile; empty where nothing is", **media_types(TILE)[200]}}
        ),
    },
    "/api/v1/live": {
        "tags": ["situation"],
        "summary": "Server-sent events: a frame at once, then one whenever the situation moves.",
        "operationId": "get_live",
        "responses": _by_status(
            EVERYWHERE
            | {200: {"description": "Frames, as long as you listen", **media_types("text/event-stream")[200]}}
        ),
    },
}


def describe(app: FastAPI, record: type[msgspec.Struct] = Record) -> None:
    """Complete the app's document. `record` is the schema of a report."""
    generated = app.openapi
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_complete_document(generated(), record))
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _complete_document(document: dict[str, Any], record: type[msgspec.Struct]) -> dict[str, Any]:
    bodies = dict.fromkeys(verb.body for verb in VERBS.values())
    shapes = (Draft, Correction, LiveFrame, *bodies, *SHAPES, *record_shapes(record))
    _, schemas = msgspec.json.schema_components(shapes, ref_template=SCHEMAS + "{name}")
    known = document.setdefault("components", {}).setdefault("schemas", {})
    known.update(schemas)
    known["Problem"] = {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {name: {"type": "string"} for name in ("type", "title", "detail")}
        | {
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "the reason, stable; the reference lists the codes"},
        },
    }
    paths = document["paths"]
    paths.update({path: {"get": operation} for path, operation in _HOT.items()})
    for path, methods in paths.items():
        for method, operation in methods.items():
            _complete_operation(path, method, operation)
    return document


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.update(_by_status(refusals(*_MORE_REFUSALS.get(path, ()))))
    shape = {"schema": found} if (found := ANSWERS.get((path, method))) else {}
    for status in {"200", "201"} & answers.keys():
        declared = answers[status].get("content") or {JSON: {}}
        if path == _EXPORT:
            declared = {kind.media_type.partition(";")[0]: {} for kind in EXPORTS.values()}
        answers[status]["content"] = {kind: told or shape for kind, told in declared.items()}
    parameters = operation.setdefault("parameters", [])
    if path in _HEADERS:
        name, required, words = _HEADERS[path]
        schema = {"type": "string"}
        parameters.append({"name": name, "in": "header", "required": required, "description": words, "schema": schema})
    if path.endswith("/{verb}"):
        _describe_verbs(operation)


def _describe_verbs(operation: dict[str, Any]) -> None:
    """Document each verb, its permission and its body from its registry entry."""
    names = {verb.body.__name__ for verb in VERBS.values()}
    choices = [{"$ref": f"{SCHEMAS}{name}"} for name in sorted(names)]
    operation["requestBody"] = {"content": {JSON: {"schema": {"anyOf": choices}}}}
    [name] = [each for each in operation["parameters"] if each["name"] == "verb"]
    name["description"] = "; ".join(
        f"{verb.name} ({', '.join(sorted(verb.roles))}): {verb.body.__name__}" for verb in VERBS.values()
    )
    name["schema"] = {"type": "string", "enum": list(VERBS)}
