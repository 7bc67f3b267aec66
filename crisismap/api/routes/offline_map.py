"""The offline map of an area: GET /api/v1/map.html."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import media_types, query_parameters
from crisismap.api.http.identity import Caller
from crisismap.api.http.query import refuse_unknown
from crisismap.api.routes.reports import requested_audience
from crisismap.core.errors import Invalid

router = APIRouter(prefix="/api/v1", tags=["layers"])


@router.get("/map.html", responses=media_types("text/html"), openapi_extra=query_parameters("area", "audience"))
def get_map(request: Request, person: Caller) -> Response:
    """Return one area with its layers and located requests as one file that opens offline."""
    from crisismap.exports.area_map import MEDIA_TYPE  # imported here because the map libraries load slowly
    from crisismap.services.exports.offline_map import take_area_map

    refuse_unknown(request.query_params, ("area", "audience"))
    area = request.query_params.get("area")
    if area is None:
        raise Invalid("area", None, "area_not_named")
    audience = requested_audience(request.query_params.get("audience"), person)
    context = bootstrap.current()
    body = take_area_map(context, person, area, audience)
    name = re.sub(r"[^A-Za-z0-9]+", "-", area).strip("-") or "area"
    # Download only: displayed from our origin, the file would be a page of ours.
    headers = {
        "Cache-Control": "private, no-store",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": f'attachment; filename="{"made-up-" if context.views.made_up else ""}map-{name}.html"',
    }
    return Response(body, 200, headers, MEDIA_TYPE)
