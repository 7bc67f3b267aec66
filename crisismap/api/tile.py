"""Vector tiles over HTTP."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import UNCHANGED, media_types
from crisismap.api.http.dependencies import person_of
from crisismap.api.http.query import moment_of, selecting, selection_of
from crisismap.api.http.responses import accepts_gzip, cache_headers, not_modified
from crisismap.core.errors import NotFound
from crisismap.services.lists.read import require_filters
from crisismap.services.runtime.context import audience_of
from crisismap.situation.tiles.report_tiles import MOMENT_MS

PATH = re.compile(r"/api/v1/tiles/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt")
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
Index = Annotated[int, Path(ge=0)]

router = APIRouter()


@router.get(
    "/api/v1/tiles/{z}/{x}/{y}.mvt",
    tags=["tiles"],
    operation_id="get_tile",
    response_class=Response,
    response_description="The tile; empty where nothing is",
    responses=media_types(MEDIA_TYPE) | UNCHANGED,
    openapi_extra=selecting("v", "at"),
)
def get_tile(z: Index, x: Index, y: Index, request: Request) -> Response:
    """One vector tile: layers `reports` and `clusters`, and above zoom 15 `legs`."""
    return tile(request)  # in the process the front middleware does the same before FastAPI


def tile(request: Request) -> Response:
    """Return one vector tile of the reports that match the query, for the caller's audience."""
    match = PATH.fullmatch(request.url.path)
    if match is None:
        raise NotFound("no_tile_at_address")
    z, x, y = (int(part) for part in match.groups())
    context, params = bootstrap.current(), request.query_params
    selection = selection_of(params, also=("v", "at"))
    person, at_ms = person_of(request), moment_of("at", params)
    require_filters(person, selection)
    audience = audience_of(person)
    if at_ms is None:
        now_ms = context.clock()
        index = context.views.tiles.index(audience, selection, now_ms)
        # These two determine an index's content; its id() would not, because a later index may reuse it.
        state, url_version = (index.revision, now_ms // MOMENT_MS), index.revision
    else:
        past = context.views.history.at(audience, at_ms)
        index = context.views.history.index(past, selection)
        state, url_version = (past.at_ms, past.serial), past.serial
    gzipped = accepts_gzip(request)
    headers = cache_headers(audience, f"{context.views.epoch}-{state[0]}-{state[1]}", "mvt", str(request.url), gzipped)
    if params.get("v") == str(url_version):
        # The URL names the revision; within one only overdue marks change, and those may be a little late.
        headers["Cache-Control"] = "private, max-age=10"
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    body: bytes
    if gzipped:
        key = (audience, selection, (z, x, y), state)
        body = context.views.caches.tiles.get(key, lambda: index.tile(z, x, y), context.views.tiles.forgotten)
    else:
        body = index.tile(z, x, y)
    return Response(body, 200, headers, MEDIA_TYPE)
