"""Tiles of the reports: an index per audience and selection, updated to the board's revision on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from cachetools import LRUCache

from crisismap.core.priority import PRIORITIES
from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NEVER, NO_STATE, PLACE_KINDS, STATES, VERIFICATIONS
from crisismap.situation.board.selection import ALL, Selection, select_rows
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.mvt import ABSENT
from crisismap.situation.tiles.points import Attribute, Points
from crisismap.situation.tiles.tiles import TileIndex

MOMENT_MS = 10_000  # longest delay before a request is overdue, or a report stale, on the map
_STATE_ABOVE = {"open": 3, "claimed": 2}  # and others 1: above information, below what is overdue
MOST = 32  # cached indexes of selections


MOST_CHANGED = 4_096  # rows that were changed since reports were put in the order in which they become stale


@dataclass(frozen=True, slots=True)
class _Entry:
    board: Board
    moment: int
    index: TileIndex


class _StaleTimes:
    """The rows of a board in the order in which they become stale."""

    def __init__(self, board: Board, stale_ms: Sequence[int]) -> None:
        at = board.stale_at(stale_ms)
        rows = np.flatnonzero(at != NEVER)
        order = np.argsort(at[rows])
        self.board = board
        self._at = at[rows][order]
        self._rows = rows[order].astype(np.uint32)

    def between(self, begin_ms: int, end_ms: int) -> Rows:
        """Return the rows that become stale then, unless they were changed since."""
        begin, end = self._at.searchsorted((begin_ms, end_ms))
        return self._rows[begin:end].astype(np.int64)


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
        self._stale: dict[Audience, _StaleTimes] = {}
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
                cached = self._cache[key] = self._update(cached, audience, board, selection, moment)
            return cached.index

    def build_index(self, board: Board, selection: Selection, moment: int) -> TileIndex:
        """Return the index of a board that is not followed: the rows that match and have a place, at a moment."""
        return TileIndex.build(self._points(board, None, selection, moment), self._attributes, board.revision)

    def forget(self) -> None:
        """Drop all cached tiles, which may contain what has been erased since."""
        with self._lock:
            self._cache.clear()
            self._stale.clear()
            self.forgotten += 1

    def _update(
        self, cached: _Entry | None, audience: Audience, board: Board, selection: Selection, moment: int
    ) -> _Entry:
        rows = board.rows_since(cached.board) if cached is not None else None
        if cached is None or rows is None or len(rows) > board.n // 4:
            return _Entry(board, moment, self.build_index(board, selection, moment))
        if moment != cached.moment:
            rows = np.union1d(rows, self._turned(audience, board, *sorted((cached.moment, moment))))
        points = self._points(board, rows, selection, moment)
        removed = np.setdiff1d(rows.astype(np.uint32), points.row, assume_unique=True)
        return _Entry(board, moment, cached.index.updated(points, removed, board.revision))

    def _turned(self, audience: Audience, board: Board, begin_ms: int, end_ms: int) -> Rows:
        """Return the rows that become overdue or stale by waiting alone between two moments."""
        clocks = self._situation.rules.clocks
        known = self._stale.get(audience)
        changed = board.rows_since(known.board) if known is not None else None
        if known is None or changed is None or len(changed) > MOST_CHANGED:
            known = self._stale[audience] = _StaleTimes(board, clocks.stale_ms)
            changed = np.empty(0, np.int64)
        stale_at = board.part(changed).stale_at(clocks.stale_ms)
        due_at = board.waiting.due_at(clocks.due)
        return np.concatenate(
            [
                known.between(begin_ms, end_ms),
                changed[(begin_ms <= stale_at) & (stale_at < end_ms)],
                board.unanswered_rows[(begin_ms <= due_at) & (due_at < end_ms)],
            ]
        )

    def _points(self, board: Board, among: Rows | None, selection: Selection, moment: int) -> Points:
        """Return the points of those rows (None: of all) that match and have a place, at a moment."""
        part = board if among is None else board.part(among)
        located = part.has_place
        if selection != ALL:
            located = located & select_rows(part, selection, self._situation.selection_context(moment))
        rows = np.flatnonzero(located) if among is None else among[located]
        part = board.part(rows)
        clocks, priority, state = self._situation.rules.clocks, part.priority, part["state"]
        codes = np.column_stack(
            [
                part["category"],
                np.where(priority == 0, ABSENT, priority - 1).astype(np.uint8),
                np.where(state == NO_STATE, ABSENT, state).astype(np.uint8),
                part["verification"],
                part["place_kind"],
                part.overdue(clocks.due, moment).astype(np.uint8),
                part["asks"].astype(np.uint8),
                part.stale(clocks.stale_ms, moment).astype(np.uint8),
            ]
        ).astype(np.uint8)
        return Points(
            row=rows.astype(np.uint32),
            lon=part["lon"],
            lat=part["lat"],
            codes=codes,
            urgency=priority.astype(np.uint8),
            unanswered=part.unanswered,
        )
