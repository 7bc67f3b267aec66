"""Reports of the simulated flood in time order (slow start, surge, tail), and an endless stream that follows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from crisismap.core.moment import DAY_MS, MINUTE_MS, rfc3339
from crisismap.demo.city.city import city
from crisismap.demo.dice import Dice, dice, uuid7, weighted
from crisismap.demo.incidents import MIX, Body, Storyteller

BAD_CLOCK = 0.006


@dataclass(frozen=True, slots=True)
class DemoReport:
    """One report: when it was made, and the body of `POST /api/v1/reports` (CONTRACT)."""

    at_ms: int
    body: Body


def reports(seed: int, count: int = 3000, *, start_ms: int, end_ms: int) -> Iterator[DemoReport]:
    """Yield `count` reports between the two moments, oldest first. Same arguments, same bytes."""
    rng = dice(seed, "story")
    teller = Storyteller(city(seed), rng)
    result: list[DemoReport] = []
    for category, share in _shares(count).items():
        while share > 0:
            group_size = min(share, teller.neighbours(category))
            share -= group_size
            result += _incident_reports(teller, category, group_size, (start_ms, end_ms))
    yield from sorted(result, key=lambda report: (report.at_ms, report.body["client_id"]))


def endless(seed: int, start_ms: int) -> Iterator[Body]:
    """Yield reports after `start_ms` without end and without times, which the sender adds.

    Ids repeat only if `seed` and `start_ms` do.
    """
    rng = dice(seed, f"endless/{start_ms}")
    teller = Storyteller(city(seed), rng)
    while True:
        category = weighted(rng, MIX)
        incident, text = teller.incident(category), ""
        for _ in range(teller.neighbours(category)):
            body = teller.report(incident, start_ms, text)
            text = str(body["text"])
            yield body


def _shares(count: int) -> dict[str, int]:
    """Return the number of reports of each category; they add up to `count`."""
    shares = {category: int(count * part) for category, part in MIX.items()}
    shares["flooding"] += count - sum(shares.values())
    return shares


def _incident_reports(
    teller: Storyteller, category: str, group_size: int, span: tuple[int, int]
) -> Iterator[DemoReport]:
    """Yield all reports of one incident: the first when it happens, the neighbours' within an hour."""
    rng, (start_ms, end_ms) = teller.rng, span
    zone = teller.zone()
    incident = teller.incident(category, zone)
    first = start_ms + (end_ms - start_ms) * _story_moment(rng, zone.onset)
    text = ""
    for number in range(group_size):
        late = rng.expovariate(1 / (14 * MINUTE_MS)) if number else 0
        at_ms = int(min(first + late, end_ms - rng.uniform(1_000, 240_000)))
        at_ms = max(at_ms - at_ms % 1_000, start_ms)
        body = teller.report(incident, at_ms, text)
        text = str(body["text"])
        yield DemoReport(at_ms, body | {"observed_at": _clock(rng, at_ms)})


def _story_moment(rng: Dice, onset: float) -> float:
    """Return a moment of the story in 0..1: slow start, surge, tail.

    Places with a late onset are shifted by up to a seventh of the story.
    """
    while True:
        u = rng.random()
        if u < 0.07:
            at = rng.uniform(0, 1)  # before and beside the flood
        elif u < 0.63:
            at = rng.gauss(0.5, 0.1)  # the surge
        else:
            at = 0.5 - 0.3 * math.log(1 - rng.random())  # the tail, still going on at the end
        at += (onset - 0.5) * 0.14
        if 0 <= at < 1:
            return at


def _clock(rng: Dice, at_ms: int) -> str:
    """Return the phone's time as text: a few clocks are wrong, and a few give no time zone."""
    if rng.random() >= BAD_CLOCK:
        return rfc3339(at_ms)
    kind = rng.randrange(4)
    if kind == 0:
        return "1970-01-01T00:12:09Z"
    if kind == 1:
        return rfc3339(at_ms - rng.randint(700, 4_000) * DAY_MS)
    if kind == 2:
        return rfc3339(at_ms + rng.randint(2, 400) * DAY_MS)
    return rfc3339(at_ms).removesuffix("Z")


def fresh(rng: Dice, body: Body, now_ms: int) -> Body:
    """Return a body of `endless` as sent now, with its own id and the time."""
    return body | {"client_id": uuid7(rng, now_ms), "observed_at": rfc3339(now_ms)}
