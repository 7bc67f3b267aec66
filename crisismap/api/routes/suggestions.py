"""Suggestions for one request: similar reports, and places that its text may mean. Nothing is changed here."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.responses import UNSTORED, json_response
from crisismap.services.layers import place_suggestions
from crisismap.services.requests import duplicates

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])


@router.get("/{report_id}/similar")
def get_similar(report_id: str, person: Caller) -> Response:
    """Return reports that may be about the same thing, most likely first, with reasons."""
    context = bootstrap.current()
    found = duplicates.similar(context.store, context.views, context.rules, context.clock(), person, report_id)
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
    return json_response({"items": items}, UNSTORED)


@router.get("/{report_id}/places")
def get_places(report_id: str, person: Caller) -> Response:
    """Return places that the text you may read may mean, most likely first, with confidence and reason."""
    context = bootstrap.current()
    found = place_suggestions.places(
        context.store, context.views, context.rules, context.settings, context.clock, person, report_id
    )
    return json_response({"items": list(map(asdict, found))}, UNSTORED)
