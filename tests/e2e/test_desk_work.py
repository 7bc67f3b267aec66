"""A responder's work in a real browser: from a row or a point to the detail, claim, contact, answer, place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory
from tests.e2e.desk import PATIENCE_MS, item, post, ready, sign_in, stocked, until
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SMALL = {"width": 960, "height": 640}  # the tests' browser draws without a graphics card


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("work"), 40) as one:
        yield one


def opened(desk: Server, page: Page, words: str) -> None:
    """Find a request by its words and open it."""
    page.get_by_placeholder("Search").fill(words)
    page.get_by_placeholder("Search").press("Enter")
    page.locator(".row", has_text=words).locator(".open").first.click(timeout=PATIENCE_MS)


def test_goes_from_a_row_through_claim_and_contact_to_the_answer(desk: Server, page_factory: PageFactory) -> None:
    contact = {"phone": "+91 98400 12345"}
    receipt = post(desk, text="trapped, blue gate", people=4, contact=contact, consent={"contact": True})
    page = page_factory(**SMALL)
    sign_in(desk, page)
    ready(page)
    opened(desk, page, "blue gate")
    page.locator(".st-key-claim button").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("You have claimed this request for 60 minutes")).to_be_visible(timeout=PATIENCE_MS)
    assert item(desk, receipt["id"])["state"] == "claimed"
    expect(page.get_by_text("98400")).to_have_count(0)
    page.get_by_role("button", name="Show contact (logged)").click()
    expect(page.get_by_text("+91 98400 12345")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("What was done?").fill("Four people taken to the school")
    page.get_by_role("button", name="Mark as answered", exact=True).click()
    expect(page.get_by_text("Marked as answered.").first).to_be_visible(timeout=PATIENCE_MS)
    assert item(desk, receipt["id"])["state"] == "answered"
    expect(page.get_by_text("Four people taken to the school")).to_be_visible(timeout=PATIENCE_MS)


def test_says_who_was_quicker(desk: Server, page_factory: PageFactory) -> None:
    receipt = post(desk, text="trapped, green gate")
    slow, quick = page_factory(**SMALL), page_factory(**SMALL)
    for page, name in ((slow, "Ravi"), (quick, "Mala")):
        sign_in(desk, page, name=name)
        ready(page)
        opened(desk, page, "green gate")
        page.locator(".st-key-claim button").wait_for(timeout=PATIENCE_MS)
    slow.context.set_offline(True)  # it does not hear that the other one claims
    quick.locator(".st-key-claim button").click()
    expect(quick.get_by_text("You have claimed this request")).to_be_visible(timeout=PATIENCE_MS)
    slow.context.set_offline(False)
    expect(slow.get_by_text("claimed by Mala").first).to_be_visible(timeout=PATIENCE_MS)
    assert slow.locator(".st-key-claim button").count() == 0
    assert item(desk, receipt["id"])["claimed_by"].startswith("Mala")


def test_claims_straight_from_the_list(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory(**SMALL)
    sign_in(desk, page)
    ready(page)
    page.locator(".row .claim").first.click()
    expect(page.get_by_text("You have claimed this request for 60 minutes")).to_be_visible(timeout=PATIENCE_MS)


def test_opens_the_same_detail_from_a_point_on_the_map(desk: Server, page_factory: PageFactory) -> None:
    post(desk, text="trapped, yellow gate", lon=80.2, lat=13.2)
    page = page_factory(**SMALL)
    sign_in(desk, page)
    ready(page)
    opened(desk, page, "yellow gate")
    expect(page.get_by_text("Timeline")).to_be_attached(timeout=PATIENCE_MS)

    def listed() -> bool:  # one step back, or two where what was found was listed first
        back = page.get_by_role("button", name="← Back")
        if back.count():
            back.click(timeout=PATIENCE_MS)
        page.wait_for_timeout(1000)
        return not page.get_by_role("button", name="← Back").count()

    until(page, listed, "the list did not come back")
    chart = page.get_by_test_id("stDeckGlJsonChart")
    box = chart.bounding_box()
    assert box is not None

    def picked() -> bool:
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(1500)
        return page.locator(".cm-said", has_text="yellow gate").count() > 0

    until(page, picked, "the point was not picked")


def test_places_a_request_by_a_click_on_the_map(desk: Server, page_factory: PageFactory) -> None:
    receipt = post(desk, text="trapped behind the mill", lon=None, lat=None, place="the old mill")
    page = page_factory(**SMALL)
    sign_in(desk, page)
    page.goto(f"{desk.url}/requests")
    page.locator(".st-key-dispatch-queue").get_by_text("Location needed").click(timeout=PATIENCE_MS)
    page.locator(".row", has_text="the old mill").locator(".open").click(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Set location").click(timeout=PATIENCE_MS)
    page.frame_locator("iframe").locator(".leaflet-container").click(position={"x": 150, "y": 120}, timeout=PATIENCE_MS)
    expect(page.get_by_text("Selected:")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Save location").click()
    expect(page.get_by_text("Location set. The report is on the map now.")).to_be_visible(timeout=PATIENCE_MS)
    assert item(desk, receipt["id"])["lon"] is not None


def test_signs_out_with_nothing_left_on_the_page(desk: Server, page_factory: PageFactory) -> None:
    post(desk, text="trapped, red gate")
    page = page_factory(**SMALL)
    sign_in(desk, page)
    ready(page)
    opened(desk, page, "red gate")
    expect(page.locator(".cm-said", has_text="red gate").first).to_be_visible(timeout=PATIENCE_MS)
    other = page.context.new_page()
    other.goto(f"{desk.url}/logout")
    other.locator("main form button").click()
    # The desk is still open in the first tab, with the old cookie; it notices by itself.
    expect(page.locator(".cm-said", has_text="red gate")).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.get_by_role("link", name="Sign in")).to_be_visible(timeout=PATIENCE_MS)
