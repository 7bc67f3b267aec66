"""What routes declare for the OpenAPI document where FastAPI cannot tell it from their types.

Bodies and answers are msgspec structs, encoded by us, so FastAPI knows neither their schemas nor their media types.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec

from crisismap.api.http.problems import MEDIA_TYPE as PROBLEM

Responses = dict[int | str, dict[str, Any]]
JSON, GEOJSON, PNG, JPEG = "application/json", "application/geo+json", "image/png", "image/jpeg"
SCHEMAS = "#/components/schemas/"
UNCHANGED: Responses = {304: {"description": "Not modified"}}


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the schema of a type; structs are references into the document's components."""
    [schema], _ = msgspec.json.schema_components((kind,), ref_template=SCHEMAS + "{name}")
    return schema


def answers(kind: Any, media_type: str = JSON, *, created: str = "") -> Responses:
    """Return `responses` for a route that answers with a type; `created`: the description of a 201 with it."""
    content = {"content": {media_type: {"schema": schema_of(kind)}}}
    return {200: content, 201: {"description": created, **content}} if created else {200: content}


def media_types(*kinds: str) -> Responses:
    """Return `responses` for a route that answers with one of these media types."""
    return {200: {"content": {kind: {} for kind in kinds}}}


def refusals(*statuses: int) -> Responses:
    """Return `responses` with a problem document for each status."""
    content = {PROBLEM: {"schema": {"$ref": SCHEMAS + "Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def takes(schema: dict[str, Any], media_type: str = JSON, **more: Any) -> dict[str, Any]:
    """Return `openapi_extra` for a route with this body, and `more` of its operation."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}, **more}


EVERYWHERE = refusals(401, 403, 404, 422, 429, 503)
