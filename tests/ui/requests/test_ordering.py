"""The order of the lists: by a column's head or the box, one for the Live map and the queues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.services.runtime.context import Context
from crisismap.ui.requests.ordering import COLUMNS, LABELS, Ordering
from tests.conftest import FakeClock
from tests.people import AGENCY
from tests.ui.listed import ids, listed
from tests.ui.open_desk import page, told


def test_turns_round_by_the_same_column_again() -> None:
    by_people = Ordering().by("people")
    assert by_people == Ordering("people")
    assert by_people.column == ("people", True)
    assert by_people.by("people") == Ordering("people", backwards=True)
    assert by_people.by("people").column == ("people", False)
    assert by_people.by("people").by("people") == by_people
    assert by_people.by("area") == Ordering("area")
    assert Ordering("people", backwards=True).label == "Most people first, backwards"


def test_calls_the_longest_wait_backwards_the_newest() -> None:
    assert Ordering().by("wait") == Ordering("waiting")
    assert Ordering("waiting").by("wait") == Ordering("newest")
    assert Ordering("newest").column == ("wait", False)
    assert Ordering("newest").by("wait") == Ordering("waiting")


@given(st.lists(st.sampled_from([*COLUMNS, "nonsense", None, 7, ["people"]]), max_size=8))
def test_knows_its_column_after_any_presses(pressed: list[object]) -> None:
    ordering = Ordering()
    for column in pressed:
        before, ordering = ordering, ordering.by(column)
        if isinstance(column, str) and column in COLUMNS:
            assert ordering.column[0] == column
        else:
            assert ordering == before
    assert ordering.order in LABELS


def test_orders_the_live_map_as_the_queue(desk: Context, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    old = told(desk, category="water_food", text="no food")
    clock.advance(minutes=5)
    new = told(desk, text="trapped")
    test = page("live_map", AGENCY, monkeypatch)
    assert ids(test) == [new, old]
    assert listed(test)["sorted"] == ["priority", True]
    next(each for each in test.selectbox if each.label == "Order").set_value("waiting").run()
    assert ids(test) == [old, new]
    assert listed(test)["sorted"] == ["wait", True]
    test.switch_page("pages/requests.py").run()
    assert ids(test) == [old, new]
