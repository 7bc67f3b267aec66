"""The print sheet of an area: GET /api/v1/sheet.pdf."""

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

router = APIRouter(prefix="/api/v1", tags=["requests"])


@router.get("/sheet.pdf", response_class=Response, responses=media_types("application/pdf"))
def get_sheet(person: Caller, params: Annotated[QueryParams, parameters("area")]) -> Response:
    """Return the unanswered requests of an area with a small map as a PDF; of all areas without `area`."""
    context = bootstrap.current()
    from crisismap.exports.sheet import MEDIA_TYPE  # imported here because the PDF libraries load slowly
    from crisismap.services.exports.print_sheet import print_sheet

    area = params.get("area")
    body = print_sheet(context.store, context.views, context.rules, context.guards.turns, context.clock(), person, area)
    name = re.sub(r"[^A-Za-z0-9]+", "-", area or "all").strip("-") or "area"
    headers = UNSTORED | {"Content-Disposition": f'inline; filename="requests-{name}.pdf"'}
    return Response(body, 200, headers, MEDIA_TYPE)
