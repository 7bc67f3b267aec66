"""The rows of a list in the requested order, computed once for all desks that show the same list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crisismap.core.privacy import Audience, ModerationStatus
from crisismap.rule_files import RuleFiles
from crisismap.services.lists import read
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.views import Views
from crisismap.situation.board import unanswered
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import MODERATION_STATUSES, NONE, STATES
from crisismap.situation.board.selection import ALL, Selection, select_rows
from crisismap.situation.board.unanswered import Lanes
from crisismap.situation.situation import Situation

Order = Literal[
    "urgent", "waiting", "newest", "due", "category", "people", "area", "shelter", "claimed_by", "verification"
]
MOMENT_MS = 10_000  # time-dependent values (overdue) may lag by so much
_NEVER = np.iinfo(np.int64).max
Keys = NDArray[Any]


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """The filters and order of a list.

    `claimed_by` keeps one person's claims, `escalated_to` requests escalated to one of these roles; `text_review` lists
    reports whose text awaits review instead of requests. `unclaimed_first` lists what nobody has before what somebody
    has, each in order; `backwards` turns the order round.
    """

    selection: Selection = ALL
    order: Order = "urgent"
    claimed_by: str = ""
    escalated_to: frozenset[str] = frozenset()
    text_review: bool = False
    unclaimed_first: bool = False
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """All rows of a list in order, with the board they belong to.

    Nobody has the first `unclaimed` of them and somebody has the rest; None: not told apart. `lanes` is the lane of
    each row that stands before others that wait longer or behind others that do not, else ORDINARY; see
    situation/board/unanswered.py.
    """

    board: Board
    rows: Rows
    unclaimed: int | None = None
    lanes: Lanes | None = None


def queue(views: Views, rules: RuleFiles, now_ms: int, audience: Audience, query: QueueQuery) -> Queue:
    """Return the list. Raises Invalid for an invalid selection."""
    board = views.situation.board(audience)

    def make() -> Queue:
        result = _ordered(views.situation, board, query, _rows(views.situation, rules, board, query, now_ms))
        result.rows.flags.writeable = False
        return result

    return views.caches.lists.get((audience, query), make, stamp=(_moment(query, now_ms), IdentityKey(board)))


def queue_length(views: Views, rules: RuleFiles, now_ms: int, audience: Audience, query: QueueQuery) -> int:
    """Return the number of rows of the list, whatever its order. Raises Invalid for an invalid selection."""
    board = views.situation.board(audience)
    # Lists that differ in their order only have one length. It is not kept among the lists: the tabs of many desks
    # would push those out, and a number need not keep a board alive.
    query = replace(query, order="urgent", unclaimed_first=False, backwards=False)
    return views.caches.desk.get(
        ("length", audience, query),
        lambda: len(_rows(views.situation, rules, board, query, now_ms)),
        stamp=(_moment(query, now_ms), board.revision),
    )


def _moment(query: QueueQuery, now_ms: int) -> int:
    """Return a number that changes with the time where the list does."""
    return now_ms // MOMENT_MS if query.selection.overdue or query.order == "due" else 0


def _rows(situation: Situation, rules: RuleFiles, board: Board, query: QueueQuery, now_ms: int) -> Rows:
    if query.text_review:
        pending = MODERATION_STATUSES.index(ModerationStatus.PENDING)
        rows: Rows = np.flatnonzero(board["moderation_status"] == pending)
        rows = rows[select_rows(board.part(rows), query.selection, situation.selection_context(now_ms))]
    else:
        rows = read.request_rows(situation, board, query.selection, now_ms)
    if query.claimed_by:
        rows = rows[claimed_by(situation, board.part(rows), query.claimed_by)]
    if query.escalated_to:
        # Requests escalated to one of the roles, or beyond it to the next.
        steps = [n for n, step in enumerate(rules.clocks.escalations, 1) if step.to in query.escalated_to]
        rows = rows[board.part(rows)["escalated"] >= min(steps, default=np.iinfo(np.uint8).max)]
    return rows


def _ordered(situation: Situation, board: Board, query: QueueQuery, rows: Rows) -> Queue:
    # Information-only reports have no priority, so text review goes by arrival.
    order = "waiting" if query.text_review and query.order == "urgent" else query.order
    lanes: Lanes | None = None
    if order == "waiting" or order == "newest":
        arrival = np.argsort(board.part(rows)["received_at"], kind="stable")
        rows = rows[arrival if order == "waiting" else arrival[::-1]]
    else:
        rows, lanes = unanswered.rows_and_lanes(board, rows, situation.rules.ranking)
        if order != "urgent":
            lanes = None
            rows = rows[np.argsort(_KEYS[order](situation, board.part(rows)), kind="stable")]
    if query.backwards:
        rows, lanes = rows[::-1].copy(), lanes[::-1] if lanes is not None else None
    lanes = _out_of_turn(board.part(rows), lanes) if lanes is not None else None
    if not query.unclaimed_first:
        return Queue(board, rows, None, lanes)
    has = board.part(rows)["state"] == STATES.index("claimed")
    place = np.argsort(has, kind="stable")
    return Queue(board, rows[place], int(np.count_nonzero(~has)), lanes[place] if lanes is not None else None)


def _out_of_turn(listed: Board, lanes: Lanes) -> Lanes | None:
    """Return the lanes of rows in order, ORDINARY for those that stand where their waiting time puts them anyway."""
    found = np.full_like(lanes, unanswered.ORDINARY)
    priority, received = listed.priority, listed["received_at"]
    for each in np.unique(priority):
        of = np.flatnonzero(priority == each)
        newest_before = np.maximum.accumulate(received[of])
        oldest_after = np.minimum.accumulate(received[of][::-1])[::-1]
        ahead = (lanes[of] == unanswered.VOUCHED) & (oldest_after < received[of])
        behind = (lanes[of] > unanswered.ORDINARY) & (newest_before > received[of])
        moved = of[ahead | behind]
        found[moved] = lanes[moved]
    return found if (found != unanswered.ORDINARY).any() else None


def _due(situation: Situation, listed: Board) -> Keys:
    due = listed.due_at(situation.rules.clocks.due)
    return np.where(due > 0, due, _NEVER)


def _area_names(situation: Situation, listed: Board) -> Keys:
    """Return keys that sort by the name of the area, those without one last."""
    _, ranks = np.unique([area.name.casefold() for area in situation.areas], return_inverse=True)
    areas: Rows = listed["area"]
    return np.append(ranks, len(ranks))[areas]  # the last is for NONE


def _shelter_distance(_: Situation, listed: Board) -> Keys:
    """Return the metres to the nearest shelter, infinite for requests without one."""
    metres = listed["shelter_m"]
    return np.where((listed["shelter"] == NONE) | np.isnan(metres), np.inf, metres)


# Orders beside the most urgent first, as keys of rows; equal ones stay most urgent first.
_KEYS: Mapping[str, Callable[[Situation, Board], Keys]] = MappingProxyType(
    {
        "due": _due,
        "category": lambda _, listed: listed["category"],
        "people": lambda _, listed: -listed["people"],
        "area": _area_names,
        "shelter": _shelter_distance,
        "claimed_by": lambda _, listed: listed["claimed_by"],
        "verification": lambda _, listed: -listed["verification"].astype(np.int16),
    }
)


def claim_counts(situation: Situation) -> dict[str, int]:
    """Return the number of claims of each person who holds any, by id."""
    holders = situation.board(Audience.AGENCY)["claimed_by"]
    numbers, counts = np.unique(holders[holders != NONE], return_counts=True)
    return {situation.person_ids[number]: count for number, count in zip(numbers, counts.tolist(), strict=True)}


def claimed_by(situation: Situation, board: Board, person_id: str) -> Mask:
    """Return the requests that a person has claimed."""
    person_ids = situation.person_ids
    number = person_ids.index(person_id) if person_id in person_ids else NONE
    claimed: Mask = (board["claimed_by"] == number) & (board["claimed_by"] != NONE)
    return claimed
