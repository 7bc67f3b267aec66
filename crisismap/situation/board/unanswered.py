"""The list of requests: most urgent first, then longest waiting, in pages that neither skip nor repeat.

When more than a few wait in one priority, nobody may fill the top of the list alone. Each request is in one of four
lanes: vouched for (verified or corroborated by people, or sent by a signed-in person); ordinary; of a busy network; of
a busy sender or quarantined. The lanes are merged so that the first gets every second place, and the two last at most
one place in `one_in` each, as long as others wait. Nobody leaves the list, no priority is passed, and the rule
depends on nothing but the board and data/rules/limits.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.errors import Invalid
from crisismap.core.limits import Ranking
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import VERIFICATIONS

VOUCHED, ORDINARY, BUSY_NETWORK, BUSY_SENDER = range(4)
LANES = 4
_FAR = 2**62  # beyond every number of a list, and still one that a column can be compared with
_TRUSTED = [VERIFICATIONS.index("corroborated"), VERIFICATIONS.index("verified")]
Lanes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows in order, how many there are in all, and where the next page begins (None: this was the last)."""

    rows: Rows
    total: int
    next: str | None


def ordered(board: Board, keep: Mask, ranking: Ranking | None = None) -> Rows:
    """The rows of the mask by priority, the lanes merged, and then by waiting time; arrival settles what is equal."""
    ranking = ranking or Ranking()
    return _ordered(board, keep, lanes(board, ranking), ranking)


def page(board: Board, keep: Mask, *, limit: int, cursor: str | None = None, ranking: Ranking | None = None) -> RowPage:
    """One page. The cursor names the last row shown of each lane, so a page stays right when others come and go."""
    ranking = ranking or Ranking()
    lane = lanes(board, ranking)
    rows = _ordered(board, keep, lane, ranking)
    passed: list[_Key | None] = _read(cursor) if cursor else [None] * LANES
    left = rows[~_passed(board, rows, lane, passed)] if cursor else rows
    shown = left[:limit]
    if len(left) <= limit:
        return RowPage(shown, len(rows), None)
    for key, of in zip(_keys(board, shown), lane[shown].tolist(), strict=True):
        passed[of] = max(passed[of] or (0, 0, 0), key)
    return RowPage(shown, len(rows), "~".join(".".join(map(str, key)) if key else "" for key in passed))


def _ordered(board: Board, keep: Mask, lane: Lanes, ranking: Ranking) -> Rows:
    rows = np.flatnonzero(keep)
    priority = board.priority
    order: Rows = rows[np.lexsort((rows, board["received_at"][rows], priority[rows]))]
    if (lane[order] == ORDINARY).all():
        return order
    at = priority[order]
    parts = [_merged(order[at == each], lane, ranking) for each in np.unique(at)]
    merged: Rows = np.concatenate(parts) if parts else order
    return merged


def lanes(board: Board, ranking: Ranking) -> Lanes:
    """The lane of each row; all ordinary in a priority in which few wait."""
    crowds = np.bincount(board.priority[board.unanswered], minlength=5)
    if (crowds <= ranking.calm).all():
        return np.full(board.n, ORDINARY, np.uint8)
    vouched = board["vouched"] | np.isin(board["verification"], _TRUSTED)
    waits = board.unanswered
    found: Lanes = np.full(board.n, ORDINARY, np.uint8)
    alone = waits & ~vouched
    found[_more(board["network"], alone, ranking.network_most)] = BUSY_NETWORK
    found[_more(board["sender"], alone, ranking.sender_most)] = BUSY_SENDER
    found[vouched] = VOUCHED
    found[board["quarantined"]] = BUSY_SENDER
    found[crowds[board.priority] <= ranking.calm] = ORDINARY
    return found


def _more(source: NDArray[np.int32], counted: Mask, most: int) -> Mask:
    """The rows whose source has more than so many of the counted ones."""
    if not len(source):
        return np.zeros(0, np.bool_)
    counts = np.bincount(source[counted] + 1, minlength=int(source.max()) + 2)
    counts[0] = 0  # of no known source
    more: Mask = counts[source + 1] > most
    return more


def _merged(rows: Rows, lane: Lanes, ranking: Ranking) -> Rows:
    """Rows of one priority, in order of time, with the lanes' shares."""
    part = [rows[lane[rows] == each] for each in range(LANES)]
    busy = _shared(_shared(part[ORDINARY], part[BUSY_NETWORK], ranking.one_in), part[BUSY_SENDER], ranking.one_in)
    return _shared(part[VOUCHED], busy, 2)


def _shared(first: Rows, second: Rows, one_in: int) -> Rows:
    """Both in their own order; `second` gets one place in `one_in` while there are any of `first`."""
    i, j = np.arange(len(first)), np.arange(len(second))
    places = np.concatenate([i // (one_in - 1) * one_in + i % (one_in - 1), j * one_in + one_in - 1])
    both: Rows = np.concatenate([first, second])[np.argsort(places, kind="stable")]
    return both


_Key = tuple[int, int, int]  # priority, received, row


def _keys(board: Board, rows: Rows) -> Iterator[_Key]:
    """The keys of some rows. All at once: the priority of one row costs as much as that of the whole board."""
    return zip(board.priority[rows].tolist(), board["received_at"][rows].tolist(), rows.tolist(), strict=True)


def _read(cursor: str) -> list[_Key | None]:
    """The key of each lane; one key alone stands for all of them. Raises Invalid."""
    parts = cursor.split("~")
    try:
        keys = [_numbers(part) if part else None for part in (parts if len(parts) > 1 else parts * LANES)]
    except ValueError:
        raise Invalid("cursor", cursor, "not_our_cursor") from None
    if len(keys) != LANES:
        raise Invalid("cursor", cursor, "not_our_cursor")
    return keys


def _numbers(part: str) -> _Key:
    priority, received, row = (min(max(int(number), -_FAR), _FAR) for number in part.split("."))
    return priority, received, row


def _passed(board: Board, rows: Rows, lane: Lanes, keys: list[_Key | None]) -> Mask:
    """Which rows come before or at the last one shown of their lane."""
    at, arrived = board.priority[rows].astype(np.int64), board["received_at"][rows]
    passed: Mask = np.zeros(len(rows), np.bool_)
    for number, key in enumerate(keys):
        if key is not None:
            priority, received, row = key
            before = (at < priority) | (
                (at == priority) & ((arrived < received) | ((arrived == received) & (rows <= row)))
            )
            passed |= before & (lane[rows] == number)
    return passed
