"""Errors as HTTP responses: a table from error kinds to statuses, written as RFC 9457 problem+json."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from crisismap.core.errors import CrisismapError, Invalid, NotFound
from crisismap.i18n import Language, languages, negotiate
from crisismap.problems import sentence

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

# Kind of error -> status and title; without a title it is the status's own.
_KINDS: dict[str, tuple[int, str]] = {
    "invalid": (422, "A value cannot be taken"),
    "malformed": (422, "The body cannot be read"),
    "too-large": (413, "Too large"),
    "too-slow": (408, "Too slow"),
    "key-reused": (422, "The key was used before for something else"),
    "erased": (410, "Erased"),
    "not-signed-in": (401, "Not signed in"),
    "forbidden": (403, "Not allowed"),
    "not-found": (404, "Not found"),
    "not-built": (501, "Not built yet"),
    "precondition-missing": (428, "If-Match is required"),
    "stale": (412, "Changed meanwhile"),
    "wrong-state": (409, "Does not fit the state"),
    "would-lose": (409, "Much would be lost"),
    "too-many": (429, "Too many tries"),
    "unavailable": (503, "Cannot be done now"),
    "unreachable": (502, "A source did not answer"),
    "already-running": (503, ""),
    "misconfigured": (500, ""),
}
STATUS = {kind: status for kind, (status, _) in _KINDS.items()}
TITLE = {kind: title for kind, (_, title) in _KINDS.items() if title}
RETRY_AFTER_S = "5"


def problem(kind: str, status: int, error: CrisismapError, language: Language | None = None) -> dict[str, Any]:
    """Return a problem document: standard members, the error's code and its details."""
    return {
        "type": f"urn:crisismap:problem:{kind}",
        "title": TITLE.get(kind) or HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence(error, language),
        "code": error.code,
        **{name: _plain(value, language) for name, value in error.details.items()},
    }


def problem_of(error: CrisismapError, language: Language | None = None) -> dict[str, Any]:
    """Return the problem document of an error."""
    return problem(error.kind, STATUS.get(error.kind, 500), error, language)


def _plain(value: Any, language: Language | None) -> Any:
    """Return a detail in JSON form."""
    if isinstance(value, CrisismapError):
        return sentence(value, language)
    if isinstance(value, list | tuple):
        return [_plain(each, language) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def language_of(scope: Scope) -> Language:
    """Return the language that a request prefers by Accept-Language, else English."""
    return languages()[negotiate(Headers(scope=scope).get("accept-language", ""))]


def headers_of(error: CrisismapError) -> dict[str, str]:
    """Return the headers that some errors need."""
    if error.kind == "not-signed-in":
        return {"WWW-Authenticate": 'Bearer realm="crisismap"'}
    if error.kind == "unavailable":
        return {"Retry-After": RETRY_AFTER_S}
    if "retry_after_s" in error.details:
        return {"Retry-After": str(error.details["retry_after_s"])}
    return {}


def response(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Return a problem document as a response."""
    return Response(msgspec.json.encode(document), document["status"], headers, media_type=MEDIA_TYPE)


def refusal(error: CrisismapError, language: Language | None = None, **more: Any) -> Response:
    """Return an error as a response, in the given language. `more`: further members of the document."""
    headers = headers_of(error)
    if language is not None:
        headers |= _in_language(language)
    return response(problem_of(error, language) | more, headers)


def _in_language(language: Language) -> dict[str, str]:
    """Return the headers of an answer in a language, without which a cache would give it to everybody."""
    return {"Content-Language": language.code, "Vary": "Accept-Language"}


def unexpected(code: str) -> Response:
    """Log the exception that is handled and return 500 with a code, without revealing internals."""
    log.exception("unexpected error")
    return response(problem("error", 500, CrisismapError(code)))


def method_not_allowed(
    allowed: str, language: Language | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Return 405 with the allowed methods."""
    document = problem("method-not-allowed", 405, CrisismapError("method_not_allowed", allowed=allowed), language)
    return response(document, (headers or {}) | {"Allow": allowed})


def install(app: FastAPI) -> None:
    """Install handlers that answer every error with a problem document and never reveal internals."""

    @app.exception_handler(CrisismapError)
    async def refused(request: Request, error: CrisismapError) -> Response:
        return refusal(error, language_of(request.scope))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "body"
        invalid_field = Invalid(field, first.get("input"), "not_as_expected", problem=first["msg"])
        return refusal(invalid_field, language_of(request.scope))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        language = language_of(request.scope)
        headers = dict(error.headers or {}) | _in_language(language)
        if error.status_code == 404:
            return refusal(NotFound("no_page"), language)
        if error.status_code == 405:  # the framework names only the methods of the path's first route
            return method_not_allowed(", ".join(sorted(_methods(app, request))), language, headers)
        refused_by = CrisismapError("refused_by_server", problem=str(error.detail))
        return response(problem("error", error.status_code, refused_by, language), headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return unexpected("nothing_kept")


def _methods(app: FastAPI, request: Request) -> set[str]:
    """Return the methods allowed at a request's path, over all its routes."""
    return {
        method
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in app.routes)
    }
