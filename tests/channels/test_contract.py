"""A channel is one module and one line: a made-up one is received, limited, counted and shown by that alone.

CONTRIBUTING, "Add a channel", is this file told in words.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.channels import CHANNELS
from crisismap.core.channel import Inbound, Message, Outbound, Outcome
from crisismap.core.errors import Malformed, NotSignedIn
from crisismap.core.report.report import Contact, Draft
from crisismap.services.runtime.context import Context
from crisismap.web.routes import routes
from tests.conftest import FakeClock
from tests.test_documented import undocumented_channels
from tests.ui.open_desk import html, opened
from tests.ui.pages.test_admin import part


class Pigeon:
    """Messages that a made-up provider delivers as JSON, signed, and that are answered over the same connection."""

    name = "pigeon"
    label = "carrier pigeon"

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.sent: list[Outbound] = []

    def parse(self, inbound: Inbound) -> Sequence[Message]:
        """See Channel."""
        signature = hmac.digest(self.secret, inbound.body, "sha256").hex()
        if not hmac.compare_digest(inbound.headers.get("x-pigeon-signature", ""), signature):
            raise NotSignedIn("The signature is missing or wrong.")
        try:
            told = json.loads(inbound.body)
            kind, ring, number, text = (str(told.get(key, "")) for key in ("kind", "ring", "number", "text"))
        except (ValueError, AttributeError):
            raise Malformed("The delivery is not a JSON object.") from None
        if kind != "message":
            return []
        draft = Draft("other", text, contact=Contact(phone=ring))
        return [
            Message(draft, self.name, external_id=number, lang="es", reply_to=ring, received_at=inbound.received_at)
        ]

    def send(self, outbound: Outbound) -> Outcome:
        """See Channel."""
        self.sent.append(outbound)
        return Outcome(body=f"COO {outbound.text}".encode())


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    with opened(tmp_path / "data", clock, CRISISMAP_PUBLIC_URL="https://map.example") as one:
        yield one


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Pigeon:
    """The made-up channel, with its one line in the registry."""
    channel = Pigeon(b"a secret between the provider and us")
    monkeypatch.setitem(CHANNELS, channel.name, channel)
    return channel


class Client:
    """Asks the real program from its outermost layer inwards; nothing of it knows pigeons."""

    def __init__(self, runner: asyncio.Runner, admin_token: str) -> None:
        own = make_api(routes())
        transport = httpx.ASGITransport(Front(own, own), raise_app_exceptions=False, client=("127.0.0.1", 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://crisismap.test")
        self._runner = runner
        self._admin = {"Authorization": f"Bearer {admin_token}"}

    def metrics(self) -> str:
        return self.get("/metrics", headers=self._admin).text

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.get(path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.post(path, **more))


@pytest.fixture
def client(context: Context) -> Iterator[Client]:
    with asyncio.Runner() as runner:
        yield Client(runner, context.keys.admin_token)


def deliver(client: Client, channel: Pigeon, path: str = "/intake/pigeon", **told: Any) -> httpx.Response:
    body = json.dumps({"kind": "message", "ring": "+91 98400 1", "number": "1", "text": "we need help"} | told).encode()
    signature = hmac.digest(channel.secret, body, "sha256").hex()
    return client.post(path, content=body, headers={"X-Pigeon-Signature": signature})


def code_in(text: str) -> str:
    return text.partition(": ")[2].split()[0]


@pytest.mark.usefixtures("context")
def test_is_nowhere_without_its_line(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of all that follows."""
    assert deliver(client, Pigeon(b"x")).status_code == 404
    assert "pigeon" not in client.metrics()
    assert "pigeon" not in html(part("Sources and flags", monkeypatch))


def test_takes_a_message_and_answers_with_a_receipt(client: Client, pigeon: Pigeon, context: Context) -> None:
    answer = deliver(client, pigeon)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    [outbound] = pigeon.sent
    assert answer.text == f"COO {outbound.text}"
    assert outbound.receipt is not None
    assert (outbound.reply_to, outbound.lang) == ("+91 98400 1", "es")
    assert outbound.text.startswith("Gracias")
    assert f"https://map.example/t/{code_in(outbound.text)}" in outbound.text
    mine = client.get("/api/v1/mine", headers={"X-Tracking-Code": code_in(outbound.text)}).json()
    assert (mine["channel"], mine["text"]) == ("pigeon", "we need help")
    assert mine["contact"]["phone"] == "+91 98400 1"


def test_takes_a_delivery_that_comes_again_once(client: Client, pigeon: Pigeon, context: Context) -> None:
    for _ in range(3):
        assert deliver(client, pigeon).status_code == 200
    assert deliver(client, pigeon, number="2").status_code == 200
    codes = [outbound.receipt.tracking_code for outbound in pigeon.sent if outbound.receipt]
    assert (len(codes), len(set(codes))) == (4, 2)
    assert context.store.events.revision() == 2


def test_keeps_the_first_of_two_that_share_an_id(client: Client, pigeon: Pigeon, context: Context) -> None:
    deliver(client, pigeon)
    assert deliver(client, pigeon, text="another text").text == "COO "
    assert context.store.events.revision() == 1


def test_is_limited_as_every_other_way_in(client: Client, pigeon: Pigeon) -> None:
    answers = [deliver(client, pigeon, number=str(number)) for number in range(2001)]
    assert {answer.status_code for answer in answers[:2000]} == {200}
    assert answers[2000].status_code == 429
    assert int(answers[2000].headers["retry-after"]) > 0
    assert deliver(client, pigeon, ring="+91 98400 2", number="x").status_code == 200, "another sender is heard"


def test_tells_what_is_not_for_us_from_what_is_refused_and_from_our_own_fault(
    client: Client, pigeon: Pigeon, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deliver(client, pigeon, kind="weather").text == "COO "
    assert pigeon.sent == [Outbound()]
    assert "Escriba" in deliver(client, pigeon, text="").text
    assert pigeon.sent[1].refusal is not None
    assert client.post("/intake/pigeon", content=b"{}").status_code == 401
    assert deliver(client, pigeon, text="x" * 300_000).status_code == 413
    assert context.store.events.revision() == 0

    def broken(_inbound: Inbound) -> Sequence[Message]:
        raise RuntimeError("SELECT secret")

    monkeypatch.setattr(pigeon, "parse", broken)
    answer = deliver(client, pigeon)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "SELECT" not in answer.text


def test_is_counted_in_metrics(client: Client, pigeon: Pigeon) -> None:
    def counts() -> dict[str, float]:
        lines = [line.split(" ") for line in client.metrics().splitlines()]
        start = 'crisismap_messages_total{channel="pigeon",result="'
        return {name.removeprefix(start)[:-2]: float(n) for name, n, *_ in lines if name.startswith(start)}

    assert set(counts().values()) == {0.0}
    for told in ({}, {}, {"number": "2"}, {"kind": "weather"}, {"text": "", "number": "3"}):
        deliver(client, pigeon, **told)
    client.post("/intake/pigeon", content=b"{}")
    expected = {"taken": 2, "repeated": 1, "refused": 2, "limited": 0, "not_for_us": 1, "failed": 0}
    assert counts() == expected


def test_is_shown_with_its_label_on_the_page_of_sources(
    client: Client, pigeon: Pigeon, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(client, pigeon)
    assert context.views.situation.wait(context.store.events.revision())
    rows = html(part("Sources and flags", monkeypatch)).split("<tr>")
    [row] = [row for row in rows if "carrier pigeon" in row]
    assert "pigeon" in row
    assert ">1<" in row


def test_is_missed_by_name_until_it_is_documented(pigeon: Pigeon) -> None:
    assert undocumented_channels() == ["pigeon"]
    assert undocumented_channels("| `pigeon` | carrier pigeon | feed them |") != ["pigeon"], "the negative control"


@pytest.mark.parametrize("name", [*CHANNELS, "nobody", "PIGEON", "..", "%00"])
def test_delivers_nothing_to_what_has_no_wire(client: Client, pigeon: Pigeon, name: str) -> None:
    for answer in (client.post(f"/intake/{name}", content=b"{}"), client.get(f"/intake/{name}/x")):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_reads_nothing_from_a_channel(client: Client, pigeon: Pigeon) -> None:
    answer = client.get("/intake/pigeon")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_hands_on_what_follows_its_name(client: Client, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Inbound] = []
    monkeypatch.setattr(pigeon, "parse", lambda inbound: seen.append(inbound) or [])
    deliver(client, pigeon, "/intake/pigeon/north/loft?a=1&a=2")
    [inbound] = seen
    assert (inbound.path, inbound.params, inbound.address) == ("north/loft", {"a": "2"}, "127.0.0.1")
