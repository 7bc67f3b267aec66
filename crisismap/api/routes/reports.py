"""Reports in: one, a batch, a file's rows; and out: one, or all of them in any format."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Request
from isal import isal_zlib
from starlette.responses import Response, StreamingResponse

from crisismap import bootstrap
from crisismap.api.http import problems
from crisismap.api.http.answers import FEATURE, ReportReceipt
from crisismap.api.http.body import read_body, with_key
from crisismap.api.http.declared import GEOJSON, UNCHANGED, answers, refusals, schema_of, takes
from crisismap.api.http.dependencies import Address, Caller
from crisismap.api.http.query import PAGED, number_of, selecting, selection_of, truth_of, zone_from
from crisismap.api.http.responses import (
    PRIVATE,
    accepts_gzip,
    cache_headers,
    json_response,
    next_page,
    not_modified,
)
from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, Invalid, Malformed, NotBuilt, NotFound, TooLarge
from crisismap.core.own_channels import API
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import read_draft
from crisismap.core.report.report import Draft
from crisismap.core.text.file_name import disposition
from crisismap.exports import EXPORTS, LATER
from crisismap.exports.format import Format
from crisismap.rule_files import RuleFiles
from crisismap.services.around.official_context import official_context, official_json
from crisismap.services.exports.download_name import report_file_name
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.intake.receive import RateKey
from crisismap.services.lists import read
from crisismap.services.runtime.context import audience_of, require
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record

MAX_BODY = 256 * 1024  # bytes of one report; text may be 20,000 characters of four bytes
MAX_BATCH = 1000
MAX_BATCH_BODY = 32 << 20
_EXPORT = (*PAGED, "audience", "bom", "zone")

router = APIRouter(prefix="/api/v1", tags=["reports"])
_encode = msgspec.json.Encoder().encode


async def submit_report(person: Person, body: bytes, key: str | None, address: str) -> tuple[int, str, bytes]:
    """Submit one report; return status, location and body once it is on disk. `address` is the sender's."""
    draft = with_key(read_draft(body), key)
    message = Message(draft, API, person=person, address=address)
    answer = await bootstrap.current().intake.receive_async(message)
    return _status(answer), f"/api/v1/reports/{answer.id}", _encode(_receipt_json(answer))


@router.post(
    "/reports",
    status_code=201,
    responses=answers(ReportReceipt, created="Stored on disk") | refusals(413),
    openapi_extra=takes(schema_of(Draft)),
)
async def post_report(
    request: Request,
    person: Caller,
    address: Address,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", description="the same as client_id: makes every retry safe")
    ] = None,
) -> Response:
    """Submit one report. A repeat with the same client_id (or Idempotency-Key) and body gets the first answer, 200."""
    status, location, receipt = await submit_report(person, await read_body(request, MAX_BODY), key, address)
    return Response(receipt, status, {"Location": location}, media_type="application/json")


@router.post("/reports:batch", responses=refusals(413), openapi_extra=takes({"type": "string"}, "application/x-ndjson"))
async def post_batch(request: Request, person: Caller, address: Address) -> Response:
    """Submit up to 1,000 reports in one commit, one JSON object a line; answers status and id, or problem, for each."""
    context = bootstrap.current()
    lines = (await read_body(request, MAX_BATCH_BODY)).split(b"\n")
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise Malformed("body_without_report")
    if len(lines) > MAX_BATCH:
        raise TooLarge("too_many_reports", most=MAX_BATCH, count=len(lines))
    sender = RateKey(person, address, API)
    messages = [_message(line, sender) for line in lines]
    results = await context.intake.receive_all_async(messages, sender)
    return json_response([_entry(answer) for answer in results])


def _message(line: bytes, sender: RateKey) -> Message | CrisismapError:
    try:
        return Message(read_draft(line), sender.channel, person=sender.person, address=sender.address)
    except CrisismapError as refusal:
        return refusal


def _entry(answer: Receipt | CrisismapError) -> dict[str, Any]:
    """Return the batch answer's entry for one line."""
    if isinstance(answer, CrisismapError):
        document = problems.problem_of(answer)
        return {"status": document["status"], "problem": document}
    return {"status": _status(answer), **_receipt_json(answer)}


def _status(receipt: Receipt) -> int:
    return 200 if receipt.repeated else 201


def _receipt_json(receipt: Receipt) -> dict[str, Any]:
    return {"id": receipt.id, "tracking_code": receipt.tracking_code, "revision": receipt.revision}


@router.post("/reports:import", include_in_schema=False)
async def post_import(request: Request, person: Caller) -> Response:
    """Import rows that `crisismap import reports` has read from a file, with the values its mapping adds."""
    context = bootstrap.current()
    require(person, "report.import")
    body = await read_body(request, MAX_BATCH_BODY)
    try:
        rows = msgspec.json.decode(body, type=list[ImportRow])
    except msgspec.MsgspecError as problem:
        raise Malformed("not_import_rows", problem=str(problem)) from None
    outcomes = await asyncio.to_thread(keep_rows, context.intake, context.store, context.views, person, rows)
    return json_response(outcomes)


async def _format(form: str) -> Format:
    if form in LATER:
        raise NotBuilt("not_built", what=f"/api/v1/reports.{form}")
    if form not in EXPORTS:
        raise NotFound("no_format", given=repr(form), choices=list(EXPORTS))
    return EXPORTS[form]


@router.get(
    "/reports.{form}",
    response_class=StreamingResponse,
    responses=UNCHANGED | refusals(501),
    response_description="The reports, streamed",
    openapi_extra=selecting(*_EXPORT),
)
def get_reports(
    form: str,
    request: Request,
    person: Caller,
    kind: Annotated[Format, Depends(_format)],
) -> Response:
    """Return all matching reports in one format, complete unless `limit` is given."""
    context = bootstrap.current()
    params = request.query_params
    selection = selection_of(params, also=_EXPORT)
    read.require_filters(person, selection)
    audience = requested_audience(params.get("audience"), person)
    limit, cursor = number_of("limit", params), params.get("cursor")
    table = read.table(context.views, context.clock(), audience, selection, limit=limit, cursor=cursor, taker=person)
    gzipped = accepts_gzip(request)
    headers = cache_headers(audience, table.etag, form, str(request.url.query), gzipped, weak=True)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    zone = zone_from(params, context.views.incident().time_zone)
    name = report_file_name(context.views, selection, audience, context.clock(), zone, form)
    headers |= next_page(request, table.next) | {"Content-Disposition": disposition("attachment", name)}
    stream = kind.stream(table, bom=truth_of("bom", params))
    read.record_export(context.store, context.clock(), person, form, len(table.rows), audience)
    return StreamingResponse(_gzip(stream) if gzipped else stream, 200, headers, kind.media_type)


@router.get("/reports/{report_id}", response_class=Response, responses=answers(FEATURE, GEOJSON) | UNCHANGED)
def get_report(report_id: str, request: Request, person: Caller) -> Response:
    """Return one report as a GeoJSON feature."""
    context = bootstrap.current()
    audience = audience_of(person)
    table = read.single_table(context.store, context.views, context.clock(), audience, report_id)
    headers = cache_headers(audience, table.etag, "feature", "", gzipped=False)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    [[feature]] = table.features()
    return Response(feature, 200, headers, "application/geo+json")


@router.get("/reports/{report_id}/official")
def get_official(report_id: str, person: Caller) -> Response:
    """Return a report's official context: warnings at its time, flood zones, nearest gauge, its road."""
    context = bootstrap.current()
    store, views = context.store, context.views
    record = read.record(store, views, context.clock, person, report_id)
    body = official(store, views, context.rules, context.clock(), audience_of(person), record)
    return json_response(body, PRIVATE)


def official(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, audience: Audience, record: Record
) -> dict[str, Any]:
    """Return a record's official context. `audience` limits the reports of the road that count."""
    return official_json(official_context(store, views, rules, now_ms, audience, record), record, now_ms)


def requested_audience(name: str | None, person: Person) -> Audience:
    """Return the requested audience, the caller's own by default. Raises Invalid and Forbidden."""
    own = audience_of(person)
    if name is None:
        return own
    if name not in tuple(Audience):
        raise Invalid("audience", name, "not_one_of", choices=list(Audience))
    if name == Audience.AGENCY:
        require(person, "situation.read_exact")
    return Audience(name)


def _gzip(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    for part in parts:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
