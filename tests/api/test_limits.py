"""Limits over HTTP: 429 with Retry-After, by the address that trusted proxies tell; a cry for help is counted apart."""

from __future__ import annotations

import httpx
import pytest

from tests.api.desk import Desk, problem
from tests.server import StartServer
from tests.web.visitor import Visitor

BODY = {"category": "rescue", "text": "on the roof"}


@pytest.mark.parametrize("trusted", [True, False])
def test_counts_by_the_address_that_a_trusted_proxy_tells(server: StartServer, trusted: bool) -> None:
    env = {"CRISISMAP_RATE_LIMIT": "on", **({"CRISISMAP_TRUSTED_PROXIES": "127.0.0.1"} if trusted else {})}
    one = server(env=env)
    with httpx.Client(base_url=one.url, trust_env=False) as client:

        def post(address: str) -> httpx.Response:
            return client.post("/api/v1/reports", json=BODY, headers={"X-Forwarded-For": address})

        def refuses(address: str) -> bool:  # the bucket refills by a few a second: one of these may still come through
            return any(post(address).status_code == 429 for _ in range(50))

        many = b"\n".join([b'{"category":"rescue","text":"on the roof"}'] * 1000)
        for _ in range(2):
            sent = client.post("/api/v1/reports:batch", content=many, headers={"X-Forwarded-For": "203.0.113.9"})
            assert {each["status"] for each in sent.json()} == {201}
        refused = next(each for each in (post("203.0.113.9") for _ in range(500)) if each.status_code != 201)
        found = problem(refused, 429, "too-many")
        assert refused.headers["retry-after"] == str(found["retry_after_s"])
        # A client cannot put itself elsewhere: what it forged stands left of what the proxy adds.
        assert refuses("198.51.100.7, 203.0.113.9")
        assert refuses("198.51.100.7") is not trusted
        told = client.get("/healthz", headers={"X-Forwarded-Proto": "https"}).headers
        assert ("strict-transport-security" in told) is trusted
        # Looking is counted apart, and a look is no report.
        assert client.get("/api/v1/requests", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200


def test_keeps_what_was_typed_when_the_form_comes_too_often(server: StartServer) -> None:
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        content = b"\n".join([b'{"category":"other","text":"x"}'] * 1000)
        answers = [client.post("/api/v1/reports:batch", content=content).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        while client.post("/api/v1/reports", json=BODY).status_code == 201:
            pass
    with Visitor(one.url) as visitor:
        for _ in range(50):  # the bucket refills while one types
            visitor.report(category="rescue", text="we are still here")
            if visitor.page.status_code == 429:
                break
        assert visitor.page.status_code == 429
        assert int(visitor.page.headers["retry-after"]) > 0
        assert visitor.form("/report")["text"] == "we are still here"
        assert "Too many requests came from this connection" in visitor.text


def test_stops_who_asks_without_end_and_still_takes_their_report(server: StartServer) -> None:
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        answers = [client.get("/api/v1/live-not-there") for _ in range(7500)]
        refused = [each for each in answers if each.status_code == 429]
        assert refused, "the negative control of the shelter: somewhere it ends"
        assert refused[0].headers["retry-after"]
        assert answers[5999].status_code == 404
        assert client.post("/api/v1/reports", json=BODY).status_code == 201
        assert client.get("/healthz").status_code == 200
        made = client.post("/api/v1/tokens", json={"role": "responder"}, headers=one.auth)
        token = {"Authorization": f"Bearer {made.json()['token']}"}
        assert client.get("/api/v1/requests", headers=token).status_code == 200, "a token is counted for itself"
        bad = {"Authorization": "Bearer made-up"}
        statuses = {client.get("/api/v1/requests", headers=bad).status_code for _ in range(500)}
        assert statuses == {401, 429}, "a made-up token is counted for its address"


def test_takes_a_proxys_question_for_no_question_of_this_machine(desk: Desk) -> None:
    assert desk.get("/metrics").status_code == 200
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        assert desk.get("/metrics", headers={name: "127.0.0.1"}).status_code == 401


def test_counts_a_batch_of_which_no_line_can_be_read(server: StartServer) -> None:
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        answers = [client.post("/api/v1/reports:batch", content=b"no JSON\n" * 1000).status_code for _ in range(3)]
        assert answers == [200, 200, 429]
