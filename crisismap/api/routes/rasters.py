"""Raster tiles fetched by the server: a browser never contacts another server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from concurrent.futures import Future

from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import JPEG, PNG, UNCHANGED, media_types, refusals
from crisismap.api.http.responses import not_modified
from crisismap.core.errors import CrisismapError, Unavailable, Unreachable
from crisismap.core.place.mercator import Tile
from crisismap.layers.fetch.raster_cache import CachedTile
from crisismap.services.layers.rasters import RasterTile, tile

PATIENCE_S = 3.0  # longest wait for a newer tile when an older one is available
LONGEST_FRESH_S = 300  # a browser asks again after this, however rarely the server is asked
_STALE_FRESH_S = 10  # how long browsers show an old tile before asking again
_TRANSPARENT_PIXEL = base64.b64decode(  # one transparent pixel, PNG
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABeqhXUAAAAABJRU5ErkJggg=="
)

router = APIRouter(prefix="/api/v1/layers", tags=["layers"])


@router.get(
    "/{layer_id}/picture/{z}/{x}/{y}",
    response_class=Response,
    responses=media_types(PNG, JPEG) | UNCHANGED | refusals(502),
)
async def get_picture(layer_id: str, z: int, x: int, y: int, request: Request) -> Response:
    """Return one tile (XYZ, Web Mercator) of a raster layer: PNG or JPEG; transparent where there is none.

    `Age` is the seconds since it was fetched. An older tile is returned while its server does not answer.
    """
    context = bootstrap.current()
    raster = await asyncio.to_thread(tile, context.store, context.views.rasters, context.clock, layer_id, Tile(z, x, y))
    stored, why, fresh_s = raster.stored, raster.why, raster.fresh_s
    if raster.pending is not None:
        stored, why, fresh_s = await _wait_for_newer(raster, raster.pending)  # waits without blocking others
    if stored is None:
        raise _public_error(why)
    return _answer(stored, fresh_s, context.clock(), request)


async def _wait_for_newer(
    raster: RasterTile, pending: Future[CachedTile | CrisismapError]
) -> tuple[CachedTile | None, CrisismapError | None, int]:
    """Return the fetched tile, or the older one if fetching is slow or fails."""
    # Shielded because others may wait for the same fetch after this caller disconnects.
    waiting = asyncio.shield(asyncio.wrap_future(pending))
    try:
        newer = await asyncio.wait_for(waiting, PATIENCE_S if raster.stored is not None else None)
    except TimeoutError:
        return raster.stored, None, 0
    except asyncio.CancelledError:
        if not pending.cancelled():
            raise
        return raster.stored, Unavailable("picture_layer_gone"), 0
    if isinstance(newer, CrisismapError):
        return raster.stored, newer, 0
    return newer, None, raster.fresh_s


def _public_error(why: CrisismapError | None) -> CrisismapError:
    """Return the error without the server's name, which only agencies may know."""
    if isinstance(why, Unreachable) or why is None or why.kind in ("malformed", "too-large", "invalid"):
        more = {"retry_after_s": why.details["retry_after_s"]} if why and "retry_after_s" in why.details else {}
        return Unreachable("picture_server_failing", **more)
    return why


def _answer(stored: CachedTile, fresh_s: int, now_ms: int, request: Request) -> Response:
    body = stored.body or _TRANSPARENT_PIXEL
    headers = {
        "ETag": f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        "Cache-Control": f"public, max-age={min(fresh_s, LONGEST_FRESH_S) or _STALE_FRESH_S}",
        "Age": str(max(0, now_ms - stored.fetched_ms) // 1000),
    }
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, stored.media_type or "image/png")
