"""The list of requests: most urgent first, then longest waiting, in pages without gaps or repetitions.

When many wait in one priority, no sender may fill the top of the list alone. Each request is in one of five lanes:
vouched (verified by a person, sent by a signed-in person, or corroborated and from no crowd); ordinary; from a busy
network, with words of its own; from a busy network, with the words of others there; from a busy sender or quarantined.
The lanes are interleaved so that the first gets every second place, and the last three at most one place in `one_in`
each, while others wait. No request leaves the list or its priority, and the order depends only on the board and
data/rules/limits.toml.

A carrier or a shelter shares one address, so a network alone sinks nobody: only those who say what more than
`network_most` others say there are a crowd.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.errors import Invalid
from crisismap.core.limits import Ranking
from crisismap.core.text.word_marks import BITS, MARKS
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import VERIFICATIONS

VOUCHED, ORDINARY, OWN_WORDS, BUSY_NETWORK, BUSY_SENDER = range(5)
LANES = 5
_ALIKE = MARKS // 2  # a text that agrees in so many marks with a crowd has mostly its words
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hash, for 64 bits
_FAR = 2**62  # greater than every number in a list, and still comparable with a column
_CORROBORATED, _VERIFIED = VERIFICATIONS.index("corroborated"), VERIFICATIONS.index("verified")
Lanes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows in order, their total number, and the cursor of the next page (None for the last page)."""

    rows: Rows
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class _Listed:
    """Rows in order, with what their order follows from."""

    rows: Rows
    priority: NDArray[np.uint8]
    received: NDArray[np.int64]
    lane: Lanes


def ordered_rows(board: Board, rows: Rows, ranking: Ranking | None = None) -> Rows:
    """Return rows, ascending, by priority, then interleaved lanes, then waiting time; ties by arrival."""
    return _listed(board, rows, ranking or Ranking()).rows


def rows_and_lanes(board: Board, rows: Rows, ranking: Ranking) -> tuple[Rows, Lanes]:
    """Return rows in order, and the lane of each."""
    listed = _listed(board, rows, ranking)
    return listed.rows, listed.lane


def page(board: Board, rows: Rows, *, limit: int, cursor: str | None = None, ranking: Ranking | None = None) -> RowPage:
    """Return one page. The cursor has the last row shown of each lane, so pages stay consistent when rows change."""
    listed = _listed(board, rows, ranking or Ranking())
    last_keys: list[_Key | None] = _read_cursor(cursor) if cursor else [None] * LANES
    rest = np.flatnonzero(~_already_shown(listed, last_keys)) if cursor else np.arange(len(rows))
    shown = rest[:limit]
    page_rows = listed.rows[shown]
    if len(rest) <= limit:
        return RowPage(page_rows, len(rows), None)
    keys = zip(listed.priority[shown].tolist(), listed.received[shown].tolist(), page_rows.tolist(), strict=True)
    for key, of in zip(keys, listed.lane[shown].tolist(), strict=True):
        last_keys[of] = max(last_keys[of] or (0, 0, 0), key)
    return RowPage(page_rows, len(rows), "~".join(".".join(map(str, key)) if key else "" for key in last_keys))


def _listed(board: Board, rows: Rows, ranking: Ranking) -> _Listed:
    part, at = _with_waiting(board, rows)
    lane, priority, received = lanes(part, ranking)[at], part.priority[at], part["received_at"][at]
    order: Rows = np.lexsort((received, priority))
    if len(order) and not (lane == ORDINARY).all():
        by_priority = priority[order]
        parts = [_by_lanes(order[by_priority == each], lane, ranking) for each in np.unique(by_priority)]
        order = np.concatenate(parts)
    return _Listed(rows[order], priority[order], received[order], lane[order])


def _with_waiting(board: Board, rows: Rows) -> tuple[Board, Rows]:
    """Return all unanswered requests and these rows as a board, and where the rows are on it: who waits is a crowd."""
    waiting = board.unanswered_rows
    if rows is waiting:
        return board.waiting, np.arange(len(rows))
    together = np.union1d(waiting, rows)
    part = board.waiting if len(together) == len(waiting) else board.part(together)
    return part, together.searchsorted(rows)


def lanes_of(board: Board, rows: Rows, ranking: Ranking) -> Lanes:
    """Return the lane of each of some rows."""
    part, at = _with_waiting(board, rows)
    return lanes(part, ranking)[at]


def lanes(board: Board, ranking: Ranking) -> Lanes:
    """Return the lane of each row of a board that has all that wait; all are ordinary where few do."""
    crowds = np.bincount(board.priority[board.unanswered], minlength=5)
    if (crowds <= ranking.calm).all():
        return np.full(board.n, ORDINARY, np.uint8)
    vouched = board["vouched"] | (board["verification"] == _VERIFIED)
    waits = board.unanswered
    found: Lanes = np.full(board.n, ORDINARY, np.uint8)
    alone = waits & ~vouched
    sender, network = board["sender"], board["network"]
    busy = _exceeding(network, alone, ranking.network_most)
    found[busy] = OWN_WORDS
    found[_with_same_words(board, busy & alone, ranking.network_most)] = BUSY_NETWORK
    # Of a sender who is known by the network only, others of the network are no more known than by their words.
    busy_sender = _exceeding(sender, alone, ranking.sender_most) & (sender != network)
    found[busy_sender] = BUSY_SENDER
    # Two of one crowd can agree with each other, so that only those outside of it are vouched for by that.
    found[vouched | (board["verification"] == _CORROBORATED) & (found <= OWN_WORDS)] = VOUCHED
    found[board["quarantined"] & ((found != OWN_WORDS) | busy_sender)] = BUSY_SENDER
    found[crowds[board.priority] <= ranking.calm] = ORDINARY
    return found


def _with_same_words(board: Board, busy: Mask, most: int) -> Mask:
    """Return which of the rows of busy networks say what more than `most` say in their network."""
    rows = np.flatnonzero(busy)
    # Counted in a table with room for sixteen times as many: faster than sorting, and chance makes no crowd in it.
    bits = max(len(rows), 1).bit_length() + 4
    network = board["network"][rows].astype(np.uint64) << np.uint64(BITS)
    alike = np.zeros(len(rows), np.uint8)
    for name in ("words_high", "words_low"):
        marks = board[name][rows]
        for shift in range(0, BITS * (MARKS // 2), BITS):
            key = network | (marks >> np.uint64(shift)) & np.uint64((1 << BITS) - 1)
            place = (key * _FACTOR >> np.uint64(64 - bits)).view(np.int64)
            alike += (np.bincount(place, minlength=1 << bits) > most)[place]
    same: Mask = np.zeros(board.n, np.bool_)
    same[rows[alike >= _ALIKE]] = True
    return same


def _exceeding(source: NDArray[np.int32], among: Mask, most: int) -> Mask:
    """Return the rows whose source has more than `most` of the counted ones."""
    if not len(source):
        return np.zeros(0, np.bool_)
    counts = np.bincount(source[among] + 1, minlength=int(source.max()) + 2)
    counts[0] = 0  # the unknown source
    return counts[source + 1] > most


def _by_lanes(rows: Rows, lane: Lanes, ranking: Ranking) -> Rows:
    """Return rows of one priority, in order of time, with the lanes interleaved."""
    part = [rows[lane[rows] == each] for each in range(LANES)]
    rest = part[ORDINARY]
    for lane_of_crowd in (OWN_WORDS, BUSY_NETWORK, BUSY_SENDER):
        rest = _merge(rest, part[lane_of_crowd], ranking.one_in)
    return _merge(part[VOUCHED], rest, 2)


def _merge(first: Rows, second: Rows, one_in: int) -> Rows:
    """Interleave two ordered lists; `second` gets one place in `one_in` while `first` has any left."""
    i, j = np.arange(len(first)), np.arange(len(second))
    places = np.concatenate([i // (one_in - 1) * one_in + i % (one_in - 1), j * one_in + one_in - 1])
    return np.concatenate([first, second])[np.argsort(places, kind="stable")]


_Key = tuple[int, int, int]  # priority, received, row


def _read_cursor(cursor: str) -> list[_Key | None]:
    """Return the key of each lane; a single key stands for all of them. Raises Invalid."""
    parts = cursor.split("~")
    try:
        keys = [_read_key(part) if part else None for part in (parts if len(parts) > 1 else parts * LANES)]
    except ValueError:
        raise Invalid("cursor", cursor, "not_our_cursor") from None
    if len(keys) != LANES:
        raise Invalid("cursor", cursor, "not_our_cursor")
    return keys


def _read_key(part: str) -> _Key:
    priority, received, row = (min(max(int(number), -_FAR), _FAR) for number in part.split("."))
    return priority, received, row


def _already_shown(listed: _Listed, keys: list[_Key | None]) -> Mask:
    """Return which rows come up to the last one shown of their lane."""
    at, arrived, rows = listed.priority.astype(np.int64), listed.received, listed.rows
    mask: Mask = np.zeros(len(rows), np.bool_)
    for number, key in enumerate(keys):
        if key is not None:
            priority, received, row = key
            before = (at < priority) | (
                (at == priority) & ((arrived < received) | ((arrived == received) & (rows <= row)))
            )
            mask |= before & (listed.lane == number)
    return mask
