"""Tiles of the reports: an index per audience and selection, updated to the board's revision on request."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from cachetools import LRUCache

from crisismap.core.priority import PRIORITIES
from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import NO_STATE, PLACE_KINDS, STATES, VERIFICATIONS
from crisismap.situation.board.selection import ALL, Selection, select_rows
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.mvt import ABSENT
from crisismap.situation.tiles.tiles import Attribute, Points, TileIndex

MOMENT_MS = 10_000  # longest delay before a request is overdue, or a report stale, on the map
_STATE_ABOVE = {"open": 3, "claimed": 2}  # and others 1: above information, below what is overdue
MOST = 32  # cached indexes of selections


@dataclass(slots=True)
class _Entry:
    board: Board
    moment: int
    late: Mask
    stale: Mask
    located: Mask
    index: TileIndex


class ReportTiles:
    """Returns tiles of a situation. Thread-safe."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._attributes = (
            Attribute("category", tuple(situation.rules.categories)),
            Attribute("priority", PRIORITIES),
            Attribute("state", STATES, tuple(_STATE_ABOVE.get(each, 1) for each in STATES)),
            Attribute("verification", VERIFICATIONS),
            Attribute("place_kind", PLACE_KINDS),
            Attribute("overdue", (False, True), (0, 4)),
            Attribute("asks", (False, True)),
            Attribute("stale", (False, True)),
        )
        self._cache: LRUCache[tuple[Audience, Selection], _Entry] = LRUCache(MOST)
        self._lock = Lock()
        self.forgotten = 0  # how often; caches of tiles compare it to drop theirs too

    def tile(self, audience: Audience, selection: Selection, z: int, x: int, y: int, now_ms: int) -> tuple[int, bytes]:
        """Return the revision and the tile (MVT, b"" when empty). The id of a feature is its row in the board."""
        index = self.index(audience, selection, now_ms)
        return index.revision, index.tile(z, x, y)

    def index(self, audience: Audience, selection: Selection, now_ms: int) -> TileIndex:
        """Return the index of the rows that match and have a place, at the board's revision."""
        with self._lock:
            board = self._situation.board(audience)
            key = (audience, selection)
            try:  # not get(): it hashes three times, and a selection's hash is slow
                cached = self._cache[key]
            except KeyError:
                cached = None
            moment = now_ms - now_ms % MOMENT_MS
            if cached is None or cached.board is not board or cached.moment != moment:
                cached = self._cache[key] = self._update(cached, board, selection, moment)
            return cached.index

    def build_index(self, board: Board, selection: Selection, moment: int) -> TileIndex:
        """Return the index of a board that is not followed: the rows that match and have a place, at a moment."""
        return self._update(None, board, selection, moment).index

    def forget(self) -> None:
        """Drop all cached tiles, which may contain what has been erased since."""
        with self._lock:
            self._cache.clear()
            self.forgotten += 1

    def _update(self, cached: _Entry | None, board: Board, selection: Selection, moment: int) -> _Entry:
        late = board.overdue(self._situation.rules.clocks.due, moment)
        stale = board.stale(self._situation.rules.clocks.stale_ms, moment)
        located = board.has_place
        if selection != ALL:
            located = located & select_rows(board, selection, self._situation.selection_context(moment))
        if cached is None or not _has_same_rows(cached.board, board):
            points = self._points(board, np.flatnonzero(located), late, stale)
            index = TileIndex.build(points, self._attributes, board.revision)
            return _Entry(board, moment, late, stale, located, index)
        old = cached.board
        changed = np.ones(board.n, np.bool_)
        changed[: old.n] = (
            (board["updated_revision"][: old.n] > old.revision)
            | (board.priority[: old.n] != old.priority)  # changed by waiting alone, or by a layer
            | (late[: old.n] != cached.late)
            | (stale[: old.n] != cached.stale)
            | (located[: old.n] != cached.located)
        )
        removed = np.flatnonzero(changed[: old.n] & cached.located & ~located[: old.n]).astype(np.uint32)
        points = self._points(board, np.flatnonzero(changed & located), late, stale)
        return _Entry(board, moment, late, stale, located, cached.index.updated(points, removed, board.revision))

    def _points(self, board: Board, rows: Rows, late: Mask, stale: Mask) -> Points:
        priority = board.priority[rows]
        state = board["state"][rows]
        codes = np.column_stack(
            [
                board["category"][rows],
                np.where(priority == 0, ABSENT, priority - 1).astype(np.uint8),
                np.where(state == NO_STATE, ABSENT, state).astype(np.uint8),
                board["verification"][rows],
                board["place_kind"][rows],
                late[rows].astype(np.uint8),
                board["asks"][rows].astype(np.uint8),
                stale[rows].astype(np.uint8),
            ]
        ).astype(np.uint8)
        return Points(
            row=rows.astype(np.uint32),
            lon=board["lon"][rows],
            lat=board["lat"][rows],
            codes=codes,
            urgency=priority.astype(np.uint8),
            unanswered=board.unanswered[rows],
        )


def _has_same_rows(old: Board, board: Board) -> bool:
    """Return whether all rows are where they were: a quarantine removes some, or its end returns them."""
    return old.n <= board.n and np.array_equal(old["seq"], board["seq"][: old.n])
