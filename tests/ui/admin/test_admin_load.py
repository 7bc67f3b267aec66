"""The section *Load*: what is held back now, and how many wait."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisismap.core.limits import WORK
from crisismap.services.runtime.admission import Admission
from crisismap.services.runtime.context import Context
from crisismap.ui.admin import admin_load
from tests.people import ADMIN


def test_shows_what_is_held_back(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    admission = Admission(WORK, lambda: 0)
    here = replace(context, guards=replace(context.guards, admission=admission))
    tables: list[list[tuple[str, ...]]] = []
    found: list[str] = []
    monkeypatch.setattr(admin_load.shell, "context", lambda: here)
    monkeypatch.setattr(admin_load.stylesheet, "table", lambda _heads, lines, **_: tables.append(lines))
    monkeypatch.setattr(admin_load.stylesheet, "finding", lambda head, _: found.append(head))
    admin_load.draw(ADMIN)
    admission.measured(500)
    admin_load.draw(ADMIN)
    assert found == ["Nothing is held back", "Held back: exports and printed sheets, map tiles"]
    assert [[row[-1] for row in lines] for lines in tables] == [["", "", ""], ["held back", "held back", ""]]
    assert tables[0][0] == ("Exports and printed sheets", "0", "0", "0", "")
