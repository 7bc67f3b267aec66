"""The Live map lives: what was just posted is on the map and in the list, and nothing else has moved."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import PageFactory
from tests.e2e.desk import PATIENCE_MS, Tiles, drawn_zooms, item, post, ready, settled, sign_in, stocked, until
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WITHIN_S = 3.0
POSTS = 3  # the promise is held by the median, so that one slow moment of the machine proves nothing
SMALL = {"width": 960, "height": 640}  # the tests' browser draws without a graphics card


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("live"), 120) as one:
        yield one


def test_shows_what_was_just_posted_within_three_seconds_without_losing_the_camera(
    desk: Server, page_factory: PageFactory
) -> None:
    page = page_factory(**SMALL)
    tiles = Tiles().follow(page)
    page.goto(desk.url)
    ready(page)
    page.evaluate("window.stillTheSamePage = true")
    page.get_by_placeholder("Search").fill("13.0827, 80.2707")
    page.get_by_placeholder("Search").press("Enter")
    until(page, lambda: any(name.startswith("15/") for names in tiles.seen.values() for name in names), "no tile close")
    page.get_by_role("button", name="← Back").click(timeout=PATIENCE_MS)
    listed = page.locator(".list")
    page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
    in_view = settled(page, tiles)
    took = []
    for number in range(POSTS):
        waiting = int(listed.get_attribute("data-total") or 0)
        before = tiles.drawn()
        said = f"water to the knee, trapped, house {number}"
        receipt = post(desk, category="flooding", text=said, lon=80.2707, lat=13.0827)
        seconds = until(
            page,
            lambda before=before: tiles.drawn() > before,
            "the report was not on the map",
        )
        seconds += until(
            page,
            lambda waiting=waiting: int(listed.get_attribute("data-total") or 0) == waiting + 1,
            "the request was not in the list",
        )
        took.append(seconds)
        assert item(desk, receipt["id"])["state"] == "open"
        assert settled(page, tiles) <= in_view, "the camera did not move"
    print(f"posted to seen: {', '.join(f'{each:.1f}' for each in took)} s")
    assert statistics.median(took) <= WITHIN_S, took
    assert page.evaluate("window.stillTheSamePage") is True


def test_keeps_what_is_being_written_while_reports_come_in(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory(**SMALL)
    sign_in(desk, page)
    ready(page)
    page.locator(".row:has(.claim) .open").first.click()
    page.locator(".st-key-claim button").click(timeout=PATIENCE_MS)
    note = page.get_by_label("What was done?")
    note.fill("half a sentence", timeout=PATIENCE_MS)
    unanswered = page.locator(".st-key-number-unanswered button")
    before = unanswered.inner_text()
    post(desk, text="trapped")
    expect(unanswered).not_to_have_text(before, timeout=PATIENCE_MS)
    expect(note).to_have_value("half a sentence")
    expect(page.get_by_role("button", name="Release claim")).to_be_visible()


def test_shows_the_list_where_the_map_cannot_be_drawn(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory(**SMALL)
    page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); };"
    )
    page.goto(desk.url)
    page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_text("This browser cannot draw the map")).to_be_visible()
    page.locator(".row .open").first.click()
    expect(page.get_by_role("button", name="← Back")).to_be_visible(timeout=PATIENCE_MS)


def test_fits_a_phone_with_map_and_list_as_tabs(desk: Server, page_factory: PageFactory) -> None:
    page = page_factory(width=390, height=844, has_touch=True, is_mobile=True)
    page.goto(desk.url)
    page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first.wait_for(timeout=PATIENCE_MS)
    expect(page.locator(".row").first).to_be_hidden()
    for number in ("Unanswered", "P1", "Overdue", "Location needed"):
        expect(page.get_by_role("button", name=number).first).to_be_in_viewport()
    page.locator(".st-key-desk-tab").get_by_text("List").click()
    page.locator(".row .open").first.wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stDeckGlJsonChart")).to_be_hidden()
    box = page.locator(".row").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44, "the whole row opens"
    page.locator(".row .open").first.click()
    expect(page.get_by_text("Timeline")).to_be_attached(timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="← Back").click()
    page.locator(".st-key-desk-tab").get_by_text("Map").click(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stDeckGlJsonChart")).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("path", ["", "new-report", "requests", "layers", "export", "situation"])
def test_asks_no_other_host_on_any_page(
    desk: Server, page_factory: PageFactory, foreign_requests: list[str], path: str
) -> None:
    page = page_factory(**SMALL)
    page.goto(f"{desk.url}/{path}")
    page.locator(".st-key-head").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(2500)
    assert foreign_requests == []


def test_runs_nothing_that_people_wrote(desk: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    hostile = (
        "<img src=x onerror=window.caught=1>![x](https://evil.example/x.png)<script>window.caught=1</script> trapped"
    )
    receipt = post(desk, text=hostile, place=hostile, fields={"note": hostile})
    page = page_factory(**SMALL)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    sign_in(desk, page, "agency", name=hostile[:60])
    ready(page)
    page.get_by_placeholder("Search").fill("evil.example")
    page.get_by_placeholder("Search").press("Enter")
    page.locator(".row", has_text="onerror").locator(".open").click(timeout=PATIENCE_MS)
    expect(page.locator(".cm-said", has_text="evil.example").first).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.caught") is None
    assert dialogs == []
    assert page.locator("img[src='x']").count() == 0
    assert item(desk, receipt["id"])["text"] == hostile


def test_draws_no_tile_of_another_zoom_when_reports_arrive_while_tiles_load(
    desk: Server, page_factory: PageFactory
) -> None:
    page = page_factory(**SMALL)
    tiles = Tiles().follow(page)
    page.goto(desk.url)
    ready(page)
    settled(page, tiles)
    [before] = set(drawn_zooms(page))
    # From now on tiles take so long that the reports change before those of the next zoom are there.
    page.evaluate("""() => {
        const real = window.fetch;
        window.slow = true;
        window.fetch = (...what) => new Promise((go) =>
            setTimeout(go, window.slow && String(what[0].url ?? what[0]).includes('/tiles/') ? 4000 : 0)
        ).then(() => real(...what));
    }""")
    box = page.get_by_test_id("stDeckGlJsonChart").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -240)
    for number in range(POSTS):
        page.wait_for_timeout(1500)
        post(desk, text=f"on the roof of house {number}", lon=80.25 + number / 1000, lat=13.05)
    page.evaluate("window.slow = false")
    page.wait_for_timeout(5000)  # until the last slow tile has been there
    settled(page, tiles)
    post(desk, text="one more, so that the map has been drawn anew", lon=80.26, lat=13.06)
    page.wait_for_timeout(3000)
    settled(page, tiles)
    [after] = set(drawn_zooms(page))
    assert after > before
