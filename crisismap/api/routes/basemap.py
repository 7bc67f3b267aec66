"""The offline basemap's tiles."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import JPEG, PNG, media_types
from crisismap.api.tile import MEDIA_TYPE as TILE
from crisismap.core.errors import NotFound
from crisismap.services.layers.basemap import basemap

router = APIRouter(prefix="/api/v1/basemap", tags=["tiles"])
_KINDS = (TILE, PNG, JPEG, "image/webp", "image/avif")
_CACHE_HEADERS = {"Cache-Control": "public, max-age=3600"}


@router.get(
    "/{z}/{x}/{y}",
    response_class=Response,
    responses=media_types(*_KINDS) | {204: {"description": "The basemap has nothing there"}},
)
def get_basemap_tile(z: int, x: int, y: int) -> Response:
    """Return one vector or raster tile of the imported PMTiles file; empty (204) where it has none."""
    context = bootstrap.current()
    archive = basemap(context.views.caches, context.settings)
    if archive is None:
        raise NotFound("no_basemap")
    tile = archive.tile(z, x, y)
    if tile is None:
        return Response(status_code=204, headers=_CACHE_HEADERS)
    return Response(tile, 200, _CACHE_HEADERS, archive.media_type)
