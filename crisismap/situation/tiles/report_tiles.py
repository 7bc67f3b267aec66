"""Tiles of the reports: keeps an index per audience and selection, brought up to the board's revision when asked."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from cachetools import LRUCache

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import NO_STATE, PLACE_KINDS, STATES, VERIFICATIONS
from crisismap.situation.board.selection import ALL, Selection, overdue, select_rows
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.mvt import ABSENT
from crisismap.situation.tiles.tiles import Attribute, Points, TileIndex

MOMENT_MS = 10_000  # a request turns overdue on the map, or a report stale, within this time
KEPT = 32  # indexes of selections kept at a time
_PRIORITIES = ("P1", "P2", "P3", "P4")


@dataclass(slots=True)
class _Held:
    board: Board
    moment: int
    late: Mask
    stale: Mask
    drawn: Mask
    index: TileIndex


class ReportTiles:
    """Gives tiles of a situation. For any thread."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._attributes = (
            Attribute("category", tuple(situation.rules.categories)),
            Attribute("priority", _PRIORITIES),
            Attribute("state", STATES),
            Attribute("verification", VERIFICATIONS),
            Attribute("place_kind", PLACE_KINDS),
            Attribute("overdue", (False, True)),
            Attribute("asks", (False, True)),
            Attribute("stale", (False, True)),
        )
        self._held: LRUCache[tuple[Audience, Selection], _Held] = LRUCache(KEPT)
        self._lock = Lock()
        self.forgotten = 0  # how often; who keeps tiles made of these forgets them too

    def tile(self, audience: Audience, selection: Selection, z: int, x: int, y: int, now_ms: int) -> tuple[int, bytes]:
        """The revision and the tile (MVT, b"" when empty). The id of a feature is its row in the audience's board."""
        index = self.index(audience, selection, now_ms)
        return index.revision, index.tile(z, x, y)

    def index(self, audience: Audience, selection: Selection, now_ms: int) -> TileIndex:
        """The index of the rows that fit and have a place, at the board's revision."""
        with self._lock:
            board = self._situation.board(audience)
            key = (audience, selection)
            try:  # not get(): it looks three times, and a selection's hash is slow
                held = self._held[key]
            except KeyError:
                held = None
            moment = now_ms - now_ms % MOMENT_MS
            if held is None or held.board is not board or held.moment != moment:
                held = self._held[key] = self._bring_up(held, board, selection, moment)
            return held.index

    def built(self, board: Board, selection: Selection, moment: int) -> TileIndex:
        """The index of a board that is not followed: what fits and has a place there, as it stood at a moment."""
        drawn = board.drawn
        if selection != ALL:
            drawn = drawn & select_rows(board, selection, self._situation.choosing(moment))
        clocks = self._situation.rules.clocks
        points = self._points(
            board, np.flatnonzero(drawn), overdue(board, clocks.due, moment), board.stale(clocks.stale_ms, moment)
        )
        return TileIndex.build(points, self._attributes, board.revision)

    def forget(self) -> None:
        """Let go of what was drawn before, with whatever has been erased since."""
        with self._lock:
            self._held.clear()
            self.forgotten += 1

    def _bring_up(self, held: _Held | None, board: Board, selection: Selection, moment: int) -> _Held:
        late = overdue(board, self._situation.rules.clocks.due, moment)
        stale = board.stale(self._situation.rules.clocks.stale_ms, moment)
        drawn = board.drawn
        if selection != ALL:
            drawn = drawn & select_rows(board, selection, self._situation.choosing(moment))
        if held is None or not _continues(held.board, board):
            points = self._points(board, np.flatnonzero(drawn), late, stale)
            return _Held(board, moment, late, stale, drawn, TileIndex.build(points, self._attributes, board.revision))
        old = held.board
        changed = np.ones(board.n, np.bool_)
        changed[: old.n] = (
            (board["updated_revision"][: old.n] > old.revision)
            | (board.priority[: old.n] != old.priority)  # waiting alone alters it, or a changed layer
            | (late[: old.n] != held.late)
            | (stale[: old.n] != held.stale)
            | (drawn[: old.n] != held.drawn)
        )
        gone = np.flatnonzero(changed[: old.n] & held.drawn & ~drawn[: old.n]).astype(np.uint32)
        points = self._points(board, np.flatnonzero(changed & drawn), late, stale)
        return _Held(board, moment, late, stale, drawn, held.index.updated(points, gone, board.revision))

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


def _continues(old: Board, board: Board) -> bool:
    """Whether all rows stand where they stood: some are taken out, or come back, when a source is set apart."""
    return old.n <= board.n and np.array_equal(old["seq"], board["seq"][: old.n])
