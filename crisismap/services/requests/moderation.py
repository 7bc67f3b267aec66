"""The text review queue: reports whose text awaits a decision on publication.

The verbs are `clear`, `withhold` and `reconsider`. Those who work on a request read its text whatever the decision.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience, ModerationStatus, cannot_publish, review_reasons, text_is_cleared
from crisismap.core.report.report import CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.read import ItemPage, check_limit
from crisismap.services.operations.audit import actor_name
from crisismap.services.runtime.context import require
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import MODERATION_STATUSES
from crisismap.situation.situation import Situation

Which = Literal["waiting", "decided"]
WHICH: tuple[Which, ...] = ("waiting", "decided")
MOST = 200  # items per page


def waiting(situation: Situation) -> int:
    """Return the number of reports that await review."""
    board = situation.board(Audience.AGENCY)
    return int(np.count_nonzero(board["moderation_status"] == MODERATION_STATUSES.index(ModerationStatus.PENDING)))


def review_queue(
    store: Store,
    situation: Situation,
    rules: RuleFiles,
    person: Person,
    which: Which,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> ItemPage[dict[str, Any]]:
    """Return reports awaiting review, oldest first, or decided ones, latest change first. Raises Invalid."""
    require(person, "report.clear")
    require(person, "situation.read_exact")
    check_limit(limit, MOST)
    board = situation.board(Audience.AGENCY)
    total, rows, moments = _rows(board, which, cursor)
    more = len(rows) > limit
    seqs = board["seq"][rows[:limit]].tolist()
    reports = {current.seq: current for current in store.reports.some(seqs)}
    items = [review_item(store, situation, rules, reports[seq]) for seq in seqs if seq in reports]
    last = f"{int(moments[limit - 1])}-{seqs[-1]}" if more else None
    return ItemPage(items, total, board.revision, last)


def review_item(store: Store, situation: Situation, rule_files: RuleFiles, now: CurrentReport) -> dict[str, Any]:
    """Return one report for review: the text to publish, the reasons for review, and any decision."""
    report, moderation = now.report, now.moderation
    category, rules = rule_files.categories[report.category], rule_files.privacy
    return {
        "id": report.id,
        "category": report.category,
        "text": report.text,
        "asks": now.asks,
        "received_at": moment.rfc3339(report.received_at),
        "verification": now.standing.status,
        "flags": list(report.flags),
        "photos": [photo.id for photo in store.photos.of_report(now.seq)],
        "why": list(review_reasons(now, category, rules)),
        "published": not (cannot_publish(now, category) or now.quarantined) and text_is_cleared(now, rules),
        "decision": moderation.decision or None,
        "decided_by": actor_name(situation, moderation.by or "") if moderation.decision else None,
        "decided_at": moment.rfc3339(moderation.at_ms) if moderation.decision else None,
        "reason": moderation.reason or None,
        "etag": f'"{now.version}"',
    }


def _rows(board: Board, which: Which, cursor: str | None) -> tuple[int, Rows, Rows]:
    """Return the total, and the rows behind the cursor in order with their sort keys."""
    is_waiting = which == "waiting"
    sign = 1 if is_waiting else -1  # oldest first, or latest change first
    statuses = (ModerationStatus.PENDING,) if is_waiting else (ModerationStatus.CLEARED, ModerationStatus.WITHHELD)
    rows: Rows = np.flatnonzero(
        np.isin(board["moderation_status"], [MODERATION_STATUSES.index(each) for each in statuses])
    )
    total, key = len(rows), board["received_at" if is_waiting else "updated_revision"]
    if cursor is not None:
        moment_of, seq_of = _read(cursor)
        at, seq = sign * key[rows], sign * board["seq"][rows]
        rows = rows[(at > sign * moment_of) | ((at == sign * moment_of) & (seq > sign * seq_of))]
    at = key[rows]
    order = np.lexsort((sign * rows, sign * at))
    return total, rows[order], at[order]


def _read(cursor: str) -> tuple[int, int]:
    first, _, second = cursor.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (first, second)):
        raise Invalid("cursor", cursor, "not_our_cursor")
    return int(first), int(second)
