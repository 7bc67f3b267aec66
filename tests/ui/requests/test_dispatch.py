"""The dispatchers' tools on the Requests page: chosen rows and undo, search, saved views, the escalated queue."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import STRANGER
from crisismap.jobs.escalation import escalate
from crisismap.services.runtime.context import Context
from crisismap.ui.requests import request_list
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, VOLUNTEER
from tests.ui.detail.test_detail import person, state
from tests.ui.listed import buttons, ids, listed, press, rerun
from tests.ui.open_desk import html, page, told
from tests.ui.pages.test_requests import queue, ravi


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch):
    """Rows as the browser sends them: AppTest has no browser."""
    chosen: dict[int, list[str]] = {}
    monkeypatch.setattr(request_list, "selected_ids", lambda _key, picks: chosen.get(picks, []))
    return lambda test, *ids_: (chosen.update({listed(test)["picks"]: list(ids_)}), rerun(test))[1]


def find(test: AppTest, words: str) -> AppTest:
    next(each for each in test.text_input if each.key == "find").set_value(words).run()
    assert not test.exception, test.exception
    return test


def test_claims_all_chosen_and_undoes_it(desk: Context, choose, monkeypatch) -> None:
    here, mala = ravi(desk), person(desk, "Mala")
    one, two, hers = (told(desk) for _ in range(3))
    assert desk.views.situation.wait(acts.claim(desk, mala, hers, None).result().revision)
    test = choose(page("requests", here, monkeypatch), one, two, hers)
    assert "3 requests selected" in html(test)
    assert {"Claim requests", "Release claims", "Join to the first selected"} <= set(buttons(test))
    test.button(key="bulk-claim").click().run()
    assert [state(desk, each) for each in (one, two)] == ["claimed", "claimed"]
    seen = html(test)
    assert "Claimed 2 of 3 requests." in seen
    assert "Somebody else has claimed this request." in seen
    assert "selected" not in seen, "it begins with nothing selected"
    press(test, "Undo")
    assert [state(desk, each) for each in (one, two, hers)] == ["open", "open", "claimed"]
    assert "Undid the claim on 2 of 2 requests." in html(test)
    assert "Undo" not in buttons(test)
    press(test, "Close")
    assert "Undid" not in html(test)


def test_joins_to_the_first_chosen(desk: Context, choose, monkeypatch) -> None:
    first, second = told(desk), told(desk)
    test = choose(page("requests", ravi(desk), monkeypatch), second, first)
    press(test, "Join to the first selected")
    assert state(desk, first) == "joined"
    assert desk.store.requests.head(first).report.id == second
    assert listed(test)["cards"][0]["asking"] == "2 joined requests"
    press(test, "Undo")
    assert state(desk, first) == "open"


def test_shows_no_tools_to_those_who_may_not(desk: Context, choose, monkeypatch) -> None:
    id_ = told(desk)
    for here in (STRANGER, VOLUNTEER, AGENCY):
        test = page("requests", here, monkeypatch)
        assert listed(test)["picks"] is None
        assert "selected" not in html(choose(test, id_))


def test_takes_only_choices_of_its_own_form(monkeypatch) -> None:
    for told_, found in (
        ({"of": 1, "ids": ["a", "b"]}, ["a", "b"]),
        ({"of": 0, "ids": ["a"]}, []),
        ({"of": 1, "ids": "a"}, []),
        ({"of": 1, "ids": ["a", 7]}, ["a"]),
        (None, []),
    ):
        monkeypatch.setattr(request_list.st, "session_state", {"list": {"picked": told_}})
        assert request_list.selected_ids("list", 1) == found


def test_finds_by_code_number_and_words(desk: Context, monkeypatch) -> None:
    told(desk)
    id_ = told(desk, text="at the blue gate", contact={"phone": "+91 98400 12345"})
    test = page("requests", ravi(desk), monkeypatch)
    for typed, how in (
        (tracking_code(desk.keys.tracking_code, id_), "by tracking code"),
        ("098400 12345", "by phone number"),
        ("blue gate", "by text"),
    ):
        assert ids(find(test, typed)) == [id_]
        assert how in html(test)
    assert listed(find(test, "no such thing"))["empty"][0] == "No match"
    assert listed(press(test, "Back to the queue"))["total"] == 2


def test_says_who_may_look_for_a_number(desk: Context, monkeypatch) -> None:
    test = find(page("requests", AGENCY, monkeypatch), "098400 12345")
    assert "Your roles do not include contact.find." in html(test)
    assert listed(test)["total"] == 0


def test_keeps_a_view_and_calls_it_up_again(desk: Context, monkeypatch) -> None:
    here = ravi(desk)
    old = told(desk, category="water_food", text="no food")
    told(desk, text="trapped")
    test = page("requests", here, monkeypatch)
    next(each for each in test.selectbox if each.label == "Order").set_value("waiting").run()
    test.session_state["views"] = True
    rerun(test)
    next(each for each in test.text_input if each.key == "view-name").set_value("Night")
    press(test, "Save view")
    assert "View saved as “Night”." in html(test)
    again = page("requests", here, monkeypatch)
    assert ids(again)[0] != old
    again.session_state["views"] = True
    press(rerun(again), "Night")
    assert ids(again)[0] == old
    press(again, "Delete view")
    assert desk.store.dispatch.views(here.id) == {}
    other = page("requests", person(desk, "Mala"), monkeypatch)
    other.session_state["views"] = True
    assert "Night" not in buttons(rerun(other))


def test_queues_what_calls_the_own_role(desk: Context, clock: FakeClock, monkeypatch) -> None:
    here = ravi(desk)
    late = told(desk, text="trapped")
    clock.advance(minutes=31)
    told(desk, text="trapped too")
    escalate(desk)
    assert desk.views.situation.wait(desk.store.events.revision())
    test = queue(page("requests", here, monkeypatch), "Escalated")
    assert ids(test) == [late]
    assert "escalated to responders" in listed(test)["cards"][0]["standing"]
    assert listed(queue(page("requests", AGENCY, monkeypatch), "Escalated"))["total"] == 0
    assert desk.views.situation.wait(acts.cannot_meet(desk, here, late, None, reason="no boat").result().revision)
    assert ids(queue(page("requests", AGENCY, monkeypatch), "Escalated")) == [late]
    queues = next(
        each for each in page("requests", VOLUNTEER, monkeypatch).button_group if each.key == "dispatch-queue"
    )
    assert "Escalated" not in queues.options


def test_tells_the_keys_on_the_page(desk: Context, monkeypatch) -> None:
    test = page("requests", ravi(desk), monkeypatch)
    test.session_state["why-order"] = True
    seen = html(rerun(test))
    assert "C claim · X select · Esc back" in seen
    assert "P1 stands before P2, P3 and P4." in seen


def test_counts_every_queue_in_its_tab(desk: Context, monkeypatch) -> None:
    for _ in range(3):
        told(desk)
    told(desk, lon=None, lat=None, place="the mill")
    test = page("requests", ravi(desk), monkeypatch)
    tabs = re.findall(r'nth-of-type\((\d)\) p::after\{content:" (\d+)"', html(test))
    queues = next(each for each in test.button_group if each.key == "dispatch-queue").options
    counted = {queues[int(place) - 1]: int(count) for place, count in tabs}
    assert (counted["Unanswered"], counted["Location needed"], counted["Mine"]) == (4, 1, 0)
    for name in ("Unanswered", "Location needed", "Mine"):
        assert listed(queue(test, name))["total"] == counted[name]


def test_lists_what_nobody_has_before_what_is_claimed(desk: Context, monkeypatch) -> None:
    here = ravi(desk)
    urgent, food = told(desk, text="trapped"), told(desk, category="water_food", text="no food")
    assert desk.views.situation.wait(acts.claim(desk, here, urgent, None).result().revision)
    test = page("requests", here, monkeypatch)
    assert ids(test) == [food, urgent]
    assert listed(test)["groups"] == [[0, "Nobody has it yet: 1"], [1, "Claimed: 1"]]
    assert listed(test)["cards"][1]["holder"] == "Ravi (Boats)"
    assert listed(queue(test, "Mine"))["groups"] == []
