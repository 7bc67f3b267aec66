"""Suggestions for one request: similar reports, places that its text may mean, proposed locations.

Nothing is changed here.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.responses import UNSTORED, json_response
from crisismap.core import moment
from crisismap.services.layers import place_suggestions
from crisismap.services.requests import duplicates, location_moves

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


@router.get("/{report_id}/moves")
def get_moves(report_id: str, person: Caller) -> Response:
    """Return far moves of the location and proposals of another, for confirm_place and put_back."""
    context = bootstrap.current()
    found = location_moves.moves_of(context.store, context.rules, context.views.situation.people, person, report_id)
    items = [asdict(each) | {"at": moment.rfc3339(each.at_ms)} for each in found]
    return json_response({"items": [{k: v for k, v in each.items() if k != "at_ms"} for each in items]}, UNSTORED)


@router.get("/{report_id}/places")
def get_places(report_id: str, person: Caller) -> Response:
    """Return places that the text you may read may mean, most likely first, with confidence and reason."""
    context = bootstrap.current()
    found = place_suggestions.places(
        context.store, context.views, context.rules, context.settings, context.clock, person, report_id
    )
    return json_response({"items": list(map(asdict, found))}, UNSTORED)
