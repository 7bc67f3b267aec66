"""Rows become reports in order; a bad row is told why with its code, and stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.own_channels import FILE
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.runtime.context import Context
from tests.people import ADMIN, AGENCY, STRANGER


def row(text: str = "knee deep", **more: Any) -> ImportRow:
    said = {name: more.pop(name) for name in ("lang", "source", "asks", "extent") if name in more}
    return ImportRow({"category": "flooding", "text": text, "lon": 80.25, "lat": 13.05, **more}, **said)


def test_keeps_the_good_ones_and_tells_why_of_the_others(context: Context) -> None:
    rows = [row(), row(boat=1), row(category="no such"), row("waist deep")]
    first, other, unknown, last = keep_rows(context.intake, ADMIN, rows)
    assert [bool(each.id) for each in (first, other, unknown, last)] == [True, False, False, True]
    assert (other.code, unknown.code) == ("unknown_member", "unknown_value")
    assert "boat" in other.problem
    kept = [context.store.reports.one(each.id).report for each in (first, last)]
    assert [(each.text, each.channel, each.source) for each in kept] == [
        ("knee deep", FILE, ADMIN.id),
        ("waist deep", FILE, ADMIN.id),
    ]


def test_hears_what_the_mapping_adds(context: Context) -> None:
    [done] = keep_rows(context.intake, ADMIN, [row("help", lang="ta", source="hotline", asks=True)])
    kept = context.store.reports.one(done.id)
    assert (kept.report.lang, kept.report.source, kept.asks) == ("ta", "hotline", True)
    [informs] = keep_rows(context.intake, ADMIN, [row("help", category="rescue", asks=False)])
    assert not context.store.reports.one(informs.id).asks


def test_takes_a_row_once_by_its_id(context: Context) -> None:
    first, again = (keep_rows(context.intake, ADMIN, [row(client_id="r-1")])[0] for _ in range(2))
    assert (first.repeated, again.repeated, again.id) == (False, True, first.id)


def test_is_for_admins(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            keep_rows(context.intake, person, [row()])
    assert context.store.events.revision() == 0
