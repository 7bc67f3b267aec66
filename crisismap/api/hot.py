"""POST /api/v1/reports as bare ASGI: read from the scope, answered in one go, with no framework in between.

`reports.post_report` is the same for those who come through the framework; a test holds the two together byte by byte.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from crisismap.api import problems
from crisismap.api.headers import headers_of, raw_headers_of, with_headers
from crisismap.api.identity import person_of
from crisismap.api.reports import MAX_BODY, submit_report
from crisismap.core.errors import CrisismapError, TooLarge
from crisismap.core.person import STRANGER, Person

_TYPE = (b"content-type", b"application/json")
_TOO_LARGE = f"The body may have at most {MAX_BODY} bytes."


class _Gone(Exception):
    """The caller hung up before all was said."""


async def post_report(scope: Scope, receive: Receive, send: Send) -> None:
    """Take one report and answer, whatever happens; nobody is answered who has hung up."""
    headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # of several the first counts
    try:
        person = _person(scope, headers)
        body = await _body(receive, int(headers.get(b"content-length") or 0))
        key = headers.get(b"idempotency-key", b"").decode("latin-1") if b"idempotency-key" in headers else None
        status, location, said = await submit_report(person, body, key, (scope.get("client") or ("",))[0])
    except _Gone:
        return
    except CrisismapError as refusal:
        await problems.refusal(refusal)(scope, receive, with_headers(send, headers_of(scope, closed=True)))
        return
    except Exception:
        problems.log.exception("unexpected error")
        answer = problems.plain("error", 500, "Something went wrong here. It has been logged.")
        await answer(scope, receive, with_headers(send, headers_of(scope, closed=True)))
        return
    first = [(b"location", location.encode()), (b"content-length", b"%d" % len(said)), _TYPE]
    last = raw_headers_of(scope, closed=True)
    await send({"type": "http.response.start", "status": status, "headers": first + last})
    await send({"type": "http.response.body", "body": said})


def _person(scope: Scope, headers: dict[bytes, bytes]) -> Person:
    """Who asks; without token and cookie there is nothing to look up."""
    if b"authorization" in headers or b"cookie" in headers:
        return person_of(Request(scope))
    return STRANGER


async def _body(receive: Receive, announced: int) -> bytes:
    """The body, refused while it arrives when it grows too large."""
    if announced > MAX_BODY:
        raise TooLarge(_TOO_LARGE)
    message = await _part(receive)
    body: bytes = message.get("body", b"")
    while message.get("more_body", False) and len(body) <= MAX_BODY:
        message = await _part(receive)
        body += message.get("body", b"")
    if len(body) > MAX_BODY:
        raise TooLarge(_TOO_LARGE)
    return body


async def _part(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _Gone
    return message
