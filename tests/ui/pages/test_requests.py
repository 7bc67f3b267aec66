"""The Requests page: each queue holds what it says, in the order asked for, for those who may see it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts.sign_in import invite
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.ui.requests import filters
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY
from tests.ui.listed import ids, listed, open_detail
from tests.ui.open_desk import html, page, put, told, ward


def ravi(context: Context) -> Person:
    invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "Boats")
    assert context.views.situation.wait(context.store.events.revision())
    return next(each for each in context.views.situation.people.values() if each.name == "Ravi")


def queue(test: AppTest, name: str) -> AppTest:
    next(each for each in test.button_group if each.key == "dispatch-queue").set_value(name).run()
    assert not test.exception, test.exception
    return test


def test_sorts_requests_into_queues(desk: Context, monkeypatch) -> None:
    one = ravi(desk)
    waits, mine, done = (told(desk, text=text) for text in ("trapped", "a boat", "a boat"))
    lost = told(desk, lon=None, lat=None, place="the mill", category="water_food", text="no food")
    acts.claim(desk, one, mine, None).result()
    assert desk.views.situation.wait(acts.answer(desk, one, done, None, note="done").result().revision)
    test = page("requests", one, monkeypatch)
    assert ids(test) == [waits, lost, mine]
    assert ids(queue(test, "Mine")) == [mine]
    assert ids(queue(test, "Location needed")) == [lost]
    assert ids(queue(test, "Answered")) == [done]
    assert listed(queue(test, "Closed"))["empty"][0] == "No closed requests yet"


def test_orders_as_asked(desk: Context, clock: FakeClock, monkeypatch) -> None:
    old = told(desk, category="water_food", text="no food")
    clock.advance(minutes=5)
    new = told(desk, text="trapped")
    test = page("requests", AGENCY, monkeypatch)
    assert ids(test) == [new, old]
    next(each for each in test.selectbox if each.label == "Order").set_value("waiting").run()
    assert ids(test) == [old, new]


def test_shows_the_public_its_own_and_no_claims(desk: Context, monkeypatch) -> None:
    told(desk, category="medical", text="trapped")
    seen = told(desk, text="at the blue gate")
    test = page("requests", STRANGER, monkeypatch)
    assert ids(test) == [seen]
    assert not listed(test)["claims"]
    assert "blue gate" not in str(listed(test))
    queues = next(each for each in test.button_group if each.key == "dispatch-queue")
    assert "Mine" not in queues.options
    assert "Sign in" in html(test)


def test_opens_the_detail_beside_the_list_and_marks_the_row(desk: Context, monkeypatch) -> None:
    id_ = told(desk, text="at the blue gate")
    test = open_detail(page("requests", AGENCY, monkeypatch), "requests", id_)
    assert listed(test)["chosen"] == id_
    assert "blue gate" in html(test)


def test_links_to_the_printed_sheet_for_teams(desk: Context, monkeypatch) -> None:
    told(desk)
    assert 'href="/api/v1/sheet.pdf"' in html(page("requests", AGENCY, monkeypatch))
    put(desk, "wards", "area", ward('<b>"x', "W-9"))
    monkeypatch.setattr(filters, "current", lambda: filters.Filters(area=('<b>"x',)))
    assert 'href="/api/v1/sheet.pdf?area=%3Cb%3E%22x"' in html(page("requests", AGENCY, monkeypatch))
    put(desk, "towns", "area", ward("Adyar", "W-1"), ward("Velachery", "W-2"))
    two = filters.Filters(area=("Adyar", "Velachery"), priority=(1,), overdue=True, hours=3)
    monkeypatch.setattr(filters, "current", lambda: two)
    seen = html(page("requests", AGENCY, monkeypatch))
    for area in two.area:
        assert f'href="/api/v1/sheet.pdf?area={area}&amp;priority=P1&amp;overdue=true"' in seen
    assert "sheet.pdf" not in html(page("requests", STRANGER, monkeypatch))
