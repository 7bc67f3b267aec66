"""The whole life of a request in a real browser: asked on a phone without JavaScript, claimed at the desk, answered
with a photo in the field, confirmed and opened again by the one who asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.e2e.desk import PATIENCE_MS, item, ready, sign_in, stocked
from tests.photos import drawing, jpeg
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WORDS = "Water up to the roof behind the blue mill, my mother is trapped"
DONE = "Four people and the grandmother brought to the school"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("life"), 20) as one:
        yield one


def asked(desk: Server, phone: Page) -> str:
    """Ask for help on the plain page; the code."""
    phone.goto(f"{desk.url}/report")
    phone.locator("label[for=category-rescue]").click()
    phone.locator("#text").fill(WORDS)
    phone.locator("summary", has_text="I know the coordinates").click()
    phone.locator("#lat").fill("13.05")
    phone.locator("#lon").fill("80.25")
    phone.locator("#people").fill("4")
    phone.locator("#phone").fill("+91 98400 12345")
    phone.locator("label[for=consent_contact]").click()
    screenshot(phone, "life-01-ask")
    phone.locator("#send").click()
    code = phone.locator("#code").inner_text()
    screenshot(phone, "life-02-code")
    phone.locator("main .button").click()
    expect(phone.locator(".big-word")).to_have_text("Waiting for a team")
    expect(phone.locator(".state")).to_contain_text("A team should answer by")
    screenshot(phone, "life-03-waiting")
    return code


def claimed(desk: Server, page: Page, phone: Page) -> None:
    """See it on the desk and claim it there; the one who asked sees who has it."""
    sign_in(desk, page)
    ready(page)
    page.get_by_placeholder("Search").fill("blue mill")
    page.get_by_placeholder("Search").press("Enter")
    row = page.locator(".row", has_text="blue mill")
    row.locator(".open").first.wait_for(timeout=PATIENCE_MS)
    screenshot(page, "life-04-desk")
    row.locator(".open").first.click()
    page.locator(".st-key-claim button").click(timeout=PATIENCE_MS)
    expect(page.get_by_text(re.compile("You have claimed this request"))).to_be_visible(timeout=PATIENCE_MS)
    screenshot(page, "life-05-claimed")
    phone.get_by_role("link", name="Refresh this page").click()
    expect(phone.locator(".big-word")).to_have_text("A team has taken it on")
    expect(phone.locator(".steps")).to_contain_text("Boat Team 4")
    screenshot(phone, "life-06-taken-on")


def answered(desk: Server, page: Page, photo: Path) -> str:
    """Answer it in the field, from the list of the own claims, with a photo; the desk hears of it. Its id."""
    field = page.context.new_page()
    field.set_viewport_size({"width": 390, "height": 844})
    field.goto(f"{desk.url}/tasks")
    field.locator("[aria-labelledby=mine] a", has_text="blue mill").click()
    field.get_by_role("button", name="Show contact details").click()
    expect(field.get_by_role("link", name="+91 98400 12345")).to_be_visible()
    field.locator("#note").fill(DONE)
    field.locator("#photo").set_input_files(photo)
    screenshot(field, "life-07-field")
    field.get_by_role("button", name="Mark as answered").click()
    expect(field.locator(".big-word")).to_have_text("A team says it is done")
    expect(field.locator(".photos img")).to_have_count(1)
    number = field.url.partition("?")[0].rpartition("/")[2]
    field.close()
    expect(page.get_by_text(DONE).first).to_be_visible(timeout=PATIENCE_MS)
    screenshot(page, "life-08-answered")
    return number


def test_goes_from_a_cry_for_help_to_its_end_and_back(desk: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(jpeg(drawing(1200, 900)))
    phone = page_factory(width=390, height=844, javascript=False)
    code = asked(desk, phone)
    page = page_factory()
    claimed(desk, page, phone)
    number = answered(desk, page, photo)
    phone.goto(f"{desk.url}/t/{code}")
    expect(phone.locator(".big-word")).to_have_text("A team says it is done")
    expect(phone.locator(".state blockquote")).to_have_text(DONE)
    expect(phone.locator(".photos img")).to_have_count(1)
    screenshot(phone, "life-09-done")
    phone.locator("#note").fill("Thank you, all four are well")
    phone.get_by_role("button", name="It is solved").click()
    expect(phone.locator(".noted")).to_be_visible()
    expect(phone.locator(".big-word")).to_have_text("Solved")
    screenshot(phone, "life-10-confirmed")
    assert item(desk, number)["state"] == "confirmed"
    phone.locator("#note").fill("The water is back, we are on the roof again")
    phone.get_by_role("button", name="We still need help").click()
    expect(phone.locator(".big-word")).to_have_text("Waiting for a team")
    expect(phone.locator(".steps li")).to_have_count(5)
    screenshot(phone, "life-11-opened-again")
    again = item(desk, number)
    assert (again["state"], again["reopened"], again["overdue"]) == ("open", 1, False)
    assert again["text"].endswith("on the roof again")
    assert "98400" not in phone.content()
    # The desk, still open, shows it as waiting again, with the new words.
    expect(page.get_by_text("on the roof again").first).to_be_visible(timeout=PATIENCE_MS)
    screenshot(page, "life-12-desk-again")
