"""Boards: what rows mean, and how one is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crisismap.situation.board.column import ASKS, MAY, NEVER, NO_NEED, NO_STATE, NONE, STATES
from crisismap.situation.board.columns import LAYOUT, Columns


def rows(*seqs: int, **more: Any) -> dict[str, np.ndarray]:
    """Whole rows; every column holds the row's seq unless told otherwise."""
    made = {name: np.array(seqs).astype(kind) for name, kind in LAYOUT.items()}
    return made | {name: np.array(values, LAYOUT[name]) for name, values in more.items()}


def write(columns: Columns, revision: int, changed: dict[str, np.ndarray]) -> None:
    columns.write(revision, columns.rows_of_seqs(changed["seq"]), changed)


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
        need=[ASKS] * 4,
    )
    write(columns, 1, made)
    board = columns.board
    assert board.unanswered.tolist() == [True, True, False, False]
    assert board.has_place.tolist() == [True, False, True, False]
    assert board.priority.tolist() == [2, 1, 1, 0]
    assert board.reasons(np.array([0, 1])).tolist() == [5, 6]
    assert board.due_at(((0, 10, 20, 0, 0, 5),) * 7).tolist() == [hour + 20, hour + 10, NEVER, NEVER]
    assert board.due_at(((0, 0, 0, 0, 0, 5),) * 7).tolist() == [NEVER] * 4


def test_has_what_may_need_help_looked_at_whatever_its_priority():
    columns = Columns()
    states, needs = [STATES.index("open")] * 3, [MAY, ASKS, NO_NEED]
    write(
        columns,
        1,
        rows(1, 2, 3, state=states, need=needs, priority_dry=[4] * 3, hazards=[NONE] * 3, due_from=[100] * 3),
    )
    board, due = columns.board, ((0, 10, 20, 0, 30, 5),) * 7
    assert board.in_doubt.tolist() == [True, False, False]
    assert board.due_at(due).tolist() == [105, 130, 130]
    assert board.without_doubt().due_at(due).tolist() == [130] * 3
    assert board["need"].tolist() == needs, "the board itself stays as it is"


def test_gives_some_rows_as_a_board_of_their_own():
    columns = Columns()
    write(
        columns, 7, rows(1, 2, 3, 4, hazards=[NONE, 0, NONE, 0], priority_dry=[4, 4, 2, 2], priority_wet=[3, 3, 1, 1])
    )
    part = columns.board.part(np.array([3, 0]))
    assert (part.revision, part.n, part["seq"].tolist()) == (7, 2, [4, 1])
    assert part.priority.tolist() == columns.board.priority[[3, 0]].tolist() == [1, 4]


def test_refuses_to_read_a_column_that_is_not_there():
    with pytest.raises(KeyError):
        Columns().board["colour"]
