"""Rows as JSON: a report as a GeoJSON feature, a request as a flat item.

Encoded column by column: what many rows share is encoded once, texts lie in the heap as JSON already, times are
formatted by numpy. A row then costs a few microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.people.identity import id_text
from crisismap.situation.board.columns import NEVER, NO_STATE, NONE, PLACE_KINDS, STATES, VERIFICATIONS, Board, Rows
from crisismap.situation.board.selection import overdue
from crisismap.situation.situation import Situation

T = TypeVar("T")
CHUNK = 4096
DECIMALS = 7  # of coordinates: about a centimetre

_encode = msgspec.json.Encoder().encode

PROPERTIES = (
    "category",
    "text",
    "lang",
    "status",
    "observed_at",
    "received_at",
    "updated_revision",
    "place_kind",
    "accuracy_m",
    "area",
    "hazards",
    "nearest_shelter",
    "disagrees",
    "flags",
    "asks",
    "state",
    "priority",
    "reasons",
    "due_at",
    "overdue",
    "channel",
    "verification",
)
_ITEM = (
    *PROPERTIES,
    "lon",
    "lat",
    "waiting_s",
    "claimed_by",
    "claim_until",
    "asking",
    "etag",
    "reopened",
    "place",
    "people",
    "reporters",
    "stale",
    "escalated_to",
)

_members = b",".join(f'"{name}":%b'.encode() for name in PROPERTIES)
_FEATURE = b'{"type":"Feature","id":"%b","geometry":%b,"properties":{' + _members + b"}}"
_REQUEST = b'{"id":"%b",' + b",".join(f'"{name}":%b'.encode() for name in _ITEM) + b"}"


class _Encoded(Generic[T]):
    """JSON of the values of a growing list, each encoded once; number NONE is null (or `absent`)."""

    def __init__(self, values: Sequence[T], encode: Callable[[T], Any], absent: bytes = b"null") -> None:
        self._values = values
        self._encode = encode
        self._done: list[bytes] = []
        self._absent = absent

    def of(self, numbers: NDArray[Any]) -> list[bytes]:
        """The JSON of each number."""
        done, absent = self._done, self._absent
        if len(done) < len(self._values):  # replaced, not extended: several threads may be here at once
            done = self._done = [*done, *(_encode(self._encode(value)) for value in self._values[len(done) :])]
        return [done[n] if n >= 0 else absent for n in numbers.tolist()]


class Features:
    """Encodes rows of a situation's boards. Used under no lock: its caches only grow, with equal values."""

    def __init__(self, situation: Situation) -> None:
        words, facts = situation.words, situation.merger.facts
        self._situation = situation
        self._category = _Encoded(tuple(situation.rules.categories), str)
        self._state = _Encoded((*STATES, *[None] * (NO_STATE - len(STATES)), None), lambda state: state)
        self._verification = _Encoded(VERIFICATIONS, str)
        self._place_kind = _Encoded(PLACE_KINDS, str)
        self._lang = _Encoded(words.lang.items, lambda lang: lang or None)
        self._channel = _Encoded(words.channel.items, lambda channel: channel or None)
        self._flags = _Encoded(words.flags.items, list)
        self._reasons = _Encoded(words.reasons.items, list)
        self._claimed_by = _Encoded(words.person.items, situation.shown_person)
        self._areas = _Encoded(facts.areas.items, lambda a: {"code": a.code or None, "name": a.name})
        self._hazards = _Encoded(
            facts.hazards.sets,
            lambda found: [{"layer": h.layer, "feature": h.feature, "name": h.name} for h in found],
            b"[]",
        )
        self._disagrees = _Encoded(
            facts.disagreements.sets,
            lambda found: [{"layer": d.layer, "feature": d.feature, "why": d.why} for d in found],
            b"[]",
        )
        roles = (None, *(step.to for step in situation.rules.clocks.escalations))
        self._roles = [_encode(role) for role in roles]
        self._shelters = _Encoded(facts.shelters.items, lambda s: {"id": s.feature, "name": s.name})

    def features(self, board: Board, rows: Rows, now_ms: int) -> Iterator[list[bytes]]:
        """GeoJSON features, some thousand at a time."""
        for at in range(0, len(rows), CHUNK):
            part = rows[at : at + CHUNK]
            ids = _ids(board, part)
            yield [
                _FEATURE % values
                for values in zip(ids, _points(board, part), *self._shared(board, part, now_ms), strict=True)
            ]

    def items(self, board: Board, rows: Rows, now_ms: int) -> list[bytes]:
        """Requests (or reports) as flat JSON objects."""
        own = (
            _numbers(board["lon"][rows]),
            _numbers(board["lat"][rows]),
            [b"%d" % w for w in (np.maximum(now_ms - board["received_at"][rows], 0) // 1000).tolist()],
            self._claimed_by.of(board["claimed_by"][rows]),
            _moments(board["claim_until"][rows]),
            [b"%d" % n for n in board["asking"][rows].tolist()],
            [b'"\\"%d\\""' % v for v in board["version"][rows].tolist()],
            [b"%d" % n for n in board["reopened"][rows].tolist()],
            self._texts(board, rows, "words"),
            _counts(board["people"][rows]),
            _counts(board["reporters"][rows]),
            _truths(board.stale(self._situation.rules.clocks.stale_ms, now_ms)[rows]),
            [self._roles[n] for n in board["escalated"][rows].tolist()],
        )
        columns = (_ids(board, rows), *self._shared(board, rows, now_ms), *own)
        return [_REQUEST % values for values in zip(*columns, strict=True)]

    def records(self, board: Board, rows: Rows, now_ms: int) -> list[dict[str, Any]]:
        """The items as Python values."""
        return [msgspec.json.decode(item) for item in self.items(board, rows, now_ms)]

    def _shared(self, board: Board, rows: Rows, now_ms: int) -> tuple[list[bytes], ...]:
        """The members of PROPERTIES, each as a list of JSON values."""
        due = self._situation.rules.clocks.due
        status = self._verification.of(board["verification"][rows])
        asks = board["asks"][rows]
        priority = board.priority[rows]
        late = overdue(board, due, now_ms)[rows]
        return (
            self._category.of(board["category"][rows]),
            self._texts(board, rows, "text"),
            self._lang.of(board["lang"][rows]),
            status,
            _moments(board["observed_at"][rows], never=None),
            _moments(board["received_at"][rows], never=None),
            [b"%d" % r for r in board["updated_revision"][rows].tolist()],
            self._place_kind.of(board["place_kind"][rows]),
            _numbers(board["accuracy_m"][rows].astype(np.float64), 1),
            self._areas.of(board["area"][rows]),
            self._hazards.of(board["hazards"][rows]),
            self._nearest(board, rows),
            self._disagrees.of(board["disagrees"][rows]),
            self._flags.of(board["flags"][rows]),
            _truths(asks),
            self._state.of(board["state"][rows]),
            [b'"P%d"' % p if p else b"null" for p in priority.tolist()],
            self._why(board, rows),
            _moments(board.due_at(due)[rows]),
            _truths(late),
            self._channel.of(board["channel"][rows]),
            status,
        )

    def _texts(self, board: Board, rows: Rows, name: str) -> list[bytes]:
        take = self._situation.heap.take
        places = zip(board[f"{name}_at"][rows].tolist(), board[f"{name}_len"][rows].tolist(), strict=True)
        return [take(at, length) if length > 2 else b"null" for at, length in places]

    def _why(self, board: Board, rows: Rows) -> list[bytes]:
        """The reasons of the priority; the one that a person gave comes first."""
        reasons, take = self._reasons.of(board.reasons(rows)), self._situation.heap.take
        for at in np.flatnonzero(board["own_len"][rows] > 2).tolist():
            own = take(int(board["own_at"][rows[at]]), int(board["own_len"][rows[at]]))
            reasons[at] = b"[%b%b" % (own, reasons[at].replace(b"[", b",", 1) if reasons[at] != b"[]" else b"]")
        return reasons

    def _nearest(self, board: Board, rows: Rows) -> list[bytes]:
        shelters = self._shelters.of(board["shelter"][rows])
        metres = board["shelter_m"][rows].tolist()
        return [
            b'%b,"distance_m":%d}' % (shelter[:-1], round(m)) if shelter != b"null" else shelter
            for shelter, m in zip(shelters, metres, strict=True)
        ]


def _ids(board: Board, rows: Rows) -> list[bytes]:
    return [id_text(board.id_raw(row)).encode() for row in rows.tolist()]


def _points(board: Board, rows: Rows) -> list[bytes]:
    lon, lat = _numbers(board["lon"][rows]), _numbers(board["lat"][rows])
    return [
        b'{"type":"Point","coordinates":[%b,%b]}' % (x, y) if x != b"null" else b"null"
        for x, y in zip(lon, lat, strict=True)
    ]


def _numbers(values: NDArray[np.float64], decimals: int = DECIMALS) -> list[bytes]:
    return [b"null" if v != v else repr(v).encode() for v in np.round(values, decimals).tolist()]  # noqa: PLR0124 - NaN


def _moments(ms: NDArray[np.int64], never: int | None = NEVER) -> list[bytes]:
    """RFC 3339 times; null for `never`. What always has a time may have that of a clock that was never set."""
    texts = np.datetime_as_string(ms.astype("datetime64[ms]"), unit="ms").tolist()
    return [
        b'"%bZ"' % text.encode() if moment != never else b"null"
        for text, moment in zip(texts, ms.tolist(), strict=True)
    ]


def _counts(values: NDArray[Any]) -> list[bytes]:
    return [b"%d" % n if n != NONE else b"null" for n in values.tolist()]


def _truths(values: NDArray[np.bool_]) -> list[bytes]:
    return [b"true" if value else b"false" for value in values.tolist()]
