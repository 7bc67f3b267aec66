"""POST /api/v1/reports as a bare ASGI app, without the overhead of a framework.

`reports.post_report` is the same route in the framework; a test compares the two byte by byte.
"""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from crisismap.api.http import problems
from crisismap.api.http.body import read_body
from crisismap.api.http.dependencies import person_of
from crisismap.api.http.headers import headers_of, raw_headers_of, with_headers
from crisismap.api.routes.reports import MAX_BODY, submit_report
from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import STRANGER, Person

_TYPE = (b"content-type", b"application/json")


async def post_report(scope: Scope, receive: Receive, send: Send) -> None:
    """Take one report and answer it, whatever happens, unless the client has disconnected."""
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # of repeated headers the first counts
    try:
        person = _person(scope, headers)
        body = await read_body(Request(scope, receive), MAX_BODY)
        key = headers.get(b"idempotency-key", b"").decode("latin-1") if b"idempotency-key" in headers else None
        status, location, receipt = await submit_report(person, body, key, (scope.get("client") or ("",))[0])
    except ClientDisconnect:
        return
    except CrisismapError as refusal:
        answer = problems.refusal(refusal, problems.language_of(scope))
    except Exception:
        answer = problems.unexpected("went_wrong")
    else:
        first = [(b"location", location.encode()), (b"content-length", b"%d" % len(receipt)), _TYPE]
        last = raw_headers_of(scope, closed=True)
        await send({"type": "http.response.start", "status": status, "headers": first + last})
        await send({"type": "http.response.body", "body": receipt})
        return
    await answer(scope, receive, with_headers(send, headers_of(scope, closed=True)))


def _person(scope: Scope, headers: dict[bytes, bytes]) -> Person:
    """Return the caller; without token and cookie no lookup is needed."""
    if b"authorization" in headers or b"cookie" in headers:
        return person_of(Request(scope))
    return STRANGER
