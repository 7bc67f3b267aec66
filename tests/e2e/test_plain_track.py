"""The tracking page in a real Chromium at phone width: every state, in both themes and directions, and its buttons."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from crisismap.i18n import languages
from tests.browser import PageFactory, screenshot
from tests.e2e.test_plain_report import CONTRAST, SIDEWAYS, SMALL_TARGETS
from tests.server import Server, serving
from tests.web.pages.test_track_page import act, id_of, team
from tests.web.visitor import Visitor

MOST_BYTES = 60_000


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("track")) as started:
        yield started


@pytest.fixture(scope="module")
def states(one: Server) -> dict[str, str]:
    """A request in each state, by its code."""
    codes: dict[str, str] = {}
    with team(one, "Boat Team 4") as ravi:
        for state in ("open", "claimed", "answered", "confirmed", "withdrawn", "joined", "cannot_meet", "reopened"):
            with Visitor(one.url) as visitor:
                words = f"a family on the roof, {state}"
                visitor.report(category="rescue", text=words, lat="13.06", lon="80.25")
                code = visitor.code
                number = id_of(ravi, words)
                _bring(ravi, visitor, code, number, state)
                codes[state] = code
        with Visitor(one.url) as visitor:
            codes["report"] = visitor.report(category="flooding", text="a street under water").code
        act(ravi, id_of(ravi, "a family on the roof, joined"), "join", to=id_of(ravi, "a family on the roof, claimed"))
    return codes


def _bring(ravi: httpx.Client, visitor: Visitor, code: str, number: str, state: str) -> None:
    if state == "claimed":
        act(ravi, number, "claim")
    if state in ("answered", "confirmed", "reopened"):
        act(ravi, number, "answer", note="Brought to the school, all four of them")
    if state == "cannot_meet":
        act(ravi, number, "cannot_meet", reason="No boat can pass the bridge before morning")
    said = {"confirmed": "confirm", "withdrawn": "withdraw_yes", "reopened": "reopen"}.get(state)
    if said:
        visitor.open(f"/t/{code}").send(f"/t/{code}", do=said, note="The water comes back")
        assert visitor.page.status_code == 200


def test_asks_twice_before_taking_back_and_confirms_without_javascript(
    one: Server, page_factory: PageFactory, states: dict[str, str]
):
    page = page_factory(width=390, height=844, javascript=False)
    page.goto(f"{one.url}/t/{states['open']}")
    page.locator("#note").fill("We are two more now")
    page.get_by_role("button", name="Add information").click()
    expect(page.locator(".noted")).to_be_visible()
    expect(page.locator("main")).to_contain_text("We are two more now")
    page.get_by_role("button", name="We do not need help any more").click()
    expect(page.get_by_role("heading", name="Are you sure you do not need help any more?")).to_be_visible()
    screenshot(page, "track-second-look-390")
    page.get_by_role("link", name="No, go back").click()
    expect(page.locator(".big-word")).to_have_text("Waiting for a team")
    screenshot(page, "track-added-390")


@pytest.mark.parametrize("dark", [False, True])
def test_can_be_read_and_pressed_in_every_state(
    one: Server, page_factory: PageFactory, states: dict[str, str], dark: bool
):
    page = page_factory(width=390, height=844, color_scheme="dark" if dark else "light")
    found = {}
    for state, code in states.items():
        page.goto(f"{one.url}/t/{code}")
        wrong = (page.evaluate(CONTRAST), page.evaluate(SMALL_TARGETS), page.evaluate(SIDEWAYS))
        if any(wrong):
            found[state] = wrong
        screenshot(page, f"track-{state}-390-{'dark' if dark else 'light'}")
    assert found == {}


def test_fits_narrow_phones_in_every_language(one: Server, page_factory: PageFactory, states: dict[str, str]):
    page = page_factory(width=320, height=640, javascript=False)
    found = {}
    for code in languages():
        for state in ("claimed", "answered", "joined", "cannot_meet"):
            page.goto(f"{one.url}/t/{states[state]}?lang={code}")
            wide, small, size = page.evaluate(SIDEWAYS), page.evaluate(SMALL_TARGETS), len(page.content().encode())
            if wide or small or size > MOST_BYTES:
                found[f"{state} {code}"] = (wide, small, size)
            if code in ("ta", "ar"):
                screenshot(page, f"track-{state}-320-{code}")
    assert found == {}


def test_keeps_what_was_typed_when_a_team_was_quicker(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844, javascript=False)
    with team(one, "Boat Team 5") as ravi, Visitor(one.url) as visitor:
        code = visitor.report(category="rescue", text="typed while it changed").code
        number = id_of(ravi, "typed while it changed")
        act(ravi, number, "answer", note="Done")
        page.goto(f"{one.url}/t/{code}")
        page.locator("#note").fill("All well,\nthank you")
        act(ravi, number, "reopen")
        _press(page, "It is solved")
        expect(page.locator("#error")).to_contain_text("Something changed while this page was open")
        expect(page.locator("#note")).to_have_value("All well,\nthank you")
        screenshot(page, "track-stale-390")


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
