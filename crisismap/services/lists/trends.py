"""Trends in reports, waiting requests and time to answer, as pure functions of arrays of times.

All times come from one audience's columns, so a trend reveals no more than the list does. Public times are rounded down
to ten minutes, so a wait computed from them is off by less than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.moment import DAY_MS, HOUR_MS, MINUTE_MS
from crisismap.situation.board.board import Board, Mask
from crisismap.situation.board.column import NEVER, STATES

STEPS_MS = (10 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS)
MOST_STEPS = 48
_ROUNDING = 1e-9

Moments = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RequestTimes:
    """The times of `n` reports: arrays of n rows, ms UTC. `answered_at` is the latest answer, NEVER for none."""

    received_at: Moments
    observed_at: Moments
    answered_at: Moments
    asks: Mask
    unanswered: Mask
    priority: NDArray[np.uint8]  # 1 to 4, 0 for information only
    first_answer_at: Moments  # also of reopened requests; NEVER: not answered yet
    confirmed_at: Moments  # when the requester said it is solved; NEVER: not said or no longer true
    done: Mask  # currently answered, confirmed or not


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts per interval of `step_ms`; the last interval contains `now`. Every tuple has one number per interval."""

    step_ms: int
    starts: tuple[int, ...]  # ms UTC
    reports: tuple[int, ...]  # received within it
    requests: tuple[int, ...]  # requests among them
    answered: tuple[int, ...]  # requests answered within it
    waiting: tuple[int, ...]  # unanswered requests at its end; in the last one: now
    confirmed: tuple[int, ...] = ()  # requests that their requesters called solved within it
    answered_so_far: tuple[int, ...] = ()  # currently answered requests that were answered by its end
    confirmed_so_far: tuple[int, ...] = ()  # currently confirmed requests that were confirmed by its end
    offset_ms: int = 0  # from UTC, of the clock by which intervals begin


@dataclass(frozen=True, slots=True)
class Wait:
    """How long requests of one priority, category or area (`key`) waited for their first answer.

    `median_ms` and `ninety_ms` are the waits within which half and nine of ten are answered, by the estimate of Kaplan
    and Meier: who still waits counts as waiting at least as long as until now. None while that is not reached.
    """

    key: int
    total: int
    answered: int
    median_ms: int | None
    ninety_ms: int | None = None


def request_times(board: Board, first_answer_at: Moments | None = None) -> RequestTimes:
    """Return the times that an audience may know. Without first answers the latest ones are used instead."""
    state = board["state"]
    return RequestTimes(
        received_at=board["received_at"],
        observed_at=board["at"],
        answered_at=board["answered_at"],
        asks=board["asks"],
        unanswered=board.unanswered,
        priority=board.priority,
        first_answer_at=board["answered_at"] if first_answer_at is None else first_answer_at,
        confirmed_at=board["confirmed_at"],
        done=(state == STATES.index("answered")) | (state == STATES.index("confirmed")),
    )


def step_for(span_ms: int) -> int:
    """Return the shortest step that covers a span in at most MOST_STEPS intervals."""
    return next((step for step in STEPS_MS if span_ms <= step * MOST_STEPS), STEPS_MS[-1])


def trend(
    times: RequestTimes, now_ms: int, *, since_ms: int, step_ms: int, observed: bool = False, offset_ms: int = 0
) -> Trend:
    """Return counts per interval from the one that contains `since_ms` to the one that contains `now_ms`.

    `observed` counts reports by the time of observation, not of arrival. Requests always wait from their arrival. A
    request that is no longer unanswered but has no time of answer is not counted as waiting. Days begin at midnight of
    a clock that is `offset_ms` ahead of UTC.
    """
    first = (since_ms + offset_ms) // step_ms
    count = max(1, (now_ms + offset_ms) // step_ms - first + 1)

    def within(moments: Moments, *, early: bool = False) -> Moments:
        """Return counts per interval without later times; `early` counts earlier ones in the first interval."""
        number = (moments + offset_ms) // step_ms - first
        number = np.maximum(number, 0) if early else number[number >= 0]
        return np.bincount(number[number < count], minlength=count)

    def so_far(moments: Moments) -> Moments:
        return np.cumsum(within(moments, early=True))

    counted_at = times.observed_at if observed else times.received_at
    awaited = times.asks & (times.unanswered | (times.answered_at != NEVER))
    closed = awaited & ~times.unanswered
    done = times.done & (times.answered_at != NEVER)
    solved = times.done & (times.confirmed_at != NEVER)
    closed_so_far = so_far(np.maximum(times.answered_at, times.received_at)[closed])
    return Trend(
        step_ms=step_ms,
        starts=tuple(int(first + n) * step_ms - offset_ms for n in range(count)),
        reports=tuple(within(counted_at).tolist()),
        requests=tuple(within(counted_at[times.asks]).tolist()),
        answered=tuple(within(times.answered_at[closed]).tolist()),
        waiting=tuple((so_far(times.received_at[awaited]) - closed_so_far).tolist()),
        confirmed=tuple(within(times.confirmed_at[solved]).tolist()),
        answered_so_far=tuple(so_far(times.answered_at[done]).tolist()),
        confirmed_so_far=tuple(so_far(times.confirmed_at[solved]).tolist()),
        offset_ms=offset_ms,
    )


def growth(times: RequestTimes, now_ms: int, span_ms: int = HOUR_MS) -> int:
    """Return by how many unanswered requests increased within the last `span_ms`; negative for a decrease."""
    since = now_ms - span_ms
    awaited = times.asks & (times.unanswered | (times.answered_at != NEVER))
    new = int(np.count_nonzero(awaited & (times.received_at > since)))
    closed_at = np.maximum(times.answered_at, times.received_at)
    closed = int(np.count_nonzero(awaited & ~times.unanswered & (closed_at > since)))
    return new - closed


def arrivals(times: RequestTimes, now_ms: int, span_ms: int = HOUR_MS) -> int:
    """Return the number of reports received within the last `span_ms`."""
    return int(np.count_nonzero(times.received_at > now_ms - span_ms))


def waiting_times(times: RequestTimes, now_ms: int) -> list[Wait]:
    """Return the waiting times until the first answer, for each priority that has requests."""
    return waiting_times_by(times, now_ms, times.priority, (1, 2, 3, 4))


def waiting_times_by(times: RequestTimes, now_ms: int, row_keys: NDArray[Any], keys: Sequence[int]) -> list[Wait]:
    """Return the waiting times for each wanted key (a row's priority, category, area) that has requests."""
    answered = times.asks & (times.first_answer_at != NEVER)
    complete = answered | (times.asks & times.unanswered)
    ends = np.where(answered, times.first_answer_at, now_ms)
    waits_ms = np.maximum(ends - times.received_at, 0)
    masks = ((key, complete & (row_keys == key)) for key in keys)
    return [_wait(key, waits_ms[of_key], answered[of_key]) for key, of_key in masks if of_key.any()]


def _wait(key: int, waits_ms: Moments, answered: Mask) -> Wait:
    """Estimate the percentiles of all from those who were answered and those who have waited so long already."""
    total, order = len(waits_ms), np.lexsort((~answered, waits_ms))  # of equal waits the answered first
    ended = answered[order]
    at_risk = np.arange(total, 0, -1)
    still = np.cumprod(np.where(ended, 1 - 1 / at_risk, 1.0))  # share that waits longer
    found: list[int | None] = []
    for share in (0.5, 0.1):
        reached = np.flatnonzero(ended & (still <= share + _ROUNDING))
        found.append(int(waits_ms[order[reached[0]]]) if len(reached) else None)
    return Wait(key, total, int(np.count_nonzero(answered)), *found)


def renumber(numbers: NDArray[Any], to: Sequence[int]) -> Moments:
    """Return the index numbers mapped through a list; negative ones (nothing) are kept."""
    table = np.array([*to, -1], np.int64)  # -1 reads the last entry
    renumbered: Moments = table[numbers]
    return renumbered


def window(moments: Moments, now_ms: int, spans_ms: Sequence[int]) -> int | None:
    """Return the shortest span before `now_ms` with at least half of the times; None if there is none."""
    fitting = (span for span in spans_ms if 2 * np.count_nonzero(moments > now_ms - span) >= len(moments))
    return next(fitting, None)
