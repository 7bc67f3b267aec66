"""Reports in: one, a batch, a file's rows; and out: one, or all of them in any format."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from isal import isal_zlib
from starlette.responses import Response, StreamingResponse

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.body import draft_of, with_key
from crisismap.api.http.caching import accepts_gzip, cache_headers, not_modified
from crisismap.api.http.declared import GEOJSON, PAGED, UNCHANGED, media_types, query_parameters, refusals
from crisismap.api.http.identity import Caller, address_of, person_of
from crisismap.api.http.query import SELECTING, number_of, selection_of
from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, Invalid, Malformed, TooLarge
from crisismap.core.own_channels import API
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS, LATER
from crisismap.services.around.official_context import official_context, official_json
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.intake.read_body import arrived
from crisismap.services.intake.receive import RateKey
from crisismap.services.lists import read
from crisismap.services.runtime.context import audience_of, require

MAX_BODY = 256 * 1024  # bytes of one report; text may be 20,000 characters of four bytes
BODY_S = 30.0  # for a body to arrive, plus the time its size takes on a slow connection
SLOWEST_BPS = 16_000  # bytes per second
MAX_BATCH = 1000
MAX_BATCH_BODY = 32 << 20

router = APIRouter(prefix="/api/v1", tags=["reports"])
_encode = msgspec.json.Encoder().encode


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body, refusing it as soon as it exceeds `limit` bytes or its time."""
    if int(request.headers.get("content-length") or 0) > limit:
        raise TooLarge("body_too_large", body="body", most=limit)
    return await arrived(request.stream(), limit, BODY_S + limit / SLOWEST_BPS, "body")


async def submit_report(person: Person, body: bytes, key: str | None, address: str) -> tuple[int, str, bytes]:
    """Submit one report; return status, location and body once it is on disk. `address` is the sender's."""
    draft = with_key(draft_of(body), key)
    message = Message(draft, API, person=person, address=address, forgiving=False)
    [answer] = await bootstrap.current().intake.receive_all_async([message])
    if isinstance(answer, CrisismapError):
        raise answer
    said = _encode({"id": answer.id, "tracking_code": answer.tracking_code, "revision": answer.revision})
    return 200 if answer.repeated else 201, f"/api/v1/reports/{answer.id}", said


_BODY_DOC: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Draft"}}},
    }
}
_ACCEPTED_DOC = {
    "description": "Kept, on disk",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ReportReceipt"}}},
}


@router.post("/reports", status_code=201, openapi_extra=_BODY_DOC, responses={200: _ACCEPTED_DOC, 201: _ACCEPTED_DOC})
async def post_report(request: Request) -> Response:
    """Submit one report. A repeat with the same client_id (or Idempotency-Key) and body gets the first answer, 200."""
    person = person_of(request)
    key = request.headers.get("idempotency-key")
    status, location, said = await submit_report(person, await read_body(request, MAX_BODY), key, address_of(request))
    return Response(said, status, {"Location": location}, media_type="application/json")


@router.post(
    "/reports:batch",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    },
)
async def post_batch(request: Request, person: Caller) -> Response:
    """Submit up to 1,000 reports in one commit, one JSON object a line; answers status and id, or problem, for each."""
    lines = (await read_body(request, MAX_BATCH_BODY)).split(b"\n")
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise Malformed("body_without_report")
    if len(lines) > MAX_BATCH:
        raise TooLarge("too_many_reports", most=MAX_BATCH, count=len(lines))
    sender = RateKey(person, address_of(request), API)
    messages = [_message(line, sender) for line in lines]
    answers = await bootstrap.current().intake.receive_all_async(messages, sender)
    return Response(_encode([_entry(answer) for answer in answers]), media_type="application/json")


def _message(line: bytes, sender: RateKey) -> Message | CrisismapError:
    try:
        return Message(draft_of(line), sender.channel, person=sender.person, address=sender.address, forgiving=False)
    except CrisismapError as refusal:
        return refusal


def _entry(answer: Receipt | CrisismapError) -> dict[str, Any]:
    """Return the batch answer's entry for one line."""
    if isinstance(answer, CrisismapError):
        document = problems.problem_of(answer)
        return {"status": document["status"], "problem": document}
    return {
        "status": 200 if answer.repeated else 201,
        "id": answer.id,
        "tracking_code": answer.tracking_code,
        "revision": answer.revision,
    }


@router.post("/reports:import", include_in_schema=False)
async def post_import(request: Request, person: Caller) -> Response:
    """Import rows that `crisismap import reports` has read from a file, with the values its mapping adds."""
    require(person, "report.import")
    body = await read_body(request, MAX_BATCH_BODY)
    try:
        rows = msgspec.json.decode(body, type=list[ImportRow])
    except msgspec.MsgspecError as problem:
        raise Malformed("not_import_rows", problem=str(problem)) from None
    outcomes = await asyncio.to_thread(keep_rows, bootstrap.current().intake, person, rows)
    return Response(_encode(outcomes), media_type="application/json")


@router.get(
    "/reports.{form}",
    responses=UNCHANGED | refusals(501),
    response_description="The reports, streamed",
    openapi_extra=query_parameters(*SELECTING, *PAGED, "audience"),
)
def get_reports(form: str, request: Request, person: Caller) -> Response:
    """Return all matching reports in one format, complete unless `limit` is given."""
    kind = EXPORTS.get(form)
    if form in LATER:
        return problems.plain("not-built", 501, "not_built", what=f"The format {form}")
    if kind is None:
        return problems.plain("not-found", 404, "no_format", given=repr(form), choices=list(EXPORTS))
    params = request.query_params
    selection = selection_of(params, also=("limit", "cursor", "audience"))
    context, audience = bootstrap.current(), requested_audience(params.get("audience"), person)
    limit, cursor = number_of("limit", params), params.get("cursor")
    table = read.table(context.views, context.clock(), audience, selection, limit=limit, cursor=cursor, taker=person)
    gzipped = accepts_gzip(request)
    headers = cache_headers(audience, table.etag, form, str(request.url.query), gzipped, weak=True)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    if table.next is not None:
        following = request.url.include_query_params(cursor=table.next)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    read.record_export(context.store, context.clock(), person, form, len(table.rows), audience)
    stream = kind.write(table)
    return StreamingResponse(_gzip(stream) if gzipped else stream, 200, headers, kind.media_type)


@router.get("/reports/{report_id}", responses=media_types(GEOJSON) | UNCHANGED)
def get_report(report_id: str, request: Request, person: Caller) -> Response:
    """Return one report as a GeoJSON feature."""
    context, audience = bootstrap.current(), audience_of(person)
    table = read.single_table(context.store, context.views, context.clock(), audience, report_id)
    headers = cache_headers(audience, table.etag, "feature", "", gzipped=False)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    [[feature]] = table.features()
    return Response(feature, 200, headers, "application/geo+json")


@router.get("/reports/{report_id}/official")
def get_official(report_id: str, person: Caller) -> Response:
    """Return a report's official context: warnings at its time, flood zones, nearest gauge, its road."""
    context, audience = bootstrap.current(), audience_of(person)
    record = read.record(context.store, context.views, context.clock, person, report_id)
    body = official_json(
        official_context(context.store, context.views, context.rules, context.clock(), audience, record),
        record,
        context.clock(),
    )
    headers = {"Vary": "Authorization, Cookie", "Cache-Control": "private, no-cache"}
    return Response(msgspec.json.encode(body), 200, headers, "application/json")


def requested_audience(wanted: str | None, person: Person) -> Audience:
    """Return the requested audience, the caller's own by default. Raises Invalid and Forbidden."""
    own = audience_of(person)
    if wanted is None:
        return own
    if wanted not in tuple(Audience):
        raise Invalid("audience", wanted, "not_one_of", choices=list(Audience))
    if wanted == Audience.AGENCY:
        require(person, "situation.read_exact")
    return Audience(wanted)


def _gzip(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    for part in parts:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
