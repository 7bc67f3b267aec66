"""Every answer carries the guarding headers; what an answer says itself stays."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from crisismap.api.http.headers import headers_of, raw_headers_of, with_headers


def test_lets_nothing_run_in_an_answer_that_is_no_asset() -> None:
    scope = {"scheme": "http"}
    assert "Content-Security-Policy" in headers_of(scope, closed=True)
    assert "Content-Security-Policy" not in headers_of(scope, closed=False)
    for closed in (True, False):
        assert headers_of(scope, closed=closed)["X-Content-Type-Options"] == "nosniff"


def test_asks_for_encryption_only_where_somebody_came_encrypted() -> None:
    assert "Strict-Transport-Security" in headers_of({"scheme": "https"}, closed=True)
    assert "Strict-Transport-Security" not in headers_of({"scheme": "http"}, closed=True)


def test_says_the_same_as_asgi_sends_it() -> None:
    for scheme in ("http", "https"):
        for closed in (True, False):
            said = headers_of({"scheme": scheme}, closed=closed)
            raw = raw_headers_of({"scheme": scheme}, closed=closed)
            assert {name.decode(): value.decode() for name, value in raw} == {k.lower(): v for k, v in said.items()}


def test_adds_what_an_answer_does_not_say_itself() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        wrapped = with_headers(send, {"X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "same-origin"})
        await wrapped({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"DENY")]})
        await wrapped({"type": "http.response.body", "body": b"x"})

    asyncio.run(answer())
    assert dict(sent[0]["headers"]) == {b"x-frame-options": b"DENY", b"referrer-policy": b"same-origin"}
    assert sent[1] == {"type": "http.response.body", "body": b"x"}
