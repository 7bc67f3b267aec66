"""The bare way in answers as the framework does, to the byte."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import ASGIApp, Message

from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.api.hot import post_report
from crisismap.api.http.headers import HEADERS, headers_of, with_headers
from crisismap.api.routes.reports import MAX_BODY
from crisismap.core.errors import Unavailable
from crisismap.core.people.person import STRANGER
from crisismap.services.accounts.sign_in import TokenRequest, make_token
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.web.routes import routes

Headers = list[tuple[bytes, bytes]]
GOOD = json.dumps({"category": "rescue", "text": "நீர் on the roof", "lon": 80.25, "lat": 13.05}).encode()


async def own(scope: Any, receive: Any, send: Any) -> None:
    """The same question, answered through the framework."""
    await make_api(routes())(scope, receive, with_headers(send, headers_of(scope, closed=True)))


def asked(app: ASGIApp, headers: Headers, parts: list[Message], scheme: str = "http") -> tuple[int, Headers, bytes]:
    """What an application answers: status, headers in order, body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/v1/reports",
        "raw_path": b"/api/v1/reports",
        "query_string": b"",
        "root_path": "",
        "scheme": scheme,
        "server": ("127.0.0.1", 80),
        "client": ("203.0.113.9", 40_000),
        "headers": headers,
    }
    said: list[Message] = []
    left = iter(parts)

    async def receive() -> Message:
        return next(left, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        said.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = said
    return start["status"], list(start["headers"]), b"".join(part.get("body", b"") for part in rest)


def whole(body: bytes) -> list[Message]:
    return [{"type": "http.request", "body": body, "more_body": False}]


def in_parts(body: bytes, size: int) -> list[Message]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [{"type": "http.request", "body": part, "more_body": True} for part in parts] + [{"type": "http.request"}]


def keyed(key: str, **said: Any) -> bytes:
    return json.dumps({**json.loads(GOOD), "client_id": key, **said}).encode()


REFUSED: dict[str, tuple[Headers, list[Message]]] = {
    "no body": ([], whole(b"")),
    "broken": ([], whole(b'{"category": ')),
    "not utf-8": ([], whole(b'{"category": "\xff"}')),
    "a list": ([], whole(b"[]")),
    "deep": ([], whole(b"[" * 5000)),
    "unknown category": ([], whole(b'{"category": "dragons", "text": "x"}')),
    "unknown member": ([], whole(b'{"category": "rescue", "text": "x", "age": 3}')),
    "another name": ([], whole(b'{"category": "rescue", "longitude": 80}')),
    "another name and no number": ([], whole(b'{"category": "rescue", "lng": NaN, "lat": 1}')),
    "key of another type": ([], whole(b'{"category": "rescue", "text": "x", "client_id": [1]}')),
    "too long a text": ([], whole(keyed("k", text="x" * 20_001))),
    "too large": ([], whole(b"x" * (MAX_BODY + 1))),
    "too large in parts": ([], in_parts(b"x" * (MAX_BODY + 1), 65_536)),
    "too large announced": ([(b"content-length", b"999999999")], whole(GOOD)),
    "two keys": ([(b"idempotency-key", b"other")], whole(keyed("one"))),
    "bad token": ([(b"authorization", b"Bearer wrong")], whole(GOOD)),
    "no bearer": ([(b"authorization", b"Basic dTpw")], whole(GOOD)),
    "empty bearer": ([(b"authorization", b"Bearer ")], whole(GOOD)),
    "two tokens": ([(b"authorization", b"Bearer one"), (b"authorization", b"Bearer two")], whole(GOOD)),
}


@pytest.mark.parametrize(("headers", "parts"), REFUSED.values(), ids=REFUSED)
def test_refuses_as_the_framework_does(context: Context, headers: Headers, parts: list[Message]) -> None:
    bare = asked(post_report, headers, parts)
    assert bare == asked(own, headers, parts)
    assert bare[0] >= 400
    assert context.store.events.revision() == 0


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_answers_a_repeat_as_the_framework_does(context: Context, size: int) -> None:
    first = asked(post_report, [], in_parts(keyed("one"), size))
    again, framework = (asked(app, [], whole(keyed("one"))) for app in (post_report, own))
    assert (first[0], again[0]) == (201, 200)
    assert first[1:] == again[1:] == framework[1:]
    assert again == framework
    for app in (post_report, own):
        assert asked(app, [], whole(keyed("one", text="something else")))[0] == 422


def test_takes_the_key_from_the_header(context: Context) -> None:
    headers = [(b"idempotency-key", "schlüssel".encode("latin-1")), (b"idempotency-key", b"second")]
    answers = [asked(app, headers, whole(GOOD)) for app in (own, post_report)]
    assert [status for status, _, _ in answers] == [201, 200]
    assert answers[0][1:] == answers[1][1:]


def test_knows_who_asks(context: Context) -> None:
    token = make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("responder", "Boats", 1))
    told = asked(post_report, [(b"authorization", f"Bearer {token}".encode())], whole(GOOD))
    assert told[0] == 201
    report = context.store.reports.one(json.loads(told[2])["id"])
    assert report.report.source
    stranger = json.loads(asked(post_report, [(b"cookie", b"a=b")], whole(GOOD))[2])
    assert context.store.reports.one(stranger["id"]).report.source is None


def test_sends_the_headers_of_every_answer(context: Context) -> None:
    front = Front(own, own)
    for body in (GOOD, b"{"):
        headers = dict(asked(front, [], whole(body))[1])
        assert {name: headers[name.lower().encode()].decode() for name in HEADERS} == HEADERS


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("body", [keyed("one"), b"{"])
def test_sends_the_headers_that_the_connection_needs(context: Context, scheme: str, body: bytes) -> None:
    asked(post_report, [], whole(keyed("one")))
    bare, framework = (asked(app, [], whole(body), scheme) for app in (post_report, own))
    assert bare == framework
    assert ("strict-transport-security" in {name.decode() for name, _ in bare[1]}) is (scheme == "https")
    assert b"default-src 'none'" in dict(bare[1])[b"content-security-policy"]


def test_refuses_too_many_as_the_framework_does(context: Context) -> None:
    context.guards.rates.report(STRANGER, "203.0.113.9", "api", context.clock(), 2000)
    bare, framework = (asked(app, [], whole(GOOD)) for app in (post_report, own))
    assert bare == framework
    assert bare[0] == 429
    assert int(dict(bare[1])[b"retry-after"]) > 0
    token = make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("responder", "Boats", 1))
    assert asked(post_report, [(b"authorization", f"Bearer {token}".encode())], whole(GOOD))[0] == 201


def test_answers_nobody_who_has_hung_up(context: Context) -> None:
    parts: list[Message] = [{"type": "http.request", "body": GOOD[:10], "more_body": True}, {"type": "http.disconnect"}]
    with pytest.raises(ValueError, match="unpack"):
        asked(post_report, [], parts)
    assert context.store.events.revision() == 0


def test_says_nothing_of_what_went_wrong_inside(
    context: Context, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for problem, status in ((RuntimeError("SELECT secret"), 500), (Unavailable("Try again."), 503)):

        async def fails(*_: object, problem: Exception = problem) -> Any:
            raise problem

        monkeypatch.setattr("crisismap.api.hot.submit_report", fails)
        told = asked(post_report, [], whole(GOOD))
        assert told[0] == status
        assert b"SELECT" not in told[2]
        assert dict(told[1])[b"content-type"] == b"application/problem+json"
    assert "SELECT secret" in caplog.text
