"""Clocks: due times by priority and category, calls in order, waiting that makes more urgent, staleness."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.deadlines import LOOK, Deadlines, PriorityRaise, clocks_from
from crisismap.core.errors import Misconfigured
from crisismap.rule_files import read_rule_files

MINUTE = 60_000
CATEGORIES = ("flooding", "rescue")


def clocks(**data: Any) -> Deadlines:
    return clocks_from(data, CATEGORIES, "clocks.toml")


def test_takes_a_category_s_own_due_time_before_the_usual_one():
    made = clocks(due_minutes={"P1": 30, "P2": 60, "rescue": {"P1": 10}})
    look = 5 * MINUTE
    assert made.due == ((0, 30 * MINUTE, 60 * MINUTE, 0, 0, look), (0, 10 * MINUTE, 60 * MINUTE, 0, 0, look))


def test_has_one_time_to_look_whatever_the_priority():
    assert {row[LOOK] for row in clocks(look_minutes=7).due} == {7 * MINUTE}
    for wrong in (0, -1, "soon"):
        with pytest.raises(Misconfigured, match="look_minutes"):
            clocks(look_minutes=wrong)


def test_calls_one_role_after_the_other():
    made = clocks(escalation=[{"after_minutes": 0, "to": "responder"}, {"after_minutes": 30, "to": "admin"}])
    steps = [made.due_steps(ms) for ms in (-1, 0, 30 * MINUTE - 1, 30 * MINUTE, 10**12)]
    assert steps == [0, 1, 1, 2, 2]


def test_raises_by_waiting_to_the_most_urgent_that_fits_and_never_lowers():
    made = clocks(
        **{
            "raise": [
                {"at": "P4", "waiting_minutes": 60, "to": "P3"},
                {"at": "P4", "waiting_minutes": 120, "to": "P2"},
            ]
        }
    )
    assert made.raise_of(4, 59 * MINUTE) is None
    assert made.raise_of(4, 60 * MINUTE) == PriorityRaise(4, 60 * MINUTE, 3)
    assert made.raise_of(3, 120 * MINUTE) == PriorityRaise(4, 120 * MINUTE, 2)
    assert made.raise_of(2, 10**12) is None
    assert made.raise_of(1, 10**12) is None


def test_says_how_long_was_waited():
    assert PriorityRaise(3, 1440 * MINUTE, 2).reason == "has waited for 24 h or more"
    assert PriorityRaise(3, 90 * MINUTE, 2).reason == "has waited for 90 min or more"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"due_minutes": {"P5": 1}}, "P5"),
        ({"due_minutes": {"P1": -1}}, "P1"),
        ({"due_minutes": {"P1": True}}, "P1"),
        ({"due_minutes": {"rescue": 30}}, "rescue"),
        ({"due_minutes": {"rescue": {"P9": 1}}}, "rescue"),
        ({"stale_minutes": {"boats": 1}}, "boats"),
        ({"escalation": [{"after_minutes": 0, "to": "public"}]}, "public"),
        ({"escalation": [{"to": "admin"}]}, "after_minutes"),
        ({"escalation": [{"after_minutes": 9, "to": "admin"}, {"after_minutes": 1, "to": "admin"}]}, "order"),
        ({"raise": [{"at": "P2", "waiting_minutes": 1, "to": "P3"}]}, "more urgent"),
        ({"raise": [{"at": "P3", "to": "P2"}]}, "waiting_minutes"),
    ],
)
def test_names_what_is_wrong_in_the_file(data: dict[str, Any], named: str):
    with pytest.raises(Misconfigured, match=named):
        clocks(**data)


def test_ships_a_due_time_for_what_is_urgent_and_somebody_to_call():
    shipped = read_rule_files().clocks
    assert all(row[1] and row[2] and row[1] < row[2] for row in shipped.due)
    assert [step.to for step in shipped.escalations] == ["responder", "agency", "admin"]
    assert shipped.raises
