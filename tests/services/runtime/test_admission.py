"""Admission: each class of work is bounded, waits and is refused; overload holds back exports first and lists last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Unavailable
from crisismap.core.limits import SHED, WORK, WorkLimit
from crisismap.services.runtime import admission as module
from crisismap.services.runtime.admission import Admission

TINY = dict.fromkeys(SHED, WorkLimit(at_once=1, waiting=1, patience_s=20, lag_ms=100, writes=10))


def run(story: Callable[[Admission], Awaitable[None]], limits: dict[str, WorkLimit] | None = None) -> None:
    async def told() -> None:
        await story(Admission(limits or TINY, lambda: 0))

    asyncio.run(told())


def test_lets_one_in_lets_one_wait_and_refuses_the_third() -> None:
    async def story(admission: Admission) -> None:
        first = await admission.begin("exports")
        second = asyncio.ensure_future(admission.begin("exports"))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="reports come first"):
            await admission.begin("exports")
        assert [(s.running, s.waiting, s.refused) for s in admission.states()] == [(1, 1, 1), (0, 0, 0), (0, 0, 0)]
        (await admission.begin("tiles")).leave()  # the others have room of their own
        first.leave()
        first.leave()  # gives its place away once
        (await second).leave()
        assert admission.states()[0].running == 0

    run(story)


def test_refuses_who_has_waited_long_enough() -> None:
    async def story(admission: Admission) -> None:
        turn = await admission.begin("lists")
        with pytest.raises(Unavailable):
            await admission.begin("lists")
        turn.leave()
        state = admission.states()[2]
        assert (state.running, state.waiting, state.refused) == (0, 0, 1)
        (await admission.begin("lists")).leave()

    run(story, TINY | {"lists": replace(TINY["lists"], patience_s=0)})


def test_loses_no_place_with_who_is_cancelled_while_waiting() -> None:
    async def story(admission: Admission) -> None:
        for let_in_first in (False, True):
            turn = await admission.begin("lists")
            waiting = asyncio.ensure_future(admission.begin("lists"))
            await asyncio.sleep(0)
            if let_in_first:
                turn.leave()
            waiting.cancel()
            await asyncio.wait([waiting])
            if not waiting.cancelled():  # it had its turn already, so it goes on
                waiting.result().leave()
            turn.leave()
            assert [(s.running, s.waiting) for s in admission.states()] == [(0, 0)] * 3

    run(story)


def test_gives_the_place_of_a_slow_reader_to_others_until_it_resumes() -> None:
    async def story(admission: Admission) -> None:
        slow = await admission.begin("exports")
        slow.leave()
        other = await admission.begin("exports")
        resumed = asyncio.ensure_future(slow.resume())
        third = asyncio.ensure_future(admission.begin("exports"))
        await asyncio.sleep(0)
        admission.measured(10_000)  # what has begun is finished also under overload
        other.leave()
        await resumed
        assert not third.done()
        slow.leave()
        assert not third.done(), "the control: overload holds back who has not begun"
        for _ in range(50):
            admission.measured(0)
        (await third).leave()

    run(story)


@given(lag_ms=st.integers(0, 5_000), writes=st.integers(0, 50_000))
def test_holds_back_exports_before_tiles_and_tiles_before_lists(lag_ms: int, writes: int) -> None:
    admission = Admission(WORK, lambda: writes)
    admission.measured(lag_ms)
    held = [state.held for state in admission.states()]
    assert [state.kind for state in admission.states()] == list(SHED)
    assert held == sorted(held, reverse=True)


def test_holds_each_class_back_somewhere_and_none_at_rest() -> None:
    admission = Admission(WORK, lambda: 0)
    assert not any(state.held for state in admission.states())
    numbers = []
    for lag_ms in (200, 500, 1_500):
        admission.measured(lag_ms)
        numbers.append(sum(state.held for state in admission.states()))
    assert numbers == [1, 2, 3]
    for _ in range(50):
        admission.measured(0)
    assert not any(state.held for state in admission.states())
    assert all(state.held for state in Admission(WORK, lambda: 20_000).states())


def test_measures_how_late_the_event_loop_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEASURE_S", 0.01)

    async def story(admission: Admission) -> None:
        import time

        (await admission.begin("exports")).leave()
        await asyncio.sleep(0.02)
        time.sleep(0.3)
        waiting = asyncio.ensure_future(admission.begin("exports"))
        await asyncio.sleep(0.02)
        assert admission.lag_ms > 100
        (await asyncio.wait_for(waiting, 20)).leave()  # once it has recovered

    run(story)
