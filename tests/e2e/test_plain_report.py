"""The plain pages in a real browser: a cheap phone without JavaScript, and the comforts with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from crisismap.i18n import languages
from tests.browser import PageFactory, screenshot
from tests.server import Server, serving
from tests.web.visitor import invite

SMALL_TARGETS = """() => [
  ...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter((e) => e.checkVisibility() && !e.matches('.default, .skip'))
  .map((e) => (e.matches('input[type=radio], input[type=checkbox]') ? e.labels[0] : e))
  .map((e) => [e.getBoundingClientRect(), e])
  .filter(([box, e]) => box.height < 43.5 && !e.closest('p:not(.send)'))
  .map(([box, e]) => `${e.tagName} ${e.textContent.trim()} ${Math.round(box.height)}`)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CODE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$")


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("plain"), CRISISMAP_EMERGENCY_NUMBER="112") as started:
        yield started


def choose(page: Page, category: str) -> None:
    page.locator(f"label[for=category-{category}]").click()


def test_takes_a_request_without_javascript_and_shows_what_happens(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844, javascript=False)
    page.goto(f"{one.url}/report")
    expect(page.locator(".danger")).to_contain_text("call 112")
    expect(page.locator("#use-position")).to_be_hidden()
    screenshot(page, "plain-report-390")
    choose(page, "rescue")
    page.locator("#text").fill("Water up to the roof, <script>two</script> old people")
    page.locator("#place").fill("behind the school")
    page.locator("label[for=asks-yes]").click()
    page.locator("label[for=n-trapped]").click()
    page.locator("#phone").fill("+91 98400 12345")
    page.locator("#send").click()
    code = page.locator("#code").inner_text()
    assert CODE.match(code)
    screenshot(page, "plain-thanks-390")
    page.locator("main .button").click()
    assert page.url == f"{one.url}/t/{code}"
    expect(page.locator(".state")).to_contain_text("Waiting for a team")
    expect(page.locator("main")).to_contain_text("<script>two</script>")
    expect(page.locator("main")).to_contain_text("behind the school")
    assert "98400" not in page.content()
    screenshot(page, "plain-track-390")
    page.goto(f"{one.url}/t")
    page.locator("#code").fill(code.lower().replace("-", " "))
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("Waiting for a team")


def test_keeps_what_was_typed_without_javascript_when_something_is_missing(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844, javascript=False)
    page.goto(f"{one.url}/report")
    choose(page, "rescue")
    page.locator("#people").fill("many")
    page.locator("#name").fill("Meena")
    page.keyboard.press("Enter")  # sends, although the language buttons come first on the page
    expect(page.locator("#summary")).to_contain_text("Not sent yet")
    assert page.locator("#people").get_attribute("aria-invalid") == "true"
    assert page.locator("#people").input_value() == "many"
    assert page.locator("#name").input_value() == "Meena"
    assert page.locator("#category-rescue").is_checked()
    screenshot(page, "plain-report-wrong-390")
    page.get_by_role("button", name="தமிழ்").click()
    assert page.locator("html").get_attribute("lang") == "ta"
    assert page.locator("#name").input_value() == "Meena"


def test_sends_the_position_of_the_phone(one: Server, page_factory: PageFactory, foreign_requests: list[str]):
    here = {"latitude": 13.0604, "longitude": 80.2496, "accuracy": 12.3}
    page = page_factory(width=390, height=844, geolocation=here, permissions=["geolocation"])
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.goto(f"{one.url}/report")
    choose(page, "flooding")
    page.locator("#use-position").click()
    expect(page.locator("#position-status")).to_contain_text("13 m")
    screenshot(page, "plain-report-position-390")
    page.locator("#send").click()
    expect(page.locator("#code")).to_be_visible()
    page.locator("main .button").click()
    expect(page.locator("main")).to_contain_text("You sent a position.")
    expect(page.locator("time").first).to_have_text(re.compile(r"\d{1,2} \w{3,4} \d{4}, \d\d:\d\d$"))
    expect(page.locator("#time-zone")).to_have_text("Coordinated Universal Time")
    assert (refused, foreign_requests) == ([], [])
    answer = page.request.get(f"{one.url}/api/v1/reports.geojson?audience=agency", headers=one.auth).json()
    [report] = [feature for feature in answer["features"] if feature["properties"]["category"] == "flooding"]
    assert report["geometry"]["coordinates"] == [80.2496, 13.0604]
    assert report["properties"]["accuracy_m"] == 13


def test_says_what_to_do_when_the_phone_does_not_tell(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844)
    page.goto(f"{one.url}/report")
    page.locator("#use-position").click()
    expect(page.locator("#position-status")).to_contain_text("write the place below")
    expect(page.locator("#place")).to_be_focused()


def test_shows_only_the_questions_of_the_chosen_category(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844)
    page.goto(f"{one.url}/report")
    assert page.locator("details.more:visible").count() == 0
    choose(page, "rescue")
    assert page.locator("details.more:visible").count() == 1
    page.locator("label[for=f-rescue-boat_needed]").click()
    choose(page, "shelter")
    expect(page.locator("#f-shelter-status")).to_be_visible()
    expect(page.locator("#f-rescue-boat_needed")).to_be_hidden()
    assert (
        page.evaluate("[...new FormData(document.querySelector('#report')).keys()].includes('f.rescue.boat_needed')")
        is False
    )


def test_brings_back_what_was_typed_when_the_connection_failed(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844)
    page.goto(f"{one.url}/report")
    choose(page, "rescue")
    page.locator("#text").fill("do not lose this")
    page.context.set_offline(True)
    page.locator("#send").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(f"{one.url}/report")
    expect(page.locator("#text")).to_have_value("do not lose this")
    assert page.locator("#category-rescue").is_checked()
    page.locator("#send").click()
    expect(page.locator("#code")).to_be_visible()
    page.goto(f"{one.url}/report")
    expect(page.locator("#text")).to_have_value("")


def test_makes_one_report_of_an_answer_that_got_lost(one: Server, page_factory: PageFactory):
    """The report arrived, the answer did not: sending again gives the code of the first."""
    page = page_factory(width=390, height=844)
    page.goto(f"{one.url}/report")
    choose(page, "rescue")
    page.locator("#text").fill("sent, never heard of it")
    form = page.evaluate("Object.fromEntries(new FormData(document.querySelector('#report')))")
    first = page.request.post(f"{one.url}/report", form=form, max_redirects=0).headers["location"]
    page.reload()
    expect(page.locator("#text")).to_have_value("sent, never heard of it")
    page.locator("#send").click()
    expect(page.locator("#code")).to_be_visible()
    assert page.locator("#code").inner_text() in first


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (390, False), (1280, True)])
def test_fits_every_width_in_every_language(one: Server, page_factory: PageFactory, width: int, javascript: bool):
    """Nothing is cut off or needs scrolling sideways, and every target is large enough for a thumb."""
    found = {}
    plain = page_factory(width=width, height=844, javascript=javascript)
    for code in languages():
        others = ("/t/ZZZZ-ZZZZ-ZZZZ", "/login", "/api/v1/docs") if code in ("en", "ta", "ar") else ()
        for address in ("/report", *others):
            plain.goto(f"{one.url}{address}?lang={code}")
            wide, small = plain.evaluate(SIDEWAYS), plain.evaluate(SMALL_TARGETS)
            if wide or small:
                found[f"{address} {code}"] = (wide, small)
    assert found == {}


def test_signs_in_and_out_without_javascript(one: Server, page_factory: PageFactory):
    page = page_factory(width=390, height=844, javascript=False)
    page.goto(f"{one.url}/login?invitation={invite(one)}")
    screenshot(page, "plain-login-390")
    page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{one.url}/"
    page.goto(f"{one.url}/login")
    expect(page.locator("main")).to_contain_text("You are signed in as Asha (City Relief).")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("main")).to_contain_text("You need an invitation link")


@pytest.mark.parametrize("dark", [False, True])
def test_can_be_read_by_everybody(one: Server, page_factory: PageFactory, dark: bool):
    """Words stand out from what is behind them by 4.5 to 1 at least (WCAG 2.2, 1.4.3)."""
    page = page_factory(width=390, height=844, color_scheme="dark" if dark else "light")
    for address in ("/report", "/t/ZZZZ-ZZZZ-ZZZZ", "/login", "/api/v1/docs"):
        page.goto(f"{one.url}{address}")
        assert page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => { const [r, g, b] = c.map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll('body *')].filter((e) => own(e) && e.checkVisibility()).map((e) => {
    const [a, b] = [light(parts(getComputedStyle(e).color).slice(0, 3)), light(behind(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent.trim().slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
}"""
