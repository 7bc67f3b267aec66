"""The message after an action: it stays while the page draws itself again, and only where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.services.requests.photo import of_requester
from crisismap.services.runtime.context import Context
from crisismap.ui.requests import acting
from tests import acts
from tests.photos import drawing, jpeg
from tests.ui.detail.test_detail import detail, person
from tests.ui.listed import open_detail, press, rerun
from tests.ui.open_desk import html, told

CLAIMED = "You have claimed this request until "


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
    later(monkeypatch, acting.UNDO_S)
    assert CLAIMED not in html(rerun(test))


def test_does_not_stand_above_another_request(desk: Context, monkeypatch) -> None:
    test = claimed(desk, monkeypatch)
    assert CLAIMED not in html(open_detail(test, "map", told(desk)))


def test_gives_way_to_the_next_message(desk: Context, monkeypatch) -> None:
    test = press(claimed(desk, monkeypatch), "Release claim")
    assert CLAIMED not in html(test)
    assert acting.VERBS["release"].labels.done in html(test)


def test_offers_to_take_an_answer_back_with_its_photo(desk: Context, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    claim = desk.store.reports.one(id_).request
    monkeypatch.setattr(acting.shell, "person", lambda: ravi)
    monkeypatch.setattr(acting.st, "session_state", {})
    version = desk.store.reports.one(id_).version
    assert acting.answer(id_, version, "boat sent", jpeg(drawing(32, 24)))
    current = desk.store.reports.one(id_)
    assert (current.request.state, len(of_requester(desk.store, current))) == ("answered", 1)
    acting._take_back(acting.st.session_state["acting-said"].undo)
    current = desk.store.reports.one(id_)
    assert current.request == claim, "claimed until the same time, and without an answer"
    assert of_requester(desk.store, current) == (), "the requester no longer sees the photo; the team does"
    assert len(desk.store.photos.of_report(current.seq)) == 1
    assert acting.st.session_state["acting-said"].text == "Took back the answer to this request."
    assert test is not None


@pytest.mark.parametrize("label", ["Claim request", "Release claim"])
def test_offers_undo_after_an_action_beside_its_message(desk: Context, monkeypatch, label: str) -> None:
    id_ = told(desk)
    test = press(detail(desk, person(desk, "Ravi"), id_, monkeypatch), "Claim request")
    before = desk.store.reports.one(id_).request
    if label == "Release claim":
        test = press(test, label)
    test = press(test, "Undo")
    state = desk.store.reports.one(id_).request.state
    assert state == ("open" if label == "Claim request" else "claimed")
    assert before is not None
    assert "this request." in html(test)
    assert not [each for each in test.button if each.label == "Undo"], "an undo is not undone"


def test_leaves_what_somebody_changed_since(desk: Context, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    acts.release(desk, ravi, id_, desk.store.reports.one(id_).version).result()
    test = press(test, "Undo")
    assert "changed" in html(test)
    assert desk.store.reports.one(id_).request.state == "open"
