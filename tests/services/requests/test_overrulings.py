"""Decisions of people against what the rules heard: counted once, by reason and language."""

from __future__ import annotations

import msgspec
import pytest

from crisismap.core.errors import Forbidden
from crisismap.core.need.need import Need
from crisismap.core.verb import PriorityBody, TriageBody
from crisismap.services.requests.overrulings import decisions, needs_agree, overrulings
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import ADMIN, RESPONDER, VOLUNTEER
from tests.services.deployment import ask

HOSTILE = "we are trapped on the roof <script>evilword</script>"


def triage(context: Context, report: str, *decided: str) -> None:
    acts.do(context, RESPONDER, report, None, "triage", TriageBody(*decided)).result()


def test_counts_what_was_overruled_and_what_was_not(context: Context) -> None:
    first, second = (ask(context, text=HOSTILE, category="flooding")[0] for _ in range(2))
    assert overrulings(context.store, ADMIN) == []
    triage(context, first, "information")
    triage(context, second, "asks", "P1")
    rows = overrulings(context.store, ADMIN)
    assert rows
    assert {(row.decisions, row.overruled) for row in rows} == {(2, 1)}
    assert all(row.reason and dict(row.directions) == {"asks P1 → information": 1} for row in rows)


def test_counts_a_report_in_which_no_rule_was_heard(context: Context) -> None:
    report, _ = ask(context, text="xyz", category="flooding")
    triage(context, report, "asks")
    assert ("", 1) in {(row.reason, row.overruled) for row in overrulings(context.store, ADMIN)}


def test_learns_from_senders_without_their_words(context: Context) -> None:
    report, _ = ask(context, text=HOSTILE, category="flooding")
    acts.by_code(context, report, "inform", None).result()
    acts.by_code(context, report, "ask", None).result()
    [[decision]] = decisions(context.store.events).values()
    assert (decision.need, decision.agrees) == (Need.ASKS, True)
    _, events = context.store.events.about_reports(0, ("report.inform", "request.ask"))
    assert [set(msgspec.json.decode(data)) for *_, data in events] == [{"was", "heard", "lang"}] * 2
    assert not any("evilword" in data or "script" in data for *_, data in events)


def test_counts_a_priority_against_the_rules(context: Context) -> None:
    report, _ = ask(context, text=HOSTILE)
    acts.do(context, RESPONDER, report, None, "priority", PriorityBody("P3", "they are safe")).result()
    assert {"P1 → P3"} == {each for row in overrulings(context.store, ADMIN) for each in row.directions}


def test_a_doubt_that_asks_was_right() -> None:
    assert needs_agree(Need.MAY, Need.ASKS)
    assert not needs_agree(Need.MAY, Need.INFORMATION)


def test_is_for_administrators(context: Context) -> None:
    with pytest.raises(Forbidden):
        overrulings(context.store, VOLUNTEER)
