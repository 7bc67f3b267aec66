"""/t/CODE: what the requester says there (solved, help still needed, more words, no help needed) without an account."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC

import httpx
import pytest

from crisismap.core.moment import parse
from crisismap.i18n import english
from tests.server import Server, StartServer
from tests.web.pages.test_track_page import act, id_of, team
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def ravi(site: Server) -> Iterator[httpx.Client]:
    """A responder of Boat Team 4, signed in."""
    with team(site, "Boat Team 4") as one:
        yield one


def asked(visitor: Visitor, ravi: httpx.Client, **values: str) -> tuple[str, str]:
    """A request sent by the visitor, who now looks at its page: its code and its id."""
    words = f"water at the door {uuid.uuid4()}"
    visitor.report(**{"category": "rescue", "text": words} | values)
    code = visitor.code
    visitor.open(f"/t/{code}")
    return code, id_of(ravi, words)


def state(ravi: httpx.Client, report_id: str) -> dict:
    return ravi.get(f"/api/v1/requests/{report_id}").json()


def say(visitor: Visitor, code: str, verb: str, **values: str) -> Visitor:
    """Press a button of the tracking page."""
    return visitor.send(f"/t/{code}", do=verb, **values)


def test_confirms_an_answer_and_opens_it_again(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi)
    assert "It is solved" not in visitor.text
    act(ravi, number, "answer", note="Food brought")
    visitor.open(f"/t/{code}")
    say(visitor, code, "confirm", note="Thank you all")
    assert visitor.page.status_code == 200
    assert "Thank you. We have saved this." in visitor.text
    assert "You said that it is solved" in visitor.text
    assert "Thank you all" in visitor.text
    assert state(ravi, number)["state"] == "confirmed"
    say(visitor, code, "reopen", note="The water is back")
    assert "You said that you still need help; all teams see it again" in visitor.text
    assert "Reopened, because help is still needed." in visitor.text
    now = state(ravi, number)
    assert (now["state"], now["reopened"]) == ("open", 1)
    assert now["text"].endswith("Thank you all\n\nThe water is back")


def test_takes_a_request_back_only_after_a_second_look(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi)
    say(visitor, code, "withdraw", note="neighbours\nhelped")
    assert "Are you sure you do not need help any more?" in visitor.text
    assert state(ravi, number)["state"] == "open"
    say(visitor, code, "withdraw_yes")
    assert "You withdrew it" in visitor.text
    assert "No team will come." in visitor.text
    now = state(ravi, number)
    assert now["state"] == "withdrawn"
    assert now["text"].endswith("neighbours\nhelped")
    say(visitor, code, "reopen")
    assert state(ravi, number)["state"] == "open"


def test_adds_words_also_when_a_team_has_taken_it_on_meanwhile_and_once_when_sent_twice(
    visitor: Visitor, ravi: httpx.Client
):
    code, number = asked(visitor, ravi)
    form = visitor.form(f"/t/{code}")
    act(ravi, number, "claim")
    for _ in range(2):
        visitor.page = visitor.http.post(
            f"/t/{code}", data=form | {"do": "add", "note": " now <b>six</b> people "}, follow_redirects=True
        )
        assert "You added information" in visitor.text
    assert state(ravi, number)["text"].count("now <b>six</b> people") == 1
    assert "<b>" not in visitor.page.text
    assert state(ravi, number)["state"] == "claimed"


def test_asks_for_words_when_there_are_none_to_be_added(visitor: Visitor, ravi: httpx.Client):
    code, _ = asked(visitor, ravi)
    say(visitor, code, "add", note=" ")
    assert visitor.page.status_code == 422
    assert "Write a few words first." in visitor.text


def test_makes_a_report_a_request_when_its_sender_says_that_somebody_needs_help(visitor: Visitor, site: Server):
    visitor.report(category="flooding", text="a street under water")
    code = visitor.code
    visitor.open(f"/t/{code}")
    say(visitor, code, "ask")
    assert "Waiting for a team" in visitor.text


def test_shows_the_page_again_with_what_was_typed_when_something_has_happened_meanwhile(
    visitor: Visitor, ravi: httpx.Client
):
    code, number = asked(visitor, ravi)
    act(ravi, number, "answer", note="Brought to the hall")
    visitor.open(f"/t/{code}")
    act(ravi, number, "reopen")
    say(visitor, code, "confirm", note="all\nsafe <now>")
    assert visitor.page.status_code == 412
    assert "Something changed while this page was open" in visitor.text
    assert "Reopened by Boat Team 4" in visitor.text
    assert visitor.form(f"/t/{code}")["note"] == "all\nsafe <now>"
    assert state(ravi, number)["state"] == "open"
    act(ravi, number, "answer", note="Once more")
    say(visitor.open(f"/t/{code}"), code, "confirm", note="all\nsafe <now>")
    assert state(ravi, number)["state"] == "confirmed"


@pytest.mark.parametrize(("verb", "status"), [("confirm", 409), ("reopen", 409), ("delete", 200), ("", 200)])
def test_changes_nothing_by_a_button_that_the_page_does_not_have(
    visitor: Visitor, ravi: httpx.Client, verb: str, status: int
):
    code, number = asked(visitor, ravi)
    before = state(ravi, number)["etag"]
    say(visitor, code, verb, note="kept")
    assert visitor.page.status_code == status
    assert state(ravi, number)["etag"] == before


def test_keeps_what_is_too_long_and_says_how_much_fits(visitor: Visitor, ravi: httpx.Client):
    code, _ = asked(visitor, ravi)
    say(visitor, code, "add", note="x" * 20_001)
    assert visitor.page.status_code == 413
    assert "At most 20000 characters" in visitor.text
    assert visitor.form(f"/t/{code}")["note"] == "x" * 20_001


def test_takes_nothing_from_another_site(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi)
    form = visitor.form(f"/t/{code}") | {"do": "add", "note": "words that are kept"}
    for forged, headers in ((form | {"csrf_token": "x"}, {}), (form, {"Sec-Fetch-Site": "cross-site"})):
        visitor.page = visitor.http.post(f"/t/{code}", data=forged, headers=headers)
        assert visitor.page.status_code == 403
        assert visitor.form(f"/t/{code}")["note"] == "words that are kept"
    assert "kept" not in state(ravi, number)["text"]


def test_lets_a_browser_without_cookies_speak_on_the_second_press(visitor: Visitor, ravi: httpx.Client, site: Server):
    code, number = asked(visitor, ravi)
    with Visitor(site.url) as other:
        for status in (403, 303):
            other.http.cookies.clear()
            values = (other if status == 303 else other.open(f"/t/{code}")).form(f"/t/{code}")
            other.http.cookies.clear()
            other.page = other.http.post(f"/t/{code}", data=values | {"do": "add", "note": "no cookies here"})
            assert other.page.status_code == status
    assert "no cookies here" in state(ravi, number)["text"]


def test_says_why_it_cannot_be_met_and_that_others_were_called(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi)
    act(ravi, number, "cannot_meet", reason="no boat <left>")
    visitor.open(f"/t/{code}")
    for said in ("Unable to help", "no boat <left>", "Unable to help: Boat Team 4"):
        assert said in visitor.text
    assert "Escalated to more responders" in visitor.text
    say(visitor, code, "reopen")
    assert state(ravi, number)["state"] == "open"


def test_shows_where_those_stand_who_ask_together(visitor: Visitor, ravi: httpx.Client, site: Server):
    code, number = asked(visitor, ravi)
    with Visitor(site.url) as neighbour:
        theirs, head = asked(neighbour, ravi, place="the house of Kamala")
        act(ravi, number, "join", to=head)
        act(ravi, head, "claim")
        visitor.open(f"/t/{code}")
        assert "Other reports that ask for the same as yours: 1" in visitor.text
        assert "Status for all of you: A team has taken it on" in visitor.text
        assert "Kamala" not in visitor.text
        assert "the same as yours: 1" in neighbour.open(f"/t/{theirs}").text
    say(visitor, code, "solved")
    assert "The other people who asked stay on the list." in visitor.text
    say(visitor, code, "withdraw_yes")
    assert state(ravi, number)["state"] == "withdrawn"
    assert state(ravi, head)["state"] == "claimed"
    say(visitor, code, "reopen")
    act(ravi, number, "join", to=head)
    say(visitor.open(f"/t/{code}"), code, "reopen", note="they left without us")
    now = state(ravi, number)
    assert (now["state"], now["reopened"]) == ("open", 2)


def test_does_not_tell_what_the_teams_tell_each_other(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi)
    act(ravi, number, "priority", priority="P4", reason="seems to be a prank")
    visitor.open(f"/t/{code}")
    shown = visitor.page.text.replace(code, "")  # a code is letters and digits by chance, "P4" among them
    assert "prank" not in shown
    assert "P4" not in shown


def test_says_by_when_something_has_to_happen(visitor: Visitor, ravi: httpx.Client):
    code, number = asked(visitor, ravi, category="medical")
    item = state(ravi, number)
    due = english().date_time(parse(item["due_at"])[0], UTC)
    assert f"A team should answer by {due} (in" in visitor.text
    act(ravi, number, "claim", minutes=25)
    until = state(ravi, number)["claim_until"]
    visitor.open(f"/t/{code}")
    assert f"The team has it until {english().date_time(parse(until)[0], UTC)} (in 24 min)" in visitor.text.replace(
        "\u00a0", " "
    )
    act(ravi, number, "answer", note="done")
    assert "A team should answer" not in visitor.open(f"/t/{code}").text


def test_limits_wrong_codes_also_where_something_is_said(server: StartServer):
    one = server(env={"CRISISMAP_RATE_LIMIT": "on"})
    with Visitor(one.url) as visitor:
        for number in range(10):
            page = visitor.http.post(f"/t/ZZZZ-ZZZZ-ZZ{number:02}", data={"do": "confirm"})
            assert page.status_code == 404
        visitor.page = visitor.http.post("/t/ZZZZ-ZZZZ-ZZZZ", data={"do": "confirm"})
        assert visitor.page.status_code == 429
        assert int(visitor.page.headers["retry-after"]) > 3000
        assert "Too many wrong codes" in visitor.text
