"""The admin page: invite, suspend, tokens, setting a source apart and back, and the log, all by hand."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.errors import NotSignedIn
from crisismap.core.privacy import Audience
from crisismap.services.accounts import sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests import acts
from tests.people import ADMIN
from tests.ui.listed import press
from tests.ui.open_desk import HOSTILE, html, markdown, page, told


def part(name: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    test = page("admin", ADMIN, monkeypatch)
    [chooser] = [each for each in test.get("button_group") if "People" in each.options]
    chooser.set_value(name).run()
    assert not test.exception, test.exception
    return test


def choose(test: AppTest, label: str, value: str) -> AppTest:
    [box] = [each for each in test.selectbox if each.label == label]
    box.set_value(value).run()
    assert not test.exception, test.exception
    return test


def test_invites_somebody_with_a_link_that_is_shown_once(desk: Context, monkeypatch) -> None:
    test = page("admin", ADMIN, monkeypatch)
    [name] = [each for each in test.text_input if each.label == "Name"]
    name.set_value("Mala")
    test = press(test, "Create invitation link")
    [code] = test.code
    secret = re.search(r"invitation=(\S+)", code.value)
    assert secret
    assert sign_in.invited_person(desk.store, desk.clock(), secret[1]).name == "Mala"
    assert "Mala" in html(test)
    test.run()
    assert not test.code


def test_says_why_somebody_cannot_be_invited(desk: Context, monkeypatch) -> None:
    test = press(page("admin", ADMIN, monkeypatch), "Create invitation link")
    assert "must have 1 to 200 characters" in html(test)
    assert not test.code


def test_suspends_somebody_and_lets_them_in_again(desk: Context, monkeypatch) -> None:
    token = sign_in.make_token(desk.store, desk.clock(), COMMAND_LINE, TokenRequest("responder", "Boats", 5))
    person = sign_in.person_of_token(desk.store, desk.keys.admin_token, desk.clock(), token)
    test = choose(page("admin", ADMIN, monkeypatch), "Person", person.id)
    test = press(test, "Suspend person")
    with pytest.raises(NotSignedIn):
        sign_in.person_of_token(desk.store, desk.keys.admin_token, desk.clock(), token)
    test = press(choose(test, "Person", person.id), "Reinstate person")
    assert sign_in.person_of_token(desk.store, desk.keys.admin_token, desk.clock(), token) == person


def test_ends_a_token_and_makes_one(desk: Context, monkeypatch) -> None:
    token = sign_in.make_token(desk.store, desk.clock(), COMMAND_LINE, TokenRequest("responder", "Boats", 5))
    [credential] = sign_in.tokens(desk.store, desk.clock(), ADMIN)
    test = part("Sessions and tokens", monkeypatch)
    test = press(choose(test, "Session, token or invitation", credential.id), "Revoke now")
    with pytest.raises(NotSignedIn):
        sign_in.person_of_token(desk.store, desk.keys.admin_token, desk.clock(), token)
    test = press(test, "Create token")
    [code] = test.code
    assert sign_in.person_of_token(desk.store, desk.keys.admin_token, desk.clock(), code.value).roles == {"agency"}


def test_sets_a_source_apart_in_one_action_and_takes_it_back(desk: Context, monkeypatch) -> None:
    ids = [told(desk, contact={"phone": "98765 43210"}, text=f"false {n} {HOSTILE}") for n in range(3)]
    test = part("Sources and flags", monkeypatch)
    [box] = [each for each in test.selectbox if each.label == "Source"]
    assert len(box.options) == 1
    [name] = [each for each in desk.views.situation.vocabularies.sender.items if each.startswith("sender:")]
    test = press(choose(test, "Source", name), "Quarantine source with 3 reports")
    board = desk.views.situation.board(Audience.PUBLIC)
    assert board.n == 0
    seen = html(test)
    assert "quarantined" in seen
    assert ids[0] in seen
    assert "<img src=x" not in seen
    assert "98765" not in seen
    press(choose(test, "Source", name), "Release source with 3 reports")
    assert desk.views.situation.board(Audience.PUBLIC).n == 3


def test_shows_flagged_reports_and_hides_none(desk: Context, monkeypatch) -> None:
    odd = told(desk, lon=0.0, lat=0.0, text="odd place")
    fine = told(desk, text="all is well here")
    seen = html(part("Sources and flags", monkeypatch))
    assert odd in seen
    assert "zero coordinates" in seen
    assert fine not in seen


def test_shows_what_was_decided_about_words_and_by_whom(desk: Context, monkeypatch) -> None:
    kept, waits = (told(desk, text=text, consent={"publish": True}) for text in ("my neighbour hides", "we wait"))
    done = acts.withhold(desk, ADMIN, kept, None, reason=f"names somebody {HOSTILE}").result()
    assert desk.views.situation.wait(done.revision)
    seen = html(part("Sources and flags", monkeypatch))
    assert "1 text review decision" in seen
    assert "1 report waiting" in seen
    assert "my neighbour hides" in seen
    assert "names somebody" in seen
    assert HOSTILE not in seen
    assert waits not in seen


def test_searches_the_log_and_offers_the_file(desk: Context, monkeypatch) -> None:
    sign_in.invite(desk.store, desk.clock(), COMMAND_LINE, f"Eve {HOSTILE}", "volunteer", "")
    told(desk)
    test = part("Audit log", monkeypatch)
    assert "<td>Person: add</td>" in html(test)
    assert "<td>Reported</td>" in html(test)
    assert "<img src=x" not in html(test) + markdown(test)
    [verbs] = [each for each in test.multiselect if each.label == "Action"]
    verbs.set_value(["person.add"]).run()
    assert "<td>Reported</td>" not in html(test)
    assert 'href="/api/v1/audit.csv?verb=person.add"' in html(test)
