"""Retention takes out only what is over at that moment, and ends between two parts when the process is to end."""

from __future__ import annotations

import pytest

from crisismap.core.event import EventDraft
from crisismap.services.operations import retention
from crisismap.services.operations.retention import retain
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask

MONTH_MIN = 31 * 24 * 60
PHONE = "98765 43210"


def closed(context: Context, number: int) -> str:
    """A request with contact details that was answered and confirmed."""
    report, _ = ask(context, text=f"house {number}", contact={"phone": PHONE})
    acts.answer(context, RESPONDER, report, None, note="done").result()
    acts.by_code(context, report, "confirm", None).result()
    return report


def test_leaves_what_was_opened_again_since_it_was_looked_for(context: Context, clock: FakeClock) -> None:
    report, other = closed(context, 1), closed(context, 2)
    clock.advance(minutes=MONTH_MIN)
    reports, term = context.store.reports, context.rules.retention["contact"]
    seqs = reports.past_retention("contact", term, clock())
    assert len(seqs) == 2
    acts.by_code(context, report, "reopen", None).result()

    def take(cutoffs: tuple[int, int] | None) -> int:
        event = EventDraft("report.retain", "", "system", clock())
        return reports.apply_retention("contact", seqs, lambda _now: event, lambda _now: None, cutoffs).result().value

    assert take(term.cutoffs(clock())) == 1
    assert reports.contact(report).phone == PHONE, "who asks again must be reached"
    assert reports.contact(other).phone is None
    assert take(None) == 2, "the negative control: nothing else keeps it"
    assert reports.contact(report).phone is None


def test_ends_between_two_parts_when_the_process_is_to_end(
    context: Context, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PART", 2)
    for number in range(5):
        closed(context, number)
    clock.advance(minutes=MONTH_MIN)
    context.store.events.when_committed(lambda _revision: context.guards.stopping.set())
    assert retain(context, COMMAND_LINE)["contact"] == 2
    context.guards.stopping.clear()
    context.store.events._listeners.pop()  # noqa: SLF001 - the process begins anew
    assert retain(context, COMMAND_LINE)["contact"] == 3, "the next run takes the rest"
