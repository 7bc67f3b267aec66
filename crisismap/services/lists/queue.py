"""The rows of a list in the requested order, computed once for all desks that show the same list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from crisismap.core.privacy import Audience, ModerationStatus
from crisismap.rule_files import RuleFiles
from crisismap.services.lists import read
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.views import Views
from crisismap.situation.board import unanswered
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.column import MODERATION_STATUSES, NONE
from crisismap.situation.board.selection import ALL, Selection, select_rows
from crisismap.situation.situation import Situation

Order = Literal["urgent", "waiting", "newest", "due"]
MOMENT_MS = 10_000  # time-dependent values (overdue) may lag by so much
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """The filters and order of a list.

    `claimed_by` keeps one person's claims, `escalated_to` requests escalated to one of these roles; `text_review` lists
    reports whose text awaits review instead of requests.
    """

    selection: Selection = ALL
    order: Order = "urgent"
    claimed_by: str = ""
    escalated_to: frozenset[str] = frozenset()
    text_review: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """All rows of a list in order, with the board they belong to."""

    board: Board
    rows: Rows


def queue(views: Views, rules: RuleFiles, now_ms: int, audience: Audience, query: QueueQuery) -> Queue:
    """Return the list. Raises Invalid for an invalid selection."""
    board = views.situation.board(audience)
    moment = now_ms // MOMENT_MS if query.selection.overdue or query.order == "due" else 0

    def make() -> Queue:
        result = Queue(board, _ordered(views.situation, rules, board, query, now_ms))
        result.rows.flags.writeable = False
        return result

    return views.caches.lists.get((audience, query), make, stamp=(moment, IdentityKey(board)))


def _ordered(situation: Situation, rules: RuleFiles, board: Board, query: QueueQuery, now_ms: int) -> Rows:
    if query.text_review:
        pending: Mask = board["moderation_status"] == MODERATION_STATUSES.index(ModerationStatus.PENDING)
        keep = pending & select_rows(board, query.selection, situation.selection_context(now_ms))
    else:
        keep = read.requests_mask(situation, board, query.selection, now_ms)
    if query.claimed_by:
        keep = keep & claimed_by(situation, board, query.claimed_by)
    if query.escalated_to:
        # Requests escalated to one of the roles, or beyond it to the next.
        steps = [n for n, step in enumerate(rules.clocks.escalations, 1) if step.to in query.escalated_to]
        keep = keep & (board["escalated"] >= min(steps, default=np.iinfo(np.uint8).max))
    # Information-only reports have no priority, so text review goes by arrival.
    order = "waiting" if query.text_review and query.order == "urgent" else query.order
    if order == "urgent":
        return unanswered.ordered_rows(board, keep, situation.rules.ranking)
    rows: Rows = np.flatnonzero(keep)
    received = board["received_at"][rows]
    if order == "newest":
        return rows[np.lexsort((-rows, -received))]
    if order == "waiting":
        return rows[np.lexsort((rows, received))]
    due = board.due_at(situation.rules.clocks.due)[rows]
    return rows[np.lexsort((rows, np.where(due > 0, due, _NEVER)))]


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
