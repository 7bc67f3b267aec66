"""The text review queue; clear, withhold and reconsider are verbs of a request (core/verbs.py)."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.identity import Caller
from crisismap.api.http.query import number_of, refuse_unknown
from crisismap.core.errors import Invalid
from crisismap.services.requests import moderation

router = APIRouter(prefix="/api/v1/moderation", tags=["requests"])
_ASKED = ("which", "limit", "cursor")


@router.get("")
def get_moderation(request: Request, person: Caller) -> Response:
    """Return reports whose text awaits review, oldest first; `which=decided`: decided ones, newest first."""
    params = request.query_params
    refuse_unknown(params, _ASKED)
    which = next((each for each in moderation.WHICH if each == params.get("which", "waiting")), None)
    if which is None:
        raise Invalid("which", params["which"], "not_one_of", choices=list(moderation.WHICH))
    limit = number_of("limit", params)
    page = moderation.review_queue(
        bootstrap.current().store,
        bootstrap.current().views.situation,
        bootstrap.current().rules,
        person,
        which,
        limit=50 if limit is None else limit,
        cursor=params.get("cursor"),
    )
    headers = {"Cache-Control": "no-store"}
    if page.next is not None:
        following = request.url.include_query_params(cursor=page.next)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    body = {"items": page.items, "total": page.total, "revision": page.revision}
    return Response(msgspec.json.encode(body), 200, headers, "application/json")
