"""Requests: the list of unanswered ones, one request, and its verbs."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.answers import REQUEST_ITEM, REQUEST_LIST, Reachable
from crisismap.api.http.body import read_body
from crisismap.api.http.declared import answers, refusals
from crisismap.api.http.dependencies import CODE, Address, Caller, TrackingCode
from crisismap.api.http.query import PAGED, number_of, selecting, selection_of
from crisismap.api.http.responses import NO_STORE, PRIVATE, json_response, next_page
from crisismap.api.routes.reports import official
from crisismap.core.clock import Clock
from crisismap.core.errors import Invalid, Malformed, NotFound, NotSignedIn, PreconditionMissing, Stale, unexpected
from crisismap.core.people.person import STRANGER
from crisismap.core.place.moves import PROPOSE_PLACE
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.verb import Body
from crisismap.core.verbs import VERBS
from crisismap.services.lists import read
from crisismap.services.reporter.tracking import require_code
from crisismap.services.requests.contact import read_contact
from crisismap.services.requests.perform import Act, begin, require_verb
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record

MAX_BODY = 128 * 1024  # bytes; added text may be 20,000 characters

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])


@router.get("", responses=answers(REQUEST_LIST), openapi_extra=selecting(*PAGED))
def get_requests(request: Request, person: Caller) -> Response:
    """Return requests, most urgent first; only unanswered ones unless `state` says otherwise."""
    context = bootstrap.current()
    params = request.query_params
    selection, limit = selection_of(params, also=PAGED), number_of("limit", params)
    page = read.requests(
        context.views,
        context.clock(),
        person,
        selection,
        limit=100 if limit is None else limit,
        cursor=params.get("cursor"),
    )
    body = b'{"items":[%b],"total":%d,"revision":%d}' % (b",".join(page.items), page.total, page.revision)
    return Response(body, 200, PRIVATE | next_page(request, page.next), "application/json")


@router.get("/{report_id}", responses=answers(REQUEST_ITEM))
def get_request(report_id: str, person: Caller, address: Address, code: TrackingCode = None) -> Response:
    """Return one request with its ETag and official context; with X-Tracking-Code as its requester may see it."""
    context = bootstrap.current()
    now_ms = context.clock()
    if code is not None:
        require_code(context.store, context.keys, context.guards, now_ms, code, address, report_id)
        audience = Audience.PUBLIC
        record = read.requester_record(context.store, context.views, context.clock, report_id)
    else:
        audience = audience_of(person)
        record = read.record(context.store, context.views, context.clock, person, report_id)
    return _item(200, record, official=official(context.store, context.views, context.rules, now_ms, audience, record))


@router.get("/{report_id}/contact", responses=answers(Reachable))
def get_contact(report_id: str, person: Caller) -> Response:
    """Return the requester's contact details, to the current claimer only; each access is logged."""
    context = bootstrap.current()
    return json_response(read_contact(context.store, context.clock(), person, report_id).value, NO_STORE)


async def _act(
    report_id: str,
    verb: str,
    request: Request,
    person: Caller,
    address: Address,
    code: TrackingCode = None,
) -> Act:
    """Return the act to perform, after checking that the caller may perform it."""
    context = bootstrap.current()
    entry = VERBS.get(verb)
    if entry is None:
        raise NotFound("no_page")
    as_requester = code is not None and "requester" in entry.roles
    if code is not None and as_requester:
        store, keys, guards, now_ms = context.store, context.keys, context.guards, context.clock()
        await asyncio.to_thread(require_code, store, keys, guards, now_ms, code, address, report_id)
    elif not entry.for_people and person == STRANGER:
        raise NotSignedIn("code_header_missing")
    who = None if as_requester else person
    require_verb(who, entry)
    body = decode(await read_body(request, MAX_BODY), entry.body)
    return Act(who, report_id, _version(request.headers.get("if-match")), verb, body, context.views.extent)


@router.post(
    "/{report_id}/{verb}",
    responses=answers(REQUEST_ITEM) | {202: answers(REQUEST_ITEM)[200]} | refusals(409, 412, 413, 428, 501),
    # Not as an argument of the handler: without it the answer is 428, once all else is in order.
    openapi_extra={
        "parameters": [
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "the etag of the request as it was seen, or *",
                "schema": {"type": "string"},
            }
        ]
    },
)
async def post_verb(request: Request, act: Annotated[Act, Depends(_act)]) -> Response:
    """Perform a verb on a request. `If-Match` has the ETag of the item as it was seen; answers the new item.

    confirm, withdraw and add (and reopen) are the requester's, with X-Tracking-Code.
    """
    context = bootstrap.current()
    pending = begin(context.store, context.rules, context.clock(), act)
    try:
        done = await asyncio.wrap_future(pending)
    except Stale as stale:
        language = problems.language_of(request.scope)
        current = await asyncio.to_thread(_current, context.store, context.views, context.clock, act)
        response = problems.refusal(stale, language, current=current)
        response.headers["ETag"] = current.etag
        return response
    await asyncio.to_thread(context.views.situation.wait, done.revision)
    # A far move that this person may not make alone is kept, and has changed no location yet.
    status = 202 if done.value == PROPOSE_PLACE else 200
    return _item(status, await asyncio.to_thread(_visible_record, context.store, context.views, context.clock, act))


def decode(raw: bytes, kind: type[Body]) -> Body:
    """Return the body of a verb. Raises Malformed, or Invalid naming the member."""
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.ValidationError as problem:
        why, _, path = str(problem).partition(" - at `$.")
        code, details = unexpected(why)
        raise Invalid(path.rstrip("`") or "body", raw.decode(errors="replace"), code, **details) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed("not_json", problem=str(problem)) from None


def _version(header: str | None) -> int | None:
    """Return the version in an If-Match header; None for `*`, which matches any."""
    if header is None:
        raise PreconditionMissing("if_match_missing")
    tag = header.strip().removeprefix("W/")
    if tag == "*":
        return None
    number = tag.strip('"')
    # Treat an unknown ETag as stale.
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0


def _item(status: int, record: Record, **more: Any) -> Response:
    headers = PRIVATE | {"ETag": record.etag, "Vary": f"Authorization, Cookie, {CODE}"}
    return json_response(msgspec.structs.asdict(record) | more, headers, status)


def _visible_record(store: Store, views: Views, clock: Clock, act: Act) -> Record:
    """Return the item as the acting person may see it."""
    if act.person is None:
        return read.requester_record(store, views, clock, act.report_id)
    return read.record(store, views, clock, act.person, act.report_id)


def _current(store: Store, views: Views, clock: Clock, act: Act) -> Record:
    """Return the current state, which goes with a 412 so that the client need not ask again to see what changed."""
    views.situation.wait(store.events.revision())
    return _visible_record(store, views, clock, act)
