"""A scripted day: 2,000 requests, 30 responders and the requesters themselves, all through the public API.

The clock is the test's, so that a day takes half a minute (`make soak`; `make test` lives the first half of it); store,
situation, jobs and API are the real ones. A model that knows only the answers it was given says what must be true:
nothing is claimed by two, nothing is lost, every call is made once, and list, numbers, tiles and export agree at every
step.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.api.front import Front
from crisismap.jobs.runner import JOBS
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from crisismap.web.routes import routes
from tests.conftest import FakeClock
from tests.situation import vector_tile

RESPONDERS = 30
STEP_MINUTES = 10
SEED = 3
HALF_A_DAY, A_DAY = (1_000, 72), (2_000, 144)  # requests, steps
SAID = {
    "rescue": ("on the roof, water rising", "please send a boat", "trapped with three children"),
    "medical": ("insulin is running out", "in labour"),
    "water_food": ("no drinking water since yesterday", "food for a baby"),
}


@dataclass
class Known:
    """What the model knows of one request."""

    code: str
    state: str = "open"
    holder: int | None = None
    until_ms: int = 0


@dataclass
class Day:
    """The state of the day."""

    client: httpx.AsyncClient
    context: Context
    clock: FakeClock
    chance: random.Random
    tokens: list[str] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)

    async def act(self, id_: str, verb: str, body: Any, headers: dict[str, str], etag: str = "*") -> httpx.Response:
        answer = await self.client.post(
            f"/api/v1/requests/{id_}/{verb}", json=body, headers={"If-Match": etag, **headers}
        )
        assert answer.status_code in (200, 409, 412), answer.text
        self.refused[answer.status_code] += 1
        return answer

    async def report(self, number: int) -> None:
        category = self.chance.choice([*SAID, "rescue"])
        body: dict[str, Any] = {"category": category, "text": self.chance.choice(SAID[category])}
        if self.chance.random() < 0.9:
            body |= {"lon": self.chance.uniform(80.1, 80.3), "lat": self.chance.uniform(12.9, 13.2)}
        else:
            body |= {"place": "behind the old mill"}
        body |= {"client_id": f"day-{number}", "people": self.chance.randint(1, 12)}
        answers = [await self.client.post("/api/v1/reports", json=body) for _ in range(1 + (number % 7 == 0))]
        assert [a.status_code for a in answers] == [201, 200][: len(answers)]
        receipt = answers[-1].json()
        self.known[receipt["id"]] = Known(receipt["tracking_code"])

    async def respond(self, number: int) -> None:
        """What one responder does in a step: something with what is held, or a claim."""
        headers = {"Authorization": f"Bearer {self.tokens[number]}"}
        mine = [id_ for id_, k in self.known.items() if k.holder == number and k.until_ms > self.clock()]
        if mine:
            await self._finish(self.chance.choice(mine), headers)
            return
        listed = await self.client.get("/api/v1/requests", params={"limit": 12}, headers=headers)
        free = [item for item in listed.json()["items"] if item["state"] == "open"]
        if not free:
            return
        item = self.chance.choice(free[:6])  # many want the same: one gets it
        minutes = self.chance.choice([20, 40, 90])
        answer = await self.act(item["id"], "claim", {"minutes": minutes}, headers, item["etag"])
        if answer.status_code == 200:
            held = self.known[item["id"]]
            assert held.state == "open" or held.until_ms <= self.clock(), "claimed by two"
            held.state, held.holder = "claimed", number
            held.until_ms = self.clock() + minutes * 60_000
        else:
            assert answer.json()["current"]["state"] != "open"

    async def _finish(self, id_: str, headers: dict[str, str]) -> None:
        held, throw = self.known[id_], self.chance.random()
        if throw < 0.25:
            return  # still on the way; now and then the time runs out
        verb, body, state = (
            ("answer", {"note": "brought to the school"}, "answered")
            if throw < 0.85
            else ("release", {}, "open")
            if throw < 0.95
            else ("cannot_meet", {"reason": "no boat"}, "cannot_meet")
        )
        answer = await self.act(id_, verb, body, headers)
        if answer.status_code == 200:
            held.state, held.holder = state, None
        else:
            assert held.until_ms <= self.clock()

    async def requesters(self) -> None:
        """Some who asked say what became of it."""
        ids = self.chance.sample(sorted(self.known), min(12, len(self.known)))
        for id_ in ids:
            told = self.known[id_]
            verbs = {"answered": ["confirm", "confirm", "reopen"], "cannot_meet": ["reopen"], "open": ["", "withdraw"]}
            verb = self.chance.choice(verbs.get(told.state, [""]))
            if not verb or (verb == "withdraw" and self.chance.random() < 0.7):
                continue
            answer = await self.act(id_, verb, {}, {"X-Tracking-Code": told.code})
            assert answer.status_code == 200, answer.text
            told.state = {"confirm": "confirmed", "reopen": "open", "withdraw": "withdrawn"}[verb]

    async def jobs(self) -> None:
        for job in ("claims", "escalation", "age"):
            await asyncio.to_thread(self.context.views.situation.wait, self.context.store.events.revision())
            await asyncio.to_thread(JOBS[job][1], self.context)
        await asyncio.to_thread(self.context.views.situation.wait, self.context.store.events.revision())
        for told in self.known.values():
            if told.state == "claimed" and told.until_ms <= self.clock():
                told.state, told.holder = "open", None

    async def all_agree(self, *, whole: bool) -> None:
        """The model, list, numbers, live tiles and export say the same."""
        admin = {"Authorization": f"Bearer {self.context.keys.admin_token}"}
        states = Counter(told.state for told in self.known.values())
        waiting = states["open"] + states["claimed"]
        numbers = (await self.client.get("/api/v1/situation", headers=admin)).json()
        assert (numbers["requests"], numbers["unanswered"]) == (len(self.known), waiting)
        assert sum(area["unanswered"] for area in numbers["by_area"]) == waiting
        listed = (await self.client.get("/api/v1/requests", params={"limit": 1}, headers=admin)).json()
        assert (listed["total"], listed["revision"]) == (waiting, numbers["revision"])
        tile = await self.client.get("/api/v1/tiles/0/0/0.mvt", headers=admin)
        drawn = vector_tile.read(tile.content)
        alone = sum(p.properties.get("state") in ("open", "claimed") for p in drawn.get("reports", []))
        clustered = sum(c.properties["unanswered"] for c in drawn.get("clusters", []))
        assert alone + clustered == waiting - numbers["unplaced"]
        if whole:
            export = await self.client.get("/api/v1/reports.geojson", headers=admin)
            found = {f["id"]: f["properties"] for f in json.loads(export.content)["features"]}
            assert found.keys() == self.known.keys(), "none is lost, none doubled"
            assert {id_: p["state"] for id_, p in found.items()} == {i: t.state for i, t in self.known.items()}
            assert sum(p["overdue"] for p in found.values()) == numbers["overdue"]


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data"), "CRISISMAP_RATE_LIMIT": "off"})
    with bootstrap.opened(settings, clock=clock) as one:
        bootstrap.install(one)
        yield one
        bootstrap.install(None)


async def live(context: Context, clock: FakeClock, requests: int, steps: int) -> Day:
    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError(f"{scope['path']} is not ours")

    transport = httpx.ASGITransport(Front(nothing, api=make_api(routes())))
    async with httpx.AsyncClient(transport=transport, base_url="http://here", timeout=60) as client:
        day = Day(client, context, clock, random.Random(SEED))
        admin = {"Authorization": f"Bearer {context.keys.admin_token}"}
        for number in range(RESPONDERS):
            made = await client.post(
                "/api/v1/tokens", json={"role": "responder", "org": f"Team {number}"}, headers=admin
            )
            day.tokens.append(made.json()["token"])
        sent = 0
        for step in range(steps):
            clock.advance(minutes=STEP_MINUTES)
            due = round(requests * min(1.0, (step + 1) / (steps * 0.8)))
            await asyncio.gather(*(day.report(n) for n in range(sent, due)))
            sent = due
            await day.jobs()
            await asyncio.gather(*(day.respond(n) for n in range(RESPONDERS)))
            await day.requesters()
            await asyncio.to_thread(context.views.situation.wait, context.store.events.revision())
            await day.all_agree(whole=step % 12 == 11)
        return day


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("requests", "steps"),
    [
        pytest.param(*HALF_A_DAY, id="half of it"),
        pytest.param(*A_DAY, id="whole", marks=pytest.mark.soak),
    ],
)
def test_lives_a_day_of_many_requests_and_thirty_responders(
    context: Context, clock: FakeClock, requests: int, steps: int
) -> None:
    day = asyncio.run(live(context, clock, requests, steps))
    assert len(day.known) == requests
    assert day.refused[412] > 50, "responders did get in each other's way"
    assert context.store.events.verify().broken_at is None
    called = 0
    for id_, told in day.known.items():
        current = context.store.reports.one(id_)
        steps: list[int] = []
        for event in context.store.events.of_report(current.seq):
            if event.verb == "request.reopen":
                steps = []
            elif event.verb == "request.escalate":
                steps.append(int(event.data["step"]))
                called += 1
                assert steps == list(range(1, len(steps) + 1)), f"{id_} was escalated twice or out of order"
        if told.state in ("open", "claimed"):
            assert current.request is not None
            assert len(steps) == current.request.escalated
    assert called > 100
