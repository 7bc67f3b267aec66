"""Sends the simulated flood to a running server through its public API, as strangers would.

`seed` loads the layers and a day of history; `run` continues it: new reports, claims, answers, releases, and locations
for requests described in words.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx

from crisismap.core.moment import HOUR_MS, rfc3339
from crisismap.demo.city.city import City, city
from crisismap.demo.city.gauges import INTERVAL_MS, gauge_layer
from crisismap.demo.city.places import NamedPoint
from crisismap.demo.city.plane import point_lonlat
from crisismap.demo.client import BATCH, Client, Refused, pause
from crisismap.demo.dice import Dice, dice, weighted
from crisismap.demo.generator import layers
from crisismap.demo.inputs import inputs
from crisismap.demo.reports import endless, fresh, reports
from crisismap.problems import sentence_of

GAUGES = "gauges"
LEVEL_AGES_H = (3, 2, 1, 0)
ACTIONS = {"report": 0.52, "claim": 0.2, "answer": 0.15, "release": 0.04, "place": 0.09}
CONFLICTS = frozenset({403, 404, 409, 412})  # expected conflicts: somebody else was faster, or the claim has ended
TRIES = 8  # of each request of `seed`
MAX_CLAIMS = 100  # claims remembered at most; forgotten ones expire
CLAIM_SHARES = {"P1": 0.42, "P2": 0.3, "P3": 0.16}  # share of the history that a team claimed
Say = Callable[[str], object]
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoStory:
    """Which flood, how many reports, and how long before `now_ms` it began."""

    seed: int = 7
    count: int = 3000
    hours: float = 30.0
    now_ms: int | None = None  # None: this machine's clock


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What `seed` loaded."""

    layers: int
    stored: int
    refused: int
    claimed: int
    answered: int
    released: int


def seed(
    base_url: str, token: str, *, teams: Sequence[str] = (), story: DemoStory | None = None, say: Say = print
) -> SeedResult:
    """Load layers, reports and a history of claims and answers, skipping what exists already.

    `token` may put layers and send batches; `teams` are tokens of responders (without any, `token` acts for them).
    Waits for a busy server; raises Refused or httpx.HTTPError if it stays away or refuses.
    """
    story = story or DemoStory()
    now_ms = story.now_ms if story.now_ms is not None else time.time_ns() // 1_000_000
    with Client(base_url, tries=TRIES) as client:
        layer_count = _load_layers(client, token, story.seed, now_ms, say)
        stored = refused = 0
        if not client.situation(token).get("reports"):
            stored, refused = _load_reports(client, token, story, now_ms, say)
        history = _simulate_history(client, teams or (token,), story.seed, say) if stored else (0, 0, 0)
    return SeedResult(layer_count, stored, refused, *history)


def run(base_url: str, tokens: Sequence[str], *, seed: int, pace_s: float, stop: Event, say: Say = print) -> None:
    """Continue the story until `stop`: an event every `pace_s` seconds on average, at random times.

    `tokens` are those of responders. Errors of the server or the network do not end it: it prints one line, waits
    longer each time, and continues.
    """
    with Client(base_url, timeout_s=20) as client:
        life = Life(client, tokens, seed, time.time_ns() // 1_000_000)
        wait, failures = 0.0, 0
        while not stop.wait(wait):
            wait = min(life.rng.expovariate(1 / pace_s), 5 * pace_s)
            try:
                life.step(time.time_ns() // 1_000_000)
                failures = 0
            except (httpx.HTTPError, Refused, LookupError, TypeError, ValueError) as problem:
                if isinstance(problem, Refused) and problem.status in CONFLICTS:
                    continue
                wait = max(wait, pause(failures, problem))
                failures = min(failures + 1, 10)
                say(f"demo: {type(problem).__name__}: {sentence_of(problem)}; retrying in {wait:.1f} s")


def keep_levels(base_url: str, agency: str, *, seed: int, stop: Event, say: Say = print) -> None:
    """Send the river gauges' levels every ten minutes until `stop`; a failed reading is skipped with one line."""
    wait = 0.0
    with Client(base_url, timeout_s=20) as client:
        while not stop.wait(wait):
            now_ms = time.time_ns() // 1_000_000
            wait = (INTERVAL_MS - now_ms % INTERVAL_MS) / 1000
            try:
                client.put_layer(agency, GAUGES, *_levels(seed, now_ms))
            except (httpx.HTTPError, Refused) as problem:
                say(
                    f"demo: {type(problem).__name__}: {sentence_of(problem)}; the next gauge reading is in {wait:.0f} s"
                )


class Life:
    """Simulates people and teams step by step. Remembers only the claims it holds."""

    def __init__(self, client: Client, tokens: Sequence[str], seed: int, now_ms: int) -> None:
        self.client = client
        self.tokens = list(tokens)
        self.rng = dice(seed, f"life/{now_ms}")
        self.town = city(seed)
        self._reports = endless(seed, now_ms)
        self._claims: OrderedDict[str, tuple[int, Item]] = OrderedDict()

    def step(self, now_ms: int) -> str:
        """Perform one step and return its name; "" if there was no target for it."""
        action = weighted(self.rng, ACTIONS)
        steps: dict[str, Callable[[], bool]] = {
            "report": lambda: bool(self.client.post_report(fresh(self.rng, next(self._reports), now_ms))),
            "claim": self._claim,
            "answer": lambda: self._finish("answer"),
            "release": lambda: self._finish("release"),
            "place": self._place,
        }
        return action if steps[action]() else ""

    def _claim(self) -> bool:
        team = self.rng.randrange(len(self.tokens))
        waiting = [item for item in self.client.requests(self.tokens[team], 200) if item.get("state") == "open"]
        if not waiting:
            return False
        # Mostly from the top of the list, sometimes one further down that is near.
        item = waiting[min(int(self.rng.expovariate(1 / 12)), len(waiting) - 1)]
        claim = self.client.act(self.tokens[team], item, "claim", {"minutes": self.rng.choice((30, 45, 60, 90))})
        self._claims[item["id"]] = (team, claim)
        while len(self._claims) > MAX_CLAIMS:
            self._claims.popitem(last=False)
        return True

    def _finish(self, verb: str) -> bool:
        if not self._claims:
            return False
        id_ = self.rng.choice(list(self._claims))
        team, item = self._claims.pop(id_)
        body = {"note": _note(self.rng, team, item)} if verb == "answer" else {}
        self.client.act(self.tokens[team], item, verb, body)
        return True

    def _place(self) -> bool:
        token = self.rng.choice(self.tokens)
        unplaced = [item for item in self.client.requests(token) if item.get("lon") is None]
        self.rng.shuffle(unplaced)
        for item in unplaced:
            place = find_place(self.town, f"{item.get('text') or ''} {item.get('place') or ''}")
            if place is not None:
                lon, lat = point_lonlat(place.x, place.y)
                body = {"lon": lon, "lat": lat, "accuracy_m": 250, "source": "gazetteer"}
                self.client.act(token, item, "place", body)
                return True
        return False


def find_place(town: City, text: str) -> NamedPoint | None:
    """Return the landmark or neighbourhood named in the text, the longest name first; None without one."""
    lower_text = text.casefold()
    matches = [s for s in town.landmarks + town.hoods if s.name.casefold() in lower_text or s.name_ta in text]
    return max(matches, key=lambda point: (point.kind != "neighbourhood", len(point.name)), default=None)


def _load_layers(client: Client, token: str, seed: int, now_ms: int, say: Say) -> int:
    existing_ids = client.layer_ids(token)
    missing = [(layer, collection) for layer, collection in layers(seed) if layer.id not in existing_ids]
    for layer, collection in missing:
        client.put_layer(token, layer.id, layer.role, collection)
        say(f"demo: layer {layer.id}, {len(collection['features'])} features")
    if GAUGES in existing_ids:
        return len(missing)
    for hours in LEVEL_AGES_H:  # earlier levels, so that gauges have a trend from the start
        levels = _levels(seed, now_ms - hours * HOUR_MS)
        client.put_layer(token, GAUGES, *levels)
    say(f"demo: layer {GAUGES}, levels of {len(LEVEL_AGES_H)} hours")
    return len(missing) + 1


def _levels(seed: int, at_ms: int) -> tuple[str, dict[str, Any], str]:
    """Return role, features and time of the gauges, as `put_layer` takes them."""
    layer, collection = gauge_layer(seed, at_ms)
    return layer.role, collection, rfc3339(at_ms)


def _load_reports(client: Client, token: str, story: DemoStory, now_ms: int, say: Say) -> tuple[int, int]:
    """Post reports in batches, oldest first; return (stored or known already, refused)."""
    demo_reports = reports(story.seed, story.count, start_ms=int(now_ms - story.hours * HOUR_MS), end_ms=now_ms)
    bodies = [report.body for report in demo_reports]
    stored = 0
    for start in range(0, len(bodies), BATCH):
        part = bodies[start : start + BATCH]
        answers = client.post_batch(token, part)
        stored += sum(int(answer["status"]) < 300 for answer in answers)
        say(f"demo: {start + len(part)} of {len(bodies)} reports")
    return stored, len(bodies) - stored


def _simulate_history(client: Client, teams: Sequence[str], seed: int, say: Say) -> tuple[int, int, int]:
    """Claim part of the waiting requests, urgent ones more often; return (claimed, answered, released)."""
    rng, counts = dice(seed, "history"), {"claim": 0, "answer": 0, "release": 0}
    for item in client.requests(teams[0]):
        if rng.random() >= CLAIM_SHARES.get(str(item.get("priority")), 0.1):
            continue
        team = rng.randrange(len(teams))
        outcome = rng.choices(("answer", "release", ""), (0.6, 0.08, 0.32))[0]
        claim = _try_act(client, teams[team], item, "claim", {"minutes": rng.choice((30, 60, 90, 120))})
        counts["claim"] += claim is not None
        if claim is not None and outcome:
            body = {"note": _note(rng, team, item)} if outcome == "answer" else {}
            counts[outcome] += _try_act(client, teams[team], claim, outcome, body) is not None
    say(f"demo: {counts['claim']} requests claimed, {counts['answer']} of them answered, {counts['release']} released")
    return counts["claim"], counts["answer"], counts["release"]


def _try_act(client: Client, token: str, item: Item, verb: str, body: Item) -> Item | None:
    """Return the request after the verb; None if it had changed meanwhile."""
    try:
        return client.act(token, item, verb, body)
    except Refused as problem:
        if problem.status in CONFLICTS:
            return None
        raise


def _note(rng: Dice, team: int, item: Item) -> str:
    people = inputs("people")
    answers = people["answers"].get(item.get("category"), people["answers"]["other"])
    name = people["teams"][team % len(people["teams"])]
    return str(rng.choice(answers)).format(team=name, n=item.get("people") or rng.randint(2, 7))
