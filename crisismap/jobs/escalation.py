"""Job "escalation": calls one role after the other for an overdue request, and raises the priority of waiting ones.
Each call and each raise is made once, also after a time in which the program did not run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from crisismap.core.deadlines import LOOK
from crisismap.core.errors import CrisismapError, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.change import Change
from crisismap.core.report.report import CurrentReport, require_request
from crisismap.core.report.request import UNANSWERED, call_roles, effective_priority, grow_urgent
from crisismap.logs import count
from crisismap.problems import sentence
from crisismap.services.runtime.clock_guard import ClockGuard
from crisismap.services.runtime.context import Context
from crisismap.services.runtime.guards import Guards
from crisismap.situation.board.board import Board, Mask

log = logging.getLogger(__name__)
AT_ONCE = 500  # changes in one transaction
Decide = Callable[[CurrentReport, int], Change]  # the current report, and its priority on the board


def escalate(context: Context) -> None:
    """Call the roles that are due; a clock change makes nothing overdue."""
    guard, now_ms, clocks = context.guards.clock, context.clock(), context.rules.clocks
    if guard.jumped():
        return
    roles = [step.to for step in clocks.escalations]
    board = context.views.situation.board(Audience.AGENCY).waiting
    wait = board.due_at(clocks.due) - board["due_from"]  # negative for requests that are never due
    overdue_ms = np.where(wait > 0, guard.elapsed(board["due_from"]) - wait, -1)
    steps = np.zeros(board.n, np.uint8)
    for step in clocks.escalations:
        steps += overdue_ms > step.after_ms

    def decide(now: CurrentReport, priority: int) -> Change:
        request = require_request(now)
        column = LOOK if request.in_doubt else priority
        wait = clocks.due[list(context.rules.categories).index(now.report.category)][column]
        overdue_ms = _waiting_ms(context.guards.clock, now) - wait
        after, calls = call_roles(roles, now.report.id, request, clocks.due_steps(overdue_ms), now_ms)
        if request.state not in UNANSWERED or not wait or not calls:
            raise WrongState("not_overdue")
        return Change(calls[0], request=after, then=calls[1:])

    _change_rows(context.store, context.guards, board, steps > board["escalated"], decide)


def age(context: Context) -> None:
    """Raise the priority of requests that have waited long, except overridden ones."""
    guard, now_ms, clocks = context.guards.clock, context.clock(), context.rules.clocks
    if guard.jumped():
        return
    board = context.views.situation.board(Audience.AGENCY).waiting
    waiting = guard.elapsed(board["due_from"])
    due = np.zeros(board.n, np.bool_)
    for step in clocks.raises:
        due |= (board.priority <= step.at) & (board.priority > step.to) & (waiting >= step.waiting_ms)

    def decide(now: CurrentReport, priority: int) -> Change:
        request = require_request(now)
        step = clocks.raise_of(priority, _waiting_ms(context.guards.clock, now))
        if step is None:
            raise WrongState("not_waited")
        event = EventDraft("request.age", now.report.id, "system", now_ms, {"priority": f"P{step.to}"})
        return Change(event, request=grow_urgent(request, step.to))

    _change_rows(context.store, context.guards, board, due & ~board["overruled"], decide)


def _waiting_ms(clock_guard: ClockGuard, now: CurrentReport) -> int:
    """Return the real ms of waiting for an answer, corrected for clock changes."""
    since = require_request(now).due_from or now.report.received_at
    return int(clock_guard.elapsed(np.array([since]))[0])


def _change_rows(store: Store, guards: Guards, board: Board, rows: Mask, decide: Decide) -> None:
    """Decide for each row inside a transaction, on its current state, which may differ from the board.

    After a long downtime thousands are due at once, so each transaction handles some hundred.
    """
    priority = board.priority
    for part in guards.batches(np.flatnonzero(rows).tolist(), AT_ONCE):
        by_board = dict(zip(board["seq"][part].tolist(), priority[part].tolist(), strict=True))

        def decide_row(now: CurrentReport, by_board: dict[int, int] = by_board) -> Change:
            return decide(now, effective_priority(require_request(now), by_board[now.seq]))

        try:
            for refusal in store.requests.change_many(list(by_board), decide_row).result().value:
                log.info("a request was not changed: %s", sentence(refusal))
        except CrisismapError as refusal:
            log.info("%s requests were not changed: %s", count(len(part)), sentence(refusal))
