"""Photos: added by the requester with the tracking code or by a team, visible only to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import read_body
from crisismap.api.http.declared import JPEG, media_types, refusals
from crisismap.api.http.dependencies import CODE, Address, Caller, TrackingCode
from crisismap.api.http.responses import json_response
from crisismap.core.errors import Malformed, NotFound
from crisismap.core.ports import Store
from crisismap.core.report.photo import MAX_BYTES
from crisismap.services.requests import photo
from crisismap.services.runtime.context import require

MAX_BODY = MAX_BYTES + (64 << 10)  # a multipart body has headers as well
SUFFIX = ".jpg"
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": f"Authorization, Cookie, {CODE}",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, noimageindex",
}

router = APIRouter(prefix="/api/v1", tags=["photos"])
_BINARY = {"type": "string", "format": "binary"}
_IMAGES = {kind: {"schema": _BINARY} for kind in ("image/jpeg", "image/png", "image/webp")}
_FORM = {"schema": {"type": "object", "properties": {"photo": _BINARY}}}


class _InMemory(MultiPartParser):
    """A form parser in memory: an unprocessed photo contains its location and must not be written to disk."""

    spool_max_size = MAX_BODY


@router.post(
    "/reports/{report_id}/photos",
    status_code=201,
    responses=refusals(413),
    openapi_extra={"requestBody": {"required": True, "content": {**_IMAGES, "multipart/form-data": _FORM}}},
)
async def post_photo(
    report_id: str, request: Request, person: Caller, address: Address, code: TrackingCode = None
) -> Response:
    """Add a JPEG, PNG or WebP photo, sent raw or as the first file of a form. Only its pixels are stored."""
    context = bootstrap.current()
    if code is None:
        require(person, "photo.add")  # before reading megabytes from a stranger
    body = await _image(request)
    if code is not None:
        receipt = await asyncio.to_thread(photo.add_photo_by_code, context, code, address, report_id, body)
    else:
        receipt = await asyncio.to_thread(
            photo.add, context.store, context.guards.turns, context.clock(), person, report_id, body
        )
    return json_response(receipt, {"Location": f"/api/v1/photos/{receipt.id}{SUFFIX}"}, 201)


@router.get("/photos/{photo_id}/thumb.jpg", response_class=Response, responses=media_types(JPEG))
def get_thumb(photo_id: str, request: Request, person: Caller, address: Address, code: TrackingCode = None) -> Response:
    """Return a photo's thumbnail."""
    context = bootstrap.current()
    found = photo.view_photo(context, person, code, address, photo_id)
    return _picture(request, context.store, found.id, thumb=True)


@router.get("/photos/{name}", response_class=Response, responses=media_types(JPEG))
def get_photo(name: str, request: Request, person: Caller, address: Address, code: TrackingCode = None) -> Response:
    """Return a photo, at `{id}.jpg`."""
    context = bootstrap.current()
    if not name.endswith(SUFFIX):
        raise NotFound("no_photo")
    found = photo.view_photo(context, person, code, address, name.removesuffix(SUFFIX))
    return _picture(request, context.store, found.id, thumb=False)


def _picture(request: Request, store: Store, photo_id: str, *, thumb: bool) -> Response:
    headers = {**HEADERS, "ETag": f'"{photo_id}-{"thumb" if thumb else "whole"}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(store.photos.jpeg(photo_id, thumb=thumb), 200, headers, "image/jpeg")


async def _image(request: Request) -> bytes:
    """Return the bytes of the photo, raw or out of a form."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await read_body(request, MAX_BYTES)
    body = await read_body(request, MAX_BODY)

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await _InMemory(request.headers, chunks(), max_files=1, max_fields=20).parse()
    except (MultiPartException, MultipartParseError, KeyError) as problem:
        raise Malformed("form_unreadable", problem=str(problem)) from None
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise Malformed("form_without_file")
        return await files[0].read()
    finally:
        await form.close()
