"""Rows become reports in order; a bad row is told why with its code, and stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.channel import Message
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.own_channels import API, FILE
from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import Person
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import Correction
from crisismap.services.intake.import_rows import ImportRow, RowOutcome, keep_rows
from crisismap.services.reporter.own_data import correct_own_report
from crisismap.services.runtime.context import Context
from tests.people import ADMIN, AGENCY, STRANGER


def row(text: str = "knee deep", **more: Any) -> ImportRow:
    said = {name: more.pop(name) for name in ("lang", "source", "asks", "extent") if name in more}
    return ImportRow({"category": "flooding", "text": text, "lon": 80.25, "lat": 13.05, **more}, **said)


def keep(context: Context, rows: list[ImportRow], person: Person = ADMIN) -> list[RowOutcome]:
    return keep_rows(context.intake, context.store, context.views, person, rows)


def test_keeps_the_good_ones_and_tells_why_of_the_others(context: Context) -> None:
    rows = [row(), row(boat=1), row(category="no such"), row("waist deep")]
    first, other, unknown, last = keep(context, rows)
    assert [bool(each.id) for each in (first, other, unknown, last)] == [True, False, False, True]
    assert (other.code, unknown.code) == ("unknown_member", "unknown_value")
    assert "boat" in other.problem
    kept = [context.store.reports.one(each.id).report for each in (first, last)]
    assert [(each.text, each.channel, each.source) for each in kept] == [
        ("knee deep", FILE, ADMIN.id),
        ("waist deep", FILE, ADMIN.id),
    ]


def test_hears_what_the_mapping_adds(context: Context) -> None:
    [done] = keep_rows(
        context.intake, context.store, context.views, ADMIN, [row("help", lang="ta", source="hotline", asks=True)]
    )
    kept = context.store.reports.one(done.id)
    assert (kept.report.lang, kept.report.source, kept.asks) == ("ta", "hotline", True)
    [informs] = keep_rows(
        context.intake, context.store, context.views, ADMIN, [row("help", category="rescue", asks=False)]
    )
    assert not context.store.reports.one(informs.id).asks


def test_takes_a_row_once_by_its_id(context: Context) -> None:
    first, again = (keep(context, [row(client_id="r-1")])[0] for _ in range(2))
    assert (first.repeated, again.repeated, again.id) == (False, True, first.id)


def test_is_for_admins(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            keep(context, [row()], person)
    assert context.store.events.revision() == 0


def test_takes_a_changed_row_for_an_update_with_its_events(context: Context) -> None:
    [first] = keep(context, [row("boat for four", category="rescue", client_id="s:1")])
    [changed] = keep(context, [row("boat for six", category="rescue", client_id="s:1", lon=80.255)])
    assert (changed.id, changed.updated, changed.repeated) == (first.id, ("text", "location"), False)
    now = context.store.reports.one(first.id)
    assert (now.report.text, now.full_text()) == ("boat for six", "boat for six\n\nBefore: boat for four")
    assert now.point() == (80.255, 13.05)
    verbs = [event.verb for event in context.store.events.of_report(now.seq)]
    assert verbs == ["report.submit", "report.update"]
    assert context.store.events.verify().broken_at is None
    assert keep(context, [row("boat for six", category="rescue", client_id="s:1", lon=80.255)])[0].repeated


def test_updates_many_rows_of_one_part_and_no_report_of_another_channel(context: Context) -> None:
    context.intake.receive(Message(draft_from({"category": "other", "text": "a guess", "client_id": "s:0"}), API))
    keys = [f"s:{number}" for number in range(20)]
    stored = keep(context, [row("dry", client_id=key) for key in keys])
    assert (stored[0].code, sum(bool(each.id) for each in stored)) == ("key_reused", 19)
    changed = keep(context, [row("knee deep", client_id=key) for key in keys])
    assert changed[0].code == "key_reused", "a row is refused by name, and no report of a stranger is changed"
    assert [each.updated for each in changed[1:]] == [("text",)] * 19
    assert changed[0].problem


def test_leaves_what_the_sender_corrected(context: Context) -> None:
    [first] = keep(context, [row("boat for four", category="rescue", client_id="s:1")])
    code = tracking_code(context.keys.tracking_code, first.id)
    correct_own_report(
        context.store,
        context.views,
        context.guards.code_tries,
        context.clock(),
        code,
        "",
        Correction(text="boat for two"),
    )
    [again] = keep(context, [row("boat for six", category="rescue", client_id="s:1")])
    assert (again.repeated, again.left) == (True, ("text (its sender corrected it here)",))
    assert context.store.reports.one(first.id).report.text == "boat for two"


@pytest.mark.parametrize(
    ("label", "known"), [("Rescue", True), (" rescue ", True), ("Rescate", True), ("RESCATE", True), ("socorro", False)]
)
def test_knows_a_category_by_its_label_in_any_language(context: Context, label: str, known: bool) -> None:
    [done] = keep(context, [row("help", category=label)])
    assert bool(done.id) is known
