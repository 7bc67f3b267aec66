"""Declarations for the OpenAPI document: media types, error responses and query parameters of routes.

Responses are encoded by us, column by column, so FastAPI cannot infer them from return types; query parameters are read
together (`api/http/query.py`), because unknown ones are refused.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from crisismap.api.http.problems import MEDIA_TYPE as PROBLEM

Responses = dict[int | str, dict[str, Any]]
JSON, GEOJSON, PNG, JPEG = "application/json", "application/geo+json", "image/png", "image/jpeg"
SCHEMAS = "#/components/schemas/"
PAGED = ("limit", "cursor")
UNCHANGED: Responses = {304: {"description": "As you have it"}}

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


def query_parameters(*names: str) -> dict[str, Any]:
    """Return `openapi_extra` for a route with these query parameters."""
    return {
        "parameters": [
            {"name": name, "in": "query", "description": _ASKED[name], "schema": {"type": "string"}}
            for name in sorted(names)
        ]
    }


def media_types(*kinds: str) -> Responses:
    """Return `responses` for a route that answers with one of these media types instead of plain JSON."""
    return {200: {"content": {kind: {} for kind in kinds}}}


def refusals(*statuses: int) -> Responses:
    """Return `responses` with a problem document for each status."""
    content = {PROBLEM: {"schema": {"$ref": SCHEMAS + "Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


EVERYWHERE = refusals(401, 403, 404, 422, 429, 503)
