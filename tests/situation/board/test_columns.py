"""Columns grow while readers hold boards; what a reader holds never changes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.board.columns import LAYOUT, Columns


def rows(*seqs: int, **more: Any) -> dict[str, np.ndarray]:
    """Whole rows; every column holds the row's seq unless told otherwise."""
    made = {name: np.array(seqs).astype(kind) for name, kind in LAYOUT.items()}
    return made | {name: np.array(values, LAYOUT[name]) for name, values in more.items()}


def write(columns: Columns, revision: int, changed: dict[str, np.ndarray]) -> None:
    columns.write(revision, columns.rows_of_seqs(changed["seq"]), changed)


def copy_of(board: Board) -> dict[str, np.ndarray]:
    return {name: board[name].copy() for name in LAYOUT}


def same(board: Board, copy: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(board[name], copy[name], equal_nan=copy[name].dtype.kind == "f") for name in LAYOUT)


def test_starts_empty():
    board = Columns().board
    assert (board.revision, board.n, len(board["lon"]), board.unanswered.sum()) == (0, 0, 0, 0)
    assert board.row_of_id(bytes(16)) is None
    assert board.row_of_code(0) is None


def test_appends_without_a_trace_in_older_boards():
    columns = Columns()
    write(columns, 1, rows(1, 2))
    first, seen = columns.board, copy_of(columns.board)
    write(columns, 2, rows(3))
    assert (first.n, first.revision, columns.board.n, columns.board.revision) == (2, 1, 3, 2)
    assert same(first, seen)
    assert columns.board["seq"].tolist() == [1, 2, 3]


def test_overwrites_in_a_copy():
    columns = Columns()
    write(columns, 1, rows(1, 2, 3))
    first, seen = columns.board, copy_of(columns.board)
    write(columns, 2, rows(2, lon=[80.5]))
    assert same(first, seen)
    assert columns.board["lon"].tolist() == [1.0, 80.5, 3.0]
    assert columns.board.n == 3


def test_overwrites_and_appends_at_once():
    columns = Columns()
    write(columns, 1, rows(1, 3))
    write(columns, 2, rows(1, 3, 4, lat=[10, 30, 40]))
    assert columns.board["seq"].tolist() == [1, 3, 4]
    assert columns.board["lat"].tolist() == [10, 30, 40]


def test_writes_some_columns_of_some_rows():
    columns = Columns()
    write(columns, 1, rows(1, 2, 3))
    columns.write(2, np.array([0, 2]), {"area": np.array([7, 9], np.int32)})
    assert columns.board["area"].tolist() == [7, 2, 9]
    assert columns.board["lon"].tolist() == [1.0, 2.0, 3.0]


def test_moves_on_without_a_change():
    columns = Columns()
    write(columns, 1, rows(1))
    columns.at(5)
    assert (columns.board.revision, columns.board.n) == (5, 1)
    columns.write(6, np.empty(0, np.int64), rows())
    assert (columns.board.revision, columns.board.n) == (6, 1)


WRITES = st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=8, unique=True), max_size=12)


@given(WRITES, st.sampled_from([1, 400]))
def test_keeps_every_board_as_it_was_handed_out(writes: list[list[int]], scale: int):
    """Against a dict: whatever is written, all boards ever handed out stay what they were, past any growth."""
    columns, model, handed = Columns(), {}, []
    for revision, wanted in enumerate(writes, 1):
        known = sorted(model)
        new = sorted(seq * scale for seq in wanted if not known or seq * scale > known[-1])
        old = [seq for seq in known if seq // scale in wanted]
        seqs = old + new
        changed = rows(*seqs, lon=[float(revision)] * len(seqs))
        write(columns, revision, changed)
        model |= dict.fromkeys(seqs, float(revision))
        assert dict(zip(columns.board["seq"].tolist(), columns.board["lon"].tolist(), strict=True)) == model
        handed.append((columns.board, copy_of(columns.board)))
        assert all(same(board, copy) for board, copy in handed)


def test_grows_past_its_room():
    columns = Columns()
    for start in range(0, 5000, 700):
        write(columns, start + 1, rows(*range(start + 1, start + 701)))
    assert columns.board["seq"].tolist() == list(range(1, columns.board.n + 1))


def test_finds_rows_by_the_stores_numbers():
    columns = Columns()
    assert columns.rows_of_seqs(np.array([1, 2])).tolist() == [NONE, NONE]
    write(columns, 1, rows(2, 5, 9))
    assert columns.rows_of_seqs(np.array([1, 2, 5, 6, 9, 10])).tolist() == [NONE, 0, 1, NONE, 2, NONE]


def test_takes_rows_out_and_back_in_order_and_leaves_held_boards() -> None:
    columns = Columns()
    made = {name: np.arange(1, 6).astype(kind) for name, kind in LAYOUT.items()}
    columns.write(1, np.full(5, NONE), made)
    held = columns.board
    columns.drop(2, np.array([1, 3]))
    assert columns.board["seq"].tolist() == [1, 3, 5]
    assert columns.board["lon"].tolist() == [1, 3, 5]
    assert columns.board.changed == 2
    back = {name: values[[1, 3]] for name, values in made.items()}
    columns.write(3, columns.rows_of_seqs(back["seq"]), back)
    assert columns.board["seq"].tolist() == [1, 2, 3, 4, 5]
    assert columns.board["lat"].tolist() == [1, 2, 3, 4, 5]
    later = {name: np.array([9]).astype(kind) for name, kind in LAYOUT.items()}
    columns.write(4, columns.rows_of_seqs(later["seq"]), later)
    assert columns.board["seq"].tolist() == [1, 2, 3, 4, 5, 9]
    assert held["seq"].tolist() == [1, 2, 3, 4, 5]
