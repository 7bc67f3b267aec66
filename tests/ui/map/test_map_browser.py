"""The map and the place picker in a real browser: they live, keep the camera, give back picks and call nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from crisismap.web.assets import STAMP, VENDOR
from tests.browser import PageFactory
from tests.processes import free_port, stop, tied

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 60
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running `map_server`."""
    assert (VENDOR / STAMP).is_file(), "run python -m crisismap.web.assets first"
    port = free_port()
    log = tmp_path_factory.mktemp("desk") / "log.txt"
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    options += ["--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false"]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "tests/ui/map_server.py"), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("wb") as told:
        process = subprocess.Popen(tied(command), cwd=ROOT, env=environment, stdout=told, stderr=told)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}/api/v1/tell"), log.read_text)
        yield url
    finally:
        stop(process)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def until(holds: Callable[[], bool], why: Callable[[], object] = lambda: "it never became true") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    pytest.fail(str(why()))


def tell(desk: str, *, next_one: bool = False) -> tuple[int, list[str]]:
    with urllib.request.urlopen(f"{desk}/api/v1/tell{'?next=1' if next_one else ''}", timeout=10) as answer:
        said = json.load(answer)
    return said["revision"], said["asked"]


def tiles_of_next_revision(desk: str) -> set[str]:
    """Make a revision; the tiles the open map then asks for, as z/x/y."""
    number, _ = tell(desk, next_one=True)
    wanted = f"v={number}"
    until(lambda: any(each.endswith(wanted) for each in tell(desk)[1]), lambda: tell(desk))
    time.sleep(1.5)  # the rest of the same batch
    return {each.partition("?")[0] for each in tell(desk)[1] if each.endswith(wanted)}


def opened(desk: str, page_factory: PageFactory, width: int = 800) -> Page:
    page = page_factory(width=width, height=700)
    page.goto(desk)
    page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first.wait_for(timeout=PATIENCE_S * 1000)
    until(lambda: bool(tell(desk)[1]), lambda: "no tile was asked for")
    page.wait_for_timeout(2000)
    return page


def centre(page: Page) -> tuple[float, float]:
    box = page.get_by_test_id("stDeckGlJsonChart").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click_until(page: Page, x: float, y: float, text: str) -> None:
    """Click until the page says it: the very first pick waits for the graphics card's programs to be built."""

    def said() -> bool:
        page.mouse.click(x, y)
        for _ in range(20):
            page.wait_for_timeout(200)
            if page.get_by_text(text, exact=True).count():
                return True
        return False

    until(said, lambda: page.get_by_test_id("stText").all_inner_texts())


def test_gives_back_the_row_of_the_report_that_was_picked(desk: str, page_factory: PageFactory) -> None:
    page = opened(desk, page_factory)
    x, y = centre(page)
    click_until(page, x, y, "picked: report 9")
    # 80.246, 13.053 seen at zoom 15 from 80.24, 13.05: 0.006 and 0.003 degrees of 512 * 2**15 pixels around the world
    click_until(page, x + 279.6, y - 143.5, "picked: report 10")
    click_until(page, x, y, "picked: report 9")


def test_keeps_the_users_camera_through_revisions_and_moves_it_for_a_row(desk: str, page_factory: PageFactory) -> None:
    page = opened(desk, page_factory)
    first = tiles_of_next_revision(desk)
    assert first
    assert tiles_of_next_revision(desk) == first
    x, y = centre(page)
    for _ in range(3):
        page.mouse.move(x - 200, y)
        page.mouse.down()
        page.mouse.move(x + 200, y, steps=4)
        page.wait_for_timeout(300)  # let go at rest: no gliding
        page.mouse.up()
    page.wait_for_timeout(1500)
    panned = tiles_of_next_revision(desk)
    assert panned != first
    assert tiles_of_next_revision(desk) == panned
    page.get_by_role("button", name="Far row").click()
    page.wait_for_timeout(2000)
    far = tiles_of_next_revision(desk)
    assert not far & (first | panned)
    page.mouse.move(x - 200, y)
    page.mouse.down()
    page.mouse.move(x + 250, y, steps=4)
    page.wait_for_timeout(300)
    page.mouse.up()
    page.wait_for_timeout(1500)
    assert tiles_of_next_revision(desk) != far
    page.get_by_role("button", name="Far row").click()
    page.wait_for_timeout(2000)
    assert tiles_of_next_revision(desk) == far


def test_fits_a_phone_and_reads_only_our_own_server(
    desk: str, page_factory: PageFactory, foreign_requests: list[str]
) -> None:
    page = opened(desk, page_factory, width=390)
    box = page.get_by_test_id("stDeckGlJsonChart").bounding_box()
    assert box is not None
    assert box["width"] <= 390
    assert foreign_requests == []


def test_picks_a_place_on_a_map_that_calls_nobody(
    desk: str, page_factory: PageFactory, foreign_requests: list[str]
) -> None:
    page = page_factory(width=800, height=700)
    page.goto(f"{desk}/?page=place")
    frame = page.frame_locator("iframe")
    frame.locator(".leaflet-container").wait_for(timeout=PATIENCE_S * 1000)
    frame.locator(".leaflet-tile-pane path").first.wait_for(state="attached", timeout=PATIENCE_S * 1000)
    box = page.locator("iframe").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 180)
    page.get_by_text("place: (80.2").wait_for(timeout=PATIENCE_S * 1000)
    frame.locator("path.leaflet-interactive").first.wait_for(state="attached", timeout=PATIENCE_S * 1000)
    assert foreign_requests == []
