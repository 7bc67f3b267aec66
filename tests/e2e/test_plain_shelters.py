"""/shelters in a real Chromium: the demo's own shelters and roads, by the phone's position and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from crisismap.demo.generator import layers
from crisismap.i18n import languages
from tests.browser import PageFactory, screenshot
from tests.e2e.test_plain_report import CONTRAST, SIDEWAYS, SMALL_TARGETS
from tests.server import Server, serving

HERE = {"latitude": 13.05, "longitude": 80.22}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The layers of the made-up city, without its reports."""
    with serving(tmp_path_factory.mktemp("shelters")) as started:
        for layer, body in layers(2015):
            if layer.id in ("flood-zones", "roads", "shelters", "places"):
                address = f"{started.url}/api/v1/layers/{layer.id}?role={layer.role}"
                answer = httpx.put(address, json=body, headers=started.auth, trust_env=False, timeout=60)
                assert answer.is_success, answer.text
        report = {"category": "shelter", "text": "no room", "fields": {"status": "full"}}
        found = httpx.get(f"{started.url}/api/v1/shelters?lon=80.22&lat=13.05", trust_env=False, timeout=60).json()
        place = {name: found["items"][0][name] for name in ("lon", "lat")}
        assert httpx.post(f"{started.url}/api/v1/reports", json=report | place, trust_env=False).status_code == 201
        yield started


def test_finds_the_way_from_the_phones_position(one: Server, page_factory: PageFactory, foreign_requests: list[str]):
    page = page_factory(width=390, height=844, geolocation=HERE | {"accuracy": 10}, permissions=["geolocation"])
    page.goto(f"{one.url}/shelters")
    screenshot(page, "shelters-empty-390")
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("article")).to_have_count(3)
    assert page.url == f"{one.url}/shelters"  # the place is in no address
    first = page.locator("article").first
    expect(first).to_contain_text("along roads that are not known to be blocked")
    expect(page.locator("main")).to_contain_text("“full” · reports: 1")
    first.locator("summary").click()
    expect(first.locator("li", has_text="to the").first).to_be_visible()
    screenshot(page, "shelters-390")
    page.get_by_role("button", name="தமிழ்").click()
    expect(page.locator("article")).to_have_count(3)
    assert page.evaluate(CONTRAST) == []
    assert foreign_requests == []


def test_works_without_javascript_on_small_phones_in_every_language(one: Server, page_factory: PageFactory):
    page = page_factory(width=320, height=640, javascript=False)
    page.goto(f"{one.url}/shelters")
    found = {}
    for words in languages().values():
        page.get_by_role("button", name=words.name, exact=True).click()
        page.locator("#near").fill("13.05, 80.22")
        page.locator("#where button[type=submit]").click()
        expect(page.locator("article")).to_have_count(3)
        wide, small = page.evaluate(SIDEWAYS), page.evaluate(SMALL_TARGETS)
        if wide or small:
            found[words.code] = (wide, small)
        screenshot(page, f"shelters-320-{words.code}")
    assert found == {}
    wide_page = page_factory(width=1280, height=900, javascript=False)
    wide_page.goto(f"{one.url}/shelters?near=13.05, 80.22")
    screenshot(wide_page, "shelters-1280")
