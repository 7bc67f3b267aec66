"""The part Incident of the admin page: what is written there is on every page; what a setting says stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.incident import Incident
from crisismap.services.runtime.context import Context
from crisismap.ui.map import fit_bounds
from crisismap.ui.map import live_map as map_desk
from tests.conftest import FakeClock
from tests.people import ADMIN, STRANGER
from tests.ui.listed import press
from tests.ui.open_desk import HOSTILE, html, opened, page
from tests.ui.pages.test_admin import part


def fill(test: AppTest, *texts: str) -> AppTest:
    labels = ("Name of the incident", "Emergency number", "Map area: west, south, east, north in degrees")
    for label, text in zip(labels, texts, strict=True):
        [box] = [each for each in test.text_input if each.label == label]
        if not box.disabled:
            box.set_value(text)
    return press(test, "Save incident")


def test_writes_what_everybody_then_sees(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Unnamed incident" in html(page("live_map", STRANGER, monkeypatch))
    test = fill(part("Incident", monkeypatch), HOSTILE, "112", "80.1,12.9,80.4,13.2")
    assert "Incident saved." in html(test)
    assert desk.views.incident() == Incident(HOSTILE, "112", (80.1, 12.9, 80.4, 13.2))
    seen = html(page("report", STRANGER, monkeypatch))
    assert 'href="tel:112"' in seen
    assert "<img src=x" not in seen
    assert "&lt;img src=x" in seen
    monkeypatch.setattr(map_desk.st, "session_state", {})
    assert map_desk.camera(desk.views) == fit_bounds.fit_bounds((80.1, 12.9, 80.4, 13.2), width_px=780, height_px=600)


def test_says_what_cannot_be_taken(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    test = fill(part("Incident", monkeypatch), "Flood", "112", "here")
    assert "place: must be four numbers" in html(test)
    assert desk.views.incident() == Incident()


def test_leaves_to_the_operator_what_a_setting_says(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path / "data", clock, CRISISMAP_INCIDENT_NAME="As set") as context:
        test = part("Incident", monkeypatch)
        assert "CRISISMAP_INCIDENT_NAME is set" in html(test)
        [name] = [each for each in test.text_input if each.label == "Name of the incident"]
        assert (name.value, name.disabled) == ("As set", True)
        fill(test, "As set", "911", "")
        assert context.views.incident() == Incident("As set", "911")
        assert context.views.incident.stored() == Incident("", "911")
    assert ADMIN.may("incident.describe")
