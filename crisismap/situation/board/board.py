"""A board: one audience's columns at one revision, immutable, so that readers need no lock."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.deadlines import LOOK, DueTable
from crisismap.situation.board.column import ASKS, MAY, NEVER, NONE
from crisismap.situation.board.followed import Mask as Mask
from crisismap.situation.board.followed import Rows as Rows
from crisismap.situation.board.followed import Tally, Writes, are_unanswered
from crisismap.situation.board.patched import Taken


@dataclass(frozen=True, eq=False)
class Board:
    """One audience's columns at one revision; arrays of `n` rows that are never written again."""

    revision: int
    n: int
    columns: Mapping[str, NDArray[Any]]
    changed: int = 0  # the last revision that changed a row; later events, such as a sign-in, changed none
    writes: Writes = field(default_factory=lambda: Writes(object()))
    followed: Tally | None = None  # from the board before; None: counted when it is needed

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name][: self.n]

    def part(self, rows: Rows) -> Board:
        """Return some rows as a separate board, so that computing with it costs no more than these rows."""
        return Board(self.revision, len(rows), Taken(self.columns, rows), self.changed)

    def rows_since(self, older: Board) -> Rows | None:
        """Return the rows, ascending, that were changed or added since an older board; None when all may be others."""
        changed = self.writes.since(older.writes)
        return None if changed is None else np.append(changed[changed < older.n], np.arange(older.n, self.n))

    @cached_property
    def tally(self) -> Tally:
        """Return the unanswered rows and the counts of this board."""
        return self.followed or Tally.of(self)

    @property
    def unanswered_rows(self) -> Rows:
        """Return the rows that are open or claimed, with or without a location, in order of arrival."""
        return self.tally.unanswered

    @cached_property
    def waiting(self) -> Board:
        """Return the unanswered rows as a separate board: few among many that are answered or no requests."""
        return self.part(self.unanswered_rows)

    @property
    def unanswered(self) -> Mask:
        """Return which rows are open or claimed, with or without a location."""
        return are_unanswered(self["state"])

    @property
    def in_doubt(self) -> Mask:
        """Return which requests nobody has looked at yet; none for the public."""
        mask: Mask = self["need"] == MAY
        return mask

    @property
    def has_place(self) -> Mask:
        """Return which rows have a place on the map."""
        has_place: Mask = ~np.isnan(self["lon"])
        return has_place

    @property
    def priority(self) -> NDArray[np.uint8]:
        """Return 1 to 4, 0 for information only."""
        wet = self["hazards"] != NONE
        return np.where(wet, self["priority_wet"], self["priority_dry"])

    def reasons(self, rows: Rows) -> NDArray[np.int32]:
        """Return the numbers of the reasons for the priority of some rows."""
        wet = self["hazards"][rows] != NONE
        return np.where(wet, self["reasons_wet"][rows], self["reasons_dry"][rows])

    def due_at(self, due: DueTable) -> NDArray[np.int64]:
        """Return when each unanswered request is due, NEVER for all others.

        One that may need help is due when somebody must have looked, where the audience may know of the doubt.
        """
        wait = np.asarray(due, np.int64)[self["category"], np.where(self.in_doubt, LOOK, self.priority)]
        return np.where((wait > 0) & self.unanswered, self["due_from"] + wait, NEVER)

    def overdue(self, due: DueTable, now_ms: int) -> Mask:
        """Return which requests are unanswered and past their due time."""
        due_at = self.due_at(due)
        return (due_at > 0) & (due_at < now_ms)

    def stale_at(self, stale_ms: Sequence[int]) -> NDArray[np.int64]:
        """Return when each report of information only is too old, NEVER for all others.

        `stale_ms`: by category, 0 = never.
        """
        lasts = np.asarray(stale_ms, np.int64)[self["category"]]
        fresh = np.maximum(self["at"], self["reconfirmed_at"])
        return np.where((lasts > 0) & ~self["asks"], fresh + lasts, NEVER)

    def stale(self, stale_ms: Sequence[int], now_ms: int) -> Mask:
        """Return which reports are information only and too old."""
        stale_at = self.stale_at(stale_ms)
        mask: Mask = (stale_at != NEVER) & (stale_at < now_ms)
        return mask

    def without_doubt(self) -> Board:
        """Return the board as it is for those who must not know of doubts: what may need help, asks for it."""
        need = np.where(self.in_doubt, np.uint8(ASKS), self["need"])
        columns = ChainMap({"need": need}, self.columns)  # type: ignore[arg-type]  # the second is only read
        return replace(self, columns=columns, followed=None)

    def row_of_id(self, raw: bytes) -> int | None:
        """Return the row of a 16-byte id; None for an unknown one."""
        high, low = int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:], "big")
        hits = np.flatnonzero(self["id_low"] == np.uint64(low))
        hits = hits[self["id_high"][hits] == np.uint64(high)]
        return int(hits[0]) if len(hits) else None

    def rows_of_ids(self, raws: Sequence[bytes]) -> list[int | None]:
        """Return the row of each 16-byte id, in one pass over the columns."""
        low = np.array([int.from_bytes(raw[8:], "big") for raw in raws], np.uint64)
        hits = np.flatnonzero(np.isin(self["id_low"], low)).tolist()
        found = {self.id_raw(row): row for row in hits}
        return [found.get(raw) for raw in raws]

    def rows_of_seqs(self, seqs: NDArray[np.int64]) -> Rows:
        """Return the row of each of the store's rows, NONE where it is missing."""
        column: NDArray[Any] = self["seq"]
        if not len(column):
            return np.full(len(seqs), NONE, np.int64)
        at: NDArray[Any] = np.minimum(np.searchsorted(column, seqs), len(column) - 1)
        return np.where(column[at] == seqs, at, NONE)

    def row_of_code(self, number: int) -> int | None:
        """Return the row of a tracking code; None for an unknown one."""
        hits = np.flatnonzero((self["code"] == np.uint64(number)) & (self["code"] != 0))
        return int(hits[0]) if len(hits) else None

    def id_raw(self, row: int) -> bytes:
        """Return the 16 bytes of a row's id."""
        high, low = self["id_high"][row], self["id_low"][row]
        return int(high).to_bytes(8, "big") + int(low).to_bytes(8, "big")
