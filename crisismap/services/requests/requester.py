"""confirm, reopen, withdraw, add: what the holder of a tracking code does with that one request, without an account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from crisismap.core.errors import NotFound, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.report import request as life
from crisismap.core.report.report import MAX_TEXT, Addition, CurrentReport, needs_help, read_addition
from crisismap.core.report.request import Request
from crisismap.services.intake.submit import storable
from crisismap.services.requests.duplicates import may_be
from crisismap.services.requests.respond import asked
from crisismap.services.runtime.context import Context
from crisismap.store.store import Change
from crisismap.store.writer import Committed

MAX_ADDITIONS = 50

Step = Callable[[Request, int], Request]
_STEPS: dict[str, Step] = {
    "confirm": life.confirm,
    "reopen": life.reopen,
    "withdraw": lambda request, _now_ms: life.withdraw(request),
}
VERBS = (*_STEPS, "add")


def act(context: Context, report_id: str, verb: str, version: int | None, note: str = "") -> Future[Committed[None]]:
    """Do one of VERBS; the caller has looked at the code. Words that come along are added to what was said.

    Raises (through the future) WrongState, Stale, Invalid, TooLarge.
    """
    now_ms = context.clock()
    words = storable(note).strip()

    def decide(now: CurrentReport) -> Change:
        added = _addition(now, words, now_ms) if words or verb == "add" else None
        if verb == "add":
            # Words of need make any report a request, also when they come later.
            cries = added is not None and needs_help(added.text, context.rules.cries)
            begun = Request(due_from=now_ms) if cries and now.request is None else None
            return Change(EventDraft("report.add", report_id, "", now_ms), request=begun, addition=added)
        event = EventDraft(f"request.{verb}", report_id, "", now_ms)
        return Change(event, request=_STEPS[verb](asked(now), now_ms), addition=added)

    return context.store.change(report_id, version, decide)


def same_as(context: Context, report_id: str, other_id: str) -> Future[Committed[None]]:
    """Note that the requester takes another request for the same; a person decides whether they are joined.

    Only what `nearby` could have offered counts. The word of one who asks must not take a request off the list.
    """
    if not may_be(context, report_id, other_id):
        raise NotFound("no_request_near")
    now_ms = context.clock()
    event = EventDraft("report.same_as", report_id, "", now_ms, {"to": other_id.lower()})
    return context.store.change(report_id, None, lambda _now: Change(event))


def _addition(now: CurrentReport, words: str, now_ms: int) -> Addition:
    text = read_addition(words)
    room = 2 * MAX_TEXT - len(now.said())
    if len(now.additions) >= MAX_ADDITIONS or len(text) > room:
        raise WrongState("nothing_more_taken", state=None)
    return Addition(now_ms, text)
