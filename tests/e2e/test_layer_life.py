"""The life of a layer in a real browser: added, a twin refused, replaced with a loss, and gone back to as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import PageFactory, screenshot
from tests.e2e.desk import PATIENCE_MS, item, post, sign_in, stocked, until
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
PLACES = [(80.25, 13.05), (80.21, 13.0), (80.27, 13.1)]
FACTS = ("nearest_shelter", "area", "hazards", "priority")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with stocked(tmp_path_factory.mktemp("layers"), 5) as one:
        yield one


def live(desk: Server) -> set[str]:
    """The ids of the live layers."""
    answer = httpx.get(f"{desk.url}/api/v1/layers", headers=desk.auth, trust_env=False).json()
    return {each["id"] for each in answer}


def content(desk: Server, layer_id: str) -> dict[str, Any]:
    """The features and the credits of a live layer."""
    found = httpx.get(f"{desk.url}/api/v1/layers/{layer_id}.geojson", headers=desk.auth, trust_env=False).json()
    return {name: found[name] for name in ("role", "title", "licence", "attribution", "features")}


def facts(desk: Server, ids: list[str]) -> list[dict[str, Any]]:
    """What was merged with each report."""
    return [{name: item(desk, id_)[name] for name in FACTS} for id_ in ids]


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a list by a part of it, as people type it."""
    box = page.get_by_role("combobox", name=label).first
    box.click()
    box.fill(option)
    page.get_by_role("option").first.wait_for(timeout=PATIENCE_MS)
    box.press("Enter")


def preview(page: Page, file: Path, replaces: str = "") -> None:
    """Upload a file and press the button that reads it."""
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text(file.name).first).to_be_visible(timeout=PATIENCE_MS)
    if replaces:
        choose(page, "This file is", f"new version of {replaces}")
        expect(page.get_by_label("Id", exact=True).first).to_have_value(replaces, timeout=PATIENCE_MS)
    else:
        expect(page.get_by_label("Id", exact=True).first).to_have_value(file.stem, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Read and preview file").click()


def table(folder: Path, name: str, features: list[dict[str, Any]]) -> Path:
    """A file of points as an agency's spreadsheet writes it."""
    rows = ["Site ID,Site Name,Max Capacity,Longitude,Latitude"]
    for each in features:
        lon, lat = each["geometry"]["coordinates"]
        rows.append(f"{each['properties']['code']},{each['properties']['name']},99,{lon},{lat}")
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_adds_refuses_replaces_and_goes_back(desk: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    ids = [post(desk, lon=lon, lat=lat, text=f"on the roof {lon}")["id"] for lon, lat in PLACES]
    page = page_factory()
    until(page, lambda: all(each["nearest_shelter"] for each in facts(desk, ids)), "no shelter was merged")
    before, first = facts(desk, ids), content(desk, "shelters")
    assert first["role"] == "shelter"
    assert first["licence"]
    few = table(tmp_path, "shelters.csv", first["features"][:3])

    sign_in(desk, page, "agency", "Asha")
    page.goto(f"{desk.url}/layers")
    page.locator("summary", has_text="Add or replace a layer").click(timeout=PATIENCE_MS)

    # Added: no role is chosen by itself, and nothing is live before the button.
    preview(page, table(tmp_path, "camps.csv", first["features"][:3]))
    expect(page.get_by_text("Suggested: Shelters, because")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Publish layer")).to_be_disabled()
    assert "camps" not in live(desk)
    choose(page, "Role", "Context")
    expect(page.get_by_text("columns are used; the others are kept")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Publish layer").click()
    expect(page.get_by_text("(camps) is published as version 1")).to_be_visible(timeout=PATIENCE_MS)

    # A twin is refused beside its id, and nothing is changed.
    page.goto(f"{desk.url}/layers")
    page.locator("summary", has_text="Add or replace a layer").click(timeout=PATIENCE_MS)
    preview(page, few)
    expect(page.locator(".cm-error", has_text="A layer with the id shelters exists")).to_be_visible(timeout=PATIENCE_MS)
    assert content(desk, "shelters") == first

    # Replaced with a loss and in another role: a red box names both, and a wrong word changes nothing.
    choose(page, "This file is", "new version of shelters")
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Shelters", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Read and preview file").click()
    choose(page, "Role", "Hazard")
    box = page.locator(".cm-loss")
    expect(box).to_contain_text("The role changes from Shelters to Hazard", timeout=PATIENCE_MS)
    expect(box).to_contain_text("57 of 60 features would be gone")
    screenshot(page, "layer-life-loss")
    word = page.get_by_label("Type shelters to confirm")
    word.fill("yes")
    page.get_by_role("button", name="Replace version 1").click()
    expect(page.get_by_text("Nothing was changed: type shelters")).to_be_visible(timeout=PATIENCE_MS)
    assert content(desk, "shelters") == first
    word.fill("shelters")
    page.get_by_role("button", name="Replace version 1").click()
    expect(page.get_by_text("(shelters) is published as version 2")).to_be_visible(timeout=PATIENCE_MS)
    lost = content(desk, "shelters")
    assert (lost["role"], len(lost["features"])) == ("hazard", 3)
    until(page, lambda: not any(each["nearest_shelter"] for each in facts(desk, ids)), "the shelters stayed merged")

    # Gone back to: the shelters, the role, the credits and what was merged with the reports are as before.
    page.locator(".st-key-layer-show-shelters button").click(timeout=PATIENCE_MS)
    expect(page.locator(".cm-loss")).to_contain_text("The role changes from Hazard to Shelters", timeout=PATIENCE_MS)
    page.get_by_label("Type shelters to confirm").fill("shelters")
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Version 1 of shelters is restored as version 3")).to_be_visible(timeout=PATIENCE_MS)
    screenshot(page, "layer-life-restored")
    assert content(desk, "shelters") == first
    until(page, lambda: facts(desk, ids) == before, f"not merged as before: {json.dumps(facts(desk, ids))[:2000]}")


def test_turns_a_swapped_layer_at_a_press_on_a_phone(desk: Server, page_factory: PageFactory, tmp_path: Path) -> None:
    right = content(desk, "shelters")["features"][:4]
    path = tmp_path / "halls.geojson"
    for each in right:
        each["geometry"]["coordinates"].reverse()
    path.write_text(json.dumps({"type": "FeatureCollection", "features": right}), encoding="utf-8")
    page = page_factory(width=390, height=844)
    sign_in(desk, page, "agency", "Bala")
    page.goto(f"{desk.url}/layers")
    page.locator("summary", has_text="Add or replace a layer").click(timeout=PATIENCE_MS)
    heading = page.locator(".cm-finding").first.bounding_box()
    assert heading is not None
    assert heading["y"] <= 120, "the content begins within 120 px of a phone"
    preview(page, path)
    box = page.locator(".cm-loss")
    expect(box).to_contain_text("Longitude and latitude look swapped", timeout=PATIENCE_MS)
    expect(box).to_contain_text("km from the incident")
    page.get_by_role("button", name="Read it with longitude and latitude swapped").click()
    expect(box).to_have_count(0, timeout=PATIENCE_MS)
    choose(page, "Role", "Context")
    page.get_by_role("button", name="Publish layer").click()
    expect(page.get_by_text("(halls) is published as version 1")).to_be_visible(timeout=PATIENCE_MS)
    lon, lat = content(desk, "halls")["features"][0]["geometry"]["coordinates"]
    assert (lon > 79, lat < 14) == (True, True)
