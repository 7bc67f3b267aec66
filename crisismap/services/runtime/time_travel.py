"""past: what was known at a past moment: the reports received by then, as they stood, and the layers' versions of then.

Made of columns with masks, kept for a while, bounded; the live situation is only read, and nothing can be acted on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from cachetools import LRUCache

from crisismap.core import moment
from crisismap.core.errors import Invalid, NotFound, Unavailable
from crisismap.core.layer.layer import Layer, LayerVersion, VersionHead
from crisismap.core.moment import MINUTE_MS
from crisismap.core.ports import Store
from crisismap.core.privacy import PUBLIC_TIME_STEP_MS, Audience
from crisismap.situation.board.board import Board
from crisismap.situation.board.history import VERBS, History
from crisismap.situation.board.past import PastBoard, Places, past_board, places, same_reports
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.report_tiles import ReportTiles
from crisismap.situation.tiles.tiles import TileIndex

STEP_MS = {Audience.AGENCY: MINUTE_MS, Audience.PUBLIC: PUBLIC_TIME_STEP_MS}
MOST_MOMENTS = 16  # kept at a time, of both audiences
MOST_ROWS = 2_000_000  # in all of them; some 200 bytes each
MOST_INDEXES = 4  # of one moment, for so many different filters
MOST_FEATURES = 100_000  # of older layer versions kept at a time
FRESH_MS = 10_000  # what is found out later about an earlier moment may be so late
PATIENCE_S = 10.0


@dataclass(slots=True)
class PastMoment:
    """One past moment for one audience. `serial` differs for each making, so that addresses can name it."""

    at_ms: int
    past: PastBoard
    serial: int
    made_ms: int
    _places: Places
    _changed: int
    _forgotten: int
    _indexes: LRUCache[Selection, TileIndex] = field(default_factory=lambda: LRUCache(MOST_INDEXES))

    @property
    def board(self) -> Board:
        """The columns of then."""
        return self.past.board

    def holds(self, live: Board, forgotten: int, now_ms: int) -> bool:
        """Whether it may still be shown: nothing in it was erased, hidden or moved, and little came later."""
        if forgotten != self._forgotten:
            return False
        if live.changed == self._changed:
            return True
        return 0 <= now_ms - self.made_ms < FRESH_MS and same_reports(self.past, self._places, live)

    def says_the_same(self, other: PastMoment) -> bool:
        """Whether another making came out alike: then this one stays, and with it the tiles that browsers hold."""
        mine, others = self.board.columns, other.board.columns
        return self._forgotten == other._forgotten and all(
            np.array_equal(column, others[name], equal_nan=column.dtype.kind == "f") for name, column in mine.items()
        )

    def renewed(self, other: PastMoment) -> PastMoment:
        """This one, as fresh as another."""
        self.made_ms, self._changed = other.made_ms, other._changed
        return self


@dataclass(frozen=True, slots=True)
class PastLayer:
    """A layer of today with the version that was known then; `head` None: there was none, or it is no longer kept."""

    layer: Layer
    head: VersionHead | None
    pruned: bool  # versions of before the oldest kept one are gone

    @property
    def moment_ms(self) -> int:
        """Since when that version was what was known; 0 without one."""
        return since_ms(self.head) if self.head else 0


class TimeTravel:
    """The moments that are looked at. For any thread; one makes, the others wait."""

    def __init__(self, store: Store, situation: Situation, tiles: ReportTiles, clock: Callable[[], int]) -> None:
        self._store, self._situation, self._tiles, self._clock = store, situation, tiles, clock
        self._lock = Lock()
        self._history = History.empty()
        self._moments: OrderedDict[tuple[Audience, int], PastMoment] = OrderedDict()
        self._versions: OrderedDict[tuple[str, int], LayerVersion] = OrderedDict()
        self._serial = 0

    def look(self, audience: Audience, at_ms: int) -> PastMoment:
        """What was known at a moment, rounded down to the audience's step. Raises Invalid, Unavailable."""
        at_ms -= at_ms % STEP_MS[audience]
        now_ms = self._clock()
        if at_ms > now_ms:
            raise Invalid("at", moment.rfc3339(at_ms), "in_the_future")
        with self._turn():
            live, forgotten = self._situation.board(audience), self._tiles.forgotten
            held = self._moments.get((audience, at_ms))
            if held is None or not held.holds(live, forgotten, now_ms):
                made = self._made(audience, at_ms, live, forgotten)
                held = held.renewed(made) if held is not None and held.says_the_same(made) else made
            self._moments[audience, at_ms] = held
            self._moments.move_to_end((audience, at_ms))
            self._let_go()
            return held

    def index(self, looked: PastMoment, selection: Selection) -> TileIndex:
        """The tiles of a moment."""
        with self._turn():
            indexes = looked._indexes
            if selection not in indexes:
                indexes[selection] = self._tiles.built(looked.board, selection, looked.at_ms)
            return indexes[selection]

    def version(self, layer_id: str, number: int) -> LayerVersion:
        """One kept version of a layer that is there today. Raises NotFound."""
        today = self._situation.layers.get(layer_id)
        if today is None:
            raise NotFound("no_layer")
        if number == today.version:
            return today
        with self._turn():
            held = self._versions.get((layer_id, number))
            if held is None:
                held = self._versions[layer_id, number] = self._store.layers.version(layer_id, number)
            self._versions.move_to_end((layer_id, number))
            while len(self._versions) > 1 and sum(len(v.features) for v in self._versions.values()) > MOST_FEATURES:
                self._versions.popitem(last=False)
            return held

    def _made(self, audience: Audience, at_ms: int, live: Board, forgotten: int) -> PastMoment:
        revision, events = self._store.events.about_reports(self._history.revision, VERBS)
        self._history = self._history.grown(revision, events)
        # The public's times are the beginnings of their ten minutes: what began before the moment was known then.
        made = past_board(live, self._history, at_ms + (audience is Audience.AGENCY))
        self._serial = max(self._serial + 1, self._clock())  # another process, or a restart, gives other ones
        return PastMoment(at_ms, made, self._serial, self._clock(), places(live, made.rows), live.changed, forgotten)

    def _let_go(self) -> None:
        held = self._moments
        while len(held) > 1 and (len(held) > MOST_MOMENTS or sum(m.board.n for m in held.values()) > MOST_ROWS):
            held.popitem(last=False)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=PATIENCE_S):
            raise Unavailable("past_busy")
        try:
            yield
        finally:
            self._lock.release()


def since_ms(head: VersionHead) -> int:
    """Return since when a version was what was known, ms UTC."""
    return head.loaded_at_ms if head.as_of_ms is None else head.as_of_ms
