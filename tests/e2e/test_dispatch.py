"""A dispatcher's work in a real browser, by keys: choosing and undoing rows, opening and going back, taking a call."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.e2e.desk import PATIENCE_MS, post, sign_in, until
from tests.server import Server, StartServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]


@pytest.fixture
def desk(server: StartServer) -> Iterator[Server]:
    """A server with one ward and four requests."""
    one = server()
    ward = {"type": "Polygon", "coordinates": [SQUARE]}
    feature = {"type": "Feature", "properties": {"name": "Adyar", "code": "W-1"}, "geometry": ward}
    body = {"type": "FeatureCollection", "title": "Wards", "features": [feature]}
    with httpx.Client(base_url=one.url, headers=one.auth, trust_env=False) as client:
        assert client.put("/api/v1/layers/wards?role=area", json=body).status_code == 201
    for number in range(4):
        post(one, text=f"trapped on the roof, gate {number}")
    yield one


def requests(one: Server, **limits: str) -> list[dict[str, object]]:
    answer = httpx.get(f"{one.url}/api/v1/requests", params=limits, headers=one.auth, trust_env=False)
    found: list[dict[str, object]] = answer.json()["items"]
    return found


def list_of(one: Server, page: Page) -> None:
    page.goto(f"{one.url}/requests")
    page.locator(".row .open").nth(3).wait_for(timeout=PATIENCE_MS)


def test_works_through_the_list_by_keys_and_undoes_it(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory()
    sign_in(desk, page)
    list_of(desk, page)
    keys = page.keyboard
    for key in ("ArrowDown", "x", "ArrowDown", "x"):
        keys.press(key)
    expect(page.get_by_text("2 requests selected")).to_be_visible(timeout=PATIENCE_MS)
    page.locator(".st-key-bulk-claim button").press("Enter")
    expect(page.get_by_text("Claimed 2 of 2 requests.")).to_be_visible(timeout=PATIENCE_MS)
    assert len(requests(desk, state="claimed")) == 2
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Undid the claim on 2 of 2 requests.")).to_be_visible(timeout=PATIENCE_MS)
    assert requests(desk, state="claimed") == []


def test_opens_goes_back_and_claims_by_keys(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory()
    sign_in(desk, page)
    list_of(desk, page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("o")
    expect(page.get_by_text("Timeline")).to_be_attached(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Timeline")).to_have_count(0, timeout=PATIENCE_MS)
    page.locator(".row .open").nth(1).focus()
    page.keyboard.press("c")
    expect(page.get_by_text("You have claimed this request until")).to_be_visible(timeout=PATIENCE_MS)
    assert len(requests(desk, state="claimed")) == 1


def test_takes_a_call_in_under_thirty_seconds_with_keys_only(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory()
    sign_in(desk, page, role="volunteer")
    page.goto(f"{desk.url}/call")
    page.locator(".cats:focus").wait_for(timeout=PATIENCE_MS)
    keys = page.keyboard
    began = time.monotonic()
    keys.press("4")
    keys.type("six of us on the first floor, water rising", delay=40)
    keys.press("Tab")
    keys.press("y")
    page.locator(".facts input:focus").first.wait_for(timeout=PATIENCE_MS)
    keys.press("Space")
    page.locator(".call #place").focus()
    keys.type("ady", delay=40)
    page.locator(".spots li", has_text="Adyar").wait_for(timeout=PATIENCE_MS)
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.type(", third house", delay=40)
    keys.press("Tab")
    keys.type("6")
    keys.press("Tab")
    keys.type("098400 12345", delay=40)
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    groups = page.locator(".groups b")
    groups.nth(2).wait_for(timeout=PATIENCE_MS)
    took = time.monotonic() - began
    assert took < 30, took
    code = "-".join(groups.all_inner_texts())
    told = httpx.get(f"{desk.url}/t/{code}", trust_env=False).text
    assert "six of us on the first floor" in told
    [item] = [each for each in requests(desk) if each["people"] == 6]
    assert (item["place"], item["category"], item["channel"]) == ("Adyar, third house", "rescue", "call")
    assert item["lon"] is not None
    assert (item["need"], item["priority"]) == ("asks", "P1")
    keys.press("Enter")
    page.locator(".cats:focus").wait_for(timeout=PATIENCE_MS)
    expect(page.locator("textarea")).to_have_value("")


def test_badges_the_title_and_sounds_only_when_allowed_until_heard(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory()
    sign_in(desk, page)
    list_of(desk, page)
    bell = page.locator(".bell")
    expect(bell.get_by_text("4 new P1")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("document.title.startsWith('(4 P1) ')")
    assert bell.get_attribute("data-rings") is None, "nothing sounds before it is allowed"
    bell.get_by_role("button", name="Turn sound on").click()
    expect(bell.get_by_role("button", name="Turn sound off")).to_be_visible(timeout=PATIENCE_MS)
    rings = int(bell.get_attribute("data-rings") or 0)
    assert rings >= 1
    bell.get_by_role("button", name="Acknowledge").click()
    page.wait_for_function("!document.title.includes('P1)')", timeout=PATIENCE_MS)
    expect(bell.get_by_text("new P1")).to_be_hidden()
    post(desk, text="trapped, one more")
    expect(bell.get_by_text("1 new P1")).to_be_visible(timeout=PATIENCE_MS)
    until(page, lambda: int(bell.get_attribute("data-rings") or 0) > rings, "the new one did not sound")
    bell.get_by_role("button", name="Turn sound off").click()
    expect(bell.get_by_role("button", name="Turn sound on")).to_be_visible()


def test_searches_with_a_misspelt_name_and_says_what_it_shows(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory()
    sign_in(desk, page)
    for address, label, back in (("/", "Search", "← Back"), ("/requests", "Find", "Back to the queue")):
        page.goto(f"{desk.url}{address}")
        page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
        box = page.get_by_label(label, exact=True)
        box.fill("Adyr")
        box.press("Enter")
        expect(page.get_by_text("Nothing is called “Adyr”; nearest names:")).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("4 unanswered requests in Adyar")).to_be_visible(timeout=PATIENCE_MS)
        box.fill("🐸🐸")
        box.press("Enter")
        message = page.get_by_text("No match for “🐸🐸”.")
        expect(message).to_be_visible(timeout=PATIENCE_MS)
        post(desk, text="one more, while the message stands", lon=80.5)
        page.wait_for_timeout(4_000)  # the page has drawn itself again
        expect(message).to_be_visible()
        expect(box).to_have_value("🐸🐸")
        page.get_by_role("button", name=back).click()
        expect(message).to_have_count(0, timeout=PATIENCE_MS)
        expect(box).to_have_value("")
