"""The list of requests: most urgent first, then longest waiting, in pages that neither skip nor repeat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crisismap.core.errors import Invalid
from crisismap.situation.columns import Board, Mask, Rows


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, how many there are in all, and where the next page begins (None: this was the last)."""

    rows: Rows
    total: int
    next: str | None


def ordered(board: Board, keep: Mask) -> Rows:
    """The rows of the mask by priority and then by waiting time; arrival settles what is equal."""
    rows = np.flatnonzero(keep)
    order: Rows = rows[np.lexsort((rows, board["received_at"][rows], board.priority[rows]))]
    return order


def page(board: Board, keep: Mask, *, limit: int, cursor: str | None = None) -> Page:
    """One page. The cursor names the last row shown, so a page stays right when others come and go."""
    rows = ordered(board, keep)
    start = _after(board, rows, cursor) if cursor else 0
    shown = rows[start : start + limit]
    more = start + limit < len(rows)
    return Page(shown, len(rows), _cursor(board, int(shown[-1])) if more and len(shown) else None)


def _cursor(board: Board, row: int) -> str:
    return f"{board.priority[row]}.{board['received_at'][row]}.{row}"


def _after(board: Board, rows: Rows, cursor: str) -> int:
    try:
        priority, received, row = (int(part) for part in cursor.split("."))
    except ValueError:
        raise Invalid("cursor", cursor, "is not one that this list gave") from None
    at = board.priority[rows].astype(np.int64)
    arrived = board["received_at"][rows]
    passed = (at < priority) | ((at == priority) & ((arrived < received) | ((arrived == received) & (rows <= row))))
    return int(np.count_nonzero(passed))
