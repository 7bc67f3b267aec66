"""The print sheet of an area: GET /api/v1/sheet.pdf."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import media_types, query_parameters
from crisismap.api.http.identity import Caller
from crisismap.api.http.query import refuse_unknown

router = APIRouter(prefix="/api/v1", tags=["requests"])


@router.get("/sheet.pdf", responses=media_types("application/pdf"), openapi_extra=query_parameters("area"))
def get_sheet(request: Request, person: Caller) -> Response:
    """Return the unanswered requests of an area with a small map as a PDF; of all areas without `area`."""
    from crisismap.exports.sheet import MEDIA_TYPE  # imported here because the PDF libraries load slowly
    from crisismap.services.exports.print_sheet import print_sheet

    refuse_unknown(request.query_params, ("area",))
    area = request.query_params.get("area")
    body = print_sheet(
        bootstrap.current().store,
        bootstrap.current().views,
        bootstrap.current().rules,
        bootstrap.current().guards.turns,
        bootstrap.current().clock(),
        person,
        area,
    )
    name = re.sub(r"[^A-Za-z0-9]+", "-", area or "all").strip("-") or "area"
    headers = {
        "Cache-Control": "private, no-store",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": f'inline; filename="requests-{name}.pdf"',
    }
    return Response(body, 200, headers, MEDIA_TYPE)
