"""Pictures of another server on the Live map of a real browser, which asks that server nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.layers import pictures
from tests.layers.feed_server import FeedServer, feed_server
from tests.server import StartServer

PATIENCE_MS = 60_000
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
BOX = (80.0, 12.8, 80.5, 13.3)


@pytest.fixture
def maps() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.answers = lambda path: pictures.tile("magenta")
        yield one


def magenta(page: Page, name: str) -> float:
    """The share of a picture of the page that is of the tiles' colour, laid thinly over the ground."""
    with Image.open(screenshot(page, name)) as shot:
        seen = [(r, g, b) for r, g, b in shot.convert("RGB").resize((160, 100)).get_flattened_data()]
    return sum(r > 180 and b > 180 and g < 110 for r, g, b in seen) / len(seen)


def test_draws_pictures_under_the_reports_and_asks_nobody_else(
    server: StartServer, maps: FeedServer, page_factory: PageFactory, foreign_requests: list[str]
) -> None:
    one = server(env={"CRISISMAP_FETCH_HOSTS": maps.host, "CRISISMAP_RATE_LIMIT": "off"})
    told = {
        "kind": "picture",
        "format": "xyz",
        "url": maps.url("/{z}/{x}/{y}.png"),
        "title": "Radar",
        "role": "context",
    }
    with httpx.Client(base_url=one.url, headers=one.auth, trust_env=False) as client:
        for n in range(6):
            said = {"category": "flooding", "text": "wet", "lon": 80.2 + n / 100, "lat": 13.05}
            assert client.post("/api/v1/reports", json=said).status_code == 201
        more = {"role": "context", "attribution": "City of X", "bbox": BOX}
        assert client.put("/api/v1/layers/radar/source", json=told | more).status_code == 200
    page = page_factory(width=1280, height=800)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(one.url)
    expect(page.get_by_text("Images: Radar · City of X")).to_be_visible(timeout=PATIENCE_MS)
    until(page, lambda: any("/api/v1/layers/radar/picture/" in url for url in asked), asked)
    until(page, lambda: magenta(page, "pictures-1280") > 0.04, asked)
    assert all(url.startswith((one.url, "data:", "blob:")) for url in asked), "the server asks, the browser does not"
    assert maps.asked
    page.get_by_role("button", name="Layers").click()
    page.get_by_text("Radar · images, fetched").click()
    until(page, lambda: magenta(page, "pictures-off-1280") < 0.01, asked)
    assert foreign_requests == []


def until(page: Page, holds, why) -> None:
    for _ in range(120):
        if holds():
            return
        page.wait_for_timeout(500)
    pytest.fail(f"it never became true: {why}")
