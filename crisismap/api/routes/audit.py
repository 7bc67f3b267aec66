"""The event log for admins as CSV."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import list_of, moment_of, parameters, zone_from
from crisismap.api.http.responses import NO_STORE
from crisismap.core.event import EventSearch
from crisismap.core.text.file_name import dated_name, disposition
from crisismap.core.text.storable import check_no_nul
from crisismap.services.operations import audit

router = APIRouter(prefix="/api/v1", tags=["operation"])


@router.get("/audit.csv", response_class=StreamingResponse, responses=media_types("text/csv"))
def get_audit(
    person: Caller,
    params: Annotated[QueryParams, parameters("actor", "since", "subject", "until", "verb", "zone")],
) -> StreamingResponse:
    """Return matching events, newest first, as CSV. For admins; each export is logged too."""
    context = bootstrap.current()
    search = EventSearch(
        verbs=list_of("verb", params),
        actor=params.get("actor"),
        subject=params.get("subject", ""),
        since=moment_of("since", params),
        until=moment_of("until", params),
    )
    for field, values in {"verb": search.verbs, "actor": [search.actor or ""], "subject": [search.subject]}.items():
        for value in values:
            check_no_nul(field, value)
    stream = audit.export(context.store, context.views.situation, context.clock(), person, search)
    name = dated_name("audit", context.clock(), zone_from(params, context.views.incident().time_zone), "csv")
    headers = NO_STORE | {"Content-Disposition": disposition("attachment", name)}
    return StreamingResponse(stream, 200, headers, "text/csv; charset=utf-8")
