"""clear, withhold, reconsider: a person's word on whether the public may read the words of one report; and the queue
of those that wait for one. Whoever works on a request reads its words whatever was decided."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from crisismap.core import moment
from crisismap.core.errors import Invalid, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.privacy import (
    Audience,
    ModerationStatus,
    cannot_publish,
    claim_waits,
    text_is_cleared,
    why_a_person,
)
from crisismap.core.report import moderation
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import CurrentReport
from crisismap.services.intake.submit import storable
from crisismap.services.operations.audit import who
from crisismap.services.requests.respond import must_know
from crisismap.services.runtime.context import Context, require
from crisismap.situation.board.columns import EYES, Board, Rows
from crisismap.store.store import Change
from crisismap.store.writer import Committed

Which = Literal["waiting", "decided"]
WHICH: tuple[Which, ...] = ("waiting", "decided")
MOST = 200  # items in one answer
Done = Future[Committed[None]]
NEVER_PUBLISHED = {
    "sensitive": "category_never_published",
    "silent": "no_text",
    "consent": "no_consent",
    "reaching": "text_reaches_somebody",
}
UNVERIFIED = "verify_first"


@dataclass(frozen=True, slots=True)
class Page:
    """Some reports as objects ready for JSON, how many there are in all, the revision, and the next page's cursor."""

    items: list[dict[str, Any]]
    total: int
    revision: int
    next: str | None


def clear(context: Context, person: Person, report_id: str, version: int | None) -> Done:
    """Let the public read the words. Raises WrongState for those that nobody can clear, and says why."""

    def decide(now: CurrentReport, now_ms: int) -> Moderation:
        why = cannot_publish(now, context.rules.categories[now.report.category])
        if why:
            raise WrongState(NEVER_PUBLISHED[why])
        if claim_waits(now, context.rules.privacy):
            raise WrongState(UNVERIFIED)
        if now.cleared:
            raise WrongState("text_approved_already")
        return moderation.clear(now.report.text, person.id, now_ms, asks=now.asks)

    return _decide(context, person, report_id, version, "report.clear", decide)


def withhold(context: Context, person: Person, report_id: str, version: int | None, *, reason: str) -> Done:
    """Keep the words from the public, with the reason. Raises WrongState where nothing is published anyway."""

    def decide(now: CurrentReport, now_ms: int) -> Moderation:
        why = cannot_publish(now, context.rules.categories[now.report.category])
        if why and why != "reaching":
            raise WrongState(NEVER_PUBLISHED[why])
        if now.withheld and now.decided:
            raise WrongState("text_private_already")
        return moderation.withhold(now.report.text, person.id, storable(reason), now_ms, asks=now.asks)

    return _decide(context, person, report_id, version, "report.withhold", decide)


def reconsider(context: Context, person: Person, report_id: str, version: int | None) -> Done:
    """Take a decision back: the rule decides again. Raises WrongState when there is none."""
    return _decide(
        context,
        person,
        report_id,
        version,
        "report.reconsider",
        lambda now, _now_ms: moderation.reconsider(now.moderation),
    )


def waiting(context: Context) -> int:
    """How many wait; for the desk's own pages."""
    board = context.situation.board(Audience.AGENCY)
    return int(np.count_nonzero(board["eye"] == EYES.index(ModerationStatus.PENDING)))


def queue(context: Context, person: Person, which: Which, *, limit: int = 50, cursor: str | None = None) -> Page:
    """Those that wait, longest first, or those decided about, newest change first. Raises Invalid."""
    require(person, "report.clear")
    require(person, "situation.read_exact")
    if not 1 <= limit <= MOST:
        raise Invalid("limit", limit, "out_of_range", least=1, most=MOST)
    board = context.situation.board(Audience.AGENCY)
    total, rows, moments = _rows(board, which, cursor)
    more = len(rows) > limit
    seqs = board["seq"][rows[:limit]].tolist()
    known = {current.seq: current for current in context.store.reports(seqs)}
    items = [told(context, known[seq]) for seq in seqs if seq in known]
    last = f"{int(moments[limit - 1])}-{seqs[-1]}" if more else None
    return Page(items, total, board.revision, last)


def told(context: Context, now: CurrentReport) -> dict[str, Any]:
    """One report as who decides has to see it: the words that would be published, why it waits, what was decided."""
    report, decided = now.report, now.moderation
    category, rules = context.rules.categories[report.category], context.rules.privacy
    return {
        "id": report.id,
        "category": report.category,
        "text": report.text,
        "asks": now.asks,
        "received_at": moment.rfc3339(report.received_at),
        "verification": now.standing.status,
        "flags": list(report.flags),
        "photos": [photo.id for photo in context.store.photos(now.seq)],
        "why": list(why_a_person(now, category, rules)),
        "published": not (cannot_publish(now, category) or now.quarantined) and text_is_cleared(now, rules),
        "decision": decided.decision or None,
        "decided_by": who(context, decided.by or "") if decided.decision else None,
        "decided_at": moment.rfc3339(decided.at_ms) if decided.decision else None,
        "reason": decided.reason or None,
        "etag": f'"{now.version}"',
    }


def _rows(board: Board, which: Which, cursor: str | None) -> tuple[int, Rows, Rows]:
    """How many there are, and those behind the cursor in order, each with the number that it is ordered by."""
    waits = which == "waiting"
    wanted = (ModerationStatus.PENDING,) if waits else (ModerationStatus.CLEARED, ModerationStatus.WITHHELD)
    rows: Rows = np.flatnonzero(np.isin(board["eye"], [EYES.index(each) for each in wanted]))
    total, key = len(rows), board["received_at" if waits else "updated_revision"]
    if cursor is not None:
        moment_of, seq_of = _read(cursor)
        at, seq = key[rows], board["seq"][rows]
        behind = (at > moment_of) | ((at == moment_of) & (seq > seq_of))
        before = (at < moment_of) | ((at == moment_of) & (seq < seq_of))
        rows = rows[behind if waits else before]
    at = key[rows]
    order = np.lexsort((rows, at) if waits else (-rows, -at))
    return total, rows[order], at[order]


def _read(cursor: str) -> tuple[int, int]:
    first, _, second = cursor.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (first, second)):
        raise Invalid("cursor", cursor, "not_our_cursor")
    return int(first), int(second)


def _decide(
    context: Context,
    person: Person,
    report_id: str,
    version: int | None,
    verb: str,
    step: Callable[[CurrentReport, int], Moderation],
) -> Done:
    require(person, verb)
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        made = step(now, now_ms)
        return Change(EventDraft(verb, report_id, person.id, now_ms), moderation=made)

    return context.store.change(report_id, version, decide)
