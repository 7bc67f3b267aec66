"""Columns grow while readers hold boards; what a reader holds never changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NEVER, NO_STATE, NONE, STATES
from crisismap.situation.board.columns import LAYOUT, Columns
from crisismap.situation.board.heap import Heap


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


def test_finds_a_row_by_id_and_by_code():
    columns = Columns()
    ids = [bytes([7]) * 16, bytes([7]) * 8 + bytes(8), bytes(8) + bytes([7]) * 8]
    high = [int.from_bytes(raw[:8], "big") for raw in ids]
    low = [int.from_bytes(raw[8:], "big") for raw in ids]
    made = rows(1, 2, 3, code=[0, 2**59, 3])
    made |= {"id_high": np.array(high, np.uint64), "id_low": np.array(low, np.uint64)}
    write(columns, 1, made)
    assert [columns.board.row_of_id(raw) for raw in ids] == [0, 1, 2]
    assert [columns.board.id_raw(row) for row in range(3)] == ids
    assert columns.board.row_of_id(bytes(15) + b"x") is None
    assert columns.board.rows_of_ids([ids[2], bytes(15) + b"x", ids[0], b""]) == [2, None, 0, None]
    assert columns.board.rows_of_ids([]) == []
    assert [columns.board.row_of_code(code) for code in (2**59, 3, 4, 0)] == [1, 2, None, None]


def test_computes_what_rows_mean():
    columns = Columns()
    hour = 3_600_000
    made = rows(
        *range(1, 5),
        state=[STATES.index("open"), STATES.index("claimed"), STATES.index("answered"), NO_STATE],
        lon=[80.0, np.nan, 80.0, np.nan],
        hazards=[NONE, 0, NONE, NONE],
        priority_dry=[2, 2, 1, 0],
        priority_wet=[1, 1, 1, 0],
        reasons_dry=[5, 5, 5, 5],
        reasons_wet=[6, 6, 6, 6],
        received_at=[hour] * 4,
        due_from=[hour] * 4,
    )
    write(columns, 1, made)
    board = columns.board
    assert board.unanswered.tolist() == [True, True, False, False]
    assert board.drawn.tolist() == [True, False, True, False]
    assert board.priority.tolist() == [2, 1, 1, 0]
    assert board.reasons(np.array([0, 1])).tolist() == [5, 6]
    assert board.due_at(((0, 10, 20, 0, 0),) * 7).tolist() == [hour + 20, hour + 10, NEVER, NEVER]
    assert board.due_at(((0, 0, 0, 0, 0),) * 7).tolist() == [NEVER] * 4


def test_gives_some_rows_as_a_board_of_their_own():
    columns = Columns()
    write(
        columns, 7, rows(1, 2, 3, 4, hazards=[NONE, 0, NONE, 0], priority_dry=[4, 4, 2, 2], priority_wet=[3, 3, 1, 1])
    )
    part = columns.board.part(np.array([3, 0]))
    assert (part.revision, part.n, part["seq"].tolist()) == (7, 2, [4, 1])
    assert part.priority.tolist() == columns.board.priority[[3, 0]].tolist() == [1, 4]


@given(st.lists(st.binary(max_size=20)))
def test_keeps_texts_where_they_were_put(texts: list[bytes]):
    heap = Heap()
    quoted = [b'"' + text + b'"' for text in texts]
    places = [heap.add(text) for text in quoted]
    assert [heap.take(*place) for place in places] == quoted
    assert len(heap) == 2 + sum(len(text) for text in quoted if text != b'""')


def test_refuses_to_read_a_column_that_is_not_there():
    with pytest.raises(KeyError):
        Columns().board["colour"]


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
