"""The section *Rules and people*: what people overruled, by reason and language."""

from __future__ import annotations

import pytest

from crisismap.core.verb import TriageBody
from crisismap.services.runtime.context import Context
from crisismap.ui.admin import admin_rules
from tests import acts
from tests.people import ADMIN, RESPONDER
from tests.services.deployment import ask


def test_shows_what_was_overruled_most_often(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[list[tuple[str, ...]]] = []
    monkeypatch.setattr(admin_rules.shell, "context", lambda: context)
    monkeypatch.setattr(admin_rules.stylesheet, "table", lambda _heads, lines, **_: shown.append(lines))
    monkeypatch.setattr(admin_rules.stylesheet, "empty", lambda *_: shown.append([]))
    admin_rules.draw(ADMIN)
    assert shown == [[]], "nobody has decided"
    report, _ = ask(context, text="we are trapped on the roof", category="flooding")
    acts.do(context, RESPONDER, report, None, "triage", TriageBody("information")).result()
    admin_rules.draw(ADMIN)
    assert shown[1]
    assert {row[3:] for row in shown[1]} == {("1", "1")}
    assert all("information" in row[2] for row in shown[1])
