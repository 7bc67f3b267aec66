"""The message after an action: it stays while the page draws itself again, and only where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.services.runtime.context import Context
from crisismap.ui.requests import acting
from tests.ui.detail.test_detail import detail, person
from tests.ui.listed import open_detail, press, rerun
from tests.ui.open_desk import html, told

CLAIMED = "You have claimed this request for 60 minutes."


def claimed(desk: Context, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return press(detail(desk, person(desk, "Ravi"), told(desk), monkeypatch), "Claim request")


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    past: Any = acting.monotonic
    monkeypatch.setattr(acting, "monotonic", lambda: past() + seconds)


def test_stays_while_others_change_the_page(desk: Context, monkeypatch) -> None:
    test = claimed(desk, monkeypatch)
    assert html(test).count(CLAIMED) == 1
    assert html(rerun(test)).count(CLAIMED) == 1


def test_ends_after_a_while(desk: Context, monkeypatch) -> None:
    test = claimed(desk, monkeypatch)
    later(monkeypatch, acting.SHOWN_S)
    assert CLAIMED not in html(rerun(test))


def test_does_not_stand_above_another_request(desk: Context, monkeypatch) -> None:
    test = claimed(desk, monkeypatch)
    assert CLAIMED not in html(open_detail(test, "map", told(desk)))


def test_gives_way_to_the_next_message(desk: Context, monkeypatch) -> None:
    test = press(claimed(desk, monkeypatch), "Release claim")
    assert CLAIMED not in html(test)
    assert acting.VERBS["release"].labels.done in html(test)
