"""Report, Layers, Export and Situation in a real browser: they work and ask nobody but our own server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.desk import eventually
from tests.browser import PageFactory
from tests.processes import free_port
from tests.server import Server, launch

PATIENCE_MS = 60_000
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one ward and some reports, to which the tests add."""
    folder = tmp_path_factory.mktemp("pages")
    started = launch(folder / "data", free_port(), {"CRISISMAP_RATE_LIMIT": "off"}, "serve", folder / "log")
    ward = {"type": "Polygon", "coordinates": [SQUARE]}
    feature = {"type": "Feature", "properties": {"name": "Adyar", "code": "W-1"}, "geometry": ward}
    body = {"type": "FeatureCollection", "title": "Wards", "features": [feature]}
    try:
        with httpx.Client(base_url=started.url, headers=started.auth, trust_env=False) as client:
            assert client.put("/api/v1/layers/wards?role=area", json=body).status_code == 201
            for n in range(6):
                said = {"category": "rescue", "text": f"on the roof {n}", "lon": 80.22 + n / 100, "lat": 13.05}
                assert client.post("/api/v1/reports", json=said).status_code == 201
        eventually(lambda: (numbers(started)["reports"], in_adyar(started)) == (6, 6))
        yield started
    finally:
        started.stop()


def numbers(one: Server) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{one.url}/api/v1/situation", trust_env=False).json()
    return found


def in_adyar(one: Server) -> int:
    """Unanswered requests in the only ward."""
    return sum(int(area["unanswered"]) for area in numbers(one)["by_area"] if area["name"] == "Adyar")


def signed_in(one: Server, page: Page, role: str) -> None:
    """Sign in by an invitation, as people do."""
    command = [sys.executable, "-m", "crisismap", "user", "add", "Asha", "--role", role]
    environment = os.environ | {"CRISISMAP_DATA_DIR": str(one.data_dir)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    page.goto(next(word for word in said.split() if "/login?invitation=" in word))
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "invitation" not in url, timeout=PATIENCE_MS)


def test_takes_one_report_of_a_double_click_and_loses_nothing_on_the_way(
    one: Server, page_factory: PageFactory, foreign_requests: list[str]
) -> None:
    before = numbers(one)["reports"]
    page = page_factory(width=390, height=800)
    page.goto(f"{one.url}/new-report")
    page.locator(".st-key-report-what label", has_text="Rescue").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Is a boat needed?")).to_be_visible(timeout=PATIENCE_MS)
    words = page.get_by_label("4. What do you see or need?")
    words.fill("six of us, water rising")
    page.frame_locator("iframe").locator(".leaflet-container").click(position={"x": 120, "y": 120})
    expect(page.get_by_text("Marked:")).to_be_visible(timeout=PATIENCE_MS)
    expect(words).to_have_value("six of us, water rising")
    page.get_by_role("button", name="Send report").dblclick()
    expect(page.locator(".cm-code")).to_be_visible(timeout=PATIENCE_MS)
    code = page.locator(".cm-code").inner_text()
    page.goto(f"{one.url}/t/{code}")
    expect(page.get_by_text("six of us, water rising").first).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: numbers(one)["reports"] > before)
    assert numbers(one)["reports"] == before + 1
    assert foreign_requests == []


def test_shows_every_page_to_an_agency_without_another_host(
    one: Server, page_factory: PageFactory, foreign_requests: list[str]
) -> None:
    page = page_factory(width=1280, height=900, accept_downloads=True)
    signed_in(one, page, "agency")
    page.goto(f"{one.url}/layers")
    page.get_by_role("button", name="Show layer").click(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first).to_be_visible(timeout=PATIENCE_MS)
    page.goto(f"{one.url}/export")
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.locator("a.cm-take").click(timeout=PATIENCE_MS)
    assert re.fullmatch(r"reports-all-areas-\d{4}-\d\d-\d\d-\d{4}\.geojson", taken.value.suggested_filename)
    assert b"on the roof 5" in taken.value.path().read_bytes()
    page.goto(f"{one.url}/situation")
    expect(page.get_by_text(f"Adyar has the most unanswered requests: {in_adyar(one)}")).to_be_visible(
        timeout=PATIENCE_MS
    )
    charts = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg")
    expect(charts.nth(3)).to_be_attached(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("stDeckGlJsonChart").locator("canvas").first).to_be_visible(timeout=PATIENCE_MS)
    assert foreign_requests == []


def test_counts_a_new_report_while_the_page_is_open(one: Server, page_factory: PageFactory) -> None:
    page = page_factory(width=1280, height=900)
    before = in_adyar(one)
    page.goto(f"{one.url}/situation")
    expect(page.get_by_text(f"Adyar has the most unanswered requests: {before}")).to_be_visible(timeout=PATIENCE_MS)
    with httpx.Client(base_url=one.url, trust_env=False) as client:
        said = {"category": "rescue", "text": "on the roof", "lon": 80.25, "lat": 13.05}
        assert client.post("/api/v1/reports", json=said).status_code == 201
    after = page.get_by_text(f"Adyar has the most unanswered requests: {before + 1}")
    expect(after).to_be_visible(timeout=PATIENCE_MS)
