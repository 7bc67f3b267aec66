"""The print sheet of an area: GET /api/v1/sheet.pdf."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import parameters, selection_of, zone_from
from crisismap.api.http.responses import UNSTORED
from crisismap.core.text.file_name import disposition
from crisismap.services.exports.download_name import area_file_name

LIMITS = ("category", "priority", "overdue", "unplaced")
router = APIRouter(prefix="/api/v1", tags=["requests"])


@router.get("/sheet.pdf", response_class=Response, responses=media_types("application/pdf"))
def get_sheet(person: Caller, params: Annotated[QueryParams, parameters("area", "zone", *LIMITS)]) -> Response:
    """Return the unanswered requests of an area with a small map as a PDF; of all areas without `area`.

    The further parameters narrow it to some of them, as those of the lists do.
    """
    context = bootstrap.current()
    from crisismap.exports.sheet import MEDIA_TYPE  # imported here because the PDF libraries load slowly
    from crisismap.services.exports.print_sheet import print_sheet

    area = params.get("area")
    zone = zone_from(params, context.views.incident().time_zone)
    limits = replace(selection_of(params, also=("zone",)), area=())
    body = print_sheet(context, person, area, zone, limits)
    areas = (area,) if area is not None else ()
    name = area_file_name(context.views, "requests", areas, context.clock(), zone, "pdf")
    headers = UNSTORED | {"Content-Disposition": disposition("inline", name)}
    return Response(body, 200, headers, MEDIA_TYPE)
