"""Words for the public: the queue of those that wait, and the decision in the detail with a way back."""

from __future__ import annotations

from crisismap.core.people.person import STRANGER
from crisismap.services.requests.moderation import waiting
from crisismap.services.runtime.context import Context
from crisismap.ui.detail.text_review import REASONS
from tests.people import ADMIN, AGENCY, VOLUNTEER
from tests.ui.detail.test_detail import detail, person
from tests.ui.listed import buttons, ids, listed, open_detail, press, rerun
from tests.ui.open_desk import HOSTILE, html, page, told
from tests.ui.pages.test_requests import queue

MINE = {"Approve text", "Keep text private …", "Undo decision"}
SHOW = {"publish": True}


def test_decides_and_takes_it_back(desk: Context, monkeypatch) -> None:
    ravi, id_ = person(desk, "Ravi"), told(desk, text=f"on the roof {HOSTILE.replace('//', '')}"[:60], consent=SHOW)
    told(desk, text="nobody asked whether this may be shown")
    test = queue(page("requests", ravi, monkeypatch), "Text review")
    assert ids(test) == [id_]
    test = open_detail(test, "requests", id_)
    seen = html(test)
    assert "The public cannot read the text." in seen
    assert REASONS["asks"] in seen
    test = press(test, "Approve text")
    assert "Text approved. Everyone can read it now" in html(test)
    assert "The public can read the text." in html(test)
    assert desk.store.reports.one(id_).is_cleared
    assert set(buttons(test)) & MINE == {"Keep text private …", "Undo decision"}
    test = press(press(test, "Keep text private …"), "Keep text private")
    assert "say in 1 to 2000 characters" in html(test)
    next(each for each in test.text_input if each.label.startswith("Why should")).set_value(HOSTILE)
    test = press(test, "Keep text private")
    assert desk.store.reports.one(id_).moderation.reason == HOSTILE
    assert HOSTILE not in html(test)
    assert "Kept private by Ravi" in html(test)
    test = press(test, "Undo decision")
    assert waiting(desk.views.situation) == 1
    assert listed(rerun(test))["cards"][0]["id"] == id_


def test_offers_it_only_to_those_who_may_and_where_something_is_to_be_decided(desk: Context, monkeypatch) -> None:
    shown, silent = told(desk, consent=SHOW), told(desk, text="without consent")
    dangerous = told(desk, category="shelter", text="open", fields={"status": "open"}, consent=SHOW)
    ravi = person(desk, "Ravi")
    for who, on_shown in ((STRANGER, set()), (VOLUNTEER, set()), (AGENCY, set()), (ADMIN, MINE), (ravi, MINE)):
        assert MINE & set(buttons(detail(desk, who, shown, monkeypatch))) == on_shown - {"Undo decision"}
        assert not MINE & set(buttons(detail(desk, who, silent, monkeypatch)))
    assert MINE & set(buttons(detail(desk, ravi, dangerous, monkeypatch))) == {"Keep text private …"}


def test_shows_the_queue_to_nobody_else(desk: Context, monkeypatch) -> None:
    for who, shown in ((AGENCY, False), (ADMIN, True)):
        test = page("requests", who, monkeypatch)
        choices = next(each for each in test.button_group if each.key == "dispatch-queue").options
        assert ("Text review" in choices) is shown
