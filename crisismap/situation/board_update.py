"""What one update of the boards changed: for each audience the reports of which it sees something else than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.people.identity import id_text
from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.board.heap import Heap
from crisismap.situation.board.patched import unlike
from crisismap.situation.shared_texts import TextNames


@dataclass(frozen=True, slots=True)
class BoardUpdate:
    """The boards after an update, and the ids that it changed; None where it may have changed any number of rows."""

    boards: Mapping[Audience, Board]
    changed: Mapping[Audience, Sequence[str] | None]

    @property
    def revision(self) -> int:
        """Return the revision of all boards."""
        return self.boards[Audience.PUBLIC].revision


def changed_ids(before: Board, after: Board, seqs: NDArray[np.int64], texts: TextNames, heap: Heap) -> list[str]:
    """Return the ids of those of the store's rows that differ between two boards of one audience.

    A report that neither board has, or that reads the same on both, is not named. Costs the given rows, not all.
    """
    old, new = before.rows_of_seqs(seqs), after.rows_of_seqs(seqs)
    on_both = (old != NONE) & (new != NONE)
    differ = (old != NONE) != (new != NONE)
    here, there = before.part(old[on_both]), after.part(new[on_both])
    positions = {name for names in texts for name in names}
    differ_on_both = np.zeros(here.n, np.bool_)
    for name in after.columns.keys() - positions:
        differ_on_both |= unlike(here[name], there[name])
    for row in np.flatnonzero(~differ_on_both).tolist():
        differ_on_both[row] = any(
            # An equal text may have moved in the heap.
            heap.take(int(here[at][row]), int(here[length][row]))
            != heap.take(int(there[at][row]), int(there[length][row]))
            for at, length in texts
        )
    differ[on_both] = differ_on_both
    return [
        id_text(before.id_raw(was) if now == NONE else after.id_raw(now))
        for was, now in zip(old[differ].tolist(), new[differ].tolist(), strict=True)
    ]
