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

    `claimed_by` keeps one person's claims, `called` requests escalated to one of these roles; `text_review` lists
    reports whose text awaits review instead of requests.
    """

    selection: Selection = ALL
    order: Order = "urgent"
    claimed_by: str = ""
    called: frozenset[str] = frozenset()
    text_review: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """All rows of a list in order, with the board they belong to."""

    board: Board
    rows: Rows


def queue(views: Views, rules: RuleFiles, now_ms: int, audience: Audience, ask: QueueQuery) -> Queue:
    """Return the list. Raises Invalid for an invalid selection."""
    board = views.situation.board(audience)
    moment = now_ms // MOMENT_MS if ask.selection.overdue or ask.order == "due" else 0

    def make() -> Queue:
        made = Queue(board, _ordered(views.situation, rules, board, ask, now_ms))
        made.rows.flags.writeable = False
        return made

    return views.caches.lists.get((audience, ask), make, stamp=(moment, IdentityKey(board)))


def _ordered(situation: Situation, rules: RuleFiles, board: Board, ask: QueueQuery, now_ms: int) -> Rows:
    if ask.text_review:
        waits: Mask = board["moderation_status"] == MODERATION_STATUSES.index(ModerationStatus.PENDING)
        keep = waits & select_rows(board, ask.selection, situation.selection_context(now_ms))
    else:
        keep = read.requests_mask(situation, board, ask.selection, now_ms)
    if ask.claimed_by:
        keep = keep & claimed_by(situation, board, ask.claimed_by)
    if ask.called:
        # Requests escalated to one of the roles, or beyond it to the next.
        steps = [n for n, step in enumerate(rules.clocks.escalations, 1) if step.to in ask.called]
        keep = keep & (board["escalated"] >= min(steps, default=np.iinfo(np.uint8).max))
    # Information-only reports have no priority, so text review goes by arrival.
    order = "waiting" if ask.text_review and ask.order == "urgent" else ask.order
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


def claims_held(situation: Situation) -> dict[str, int]:
    """Return the number of claims of each person who holds any, by id."""
    holders = situation.board(Audience.AGENCY)["claimed_by"]
    numbers, counts = np.unique(holders[holders != NONE], return_counts=True)
    return {situation.person_ids[number]: count for number, count in zip(numbers, counts.tolist(), strict=True)}


def claimed_by(situation: Situation, board: Board, person_id: str) -> Mask:
    """Return the requests that a person has claimed."""
    known = situation.person_ids
    number = known.index(person_id) if person_id in known else NONE
    held: Mask = (board["claimed_by"] == number) & (board["claimed_by"] != NONE)
    return held
