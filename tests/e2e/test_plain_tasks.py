"""/tasks in a real Chromium on a phone without JavaScript: found, taken on, answered with a thumb; how it looks."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from crisismap.i18n import languages
from tests.browser import PageFactory, screenshot
from tests.e2e.test_plain_report import CONTRAST, SIDEWAYS, SMALL_TARGETS
from tests.server import Server, serving
from tests.web.pages.test_track_page import id_of, put_layer, team
from tests.web.visitor import invite

MOST_BYTES = 60_000
WORDS = "Water up to the roof, six people, one cannot walk"
SQUARE = [[[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("tasks")) as started:
        _fill(started)
        yield started


def _fill(site: Server) -> None:
    put_layer(site, "wards", "area", {"type": "Polygon", "coordinates": SQUARE}, name="Ward 109 Saidapet", code="109")
    put_layer(site, "flood", "hazard", {"type": "Polygon", "coordinates": SQUARE}, name="Adyar flood zone")
    put_layer(site, "halls", "shelter", {"type": "Point", "coordinates": [80.26, 13.06]}, name="Hall 2", status="open")
    for report in (
        {"category": "rescue", "text": WORDS, "lon": 80.25, "lat": 13.061, "people": 6, "fields": {"trapped": True},
         "contact": {"phone": "+91 98400 12345", "name": "Kamala"}, "consent": {"contact": True}},
        {"category": "medical", "text": "insulin is running out", "lon": 80.24, "lat": 13.05, "people": 1},
        {"category": "water_food", "text": "எங்களிடம் குடிநீர் இல்லை, குழந்தைகள் உள்ளனர்", "lon": 80.255, "lat": 13.07},
        {"category": "rescue", "text": "they shout from the blue house", "place": "behind the temple"},
        {"category": "shelter", "text": "hall is open", "lon": 80.26, "lat": 13.06, "fields": {"status": "open"}},
    ):  # fmt: skip
        answer = httpx.post(f"{site.url}/api/v1/reports", json=report, trust_env=False)
        assert answer.status_code == 201, answer.text


def signed_in(one: Server, page_factory: PageFactory, *, role: str = "responder", **options: object) -> Page:
    """A phone whose owner opens /tasks, signs in, and is led back to it."""
    page = page_factory(**({"width": 390, "height": 844, "javascript": False} | options))
    page.goto(f"{one.url}/tasks")
    page.locator("#invitation").fill(invite(one, "Ravi", role, "Boat Team 4"))
    page.get_by_role("button", name="Open").click()
    page.locator("main form[method=post]").get_by_role("button").click()
    assert page.url == f"{one.url}/tasks"
    return page


def test_finds_takes_on_and_answers_without_javascript(one: Server, page_factory: PageFactory):
    page = signed_in(one, page_factory)
    screenshot(page, "tasks-390")
    page.locator("summary", has_text="Near a place, or in an area").click()
    page.locator("#near").fill("13.06, 80.25")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".tasks .what").first).to_contain_text("110\u00a0m")
    screenshot(page, "tasks-near-390")
    page.get_by_text(WORDS).click()
    expect(page.get_by_role("link", name="Show the route")).to_have_attribute(
        "href", "geo:13.061000,80.250000?q=13.061000,80.250000"
    )
    for said in ("Ward 109 Saidapet", "Adyar flood zone", "Hall 2", "Are people trapped?"):
        expect(page.locator("main")).to_contain_text(said)
    assert "98400" not in page.content()
    screenshot(page, "task-open-390")
    page.get_by_role("button", name="Claim request").click()
    expect(page.locator(".big-word")).to_have_text("You have claimed this request")
    page.get_by_role("button", name="Show contact details").click()
    expect(page.get_by_role("link", name="+91 98400 12345")).to_be_visible()
    screenshot(page, "task-contact-390")
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.locator("#error")).to_contain_text("Write in a few words what was done")
    page.locator("#note").fill("All six brought to Hall 2")
    page.get_by_role("button", name="Mark as answered").click()
    expect(page.locator(".big-word")).to_have_text("A team says it is done")
    screenshot(page, "task-answered-390")
    page.get_by_role("link", name="Back to the list").click()
    assert "near=13.06" in page.url
    expect(page.locator("main")).not_to_contain_text(WORDS)


def test_uses_the_phones_position(one: Server, page_factory: PageFactory, foreign_requests: list[str]):
    here = {"latitude": 13.0701, "longitude": 80.2551, "accuracy": 10}
    page = signed_in(one, page_factory, javascript=True, geolocation=here, permissions=["geolocation"])
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#near")).to_have_value("13.07010, 80.25510")
    expect(page.locator(".tasks .what").first).to_contain_text("20\u00a0m")
    assert foreign_requests == []


def test_says_what_to_do_when_the_phone_does_not_tell(one: Server, page_factory: PageFactory):
    page = signed_in(one, page_factory, javascript=True)
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#position-status")).to_contain_text("Write it, or choose an area")
    expect(page.locator("#near")).to_be_focused()


@pytest.mark.parametrize("width", [320, 390])
def test_fits_small_phones_in_every_language(one: Server, page_factory: PageFactory, width: int):
    page = signed_in(one, page_factory, width=width)
    with team(one, "Boat Team 6") as other:
        number = id_of(other, "insulin is running out")
    found = {}
    for code in languages():
        for name, address in (("list", "/tasks?near=13.06,80.25"), ("one", f"/tasks/{number}?near=13.06,80.25")):
            page.goto(f"{one.url}{address}&lang={code}")
            wide, small, size = page.evaluate(SIDEWAYS), page.evaluate(SMALL_TARGETS), len(page.content().encode())
            if wide or small or size > MOST_BYTES:
                found[f"{name} {code}"] = (wide, small, size)
            if code in ("ta", "ar") and width == 390:
                screenshot(page, f"tasks-{name}-390-{code}")
    assert found == {}


@pytest.mark.parametrize("dark", [False, True])
def test_can_be_read_by_everybody(one: Server, page_factory: PageFactory, dark: bool):
    page = signed_in(one, page_factory, javascript=True, color_scheme="dark" if dark else "light")
    with team(one, "Boat Team 7") as other:
        number = id_of(other, "they shout from the blue house")
    for name, address in (
        ("list", "/tasks?near=13.06,80.25"),
        ("one", f"/tasks/{number}"),
        ("check", "/tasks?show=check"),
    ):
        page.goto(f"{one.url}{address}")
        assert page.evaluate(CONTRAST) == []
        screenshot(page, f"tasks-{name}-390-{'dark' if dark else 'light'}")


def test_shows_a_volunteer_the_public_view(one: Server, page_factory: PageFactory):
    page = signed_in(one, page_factory, role="volunteer")
    expect(page.locator(".tasks").first).to_be_visible()
    assert WORDS not in page.content()
    page.locator(".tasks a").first.click()
    expect(page.locator("main")).to_contain_text("Only responders can read the text of a request.")
    assert page.get_by_role("button", name="Claim request").count() == 0
    screenshot(page, "task-volunteer-390")
