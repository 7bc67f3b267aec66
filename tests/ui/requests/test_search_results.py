"""What both search boxes show: what was corrected, the places, one of two lists; and the box says what is shown."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.people.person import STRANGER
from crisismap.services.lists.search import SearchResult
from crisismap.services.runtime.context import Context
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.requests import filters
from crisismap.ui.requests.search_results import words_line
from tests.people import AGENCY, RESPONDER
from tests.ui.listed import buttons, ids, listed, press, rerun
from tests.ui.open_desk import HOSTILE, html, page, put, told, ward
from tests.ui.pages.test_live_map import search
from tests.ui.requests.test_dispatch import find

BOX = {"live_map": "search", "requests": "find"}
both = pytest.mark.parametrize("name", BOX)


def box(test: AppTest) -> str:
    value = next(each for each in test.text_input if each.key in BOX.values()).value
    return value or ""


def typed(name: str, test: AppTest, query: str) -> AppTest:
    return (search if name == "live_map" else find)(test, query)


@both
def test_corrects_a_name_and_lists_the_requests_of_the_ward(desk: Context, monkeypatch, name: str) -> None:
    put(desk, "wards", "area", ward("Velachery", "W-1"))
    inside, outside = told(desk), told(desk, lat=13.102)
    told(desk, lat=13.3)
    test = typed(name, page(name, RESPONDER, monkeypatch), "Velachary")
    assert "Nothing is called “Velachary”; nearest names:" in html(test)
    assert any("**Velachery** · " in label for label in buttons(test))
    assert "1 unanswered request in Velachery, then 1 within 5 km" in html(test)
    assert ids(test) == [inside, outside]


@both
def test_lists_requests_around_coordinates(desk: Context, monkeypatch, name: str) -> None:
    far, near = told(desk, lat=13.08), told(desk, lat=13.051)
    test = typed(name, page(name, RESPONDER, monkeypatch), "13.05, 80.25")
    assert ids(test) == [near, far]
    assert "2 unanswered requests within 5 km of 13.05, 80.25" in html(test)
    test = typed(name, test, "13.5, 80.25")
    assert listed(test)["empty"][0] == "No unanswered request here"


@both
def test_offers_the_reports_that_say_it_beside_the_place(desk: Context, monkeypatch, name: str) -> None:
    put(desk, "wards", "area", ward("Mosque Road", "W-1"))
    there = told(desk, text="on the roof")
    says = told(desk, text="at the mosque", lat=13.4)
    nearly = told(desk, text="at the mosqe", lat=13.4)
    test = typed(name, page(name, RESPONDER, monkeypatch), "mosque")
    assert ids(test) == [says, nearly]
    assert "1 report says it, newest first; after them 1 report with “mosqe” instead" in html(test)
    [choice] = [each for each in test.get("button_group") if "Reports that say it · 2" in str(each.options)]
    choice.set_value(["near"] if hasattr(choice.value, "append") else "near").run()
    assert ids(test) == [there]


@both
def test_keeps_the_message_and_the_word_until_the_box_changes(desk: Context, monkeypatch, name: str) -> None:
    told(desk)
    test = typed(name, page(name, RESPONDER, monkeypatch), "🐸🐸")
    for _ in range(3):
        assert "No match for “🐸🐸”." in html(test)
        assert box(test) == "🐸🐸"
        test = rerun(test)
    back = "← Back" if name == "live_map" else "Back to the queue"
    test = press(test, back)
    assert "No match" not in html(test)
    assert box(test) == ""
    assert listed(test)["total"] == 1
    test = typed(name, test, f"{HOSTILE} zzz"[:400])
    assert "<img src=x" not in html(test)


def test_keeps_the_word_while_a_report_is_open_and_drops_it_with_the_results(desk: Context, monkeypatch) -> None:
    id_ = told(desk, text="at the temple")
    test = search(page("live_map", RESPONDER, monkeypatch), "temple")
    test.session_state["pane-map"] = [*test.session_state["pane-map"], Pane("detail", id=id_)]
    test = rerun(test)
    assert box(test) == "temple"
    test = press(press(test, "← Back"), "← Back")
    assert box(test) == ""


def test_says_what_is_refused_until_the_box_changes(desk: Context, monkeypatch) -> None:
    test = find(page("requests", AGENCY, monkeypatch), "098400 12345")
    assert "Your roles do not include contact.find." in html(rerun(test))
    assert box(test) == "098400 12345"
    test = search(page("live_map", STRANGER, monkeypatch), "181, 200")
    assert "must lie between" in html(rerun(test))
    assert box(test) == "181, 200"


def test_says_that_filters_leave_nothing(desk: Context, monkeypatch) -> None:
    told(desk)
    monkeypatch.setattr(filters, "current", lambda: filters.Filters(category=("shelter",)))
    seen = listed(page("requests", RESPONDER, monkeypatch))
    assert (seen["total"], seen["empty"][0]) == (0, "No match")


@pytest.mark.parametrize(
    ("written", "nearly", "line"),
    [
        (1, 0, "1 report says it, newest first"),
        (3, 2, "3 reports say it, newest first; after them 2 reports with “mosqe” instead"),
        (0, 1, "No report says “mosque”; 1 report says “mosqe”"),
        (200, 0, "the newest 200 reports say it, newest first"),
    ],
)
def test_counts_what_says_it_and_what_nearly_does(written: int, nearly: int, line: str) -> None:
    found = SearchResult((), tuple(range(written + nearly)), 1, written, ("mosqe",))
    assert words_line("mosque", found) == line
