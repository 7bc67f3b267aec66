"""The offline map of an area: GET /api/v1/map.html."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import parameters, zone_from
from crisismap.api.http.responses import UNSTORED
from crisismap.api.routes.reports import requested_audience
from crisismap.core.errors import Invalid
from crisismap.core.privacy import Audience
from crisismap.core.text.file_name import disposition
from crisismap.services.exports.download_name import area_file_name

router = APIRouter(prefix="/api/v1", tags=["layers"])


@router.get("/map.html", response_class=Response, responses=media_types("text/html"))
def get_map(person: Caller, params: Annotated[QueryParams, parameters("area", "audience", "zone")]) -> Response:
    """Return one area with its layers and located requests as one file that opens offline."""
    context = bootstrap.current()
    from crisismap.exports.area_map import MEDIA_TYPE  # imported here because the map libraries load slowly
    from crisismap.services.exports.offline_map import export_area_map

    area = params.get("area")
    if area is None:
        raise Invalid("area", None, "area_not_named")
    audience = requested_audience(params.get("audience"), person)
    zone = zone_from(params, context.views.incident().time_zone)
    body = export_area_map(context, person, area, audience, zone)
    kind = "public-map" if audience is Audience.PUBLIC else "map"
    name = area_file_name(context.views, kind, (area,), context.clock(), zone, "html")
    # Download only: displayed from our origin, the file would be a page of ours.
    return Response(body, 200, UNSTORED | {"Content-Disposition": disposition("attachment", name)}, MEDIA_TYPE)
