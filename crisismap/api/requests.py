"""Requests: the list of what is unanswered, one request, and what can be done with it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api import problems
from crisismap.api.identity import Caller
from crisismap.api.query import number_of, selection_of
from crisismap.api.reports import read_body
from crisismap.core.errors import Invalid, Malformed, PreconditionMissing, Stale
from crisismap.core.person import Person
from crisismap.core.place import Placement
from crisismap.services import look, respond
from crisismap.services.context import Context, require
from crisismap.store.writer import Committed

MAX_BODY = 64 * 1024
LATER = frozenset({"cannot_meet", "priority", "join", "separate", "verify", "confirm", "reopen", "withdraw"})

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])


class ClaimBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """claim: for how long; again = extend."""

    minutes: int | None = None


class EmptyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """release."""


class AnswerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """answer: what was done."""

    note: str


class PlaceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """place: where it is, how exactly that is known, and how."""

    lon: float
    lat: float
    source: str
    accuracy_m: float | None = None


Body = ClaimBody | EmptyBody | AnswerBody | PlaceBody
VERBS = {"claim": "request.claim", "release": "request.release", "answer": "request.answer", "place": "report.place"}
_BODIES: dict[str, type[Body]] = {
    "claim": ClaimBody,
    "release": EmptyBody,
    "answer": AnswerBody,
    "place": PlaceBody,
}


@router.get("")
def get_requests(request: Request, person: Caller) -> Response:
    """Requests, most urgent first; unanswered ones unless `state` says otherwise."""
    params = request.query_params
    selection = selection_of(params, also=("limit", "cursor"))
    limit = number_of("limit", params)
    page = look.requests(
        bootstrap.current(),
        person,
        selection,
        limit=100 if limit is None else limit,
        cursor=params.get("cursor"),
    )
    body = b'{"items":[%b],"total":%d,"revision":%d}' % (b",".join(page.items), page.total, page.revision)
    headers = {"Vary": "Authorization, Cookie", "Cache-Control": "private, no-cache"}
    if page.next is not None:
        following = request.url.include_query_params(cursor=page.next)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(body, 200, headers, "application/json")


@router.get("/{report_id}")
def get_request(report_id: str, person: Caller) -> Response:
    """One request, with its ETag."""
    return _item(bootstrap.current(), person, report_id)


@router.get("/{report_id}/contact")
async def get_contact(report_id: str, person: Caller) -> Response:
    """How to reach the requester; for the current claimer only, and each look is an event."""
    context = bootstrap.current()
    done = await asyncio.wrap_future(respond.read_contact(context, person, report_id))
    return Response(msgspec.json.encode(done.value), 200, {"Cache-Control": "no-store"}, "application/json")


@router.post("/{report_id}/{verb}")
async def post_verb(report_id: str, verb: str, request: Request, person: Caller) -> Response:
    """Do something with a request. `If-Match` carries the etag of the item as it was seen; answers the new item."""
    context = bootstrap.current()
    if verb in LATER:
        return problems.plain("not-built", 501, f"{verb} is not built yet.")
    if verb not in _BODIES:
        return problems.plain("not-found", 404, "There is nothing at this address.")
    require(person, VERBS[verb])
    body = _decode(await read_body(request, MAX_BODY), _BODIES[verb])
    version = _version(request.headers.get("if-match"))
    try:
        done = await asyncio.wrap_future(_act(context, person, report_id, version, body))
    except Stale as stale:
        return await asyncio.to_thread(_stale, context, person, report_id, stale)
    await asyncio.to_thread(context.situation.wait, done.revision)
    return await asyncio.to_thread(_item, context, person, report_id)


def _act(context: Context, person: Person, report_id: str, version: int | None, body: Body) -> Future[Committed[None]]:
    match body:
        case ClaimBody(minutes):
            return respond.claim(context, person, report_id, version, minutes=minutes)
        case AnswerBody(note):
            return respond.answer(context, person, report_id, version, note=note)
        case PlaceBody(lon, lat, source, accuracy_m):
            return respond.place(context, person, report_id, version, Placement(lon, lat, accuracy_m, source))
        case _:
            return respond.release(context, person, report_id, version)


def _decode(raw: bytes, kind: type[Body]) -> Body:
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as problem:
        why, _, path = str(problem).partition(" - at `$.")
        raise Invalid(path.rstrip("`") or "body", raw.decode(errors="replace"), why) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed(f"The body is not valid JSON: {problem}") from None


def _version(header: str | None) -> int | None:
    """The version an If-Match header names; None for `*`, which fits any."""
    if header is None:
        raise PreconditionMissing("Send If-Match with the etag of the request as you saw it.")
    tag = header.strip().removeprefix("W/")
    if tag == "*":
        return None
    number = tag.strip('"')
    # A tag that we never gave cannot be the current one: it is stale, whatever it says.
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0


def _item(context: Context, person: Person, report_id: str) -> Response:
    record = look.record(context, person, report_id)
    headers = {"ETag": record["etag"], "Vary": "Authorization, Cookie", "Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(record), 200, headers, "application/json")


def _stale(context: Context, person: Person, report_id: str, stale: Stale) -> Response:
    """412 with the current state, so that nobody has to ask again to see who was quicker."""
    context.situation.wait(context.store.revision())
    document: dict[str, Any] = problems.problem_of(stale)
    current = look.record(context, person, report_id)
    return problems.response({**document, "current": current}, {"ETag": current["etag"]})
