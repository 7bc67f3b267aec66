"""Each report's history from the event log, as columns: when it was claimed, answered, verified, placed.

Append-only, in the order of the log; an entry is an event that changed the state of a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core import verbs
from crisismap.situation.board.column import STATES, VERIFICATIONS

LoggedEvent = tuple[int, int, str, int, str]  # revision, the store's row, verb, ms UTC, facts as JSON
Numbers = NDArray[np.int64]

# The state of a request after an event.
_AFTER: Mapping[str, str] = MappingProxyType(
    {verb.permission: str(verb.state) for verb in verbs.VERBS.values() if verb.state} | {"claim.expire": "open"}
)
_VERIFY, _CORROBORATE = "report.verify", "report.corroborate"
_PLACE = frozenset({"report.place", "report.confirm_place"})
VERBS = frozenset({*_AFTER, _VERIFY, _CORROBORATE, *_PLACE})
# Kinds of entries: the number of a state, then the numbers of verifications, then a place.
_VERIFIED, PLACED = len(STATES), len(STATES) + len(VERIFICATIONS)


@dataclass(frozen=True, slots=True)
class History:
    """Immutable entries: `seq` is the store's row, `at_ms` the time, `kind` the kind."""

    revision: int
    seq: Numbers
    at_ms: Numbers
    kind: NDArray[np.uint8]

    @classmethod
    def empty(cls) -> History:
        """Return a history without entries."""
        return cls(0, np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))

    def grown(self, revision: int, events: Iterable[LoggedEvent]) -> History:
        """Return the history with further events of the log, up to a revision."""
        entries = [
            (seq, at_ms, kind) for _, seq, verb, at_ms, facts in events if (kind := _kind(verb, facts)) is not None
        ]
        if not entries:
            return History(revision, self.seq, self.at_ms, self.kind)
        seq, at_ms, kinds = (np.array(column, np.int64) for column in zip(*entries, strict=True))
        return History(
            revision,
            np.concatenate([self.seq, seq]),
            np.concatenate([self.at_ms, at_ms]),
            np.concatenate([self.kind, kinds.astype(np.uint8)]),
        )

    def states(self) -> NDArray[np.bool_]:
        """Return which entries are states; their kind is the state's number."""
        return self.kind < _VERIFIED

    def verifications(self) -> NDArray[np.bool_]:
        """Return which entries are verifications."""
        return (self.kind >= _VERIFIED) & (self.kind < PLACED)

    def verification(self) -> NDArray[np.uint8]:
        """Return the verification's number, for the entries that are verifications."""
        return self.kind - np.uint8(_VERIFIED)


def _kind(verb: str, facts: str) -> int | None:
    if verb in _AFTER:
        return STATES.index(_AFTER[verb])
    if verb in _PLACE:
        return PLACED
    status = "corroborated" if verb == _CORROBORATE else msgspec.json.decode(facts).get("status")
    return _VERIFIED + VERIFICATIONS.index(status) if status in VERIFICATIONS else None
