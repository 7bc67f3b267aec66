"""Data of a tracking code's holder; the code comes in a header, never in the path."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import decoded
from crisismap.api.http.identity import address_of
from crisismap.api.routes.reports import MAX_BODY, read_body
from crisismap.core.errors import NotSignedIn
from crisismap.core.report.consent import PLAIN
from crisismap.core.report.report import Correction
from crisismap.i18n import languages
from crisismap.services.reporter import own_data

router = APIRouter(prefix="/api/v1/mine", tags=["requester"])
consent_router = APIRouter(prefix="/api/v1")
Code = Annotated[str | None, Header(alias="X-Tracking-Code", description="the report's tracking code")]
_PRIVATE = {"Cache-Control": "no-store", "Vary": "X-Tracking-Code"}


@router.get("")
def get_own_data(request: Request, code: Code = None) -> Response:
    """Return everything stored about the report of the code, contact details included."""
    return _own_data(request, _require_code(code))


@router.patch(
    "",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Correction"}}},
        }
    },
)
async def patch_own_data(request: Request, code: Code = None) -> Response:
    """Correct the report and return what is stored now. Members left out stay; earlier content is deleted."""
    known = _require_code(code)
    correction = decoded(await read_body(request, MAX_BODY), Correction)
    await run_in_threadpool(
        own_data.correct_own_report,
        bootstrap.current().store,
        bootstrap.current().views,
        bootstrap.current().guards.code_tries,
        bootstrap.current().clock(),
        known,
        address_of(request),
        correction,
    )
    return await run_in_threadpool(_own_data, request, known)


@router.delete("", status_code=204)
def delete_own_data(request: Request, code: Code = None) -> Response:
    """Erase the report permanently. Nobody can help afterwards: no place and no contact remains."""
    own_data.erase_own_report(
        bootstrap.current().store,
        bootstrap.current().views,
        bootstrap.current().guards.code_tries,
        bootstrap.current().settings,
        bootstrap.current().clock(),
        _require_code(code),
        address_of(request),
    )
    return Response(status_code=204, headers=_PRIVATE)


@consent_router.get("/consent", tags=["requester"])
def get_consent() -> Response:
    """Return the consent sentences by language and their version, for a program to show and send along."""
    keys = {"contact": "report.consent_contact", "publish": "report.consent_publish"}
    texts = {code: {name: words(key) for name, key in keys.items()} for code, words in languages().items()}
    return Response(msgspec.json.encode({"version": PLAIN, "texts": texts}), 200, None, "application/json")


def _own_data(request: Request, code: str) -> Response:
    found = own_data.personal_data(
        bootstrap.current().store,
        bootstrap.current().views.situation,
        bootstrap.current().rules,
        bootstrap.current().guards.code_tries,
        bootstrap.current().clock(),
        code,
        address_of(request),
    )
    return Response(msgspec.json.encode(found), 200, _PRIVATE, "application/json")


def _require_code(code: str | None) -> str:
    if not code:
        raise NotSignedIn("code_header_missing")
    return code
