"""The OpenAPI document: FastAPI's own, with the schemas of msgspec's structs and the entries of our registries."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from crisismap.api.http.answers import SHAPES, record_shapes
from crisismap.api.http.declared import SCHEMAS, media_types
from crisismap.api.live import LiveFrame
from crisismap.core.report.report import Correction, Draft
from crisismap.core.verbs import VERBS
from crisismap.exports import EXPORTS
from crisismap.situation.record.record import Record

_EXPORT = "/api/v1/reports.{form}"
_VERB = "/api/v1/requests/{report_id}/{verb}"


def describe(app: FastAPI, record: type[msgspec.Struct] = Record) -> None:
    """Complete the app's document. `record` is the schema of a report."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = generated()
        bodies = dict.fromkeys(verb.body for verb in VERBS.values())
        shapes = (Draft, Correction, LiveFrame, *bodies, *SHAPES, *record_shapes(record))
        _, schemas = msgspec.json.schema_components(shapes, ref_template=SCHEMAS + "{name}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
        if _VERB in document["paths"]:
            _describe_verbs(document["paths"][_VERB]["post"])
            formats = media_types(*(form.media_type.partition(";")[0] for form in EXPORTS.values()))
            document["paths"][_EXPORT]["get"]["responses"]["200"].update(formats[200])
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_verbs(operation: dict[str, Any]) -> None:
    """Document each verb, its permission and its body from its registry entry."""
    names = {verb.body.__name__ for verb in VERBS.values()}
    choices = [{"$ref": f"{SCHEMAS}{name}"} for name in sorted(names)]
    operation["requestBody"] = {"content": {"application/json": {"schema": {"anyOf": choices}}}}
    [name] = [each for each in operation["parameters"] if each["name"] == "verb"]
    name["description"] = "; ".join(
        f"{verb.name} ({', '.join(sorted(verb.roles))}): {verb.body.__name__}" for verb in VERBS.values()
    )
    name["schema"] = {"type": "string", "enum": list(VERBS)}
