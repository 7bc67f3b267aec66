"""The situation at a past moment: the reports received by then, their state, and the layer versions of that time.

Built by masking columns and cached within bounds. The live situation is only read; past moments cannot be changed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from cachetools import LRUCache

from crisismap.core import moment
from crisismap.core.clock import Clock
from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Layer, LayerVersion, VersionHead
from crisismap.core.moment import MINUTE_MS
from crisismap.core.ports import Store
from crisismap.core.privacy import PUBLIC_TIME_STEP_MS, Audience
from crisismap.services.runtime.guards import ConcurrencyLimit
from crisismap.situation.board.board import Board
from crisismap.situation.board.history import VERBS, History
from crisismap.situation.board.past import PastBoard, Places, past_board, places, same_reports
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.report_tiles import ReportTiles
from crisismap.situation.tiles.tiles import TileIndex

STEP_MS = {Audience.AGENCY: MINUTE_MS, Audience.PUBLIC: PUBLIC_TIME_STEP_MS}
MOST_MOMENTS = 16  # cached at a time, for both audiences together
MOST_ROWS = 2_000_000  # in all cached moments; about 200 bytes each
MOST_INDEXES = 4  # per moment, one for each filter
MOST_FEATURES = 100_000  # of cached older layer versions
FRESH_MS = 10_000  # delay with which facts about an earlier moment may still arrive
PATIENCE_S = 10.0


@dataclass(slots=True)
class PastMoment:
    """One past moment for one audience. `serial` is unique to each build, so that tile URLs can name it."""

    at_ms: int
    past: PastBoard
    serial: int
    built_ms: int
    _places: Places
    _changed: int
    _forgotten: int
    _indexes: LRUCache[Selection, TileIndex] = field(default_factory=lambda: LRUCache(MOST_INDEXES))

    @property
    def board(self) -> Board:
        """Return the columns of that moment."""
        return self.past.board

    def is_current(self, live: Board, forgotten: int, now_ms: int) -> bool:
        """Return whether it may still be shown: nothing erased, hidden or moved, and few late arrivals."""
        if forgotten != self._forgotten:
            return False
        if live.changed == self._changed:
            return True
        return 0 <= now_ms - self.built_ms < FRESH_MS and same_reports(self.past, self._places, live)

    def equals(self, other: PastMoment) -> bool:
        """Return whether another build is equal, so that this one and the tiles in browsers stay valid."""
        left, right = self.board.columns, other.board.columns
        return self._forgotten == other._forgotten and all(
            np.array_equal(column, right[name], equal_nan=column.dtype.kind == "f") for name, column in left.items()
        )

    def renew(self, other: PastMoment) -> PastMoment:
        """Return this moment with the freshness of another."""
        self.built_ms, self._changed = other.built_ms, other._changed
        return self


@dataclass(frozen=True, slots=True)
class PastLayer:
    """A current layer with its version at that moment; `head` is None if there was none or it was pruned."""

    layer: Layer
    head: VersionHead | None
    pruned: bool  # versions before the oldest stored one are gone

    @property
    def moment_ms(self) -> int:
        """Return since when that version was current; 0 without one."""
        return self.head.moment_ms if self.head else 0


class TimeTravel:
    """A thread-safe cache of past moments; one thread builds, the others wait."""

    def __init__(self, store: Store, situation: Situation, tiles: ReportTiles, clock: Clock) -> None:
        self._store, self._situation, self._tiles, self._clock = store, situation, tiles, clock
        self._turn = ConcurrencyLimit(1, PATIENCE_S, "past_busy")
        self._history = History.empty()
        self._moments: OrderedDict[tuple[Audience, int], PastMoment] = OrderedDict()
        self._versions: OrderedDict[tuple[str, int], LayerVersion] = OrderedDict()
        self._serial = 0

    def at(self, audience: Audience, at_ms: int) -> PastMoment:
        """Return the situation at a moment, rounded down to the audience's step. Raises Invalid, Unavailable."""
        at_ms -= at_ms % STEP_MS[audience]
        now_ms = self._clock()
        if at_ms > now_ms:
            raise Invalid("at", moment.rfc3339(at_ms), "in_the_future")
        with self._turn.turn():
            live, forgotten = self._situation.board(audience), self._tiles.forgotten
            cached = self._moments.get((audience, at_ms))
            if cached is None or not cached.is_current(live, forgotten, now_ms):
                rebuilt = self._build(audience, at_ms, live, forgotten)
                cached = cached.renew(rebuilt) if cached is not None and cached.equals(rebuilt) else rebuilt
            self._moments[audience, at_ms] = cached
            self._moments.move_to_end((audience, at_ms))
            self._evict()
            return cached

    def index(self, past_moment: PastMoment, selection: Selection) -> TileIndex:
        """Return the tile index of a moment."""
        with self._turn.turn():
            indexes = past_moment._indexes
            if selection not in indexes:
                indexes[selection] = self._tiles.build_index(past_moment.board, selection, past_moment.at_ms)
            return indexes[selection]

    def version(self, layer_id: str, number: int) -> LayerVersion:
        """Return one stored version of a current layer. Raises NotFound."""
        newest = self._situation.layer(layer_id)
        if number == newest.version:
            return newest
        with self._turn.turn():
            cached = self._versions.get((layer_id, number))
            if cached is None:
                cached = self._versions[layer_id, number] = self._store.layers.version(layer_id, number)
            self._versions.move_to_end((layer_id, number))
            while len(self._versions) > 1 and sum(len(v.features) for v in self._versions.values()) > MOST_FEATURES:
                self._versions.popitem(last=False)
            return cached

    def _build(self, audience: Audience, at_ms: int, live: Board, forgotten: int) -> PastMoment:
        revision, events = self._store.events.about_reports(self._history.revision, VERBS)
        self._history = self._history.grown(revision, events)
        # Public times are rounded down to ten minutes, so events that began before the moment were known then.
        past = past_board(live, self._history, at_ms + (audience is Audience.AGENCY))
        self._serial = max(self._serial + 1, self._clock())  # unique across restarts and processes
        return PastMoment(at_ms, past, self._serial, self._clock(), places(live, past.rows), live.changed, forgotten)

    def _evict(self) -> None:
        cached = self._moments
        while len(cached) > 1 and (len(cached) > MOST_MOMENTS or sum(m.board.n for m in cached.values()) > MOST_ROWS):
            cached.popitem(last=False)
