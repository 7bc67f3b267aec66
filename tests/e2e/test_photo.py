"""A photo's way in a real browser: from a phone without JavaScript to the page of the code and to the desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.e2e.desk import PATIENCE_MS, sign_in
from tests.photos import drawing, jpeg
from tests.processes import free_port
from tests.server import Server, launch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WIDTH = "(picture) => picture.complete && picture.naturalWidth"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("photo")
    started = launch(folder / "data", free_port(), {"CRISISMAP_RATE_LIMIT": "off"}, "serve", folder / "server.log")
    yield started
    started.stop()


def sent(page: Page, one: Server, photo: Path, words: str) -> str:
    """Report with a photo; the code."""
    page.goto(f"{one.url}/report")
    page.locator("label[for=category-rescue]").click()
    page.locator("#text").fill(words)
    page.locator("#photo").set_input_files(photo)
    screenshot(page, "plain-report-photo-390")
    page.locator("#send").click()
    return page.locator("#code").inner_text()


@pytest.mark.parametrize("javascript", [False, True], ids=["plain", "with javascript"])
def test_goes_from_a_phone_to_the_requester_and_to_the_desk(
    one: Server, page_factory: PageFactory, tmp_path: Path, javascript: bool
) -> None:
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(jpeg(drawing(1200, 900), orientation=6))
    words = f"see the photo {javascript}"
    phone = page_factory(width=390, height=844, javascript=javascript)
    code = sent(phone, one, photo, words)
    phone.goto(f"{one.url}/t/{code}")
    picture = phone.locator(".photos img")
    expect(picture).to_have_count(1)
    picture.scroll_into_view_if_needed()
    phone.wait_for_function(f"() => ({WIDTH})(document.querySelector('.photos img')) === 240")
    screenshot(phone, "plain-track-photo-390")
    page = page_factory()
    sign_in(one, page, name=f"Ravi {javascript}")
    page.locator("li", has_text=words).locator(".open").first.click(timeout=PATIENCE_MS)
    thumb = page.locator(".cm-photos img")
    thumb.wait_for(timeout=PATIENCE_MS)
    page.wait_for_function(f"() => ({WIDTH})(document.querySelector('.cm-photos img')) === 240")
    screenshot(page, "desk-photo-1280")
    with page.context.expect_page() as opened:
        thumb.click()
    large = opened.value
    large.wait_for_load_state()
    assert large.evaluate(f"() => ({WIDTH})(document.querySelector('img'))") == 900


def test_says_that_a_photo_could_not_be_read(one: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    photo = tmp_path / "IMG_0002.jpg"
    photo.write_bytes(b"no photo at all")
    page = page_factory(width=390, height=844)
    code = sent(page, one, photo, "with a broken photo")
    assert code
    expect(page.locator("main")).to_contain_text("we could not read the photo")
    screenshot(page, "plain-thanks-photo-unread-390")
