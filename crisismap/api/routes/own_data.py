"""Data of a tracking code's holder; the code comes in a header, never in the path."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import json_body
from crisismap.api.http.declared import schema_of, takes
from crisismap.api.http.dependencies import CODE, Address, RequiredCode
from crisismap.api.http.responses import NO_STORE, json_response
from crisismap.api.routes.reports import MAX_BODY
from crisismap.core.report.consent import PLAIN
from crisismap.core.report.report import Correction
from crisismap.i18n import languages
from crisismap.services.reporter import own_data

router = APIRouter(prefix="/api/v1", tags=["requester"])
_PRIVATE = NO_STORE | {"Vary": CODE}


@router.get("/mine")
def get_own_data(code: RequiredCode, address: Address) -> Response:
    """Return everything stored about the report of the code, contact details included."""
    context = bootstrap.current()
    tries, now_ms = context.guards.code_tries, context.clock()
    found = own_data.personal_data(context.store, context.views.situation, context.rules, tries, now_ms, code, address)
    return json_response(found, _PRIVATE)


@router.patch("/mine", openapi_extra=takes(schema_of(Correction)))
def patch_own_data(
    code: RequiredCode,
    address: Address,
    correction: Annotated[Correction, json_body(Correction, MAX_BODY)],
) -> Response:
    """Correct the report and return what is stored now. Members left out stay; earlier content is deleted."""
    context = bootstrap.current()
    tries, now_ms = context.guards.code_tries, context.clock()
    own_data.correct_own_report(context.store, context.views, tries, now_ms, code, address, correction)
    return get_own_data(code, address)


@router.delete("/mine", status_code=204)
def delete_own_data(code: RequiredCode, address: Address) -> Response:
    """Erase the report permanently. Nobody can help afterwards: no place and no contact remains."""
    context = bootstrap.current()
    tries, now_ms = context.guards.code_tries, context.clock()
    own_data.erase_own_report(context.store, context.views, tries, context.settings, now_ms, code, address)
    return Response(status_code=204, headers=_PRIVATE)


@router.get("/consent")
def get_consent() -> Response:
    """Return the consent sentences by language and their version, for a program to show and send along."""
    keys = {"contact": "report.consent_contact", "publish": "report.consent_publish"}
    texts = {code: {name: language(key) for name, key in keys.items()} for code, language in languages().items()}
    return json_response({"version": PLAIN, "texts": texts})
