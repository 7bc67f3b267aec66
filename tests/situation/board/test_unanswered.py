"""Pages of requests: ordered by need, and never skipping or repeating one while others come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.unanswered import ordered_rows, page

REQUESTS = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), max_size=30)


def board(requests: list[tuple[int, int]]) -> Board:
    """Requests of (priority, received) in order of arrival."""
    columns: dict[str, Any] = {name: np.zeros(len(requests), kind) for name, kind in LAYOUT.items()}
    columns["priority_dry"] = np.array([p for p, _ in requests], np.uint8)
    columns["received_at"] = np.array([r for _, r in requests], np.int64)
    for name in ("hazards", "sender", "network"):
        columns[name] = np.full(len(requests), NONE, np.int32)
    return Board(1, len(requests), columns)


def every(made: Board) -> np.ndarray:
    return np.ones(made.n, np.bool_)


@given(REQUESTS)
def test_puts_the_most_urgent_first_and_then_the_longest_waiting(requests: list[tuple[int, int]]):
    made = board(requests)
    wanted = sorted(range(len(requests)), key=lambda row: (*requests[row], row))
    assert ordered_rows(made, every(made)).tolist() == wanted


@given(REQUESTS, st.integers(1, 7))
def test_gives_every_request_once_over_all_pages(requests: list[tuple[int, int]], limit: int):
    made, found, cursor = board(requests), [], None
    while True:
        part = page(made, every(made), limit=limit, cursor=cursor)
        assert part.total == len(requests)
        assert len(part.rows) <= limit
        found += part.rows.tolist()
        cursor = part.next
        if cursor is None:
            break
    assert found == ordered_rows(made, every(made)).tolist()


@given(REQUESTS, REQUESTS, st.integers(1, 5), st.data())
def test_neither_skips_nor_repeats_when_others_come_and_go(first, later, limit: int, data: st.DataObject):
    """Between two pages some requests are answered (even the cursor's own) and others arrive."""
    made = board(first)
    one = page(made, every(made), limit=limit)
    if one.next is None:
        return
    grown = board(first + later)
    gone = set(data.draw(st.lists(st.integers(0, len(first) - 1))))
    keep = np.array([row not in gone for row in range(grown.n)])
    seen, cursor = one.rows.tolist(), one.next
    while cursor is not None:
        part = page(grown, keep, limit=limit, cursor=cursor)
        seen += part.rows.tolist()
        cursor = part.next
    assert len(seen) == len(set(seen))
    assert set(range(len(first))) - gone <= set(seen)


def test_keeps_only_what_is_asked_for():
    made = board([(1, 0), (2, 0), (1, 1)])
    part = page(made, np.array([True, False, True]), limit=10)
    assert (part.rows.tolist(), part.total, part.next) == ([0, 2], 2, None)


def test_has_an_empty_page_for_nobody():
    made = board([])
    assert page(made, every(made), limit=5).total == 0


@pytest.mark.parametrize("cursor", ["x", "1", "1.2", "1.2.3.4", "a.b.c", "1.2.", "-"])
def test_refuses_a_cursor_that_it_did_not_give(cursor: str):
    made = board([(1, 0)])
    with pytest.raises(Invalid, match="cursor"):
        page(made, every(made), limit=1, cursor=cursor)


@pytest.mark.parametrize("cursor", ["9" * 30 + ".0.0", "-9.0.0", "1." + "9" * 30 + ".0", "0.0.-5"])
def test_takes_a_made_up_cursor_without_failing(cursor: str):
    made = board([(1, 0), (2, 5)])
    assert page(made, every(made), limit=1, cursor=cursor).total == 2


@pytest.mark.parametrize("limit", [1, 50])
def test_computes_the_priorities_as_often_for_many_rows_as_for_one(limit: int, monkeypatch: pytest.MonkeyPatch):
    made, times, whole = board([(2, n) for n in range(100)]), [], Board.priority.fget
    monkeypatch.setattr(Board, "priority", property(lambda self: times.append(1) or whole(self)))
    assert len(page(made, every(made), limit=limit).rows) == limit
    assert len(times) <= 5  # the order, the lanes and the cursor
