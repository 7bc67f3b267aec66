"""Suggestions for one request: similar reports, and places that its text may mean. Nothing is changed here."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.identity import Caller
from crisismap.services.layers import place_suggestions
from crisismap.services.requests import duplicates

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])
_HEADERS = {"Vary": "Authorization, Cookie", "Cache-Control": "private, no-store"}


@router.get("/{report_id}/similar")
def get_similar(report_id: str, person: Caller) -> Response:
    """Return reports that may be about the same thing, most likely first, with reasons."""
    found = duplicates.similar(
        bootstrap.current().store,
        bootstrap.current().views,
        bootstrap.current().rules,
        bootstrap.current().clock(),
        person,
        report_id,
    )
    items = [
        {
            "id": each.id,
            "score": round(each.score, 3),
            "reasons": each.reasons,
            "distance_m": None if each.metres is None else round(each.metres, 1),
            "minutes": round(each.minutes, 1),
            "request": each.record,
        }
        for each in found
    ]
    return Response(msgspec.json.encode({"items": items}), 200, _HEADERS, "application/json")


@router.get("/{report_id}/places")
def get_places(report_id: str, person: Caller) -> Response:
    """Return places that the text you may read may mean, most likely first, with confidence and reason."""
    found = place_suggestions.places(
        bootstrap.current().store,
        bootstrap.current().views,
        bootstrap.current().rules,
        bootstrap.current().settings,
        bootstrap.current().clock,
        person,
        report_id,
    )
    return Response(msgspec.json.encode({"items": list(map(asdict, found))}), 200, _HEADERS, "application/json")
