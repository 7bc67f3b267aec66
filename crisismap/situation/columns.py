"""The situation's columns: one set per audience, a row per report that the audience may know of.

Rows stand in order of arrival. A `Board` is what readers hold: the columns at one revision, never changed again.
Appending leaves older boards as they are, because they end before the new rows; a change of existing rows is made
in a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.clocks import DueTable
from crisismap.core.privacy import Eye
from crisismap.core.request import State
from crisismap.core.verification import VERIFICATIONS as VERIFICATIONS

NONE = -1  # in columns of numbers that point into a list: nothing
NO_STATE = 255
NEVER = 0  # in columns of moments: there is none

STATES: tuple[str, ...] = tuple(State)
EYES: tuple[str, ...] = tuple(Eye)
PLACE_KINDS = ("exact", "cell", "area", "none")

# name -> type. Moments are ms UTC. Numbers of vocabularies point into `Vocabularies`.
LAYOUT: dict[str, type[np.generic]] = {
    "seq": np.int64,  # the store's row
    "id_high": np.uint64,
    "id_low": np.uint64,
    "code": np.uint64,  # the tracking code's number; 0 for audiences that cannot use it
    "category": np.uint8,
    "asks": np.bool_,
    "state": np.uint8,  # into STATES, NO_STATE when it asks nothing
    "verification": np.uint8,  # into VERIFICATIONS
    "lon": np.float64,  # NaN: no place
    "lat": np.float64,
    "accuracy_m": np.float32,  # NaN: not known
    "place_kind": np.uint8,  # into PLACE_KINDS
    "observed_at": np.int64,
    "at": np.int64,  # observed_at, or received_at where the phone's clock cannot be right
    "received_at": np.int64,
    "known_at": np.int64,  # its arrival, or what a file says of itself
    "answered_at": np.int64,  # NEVER: not answered
    "confirmed_at": np.int64,  # NEVER: the requester has not said that it is solved
    "due_from": np.int64,  # since when it has to be answered
    "reconfirmed_at": np.int64,  # NEVER: nobody has said since that it still holds
    "reporters": np.int16,  # independent people who say so; NONE: not told
    "overruled": np.bool_,  # a person has set the priority
    "escalated": np.uint8,  # how many roles were called
    "updated_revision": np.int64,
    "version": np.int32,
    "people": np.int32,  # NONE: not said
    "asking": np.int32,  # how many people ask for this
    "claimed_by": np.int32,  # vocabulary
    "claim_until": np.int64,
    "reopened": np.int16,
    "flags": np.int32,  # vocabulary
    "lang": np.int32,  # vocabulary
    "channel": np.int32,  # vocabulary
    "told": np.int32,  # vocabulary: what the report says of a thing's status
    "text_at": np.int64,  # into the heap
    "text_len": np.int32,
    "words_at": np.int64,
    "words_len": np.int32,
    "own_at": np.int64,  # the reason that a person gave for the priority
    "own_len": np.int32,
    # From the merge
    "area": np.int32,
    "hazards": np.int32,
    "shelter": np.int32,
    "shelter_m": np.float32,
    "disagrees": np.int32,
    # The priority outside and inside an official hazard, so that a changed layer needs no second reading
    "priority_dry": np.uint8,
    "priority_wet": np.uint8,
    "reasons_dry": np.int32,  # vocabulary
    "reasons_wet": np.int32,
    # Who sent it, for the ranking; numbers of vocabularies that nothing shows to the public
    "sender": np.int32,
    "network": np.int32,
    "vouched": np.bool_,  # sent by a signed-in person
    "quarantined": np.bool_,
    "eye": np.uint8,  # into EYES: whether the words wait for a person; NOTHING for the public
}

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Heap:
    """Text that only grows, as JSON strings in UTF-8, so that an export copies it as it is."""

    def __init__(self) -> None:
        self._bytes = bytearray(b'""')

    def add(self, quoted: bytes) -> tuple[int, int]:
        """Keep a JSON string; returns where it starts and how long it is."""
        if quoted == b'""':
            return 0, 2
        at = len(self._bytes)
        self._bytes += quoted
        return at, len(quoted)

    def take(self, at: int, length: int) -> bytes:
        """The JSON string again."""
        return bytes(self._bytes[at : at + length])

    def blank(self, at: int, length: int) -> None:
        """Overwrite a JSON string with spaces, for whoever still holds its place."""
        if length > len(b'""'):
            self._bytes[at : at + length] = b'"' + b" " * (length - 2) + b'"'

    def __len__(self) -> int:
        return len(self._bytes)


@dataclass(frozen=True, slots=True)
class Board:
    """One audience's columns at one revision; arrays of `n` rows that nobody writes to any more."""

    revision: int
    n: int
    columns: dict[str, NDArray[Any]]
    changed: int = 0  # the revision that last wrote a row; later ones (somebody looked, signed in) changed none

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name][: self.n]

    def part(self, rows: Rows) -> Board:
        """Return some rows as a board of their own, so that what is computed of them costs no more than they are."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Board(self.revision, len(rows), columns, self.changed)

    @property
    def unanswered(self) -> Mask:
        """Open or claimed, placed or not."""
        return _unanswered(self["state"])

    @property
    def drawn(self) -> Mask:
        """With a place on the map."""
        drawn: Mask = ~np.isnan(self["lon"])
        return drawn

    @property
    def priority(self) -> NDArray[np.uint8]:
        """1 to 4, 0 for what asks nothing."""
        wet = self["hazards"] != NONE
        chosen: NDArray[np.uint8] = np.where(wet, self["priority_wet"], self["priority_dry"])
        return chosen

    def reasons(self, rows: Rows) -> NDArray[np.int32]:
        """Numbers of the reasons behind the priority of some rows."""
        wet = self["hazards"][rows] != NONE
        chosen: NDArray[np.int32] = np.where(wet, self["reasons_wet"][rows], self["reasons_dry"][rows])
        return chosen

    def due_at(self, due: DueTable) -> NDArray[np.int64]:
        """When each unanswered request is due, NEVER for all else."""
        wait = np.asarray(due, np.int64)[self["category"], self.priority]
        found: NDArray[np.int64] = np.where((wait > 0) & self.unanswered, self["due_from"] + wait, NEVER)
        return found

    def stale(self, stale_ms: Sequence[int], now_ms: int) -> Mask:
        """What asks nothing and was not seen to hold for too long. `stale_ms`: by category, 0 = never."""
        lasts = np.asarray(stale_ms, np.int64)[self["category"]]
        fresh = np.maximum(self["at"], self["reconfirmed_at"])
        mask: Mask = (lasts > 0) & ~self["asks"] & (fresh + lasts < now_ms)
        return mask

    def row_of_id(self, raw: bytes) -> int | None:
        """The row of a 16-byte id."""
        high, low = int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:], "big")
        hits = np.flatnonzero(self["id_low"] == np.uint64(low))
        hits = hits[self["id_high"][hits] == np.uint64(high)]
        return int(hits[0]) if len(hits) else None

    def rows_of_ids(self, raws: Sequence[bytes]) -> list[int | None]:
        """Return the row of each 16-byte id, reading the columns once and not once for each id."""
        low = np.array([int.from_bytes(raw[8:], "big") for raw in raws], np.uint64)
        hits = np.flatnonzero(np.isin(self["id_low"], low)).tolist()
        found = {self.id_raw(row): row for row in hits}
        return [found.get(raw) for raw in raws]

    def row_of_code(self, number: int) -> int | None:
        """The row of a tracking code."""
        hits = np.flatnonzero((self["code"] == np.uint64(number)) & (self["code"] != 0))
        return int(hits[0]) if len(hits) else None

    def id_raw(self, row: int) -> bytes:
        """The 16 bytes of a row's id."""
        high, low = self["id_high"][row], self["id_low"][row]
        return int(high).to_bytes(8, "big") + int(low).to_bytes(8, "big")


class Columns:
    """One audience's columns as they grow; written by one thread, read through boards."""

    def __init__(self) -> None:
        self.board = Board(0, 0, {name: np.empty(0, kind) for name, kind in LAYOUT.items()})

    def rows_of_seqs(self, seqs: NDArray[np.int64]) -> Rows:
        """The row of each of the store's rows, NONE where it is not here."""
        known: NDArray[Any] = self.board["seq"]
        if not len(known):
            return np.full(len(seqs), NONE, np.int64)
        at: NDArray[Any] = np.minimum(np.searchsorted(known, seqs), len(known) - 1)
        rows: Rows = np.where(known[at] == seqs, at, NONE)
        return rows

    def drop(self, revision: int, rows: Rows) -> None:
        """Take rows out, for an audience that may not know of them any more. Boards that are held keep them."""
        board = self.board
        keep = np.ones(board.n, np.bool_)
        keep[rows] = False
        columns = {name: column[: board.n][keep] for name, column in board.columns.items()}
        self.board = Board(board.revision, board.n - len(rows), columns, revision)

    def write(self, revision: int, rows: Rows, changed: dict[str, NDArray[Any]]) -> None:
        """Make the next board. `rows` NONE: appended, in order, with every column; else overwritten."""
        board = self.board
        new = rows == NONE
        if not new.any() and _stand(board, rows, changed):
            self.at(revision)
            return
        columns, n = board.columns, board.n
        if not new.all():
            columns = {name: column.copy() for name, column in columns.items()}
            for name, values in changed.items():
                columns[name][rows[~new]] = values[~new]
        if new.any():
            columns, n = self._append(columns, n, {name: values[new] for name, values in changed.items()})
            columns = _in_order(columns, n)
        self.board = Board(revision, n, columns, revision if len(rows) else board.changed)

    def at(self, revision: int) -> None:
        """Nothing changed here, but the revision has."""
        self.board = Board(revision, self.board.n, self.board.columns, self.board.changed)

    @staticmethod
    def _append(
        columns: dict[str, NDArray[Any]], n: int, added: dict[str, NDArray[Any]]
    ) -> tuple[dict[str, NDArray[Any]], int]:
        end = n + len(added["seq"])
        if end > len(columns["seq"]):
            room = max(1024, end + end // 4)
            grown = {}
            for name, column in columns.items():
                grown[name] = np.empty(room, column.dtype)
                grown[name][:n] = column[:n]
            columns = grown
        for name, column in columns.items():
            column[n:end] = added[name]
        return columns, end


def _stand(board: Board, rows: Rows, values: dict[str, NDArray[Any]]) -> bool:
    """Whether the rows have these values already: what an audience may not know has changed, and moves nothing."""
    return all(np.array_equal(board[name][rows], new, equal_nan=new.dtype.kind == "f") for name, new in values.items())


def _in_order(columns: dict[str, NDArray[Any]], n: int) -> dict[str, NDArray[Any]]:
    """The same rows in order of arrival: one that was taken out may have come back."""
    seqs = columns["seq"][:n]
    if n < 2 or bool(np.all(seqs[1:] > seqs[:-1])):
        return columns
    order = np.argsort(seqs)
    return {name: column[:n][order] for name, column in columns.items()}


def _unanswered(state: NDArray[np.uint8]) -> Mask:
    answer: Mask = (state == STATES.index("open")) | (state == STATES.index("claimed"))
    return answer
