"""Row 44: twenty thousand questions of a stranger find no secret place better than its cell, on any output.

Two things are asked of what the attacker gets. Its best guess for each secret, of all the ways that it has tried, must
be no nearer than the cell allows in the world that has the secret in the worst corner. And worlds that have the secrets
elsewhere in the same cells must give the very same answers: then no better way of reading them exists either.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h3
import msgspec
import pytest
from sqlalchemy import update

from crisismap.core.place.geodesy import distance_m
from crisismap.core.privacy import Audience
from crisismap.jobs import corroboration
from crisismap.services.lists import search
from crisismap.situation.board import intake
from crisismap.store import schema
from crisismap.store.tables import reports
from tests.attacker import Asked, Attacker, Point
from tests.worlds import Secret, world

HONEST, HONEST_HOLD = intake.redact, reports.lock
OPPOSITE = (0, 4)  # two worlds: other corners, and for every layer some secrets on the other side of a border


@dataclass
class Told:
    """What came of one world: the answers, the secrets as they lie there, and all guesses for each."""

    asked: Asked
    secrets: list[Secret]
    guesses: dict[str, list[Point]]

    def missed_m(self, secret: Secret) -> float:
        """How far the best of all guesses is from the truth; an attacker does not know which of them is the best."""
        middle = secret.centre  # of a cell that the attacker may know from elsewhere
        return min(distance_m(*guess, *secret.place) for guess in [*self.guesses[secret.id], middle])


def attack(folder, number: int, questions: int) -> Told:
    with pytest.MonkeyPatch.context() as patch, world(folder / str(number), number, patch) as held:
        attacker = Attacker(held, questions)
        asyncio.run(attacker.attack())
        return Told(attacker.asked, held.secrets, attacker.guesses)


def first_difference(one: Asked, other: Asked) -> tuple[object, ...] | None:
    """The first question that two worlds answer differently, with both answers."""
    for at, pair in enumerate(zip(one.digests, other.digests, strict=True)):
        if pair[0] != pair[1]:
            return at, one.shown[at], other.shown[at]
    return None


def must_learn_nothing(worlds: list[Told]) -> list[float]:
    """Compare all worlds; gives for each secret the worst miss of the best guess, in parts of the cell's radius."""
    for other in worlds[1:]:
        assert first_difference(worlds[0].asked, other.asked) is None
    parts = []
    for number, secret in enumerate(worlds[0].secrets):
        lat, lon = h3.cell_to_latlng(secret.cell)
        radius = max(distance_m(lon, lat, c[1], c[0]) for c in h3.cell_to_boundary(secret.cell))
        parts.append(max(told.missed_m(told.secrets[number]) for told in worlds) / radius)
    return parts


def test_learns_no_secret_place_better_than_its_cell(tmp_path):
    worlds = [attack(tmp_path, number, 2_000) for number in OPPOSITE]
    assert min(must_learn_nothing(worlds)) > 0.8


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_learns_it_by_twenty_thousand_questions_neither(tmp_path):
    worlds = [attack(tmp_path, number, 20_000) for number in range(9)]
    parts = must_learn_nothing(worlds)
    print(f"worlds {len(worlds)}, secrets {len(parts)}, best guess off by {min(parts):.2f} of the radius or more")
    assert min(parts) > 0.9


def leaky_place(current, audience, category, rules):
    """The redaction, opened by the place."""
    seen, whole = HONEST(current, audience, category, rules), HONEST(current, Audience.AGENCY, category, rules)
    return seen and msgspec.structs.replace(seen, lon=whole.lon, lat=whole.lat)


def leaky_raise(current, audience, category, rules):
    """The redaction, opened by what waiting made of the priority: when it does follows from the exact place."""
    seen = HONEST(current, audience, category, rules)
    return seen and msgspec.structs.replace(seen, tells_raise=True)


def loud_hold(conn, those):
    """A store in which what the clock does changes the version that everybody sees."""
    HONEST_HOLD(conn, those)
    table = schema.report
    held = table.c.seq.in_([now.seq for now in those])
    conn.execute(update(table).where(held).values(version=table.c.version + 1))


LEAKS = {
    "place": (intake, "redact", leaky_place),
    "who agrees": (corroboration, "_public_exact", lambda board, public: board.has_place),
    "raised by waiting": (intake, "redact", leaky_raise),
    "what a search reads": (search, "audience_of", lambda person: Audience.AGENCY),
    "when a role was called": (reports, "lock", loud_hold),
}
FOUND_WITHIN_M = {"place": 1, "who agrees": 60}


@pytest.mark.parametrize("leak", LEAKS)
def test_would_learn_it_from_one_leak(tmp_path, monkeypatch, leak):
    """The same attacker finds the place, or at least that the worlds differ, once a single thing is let through."""
    monkeypatch.setattr(*LEAKS[leak])
    worlds = [attack(tmp_path, number, 800) for number in OPPOSITE]
    assert first_difference(worlds[0].asked, worlds[1].asked) is not None
    flooding = worlds[0].secrets[1]  # told as its cell because its reporter hides it
    if leak in FOUND_WITHIN_M:
        assert worlds[0].missed_m(flooding) < FOUND_WITHIN_M[leak]
