"""What the event log tells of each report's past, as columns: when it was claimed, answered, verified, placed.

Only grows, in the order of the log; one entry is one event that changed how a report stands.
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

Happened = tuple[int, int, str, int, str]  # revision, row of the store, verb, ms UTC, facts as JSON
Numbers = NDArray[np.int64]

# The state that a request has after an event.
_AFTER: Mapping[str, str] = MappingProxyType(
    {verb.permission: str(verb.state) for verb in verbs.VERBS.values() if verb.state} | {"claim.expire": "open"}
)
_VERIFY, _CORROBORATE, _PLACE = "report.verify", "report.corroborate", "report.place"
VERBS = frozenset({*_AFTER, _VERIFY, _CORROBORATE, _PLACE})
# Kinds of entries: a state by its number, a verification by its number behind them, and a place.
_VERIFIED, PLACED = len(STATES), len(STATES) + len(VERIFICATIONS)


@dataclass(frozen=True, slots=True)
class History:
    """The entries so far, never changed: `seq` is the store's row, `at_ms` when, `kind` what."""

    revision: int
    seq: Numbers
    at_ms: Numbers
    kind: NDArray[np.uint8]

    @classmethod
    def empty(cls) -> History:
        """Before anything was read."""
        return cls(0, np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))

    def grown(self, revision: int, events: Iterable[Happened]) -> History:
        """With what the log has behind it, up to a revision."""
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
        """Which entries say a state; their kind is its number."""
        mask: NDArray[np.bool_] = self.kind < _VERIFIED
        return mask

    def verifications(self) -> NDArray[np.bool_]:
        """Which entries say how far a report is to be believed."""
        mask: NDArray[np.bool_] = (self.kind >= _VERIFIED) & (self.kind < PLACED)
        return mask

    def verification(self) -> NDArray[np.uint8]:
        """The number of that verification, for the entries that say one."""
        number: NDArray[np.uint8] = self.kind - np.uint8(_VERIFIED)
        return number


def _kind(verb: str, facts: str) -> int | None:
    if verb in _AFTER:
        return STATES.index(_AFTER[verb])
    if verb == _PLACE:
        return PLACED
    status = "corroborated" if verb == _CORROBORATE else msgspec.json.decode(facts).get("status")
    return _VERIFIED + VERIFICATIONS.index(status) if status in VERIFICATIONS else None
