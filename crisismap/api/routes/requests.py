"""Requests: the list of unanswered ones, one request, and its verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.declared import PAGED, query_parameters
from crisismap.api.http.identity import CODE, Caller, address_of
from crisismap.api.http.query import SELECTING, number_of, selection_of
from crisismap.api.routes.reports import read_body
from crisismap.core.errors import Invalid, Malformed, NotSignedIn, PreconditionMissing, Stale, unexpected
from crisismap.core.people.person import STRANGER
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.verb import Body
from crisismap.core.verbs import VERBS
from crisismap.rule_files import RuleFiles
from crisismap.services.around.official_context import official_context, official_json
from crisismap.services.lists import read
from crisismap.services.reporter import tracking
from crisismap.services.requests.contact import read_contact
from crisismap.services.requests.perform import Act, begin, require_verb
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record
from crisismap.situation.situation import Situation

MAX_BODY = 128 * 1024  # bytes; added text may be 20,000 characters

router = APIRouter(prefix="/api/v1/requests", tags=["requests"])


@router.get("", openapi_extra=query_parameters(*SELECTING, *PAGED))
def get_requests(request: Request, person: Caller) -> Response:
    """Return requests, most urgent first; only unanswered ones unless `state` says otherwise."""
    params = request.query_params
    selection = selection_of(params, also=("limit", "cursor"))
    limit = number_of("limit", params)
    page = read.requests(
        bootstrap.current().views,
        bootstrap.current().clock(),
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
def get_request(report_id: str, request: Request, person: Caller) -> Response:
    """Return one request with its ETag and official context; with X-Tracking-Code as its requester may see it."""
    context = bootstrap.current()
    if CODE in request.headers:
        _require_code(request, report_id)
        return _with_official(
            context.store,
            context.views,
            context.rules,
            context.clock(),
            Audience.PUBLIC,
            read.requester_record(context.store, context.views, context.clock, report_id),
        )
    return _with_official(
        context.store,
        context.views,
        context.rules,
        context.clock(),
        audience_of(person),
        read.record(context.store, context.views, context.clock, person, report_id),
    )


def _with_official(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, audience: Audience, record: Record
) -> Response:
    """Return the item with its official context. `audience` limits the reports of the road that count."""
    found = official_json(official_context(store, views, rules, now_ms, audience, record), record, now_ms)
    return _item(record, official=found)


@router.get("/{report_id}/contact")
async def get_contact(report_id: str, person: Caller) -> Response:
    """Return the requester's contact details, to the current claimer only; each access is logged."""
    context = bootstrap.current()
    done = await asyncio.to_thread(read_contact, context.store, context.clock(), person, report_id)
    return Response(msgspec.json.encode(done.value), 200, {"Cache-Control": "no-store"}, "application/json")


@router.post("/{report_id}/{verb}")
async def post_verb(report_id: str, verb: str, request: Request, person: Caller) -> Response:
    """Perform a verb on a request. `If-Match` has the ETag of the item as it was seen; answers the new item.

    confirm, withdraw and add (and reopen) are the requester's, with X-Tracking-Code.
    """
    context = bootstrap.current()
    known = VERBS.get(verb)
    if known is None:
        return problems.plain("not-found", 404, "no_page")
    as_requester = CODE in request.headers and "requester" in known.roles
    if as_requester:
        await asyncio.to_thread(_require_code, request, report_id)
    elif not known.for_people and person == STRANGER:
        raise NotSignedIn("code_header_missing")
    who = None if as_requester else person
    require_verb(who, known)
    body = decode(await read_body(request, MAX_BODY), known.body)
    act = Act(who, report_id, _version(request.headers.get("if-match")), verb, body)
    doing = begin(context.store, context.rules, context.clock(), act)
    seen = (
        partial(read.requester_record, context.store, context.views, context.clock)
        if as_requester
        else partial(read.record, context.store, context.views, context.clock, person)
    )
    try:
        done = await asyncio.wrap_future(doing)
    except Stale as stale:
        words = problems.language_of(request.scope)
        current = await asyncio.to_thread(_current, context.store, context.views.situation, seen, report_id)
        refused = problems.refusal(stale, words, current=current)
        refused.headers["ETag"] = current.etag
        return refused
    await asyncio.to_thread(context.views.situation.wait, done.revision)
    return _item(await asyncio.to_thread(seen, report_id))


def _require_code(request: Request, report_id: str) -> None:
    """Raise NotFound unless the tracking code in the header is this report's; TooManyTries after ten in an hour."""
    context = bootstrap.current()
    key, tries = context.keys.tracking_code, context.guards.code_tries
    code, address = request.headers[CODE], address_of(request)
    tracking.require_code(context.store, key, tries, context.clock(), code, address, report_id)


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


def _item(record: Record, **more: Any) -> Response:
    headers = {"ETag": record.etag, "Vary": f"Authorization, Cookie, {CODE}", "Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(msgspec.structs.asdict(record) | more), 200, headers, "application/json")


def _current(store: Store, situation: Situation, seen: Callable[[str], Record], report_id: str) -> Record:
    """Return the current state, which goes with a 412 so that the client need not ask again to see what changed."""
    situation.wait(store.events.revision())
    return seen(report_id)
