"""Pages of requests: ordered by need, and never skipping or repeating one while others come and go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid
from crisismap.core.limits import Ranking
from crisismap.core.report.verification import VERIFICATIONS
from crisismap.core.text.word_marks import word_marks
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.unanswered import (
    BUSY_NETWORK,
    BUSY_SENDER,
    ORDINARY,
    OWN_WORDS,
    VOUCHED,
    _by_lanes,
    lanes,
    ordered_rows,
    page,
)

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
    return np.arange(made.n)


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
    keep = np.array([row for row in range(grown.n) if row not in gone], np.int64)
    seen, cursor = one.rows.tolist(), one.next
    while cursor is not None:
        part = page(grown, keep, limit=limit, cursor=cursor)
        seen += part.rows.tolist()
        cursor = part.next
    assert len(seen) == len(set(seen))
    assert set(range(len(first))) - gone <= set(seen)


def test_keeps_only_what_is_asked_for():
    made = board([(1, 0), (2, 0), (1, 1)])
    part = page(made, np.array([0, 2]), limit=10)
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


def crowd(texts: list[str], *, network: list[int], **columns: Any) -> Board:
    """Requests of P1 in order of arrival, each of another sender."""
    made = board([(1, n) for n in range(len(texts))])
    marks = [word_marks(text) for text in texts]
    made.columns["words_high"], made.columns["words_low"] = np.array(marks, np.uint64).reshape(-1, 2).T
    made.columns["network"] = np.array(network, np.int32)
    made.columns["sender"] = np.arange(1000, 1000 + len(texts), dtype=np.int32)
    made.columns.update({name: np.array(values, LAYOUT[name]) for name, values in columns.items()})
    return made


RANKING = Ranking(calm=3, network_most=3)


def test_sinks_in_a_busy_network_only_those_who_say_the_same():
    made = crowd([*["send all boats now"] * 9, "my mother is on the roof", "", ""], network=[1] * 12)
    assert lanes(made, RANKING).tolist() == [BUSY_NETWORK] * 9 + [OWN_WORDS] * 3
    same_elsewhere = crowd([*["send all boats now"] * 9, "send all boats now"], network=[1] * 9 + [2])
    assert lanes(same_elsewhere, RANKING)[-1] == ORDINARY, "what is said in another network is no crowd in this one"


@given(st.lists(st.sampled_from(["send all boats now", "my mother is on the roof", "water", ""]), max_size=40))
def test_counts_words_as_plain_counting_does(texts: list[str]):
    made = crowd(texts, network=[n % 2 for n in range(len(texts))])
    if len(texts) <= RANKING.calm:
        return
    for row, lane in enumerate(lanes(made, RANKING).tolist()):
        network = [text for n, text in enumerate(texts) if n % 2 == row % 2]
        busy = len(network) > RANKING.network_most
        same = network.count(texts[row]) > RANKING.network_most
        assert lane == (BUSY_NETWORK if busy and same else OWN_WORDS if busy else ORDINARY)


def test_takes_a_sender_who_is_known_by_the_network_alone_for_no_single_person():
    texts = ["on the roof", "my father drowns", "no oxygen left", "wall fell down", "baby is sick"]
    assert set(lanes(crowd(texts, network=[7] * 5, sender=[7] * 5), RANKING)) == {OWN_WORDS}
    assert set(lanes(crowd(texts, network=[7] * 5, sender=[8] * 5), RANKING)) == {BUSY_SENDER}


def test_lets_agreement_vouch_only_outside_a_crowd():
    corroborated = [VERIFICATIONS.index("corroborated")] * 6
    texts = [*["send all boats now"] * 5, "my mother is on the roof"]
    assert lanes(crowd(texts, network=[1] * 6, verification=corroborated), RANKING).tolist() == [BUSY_NETWORK] * 5 + [
        VOUCHED
    ]
    verified = [VERIFICATIONS.index("verified")] * 6
    assert set(lanes(crowd(texts, network=[1] * 6, verification=verified), RANKING)) == {VOUCHED}


def test_gives_each_lane_its_share_of_the_places():
    """Half of what is vouched for; then ordinary, own words, the crowd and the busy sender."""
    made = board([(1, n) for n in range(50)])
    lane = np.repeat(np.arange(5, dtype=np.uint8), 10)
    order = _by_lanes(np.arange(made.n), lane, Ranking(one_in=3))
    assert lane[order][:20:2].tolist() == [VOUCHED] * 10
    assert [int(np.count_nonzero(lane[order][:20] == each)) for each in range(1, 5)] == [4, 1, 2, 3]
    assert sorted(order.tolist()) == list(range(50))
