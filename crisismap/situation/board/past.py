"""A board at a past moment, computed from the current board and the history: what was known then, in its state then.

It consists of masks and few columns, so that many moments can be computed; the live board is only read. What is not in
the log keeps its current value: priority, area, official context. A report that was placed later has no place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import NEVER, NO_STATE, STATES
from crisismap.situation.board.history import PLACED, History
from crisismap.situation.board.table import TABLE

# All columns that maps, counts and filters read; texts stay in the live board, where erasure applies.
PAST_COLUMNS = tuple(column.name for column in TABLE.past)
_OPEN = STATES.index("open")


@dataclass(frozen=True, slots=True)
class PastBoard:
    """`board` has the PAST_COLUMNS of what was known before `cut_ms`; `rows` are the rows of the source board."""

    cut_ms: int
    board: Board
    rows: Rows


def known_rows(live: Board, cut_ms: int) -> Mask:
    """Return which rows were known before a moment."""
    return live["known_at"] < cut_ms


def past_board(live: Board, history: History, cut_ms: int) -> PastBoard:
    """Return the board just before `cut_ms`."""
    rows = np.flatnonzero(known_rows(live, cut_ms))
    columns = {name: live[name][rows] for name in PAST_COLUMNS}
    entry, row = _entries_of(history, columns["seq"])
    before = history.at_ms[entry] < cut_ms
    _write_states(columns, history, cut_ms, entry, row, before)
    _write_verdicts(columns, history, entry, row, before)
    _unset_places(columns, history, entry, row, before)
    for column in TABLE.past:
        if column.later is not None:
            columns[column.name] = np.where(columns[column.name] < cut_ms, columns[column.name], column.later)
    due_from = columns["due_from"]
    columns["due_from"] = np.where(due_from < cut_ms, due_from, columns["known_at"])
    return PastBoard(cut_ms, Board(live.revision, len(rows), columns, live.changed), rows)


def same_reports(past: PastBoard, source: Places, live: Board) -> bool:
    """Return whether the live board still has all reports of a past one in place: none erased, hidden or moved."""
    mask = known_rows(live, past.cut_ms)
    return all(
        np.array_equal(live[name][mask], column, equal_nan=column.dtype.kind == "f") for name, column in source.items()
    )


Places = dict[str, NDArray[Any]]


def places(live: Board, rows: Rows) -> Places:
    """Return what `same_reports` compares."""
    return {name: live[name][rows] for name in ("seq", "lon", "lat")}


def _entries_of(history: History, seqs: NDArray[np.int64]) -> tuple[Rows, Rows]:
    """Return the entries about these reports, in the order of the log, and the row of each."""
    if not len(seqs) or not len(history.seq):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    at = np.minimum(np.searchsorted(seqs, history.seq), len(seqs) - 1)
    entry = np.flatnonzero(seqs[at] == history.seq)
    return entry, at[entry]


def _write_states(
    columns: dict[str, NDArray[Any]], history: History, cut_ms: int, entry: Rows, row: Rows, before: Mask
) -> None:
    """Write the states: the last one in the log, or one derived from the report's own times, as for imports."""
    asks, today = columns["asks"], columns["state"]
    relevant = history.states()[entry]
    logged = np.zeros(len(asks), np.bool_)
    logged[row[relevant]] = True
    later = np.maximum(columns["answered_at"], columns["confirmed_at"]) >= cut_ms
    state = np.where(asks & (logged | later), np.uint8(_OPEN), today)
    answered = later & (columns["answered_at"] != NEVER) & (columns["answered_at"] < cut_ms) & ~logged
    state[answered] = STATES.index("answered")
    then = relevant & before
    state[row[then]] = history.kind[entry[then]]  # the last of several entries for a row wins
    state[~asks] = NO_STATE
    columns["state"] = state.astype(np.uint8)


def _write_verdicts(columns: dict[str, NDArray[Any]], history: History, entry: Rows, row: Rows, before: Mask) -> None:
    relevant = history.verifications()[entry]
    found = columns["verification"].copy()
    found[row[relevant]] = 0
    then = relevant & before
    found[row[then]] = history.verification()[entry[then]]
    columns["verification"] = found


def _unset_places(columns: dict[str, NDArray[Any]], history: History, entry: Rows, row: Rows, before: Mask) -> None:
    placed = history.kind[entry] == PLACED
    pending = np.zeros(len(columns["seq"]), np.bool_)
    pending[row[placed]] = True
    pending[row[placed & before]] = False
    for column in TABLE.past:
        if column.unplaced is not None:
            values = np.where(pending, column.unplaced, columns[column.name])
            columns[column.name] = values.astype(column.dtype)
