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

TextNames = Sequence[tuple[str, str]]  # the two columns of each text: position in the heap, and length


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
    rows = old[on_both], new[on_both]
    positions = {name for names in texts for name in names}
    differ_on_both = np.zeros(len(rows[0]), np.bool_)
    for name in after.columns.keys() - positions:
        one, other = before[name][rows[0]], after[name][rows[1]]
        differ_on_both |= (one != other) & ~((one != one) & (other != other))  # NaN equals NaN
    for number in np.flatnonzero(~differ_on_both).tolist():
        row = int(rows[0][number]), int(rows[1][number])
        differ_on_both[number] = any(
            # Equal texts are added to the heap again whenever anything of their report changes.
            heap.take(int(before[at][row[0]]), int(before[length][row[0]]))
            != heap.take(int(after[at][row[1]]), int(after[length][row[1]]))
            for at, length in texts
        )
    differ[on_both] = differ_on_both
    return [
        id_text(before.id_raw(here) if there == NONE else after.id_raw(there))
        for here, there in zip(old[differ].tolist(), new[differ].tolist(), strict=True)
    ]
