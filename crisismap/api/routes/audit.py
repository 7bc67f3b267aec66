"""The event log for admins as CSV."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from crisismap import bootstrap
from crisismap.api.http.declared import media_types, query_parameters
from crisismap.api.http.identity import Caller
from crisismap.api.http.query import moment_of, refuse_unknown
from crisismap.core.event import EventSearch
from crisismap.core.text.storable import check_no_nul
from crisismap.services.operations import audit

router = APIRouter(prefix="/api/v1", tags=["operation"])
_ASKED = ("actor", "since", "subject", "until", "verb")
_HEADERS = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="audit.csv"'}


@router.get("/audit.csv", responses=media_types("text/csv"), openapi_extra=query_parameters(*_ASKED))
def get_audit(request: Request, person: Caller) -> Response:
    """Return matching events, newest first, as CSV. For admins; each export is logged too."""
    params = request.query_params
    refuse_unknown(params, _ASKED)
    verbs = [part.strip() for value in params.getlist("verb") for part in value.split(",")]
    wanted = EventSearch(
        verbs=tuple(sorted({verb for verb in verbs if verb})),
        actor=params.get("actor"),
        subject=params.get("subject", ""),
        since=moment_of("since", params),
        until=moment_of("until", params),
    )
    for field, value in (
        *(("verb", verb) for verb in wanted.verbs),
        ("actor", wanted.actor),
        ("subject", wanted.subject),
    ):
        check_no_nul(field, value or "")
    stream = audit.take(
        bootstrap.current().store, bootstrap.current().views.situation, bootstrap.current().clock(), person, wanted
    )
    return StreamingResponse(stream, 200, _HEADERS, "text/csv; charset=utf-8")
