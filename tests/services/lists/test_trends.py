"""Trends of moments: counts per interval, growth and waits, held against counting by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.moment import DAY_MS, HOUR_MS, MINUTE_MS
from crisismap.services.lists.trends import (
    RequestTimes,
    arrivals,
    growth,
    renumber,
    step_for,
    trend,
    waiting_times,
    waiting_times_by,
    window,
)

NOW = 1_449_037_800_000  # 2015-12-02T06:30Z
Row = tuple[int, int, bool, int, bool]  # minutes ago received, minutes until answered (0: not), asks, priority, lost


def made(rows: list[Row]) -> RequestTimes:
    """Moments of reports. `lost`: no longer unanswered, though nobody wrote down when it was answered."""
    received = np.array([NOW - ago * MINUTE_MS for ago, *_ in rows], np.int64)
    asks = np.array([asks for _, _, asks, _, _ in rows], bool)
    after = np.array([minutes if asks and not lost else 0 for _, minutes, asks, _, lost in rows], np.int64)
    answered = np.where(after > 0, received + after * MINUTE_MS, 0)
    lost = np.array([lost for *_, lost in rows], bool)
    priority = np.array([p if asks else 0 for _, _, asks, p, _ in rows], np.uint8)
    open_ = asks & (answered == 0) & ~lost
    never = np.zeros(len(rows), np.int64)
    return RequestTimes(
        received, received - 10 * HOUR_MS, answered, asks, open_, priority, answered, never, asks & (answered > 0)
    )


ROWS: list[Row] = [
    (200, 30, True, 1, False),
    (130, 0, True, 1, False),
    (100, 95, True, 2, False),
    (59, 0, True, 1, False),
    (5, 0, False, 0, False),
    (1, 0, True, 3, False),
]


def test_counts_reports_and_requests_per_interval() -> None:
    found = trend(made(ROWS), NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS)
    assert len(found.starts) == 5
    assert found.starts[-1] == NOW - 30 * MINUTE_MS
    assert found.reports == (0, 1, 2, 1, 2)
    assert found.requests == (0, 1, 2, 1, 1)
    assert found.answered == (0, 1, 0, 0, 1)


def test_lets_a_request_wait_from_its_arrival_to_its_answer() -> None:
    found = trend(made(ROWS), NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS)
    assert found.waiting == (0, 0, 2, 3, 3)


def test_counts_what_was_waiting_before_the_first_interval() -> None:
    found = trend(made(ROWS), NOW, since_ms=NOW, step_ms=10 * MINUTE_MS)
    assert found.waiting == (3,)
    assert found.reports == (0,)


def test_counts_by_the_moment_that_was_observed_when_asked() -> None:
    found = trend(made(ROWS), NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS, observed=True)
    assert sum(found.reports) == 0
    assert found.waiting[-1] == 3


def test_leaves_out_a_request_whose_end_nobody_wrote_down() -> None:
    found = trend(made([*ROWS, (90, 0, True, 1, True)]), NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS)
    assert found.waiting == (0, 0, 2, 3, 3)


def test_counts_an_answer_that_is_older_than_its_report_from_the_arrival() -> None:
    one = made([(60, 10, True, 1, False)])
    before = one.received_at - DAY_MS
    early = replace(one, answered_at=before, first_answer_at=before)
    assert trend(early, NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS).waiting == (0, 0, 0, 0, 0)
    assert waiting_times(early, NOW)[0].median_ms == 0


def test_tells_by_how_many_the_unanswered_grew() -> None:
    assert growth(made(ROWS), NOW) == 1  # two came, one was answered
    assert growth(made(ROWS), NOW, DAY_MS) == 3
    assert growth(made([]), NOW) == 0


def test_counts_what_arrived_lately() -> None:
    assert arrivals(made(ROWS), NOW) == 3


def test_gives_half_of_all_only_once_half_of_all_are_answered() -> None:
    urgent, hours, days = waiting_times(made(ROWS), NOW)
    assert (urgent.key, urgent.total, urgent.answered, urgent.median_ms) == (1, 3, 1, None)
    assert (hours.total, hours.answered, hours.median_ms) == (1, 1, 95 * MINUTE_MS)
    assert (days.key, days.answered, days.median_ms) == (3, 0, None)


def test_counts_those_who_still_wait() -> None:
    """Three quick answers among ten that have waited for hours are no quick service."""
    rows: list[Row] = [(500, minutes, True, 1, False) for minutes in (10, 20, 30)]
    [quick] = waiting_times(made(rows), NOW)
    assert (quick.median_ms, quick.ninety_ms) == (20 * MINUTE_MS, 30 * MINUTE_MS)
    [slow] = waiting_times(made([*rows, *[(500, 0, True, 1, False)] * 7]), NOW)
    assert (slow.total, slow.answered, slow.median_ms, slow.ninety_ms) == (10, 3, None, None)


def test_expects_nothing_yet_of_those_who_came_a_moment_ago() -> None:
    rows: list[Row] = [(500, minutes, True, 1, False) for minutes in (10, 20, 30, 40)]
    [wait] = waiting_times(made([*rows, *[(5, 0, True, 1, False)] * 6]), NOW)
    assert (wait.total, wait.answered) == (10, 4)
    assert (wait.median_ms, wait.ninety_ms) == (20 * MINUTE_MS, 40 * MINUTE_MS)


def test_takes_the_shortest_wait_within_which_the_share_is_answered() -> None:
    rows: list[Row] = [(900, minutes, True, 2, False) for minutes in range(10, 210, 10)]
    [wait] = waiting_times(made(rows), NOW)
    assert (wait.median_ms, wait.ninety_ms) == (100 * MINUTE_MS, 180 * MINUTE_MS)
    [one] = waiting_times(made(rows[:1]), NOW)
    assert (one.median_ms, one.ninety_ms) == (10 * MINUTE_MS, 10 * MINUTE_MS)


def test_counts_the_first_answer_of_what_was_opened_again() -> None:
    one = made([(500, 0, True, 1, False), (500, 300, True, 1, False)])
    again = replace(one, first_answer_at=one.received_at + 20 * MINUTE_MS)
    [wait] = waiting_times(again, NOW)
    assert (wait.total, wait.answered, wait.median_ms) == (2, 2, 20 * MINUTE_MS)


def test_parts_waits_by_any_key() -> None:
    lives = made([(500, 10, True, 1, False), (500, 0, True, 2, False), (500, 30, True, 1, False)])
    first, second = waiting_times_by(lives, NOW, np.array([7, 7, 3]), [3, 7, 9])
    assert (first.key, first.total, first.median_ms) == (3, 1, 30 * MINUTE_MS)
    assert (second.key, second.total, second.answered, second.median_ms) == (7, 2, 1, 10 * MINUTE_MS)


def test_renumbers_what_is_one_and_leaves_nothing_alone() -> None:
    assert renumber(np.array([0, 1, 2, -1], np.int32), [0, 0, 2]).tolist() == [0, 0, 2, -1]


def test_tells_answered_and_confirmed_as_two_facts() -> None:
    one = made([(200, 30, True, 1, False), (190, 60, True, 1, False), (100, 0, True, 1, False)])
    confirmed = np.array([NOW - 20 * MINUTE_MS, 0, 0], np.int64)
    found = trend(replace(one, confirmed_at=confirmed), NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS)
    assert found.answered == (0, 1, 1, 0, 0)
    assert found.answered_so_far == (0, 1, 2, 2, 2)
    assert found.confirmed == (0, 0, 0, 0, 1)
    assert found.confirmed_so_far == (0, 0, 0, 0, 1)


def test_counts_as_answered_only_what_still_stands_so() -> None:
    one = made([(200, 30, True, 1, False)])
    again = replace(one, done=np.array([False]), unanswered=np.array([True]))
    found = trend(again, NOW, since_ms=NOW - 4 * HOUR_MS, step_ms=HOUR_MS)
    assert found.answered_so_far[-1] == 0
    assert found.waiting[-1] == 1


@pytest.mark.parametrize(
    ("span", "step"),
    [(6 * HOUR_MS, 10 * MINUTE_MS), (DAY_MS, HOUR_MS), (7 * DAY_MS, 6 * HOUR_MS), (4000 * DAY_MS, 28 * DAY_MS)],
)
def test_chooses_a_step_that_a_page_can_show(span: int, step: int) -> None:
    assert step_for(span) == step


def test_chooses_the_shortest_time_that_holds_half_of_the_reports() -> None:
    moments = np.array([NOW - 30 * MINUTE_MS, NOW - 20 * HOUR_MS, NOW - 22 * HOUR_MS, NOW - 400 * DAY_MS], np.int64)
    assert window(moments, NOW, [6 * HOUR_MS, DAY_MS]) == DAY_MS
    assert window(moments[3:], NOW, [6 * HOUR_MS, DAY_MS]) is None
    assert window(moments[:0], NOW, [6 * HOUR_MS, DAY_MS]) == 6 * HOUR_MS


rows = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 600), st.booleans(), st.integers(1, 4), st.booleans()), max_size=40
)


@given(rows, st.integers(1, 3000), st.sampled_from([10 * MINUTE_MS, HOUR_MS, DAY_MS]))
def test_agrees_with_counting_by_hand(rows: list[Row], since: int, step: int) -> None:
    rows = [(ago, min(after, ago), asks, priority, lost) for ago, after, asks, priority, lost in rows]
    lives = made(rows)
    found = trend(lives, NOW, since_ms=NOW - since * MINUTE_MS, step_ms=step)
    ends = [start + step for start in found.starts]
    assert sum(found.reports) == sum(at >= found.starts[0] for at in lives.received_at)
    for end, waiting in zip(ends, found.waiting, strict=True):
        known = lives.unanswered | (lives.answered_at > 0)
        open_then = lives.asks & known & (lives.received_at < end) & (lives.unanswered | (lives.answered_at >= end))
        assert waiting == int(np.count_nonzero(open_then))
    assert found.waiting[-1] == int(np.count_nonzero(lives.unanswered))
