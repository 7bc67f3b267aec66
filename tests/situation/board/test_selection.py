"""Choosing rows: every filter alone, all of them together, and values that cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crisismap.core.errors import Invalid
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NO_STATE, NONE, STATES
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.selection import ALL, Selection, SelectionContext, select_rows
from crisismap.situation.merge.merge import AreaRef

CATEGORIES = ("flooding", "rescue")
AREAS = [AreaRef("w", "1", "W1", "Adyar"), AreaRef("w", "2", "", "Straße"), AreaRef("v", "9", "w1", "Other")]
MINUTE = 60_000
NOW = 100 * MINUTE
DUE = ((0, 30 * MINUTE, 60 * MINUTE, 0, 0),) * len(CATEGORIES)
CHOOSING = SelectionContext(CATEGORIES, AREAS, DUE, NOW)


def board(**columns: list[Any]) -> Board:
    n = len(next(iter(columns.values())))
    made: dict[str, Any] = {name: np.zeros(n, kind) for name, kind in LAYOUT.items()}
    made |= {"hazards": np.full(n, NONE, np.int32), "area": np.full(n, NONE, np.int32)}
    return Board(1, n, made | {name: np.array(values, LAYOUT[name]) for name, values in columns.items()})


def rows(made: Board, **selection: Any) -> list[int]:
    found: list[int] = np.flatnonzero(select_rows(made, Selection(**selection), CHOOSING)).tolist()
    return found


def test_is_true_when_it_chooses_something():
    assert not ALL
    assert Selection(category=("rescue",))
    assert Selection(overdue=True)
    assert Selection(since=0)


def test_chooses_all_without_a_limit():
    assert rows(board(seq=[1, 2, 3])) == [0, 1, 2]


def test_chooses_by_box_with_its_edges_and_never_what_is_not_drawn():
    made = board(lon=[80.0, 80.2, 80.21, np.nan], lat=[13.0, 13.2, 13.0, np.nan])
    assert rows(made, bbox=(80.0, 13.0, 80.2, 13.2)) == [0, 1]
    assert rows(made, bbox=(-180.0, -90.0, 180.0, 90.0)) == [0, 1, 2]


def test_chooses_by_a_box_over_the_antimeridian():
    made = board(lon=[179.0, -179.0, 180.0, -180.0, 0.0], lat=[0.0] * 5)
    assert rows(made, bbox=(178.0, -1.0, -178.0, 1.0)) == [0, 1, 2, 3]


def test_counts_since_and_not_until():
    made = board(at=[10, 20, 30])
    assert rows(made, since=20) == [1, 2]
    assert rows(made, until=20) == [0]
    assert rows(made, since=10, until=30) == [0, 1]
    assert rows(made, since=20, until=20) == []


def test_chooses_by_category_state_and_verification():
    made = board(category=[0, 1, 1], state=[NO_STATE, 0, STATES.index("answered")], verification=[0, 0, 2])
    assert rows(made, category=("rescue",)) == [1, 2]
    assert rows(made, category=("rescue", "flooding")) == [0, 1, 2]
    assert rows(made, state=("open",)) == [1]
    assert rows(made, state=("open", "answered")) == [1, 2]
    assert rows(made, status=("verified",)) == [2]


def test_chooses_by_code_or_name_of_an_area_in_any_case():
    made = board(area=[0, 1, 2, NONE])
    assert rows(made, area=("W1",)) == [0, 2]
    assert rows(made, area=("adyar",)) == [0]
    assert rows(made, area=("STRASSE",)) == [1]
    assert rows(made, area=("W1", "straße")) == [0, 1, 2]


@pytest.mark.parametrize(("typed", "near"), [("Adyarr", ["Adyar"]), ("zzz", None), ("", None), ("2222", None)])
def test_refuses_an_unknown_area_and_names_near_ones(typed: str, near: list[str] | None) -> None:
    """An empty list would look as if nobody waited there."""
    with pytest.raises(Invalid) as refusal:
        rows(board(area=[0]), area=("W1", typed))
    assert refusal.value.details.get("near") == near


def test_chooses_by_priority_inside_and_outside_hazards():
    made = board(hazards=[NONE, 3], priority_dry=[2, 2], priority_wet=[1, 1])
    assert rows(made, priority=(1,)) == [1]
    assert rows(made, priority=(1, 2)) == [0, 1]


def test_chooses_what_is_overdue_only_while_it_is_unanswered():
    late, early = NOW - 31 * MINUTE, NOW - 30 * MINUTE
    made = board(due_from=[late, early, late, late], priority_dry=[1, 1, 2, 1], state=[0, 1, 1, 2])
    assert rows(made, overdue=True) == [0]


def test_chooses_what_has_no_place():
    assert rows(board(lon=[80.0, np.nan]), unplaced=True) == [1]


def test_wants_all_filters_together():
    made = board(category=[1, 1, 0], state=[0, 1, 0], lon=[80.0, 80.0, np.nan], at=[5, 5, 5])
    assert rows(made, category=("rescue",), state=("open",), bbox=(79.0, -1.0, 81.0, 1.0), since=5) == [0]


@pytest.mark.parametrize(
    ("selection", "field"),
    [
        ({"category": ("earthquake",)}, "category"),
        ({"state": ("open", "lost")}, "state"),
        ({"status": ("true",)}, "status"),
    ],
)
def test_refuses_values_that_cannot_be(selection: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refusal:
        rows(board(seq=[1]), **selection)
    assert refusal.value.field == field
