"""The text review queue; clear, withhold and reconsider are verbs of a request (core/verbs.py)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import number_of, parameters
from crisismap.api.http.responses import NO_STORE, json_response, next_page
from crisismap.core.errors import Invalid
from crisismap.services.requests import moderation

router = APIRouter(prefix="/api/v1/moderation", tags=["requests"])


@router.get("")
def get_moderation(
    request: Request,
    person: Caller,
    params: Annotated[QueryParams, parameters("which", "limit", "cursor")],
) -> Response:
    """Return reports whose text awaits review, oldest first; `which=decided`: decided ones, newest first."""
    context = bootstrap.current()
    which = next((each for each in moderation.WHICH if each == params.get("which", "waiting")), None)
    if which is None:
        raise Invalid("which", params["which"], "not_one_of", choices=list(moderation.WHICH))
    limit = number_of("limit", params)
    page = moderation.review_queue(
        context.store,
        context.views.situation,
        context.rules,
        person,
        which,
        limit=50 if limit is None else limit,
        cursor=params.get("cursor"),
    )
    body = {"items": page.items, "total": page.total, "revision": page.revision}
    return json_response(body, NO_STORE | next_page(request, page.next))
