"""Official layers: which there are, one as GeoJSON, and a new version of one."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from isal import igzip
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.caching import accepts_gzip, not_modified
from crisismap.api.identity import Caller
from crisismap.api.reports import read_body
from crisismap.core import moment
from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer import LayerVersion
from crisismap.exports.layer import layer_geojson
from crisismap.services.context import Context, require
from crisismap.services.layer import put_layer_bytes, put_packed

MAX_LAYER = 512 << 20  # bytes
PACKED = "application/x-crisismap-layer"
SUFFIX = ".geojson"

router = APIRouter(prefix="/api/v1/layers", tags=["layers"])


@router.get("")
def get_layers() -> Response:
    """All layers, without their features."""
    context = bootstrap.current()
    body = msgspec.json.encode([_shown(context, version) for version in context.situation.layers.values()])
    return Response(body, 200, {"Cache-Control": "no-cache"}, "application/json")


@router.get("/{name}")
def get_layer(name: str, request: Request) -> Response:
    """One layer as GeoJSON (RFC 7946), at `{id}.geojson`."""
    version = bootstrap.current().situation.layers.get(name.removesuffix(SUFFIX))
    if version is None or not name.endswith(SUFFIX):
        raise NotFound("There is no such layer; one is at /api/v1/layers/ID.geojson")
    gzipped = accepts_gzip(request)
    tag = f"{version.layer.id}-{version.version}-{version.loaded_at_ms}{'-gzip' if gzipped else ''}"
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    body = layer_geojson(version, bootstrap.current().made_up)
    return Response(igzip.compress(body, 1) if gzipped else body, 200, headers, "application/geo+json")


@router.put(
    "/{layer_id}",
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/geo+json": {"schema": {"type": "object"}}}},
        "parameters": [{"name": "role", "in": "query", "required": True, "schema": {"type": "string"}}],
    },
)
async def put_layer(layer_id: str, request: Request, person: Caller) -> Response:
    """A new version of a layer, live at once; answers what was read, mended and refused."""
    require(person, "layer.put")
    context = bootstrap.current()
    role = request.query_params.get("role")
    if role is None:
        raise Invalid("role", None, "say what the layer is: ?role=area, hazard, shelter, transport or context")
    body = await read_body(request, MAX_LAYER)
    read = put_packed if request.headers.get("content-type") == PACKED else put_layer_bytes
    version = await asyncio.to_thread(read, context, person, layer_id, role, body)
    await asyncio.to_thread(context.situation.wait, context.store.revision())
    status = 201 if version.version == 1 else 200
    return Response(msgspec.json.encode(_shown(context, version)), status, media_type="application/json")


def _shown(context: Context, version: LayerVersion) -> dict[str, Any]:
    layer = version.layer
    return {
        "id": layer.id,
        "title": layer.title,
        "role": str(layer.role),
        "version": version.version,
        "loaded_at": moment.rfc3339(version.loaded_at_ms),
        "age_s": max(0, context.clock() - version.loaded_at_ms) // 1000,
        "features": len(version.features),
        "refused": version.refused,
        "repaired": version.repaired,
        "notes": list(version.notes),
        "licence": layer.licence,
        "attribution": layer.attribution,
        "made_up": context.made_up,
        "bbox": version.bounds(),
    }
