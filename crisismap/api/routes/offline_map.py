"""The offline map of an area: GET /api/v1/map.html."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import parameters
from crisismap.api.http.responses import UNSTORED
from crisismap.api.routes.reports import requested_audience
from crisismap.core.errors import Invalid

router = APIRouter(prefix="/api/v1", tags=["layers"])


@router.get("/map.html", response_class=Response, responses=media_types("text/html"))
def get_map(person: Caller, params: Annotated[QueryParams, parameters("area", "audience")]) -> Response:
    """Return one area with its layers and located requests as one file that opens offline."""
    context = bootstrap.current()
    from crisismap.exports.area_map import MEDIA_TYPE  # imported here because the map libraries load slowly
    from crisismap.services.exports.offline_map import export_area_map

    area = params.get("area")
    if area is None:
        raise Invalid("area", None, "area_not_named")
    audience = requested_audience(params.get("audience"), person)
    body = export_area_map(context, person, area, audience)
    name = re.sub(r"[^A-Za-z0-9]+", "-", area).strip("-") or "area"
    # Download only: displayed from our origin, the file would be a page of ours.
    file = f"{'made-up-' if context.views.made_up else ''}map-{name}.html"
    return Response(body, 200, UNSTORED | {"Content-Disposition": f'attachment; filename="{file}"'}, MEDIA_TYPE)
