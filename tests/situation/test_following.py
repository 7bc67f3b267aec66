"""Whatever happens, what follows the changed rows reads as if it were made anew of the same board."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.channel import Message
from crisismap.core.errors import CrisismapError
from crisismap.core.layer.layer import Role
from crisismap.core.own_channels import API
from crisismap.core.place.mercator import Tile
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.services.lists import read
from crisismap.services.lists.queue import QueueQuery, queue
from crisismap.services.operations import quarantine
from crisismap.services.reporter import erasure
from crisismap.situation.board import counts, followed, patched
from crisismap.situation.board.board import Board
from crisismap.situation.board.selection import ALL, Selection
from crisismap.situation.board.unanswered import page
from crisismap.situation.tiles import point_set
from crisismap.situation.tiles.report_tiles import MOMENT_MS
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.situation.crisis import Crisis, crisis, ward

SELECTIONS = (ALL, Selection(overdue=True), Selection(category=("rescue",)), Selection(state=("open", "answered")))
TILES = {
    (tile.z, tile.x, tile.y)
    for lon in (80.21, 80.22)
    for zoom in (0, 8, 12, 16)
    for tile in (Tile.at(lon, 13.0, zoom), Tile.at(80.2, 13.02, zoom))
}
PEOPLE = {Audience.PUBLIC: STRANGER, Audience.AGENCY: AGENCY}
MARK = f"by:{VOLUNTEER.id}"


def post(here: Crisis, ids: list[str], category: str, at: int) -> None:
    body: dict[str, Any] = {"category": category, "text": "trapped", "consent": {"publish": True}}
    place = {"lon": 80.2 + at / 100, "lat": 13.0} if at else {"place": "the mill"}
    ids.append(here.context.intake.receive(Message(draft_from(body | place), API, person=VOLUNTEER)).id)


def erase(here: Crisis, report: str) -> None:
    context = here.context
    erasure.erase(context.store, context.views, context.settings, context.clock(), report, ADMIN.id)


STEPS: dict[str, Callable[[Crisis, list[str], int], Any]] = {
    "ask": lambda here, ids, n: post(here, ids, "rescue", n % 3),
    "tell": lambda here, ids, n: post(here, ids, "flooding", n % 3),
    "ask in secret": lambda here, ids, n: post(here, ids, "medical", n % 3),
    "claim": lambda here, ids, n: acts.claim(here.context, RESPONDER, ids[n], None).result(),
    "answer": lambda here, ids, n: acts.answer(here.context, RESPONDER, ids[n], None, note="done").result(),
    "reopen": lambda here, ids, n: acts.reopen(here.context, RESPONDER, ids[n], None).result(),
    "move": lambda here, ids, n: acts.place(
        here.context, RESPONDER, ids[n], None, Placement(80.2, 13.02, None, "call")
    ).result(),
    "quarantine": lambda here, ids, n: quarantine.quarantine(here.context.store, here.clock(), ADMIN, MARK),
    "release": lambda here, ids, n: quarantine.release(here.context.store, here.clock(), ADMIN, MARK),
    "erase": lambda here, ids, n: erase(here, ids[n]),
    "areas": lambda here, ids, n: here.put("wards", Role.AREA, ward(1, 80.15 + n / 100, 12.95)),
    "flood": lambda here, ids, n: here.put("flood", Role.HAZARD, ward(1, 80.1 + n / 100, 12.95)),
    "wait": lambda here, ids, n: here.clock.advance(minutes=(1, 31, 400)[n % 3]),
}


def anew(board: Board) -> Board:
    """The same board, knowing nothing."""
    return Board(board.revision, board.n, {name: board[name].copy() for name in board.columns}, board.changed)


def check(here: Crisis, audience: Audience) -> None:
    board, views, now_ms = here.board(audience), here.context.views, here.clock()
    fresh, whole = anew(board), anew(here.board())
    for of in (counts.totals, counts.by_area):
        assert of(views.situation, board, now_ms) == of(views.situation, fresh, now_ms)
    assert counts.of_need(board) == counts.of_need(fresh)
    by_category = counts.by_category(views.situation, audience, fresh, now_ms, whole=whole)
    assert counts.by_category(views.situation, audience, board, now_ms) == by_category
    for selection in SELECTIONS:
        found = read.requests(views, now_ms, PEOPLE[audience], selection, limit=5)
        rows = read.request_rows(views.situation, fresh, selection, now_ms)
        expected = page(fresh, rows, limit=5, ranking=views.situation.rules.ranking)
        assert found.items == views.features.items(fresh, expected.rows, now_ms)
        assert (found.total, found.next) == (expected.total, expected.next)
        listed = queue(views, here.context.rules, now_ms, audience, QueueQuery(selection, "due"))
        assert sorted(listed.rows.tolist()) == rows.tolist()
        index = views.tiles.index(audience, selection, now_ms)
        built = views.tiles.build_index(fresh, selection, now_ms - now_ms % MOMENT_MS)
        assert index.rows.tolist() == built.rows.tolist()
        for tile in TILES:
            assert index.tile(*tile) == built.tile(*tile)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 5)), min_size=4, max_size=14),
    st.booleans(),
)
def test_reads_as_if_made_anew_of_the_same_board(steps: list[tuple[str, int]], few: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if few:  # all that is kept is made again after a few changes
            patch.setattr(patched, "MOST", 1)
            patch.setattr(followed, "MOST_WRITES", 2)
            patch.setattr(point_set, "LEAST", 2)
        with crisis(Path(folder), FakeClock(1_760_000_000_000)) as here:
            ids: list[str] = []
            for name in ("ask", "tell", "ask"):
                STEPS[name](here, ids, len(ids))
            for name, number in steps:
                with suppress(CrisismapError):  # not possible now
                    STEPS[name](here, ids, number % len(ids))
                for audience in Audience:
                    check(here, audience)


def test_notices_a_count_that_does_not_follow(tmp_path: Path, clock: FakeClock) -> None:
    with crisis(tmp_path, clock) as here:
        STEPS["ask"](here, [], 1)
        board, situation = here.board(), here.context.views.situation
        wrong = replace(board, followed=replace(board.tally, unanswered=board.unanswered_rows[:0]))
        assert counts.totals(situation, wrong, here.clock()) != counts.totals(situation, anew(board), here.clock())
