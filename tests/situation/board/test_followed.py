"""What a board knows without reading all rows is what reading all of them would find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisismap.situation.board import followed
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import ASKS, NO_STATE, STATES
from crisismap.situation.board.columns import LAYOUT, Columns
from crisismap.situation.board.followed import Tally, Writes

ROW = st.tuples(
    st.integers(1, 25), st.sampled_from([*range(len(STATES)), NO_STATE]), st.integers(0, 3), st.integers(-1, 5)
)
WRITES = st.lists(st.one_of(st.lists(ROW, min_size=1, max_size=6), st.integers(0, 30)), max_size=10)


def values(rows: list[tuple[int, int, int, int]]) -> dict[str, np.ndarray]:
    rows = list({row[0]: row for row in sorted(rows)}.values())
    made = {name: np.zeros(len(rows), kind) for name, kind in LAYOUT.items()}
    seq, state, category, area = np.array(rows, np.int64).T
    made |= {"seq": seq, "state": state.astype(np.uint8), "category": category.astype(np.uint8)}
    return made | {"area": area.astype(np.int32), "asks": state != NO_STATE}


def written(writes: list) -> list[Board]:
    """The boards after each write; a number drops the row with that number, if there is one."""
    columns = Columns()
    boards = [columns.board]
    for revision, write in enumerate(writes, 1):
        if isinstance(write, int):
            if write < columns.board.n:
                columns.drop(revision, np.array([write]))
        else:
            made = values(write)
            columns.write(revision, columns.rows_of_seqs(made["seq"]), made)
        boards.append(columns.board)
    return boards


def told(tally: Tally) -> list[list[int]]:
    counts = (tally.by_category, tally.by_area, tally.by_need)
    return [
        tally.unanswered.tolist(),
        *(np.trim_zeros(each, "b").tolist() for of in counts for each in np.atleast_2d(of)),
    ]


@settings(max_examples=100)
@given(WRITES)
def test_counts_as_if_all_rows_were_counted(writes: list):
    for board in written(writes):
        assert told(board.tally) == told(Tally.of(board))
        assert board.waiting["seq"].tolist() == board["seq"][board.unanswered].tolist()


@settings(max_examples=100)
@given(WRITES, st.sampled_from([1, 3, 1024]))
def test_names_every_row_that_differs_from_an_older_board_or_none(writes: list, most: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(followed, "MOST_WRITES", most)
        boards = written(writes)
    for number, board in enumerate(boards):
        for older in boards[:number]:
            rows = board.rows_since(older)
            if rows is not None:
                same = np.setdiff1d(np.arange(board.n), rows)
                assert (same < older.n).all()
                assert all(np.array_equal(board[name][same], older[name][same]) for name in LAYOUT)


def test_names_no_row_too_many():
    first, second, third, _ = boards = written(
        [[(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0)], [(2, 3, 0, 0)], [(2, 3, 0, 0), (9, 0, 0, 0)]]
    )
    assert third.rows_since(second).tolist() == [1]
    assert boards[-1].rows_since(second).tolist() == [1, 3], "one changed, one new, and one written as it was"
    assert boards[-1].rows_since(third).tolist() == [3]
    assert first.rows_since(third) is None, "a board does not know what came later"
    assert third.rows_since(written([[(1, 0, 0, 0)]])[-1]) is None, "another audience's"


def test_does_not_know_what_changed_when_rows_have_moved():
    *_, before, after = written([[(1, 0, 0, 0), (2, 0, 0, 0)], 0])
    assert after.rows_since(before) is None


def test_remembers_some_writes_and_rows_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(followed, "MOST_ROWS", 10)
    start = now = Writes(object())
    for first in range(0, 40, 4):
        now = now.and_then(np.arange(first, first + 4))
    assert now.since(start) is None
    near = now.and_then(np.array([7]))
    assert near.since(now).tolist() == [7]
    assert near.since(near).tolist() == []


def test_counts_a_board_that_was_not_written():
    made = values([(1, 0, 2, 5), (2, 3, 2, -1)]) | {"need": np.array([ASKS, ASKS], np.uint8)}
    tally = Board(1, 2, made).tally
    assert tally.unanswered.tolist() == [0]
    assert (tally.by_category[:, 2].tolist(), tally.by_area[0].tolist()) == ([2, 2], [1, 0, 0, 0, 0, 0, 1])
    assert tally.by_need[ASKS] == 2
