"""What is wrong, said in the language of the page: no English sentence of a refusal on a page in another language."""

from __future__ import annotations

import re

import httpx
import pytest

from crisismap.i18n import DEFAULT, languages
from tests.photos import drawing, jpeg
from tests.server import Server
from tests.web.test_photo import send
from tests.web.visitor import Visitor, invite

TABLES = ("problem", "problem_staff", "error", "login", "track", "task")


def longest(sentence: str) -> str:
    """The longest part of a sentence that nothing is put into."""
    return max(re.split(r"\{\w+\}", sentence), key=len).strip()


ENGLISH = {
    part
    for key, said in languages()[DEFAULT].sentences.items()
    if key.partition(".")[0] in TABLES and len(part := longest(said)) > 11
}


def english_on(text: str) -> set[str]:
    return {part for part in ENGLISH if part.casefold() in text.casefold()}


@pytest.fixture(params=["ta", "ar"])
def foreign(request: pytest.FixtureRequest, site: Server) -> Visitor:
    """A visitor who has chosen a language; the page they ended on is in it."""
    with Visitor(site.url) as one:
        one.open(f"/report?lang={request.param}")
        yield one
        assert f'<html lang="{request.param}"' in one.page.text
        assert english_on(one.text) == set(), one.text


def test_notices_english(visitor: Visitor):
    visitor.open("/login").send("/login", login="nobody", password="wrong-word-1234")
    assert "Name or password is wrong." in english_on(visitor.text)


def test_says_that_a_text_is_too_long(foreign: Visitor):
    foreign.report(category="rescue", text="x" * 20_001)
    assert foreign.page.status_code == 422


def test_says_that_a_name_in_a_contact_is_too_long(foreign: Visitor):
    foreign.report(category="rescue", text="x", name="y" * 501)
    assert foreign.page.status_code == 422


def test_says_that_the_form_is_too_large(foreign: Visitor):
    foreign.report(category="rescue", text="x" * 600_000)
    assert foreign.page.status_code == 413


def test_says_that_the_photo_was_not_kept(foreign: Visitor):
    send(foreign, jpeg(drawing(64, 48))[:600], text="water is rising")
    assert foreign.page.status_code == 200


def test_says_that_the_password_is_wrong(foreign: Visitor):
    foreign.open("/login").send("/login", login="nobody", password="wrong-word-1234")
    assert foreign.page.status_code == 403


@pytest.mark.parametrize(("login", "password"), [("ravi", "short"), ("x", "a good long one 1")])
def test_says_what_is_wrong_with_a_new_account(foreign: Visitor, site: Server, login: str, password: str):
    foreign.open(f"/login?invitation={invite(site, 'ரவி', 'volunteer')}").send("/login", login=login, password=password)
    assert foreign.page.status_code == 422


def test_says_that_an_invitation_is_used(foreign: Visitor):
    foreign.open("/login?invitation=none")
    assert foreign.page.status_code == 404


@pytest.mark.parametrize("code", ["7K2M-9QXA-4TPC", "no-code"])
def test_says_that_no_report_has_the_code(foreign: Visitor, code: str):
    foreign.open(f"/t/{code}")
    assert foreign.page.status_code == 404


def test_says_that_a_filter_means_nothing(foreign: Visitor):
    foreign.open("/tasks?cursor=x")
    assert foreign.page.status_code < 500


def test_answers_programs_in_english_unless_they_ask_for_more(site: Server):
    def refusal(**headers: str) -> httpx.Response:
        return httpx.post(f"{site.url}/api/v1/reports", json={"category": "?"}, headers=headers, trust_env=False)

    plain, tamil = refusal().json(), refusal(**{"Accept-Language": "ta-IN,en;q=0.5"}).json()
    assert plain["detail"].startswith("category: unknown, must be one of flooding")
    assert tamil["detail"].startswith("வகை: தெரியாதது")
    assert plain["code"] == tamil["code"] == "unknown_value"
    assert plain["type"] == tamil["type"] == "urn:crisismap:problem:invalid"
    assert "flooding" in plain["choices"]
    assert refusal(**{"Accept-Language": "xx"}).json() == plain
    assert refusal(**{"Accept-Language": "ta"}).headers["content-language"] == "ta"
    assert refusal().headers["vary"] == "Accept-Language"
