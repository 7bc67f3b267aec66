"""Pictures on the desk: looked at before they are drawn, switched in the legend, credited, honest about their age."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.layer.layer import Role
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.people.person import STRANGER
from crisismap.services.layers.feeds import fetch_now, follow
from crisismap.services.runtime.context import Context
from crisismap.ui.map.base_map import BasemapLayers, LayerView, RasterView, style
from crisismap.ui.map.map import Camera, Scene, deck
from tests.conftest import FakeClock
from tests.layers import pictures as drawn
from tests.layers.feed_server import FeedServer
from tests.people import AGENCY, VOLUNTEER
from tests.ui.layers.test_layer_from_url import fill, press
from tests.ui.open_desk import HOSTILE, html, markdown, opened, page

RADAR = RasterView("radar", "/api/v1/layers/radar/picture/{z}/{x}/{y}?v=1", 2, 12, drawn.BOX)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, maps: FeedServer) -> Iterator[Context]:
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=maps.host) as context:
        yield context


def radar(maps: FeedServer, **more: Any) -> LayerSource:
    said = {"title": "Radar", "attribution": "Met Office of X", "licence": "CC BY 4.0", "bbox": drawn.BOX} | more
    return LayerSource(
        "radar", role="context", kind=SourceKind.PICTURE, url=maps.url("/{z}/{x}/{y}.png"), format="xyz", **said
    )


def sources(test: AppTest) -> dict[str, Any]:
    [chart] = test.get("deck_gl_json_chart")
    found: dict[str, Any] = json.loads(chart.proto.json)["mapStyle"][0]["sources"]
    return found


def test_lies_above_the_ground_and_below_official_layers() -> None:
    made = style(BasemapLayers(), [LayerView("roads", Role.TRANSPORT, 1)], dark=False, pictures=[RADAR])
    order = [each["id"] for each in made["layers"]]
    assert order.index("land") < order.index("picture-radar") < order.index("roads-open")
    assert made["sources"]["picture-radar"]["tiles"] == [RADAR.address]
    assert made["sources"]["picture-radar"]["minzoom"] == 2
    assert 0.5 < made["layers"][order.index("picture-radar")]["paint"]["raster-opacity"] < 1


@pytest.mark.parametrize("pictures", [[], [RADAR]])
def test_is_not_hidden_by_an_imported_basemap(pictures: list[RasterView]) -> None:
    vector = BasemapLayers(vector_url="/api/v1/basemap/{z}/{x}/{y}")
    read = json.loads(deck(Scene(1, Camera(80, 13, 12), basemap=vector, pictures=pictures)).to_json())
    [ground] = [each for each in read["layers"][0] if each["id"] == "basemap"]
    assert ground["filled"] is (not pictures)


def test_is_looked_at_and_then_followed(desk: Context, maps: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    test = page("layers", AGENCY, monkeypatch)
    next(w for w in test.selectbox if w.key.startswith("source-kind")).select((SourceKind.PICTURE, "xyz")).run()
    assert not [w for w in test.selectbox if w.key.startswith("source-role")], "its role is not asked"
    fill(test, url=maps.url("/{z}/{x}/{y}.png"), id="radar", title="Radar", licence="CC0", picture="80,12.8,80.4,13.3")
    press(test, "Fetch and preview")
    assert "Map images, zoom 0 to 19" in html(test) and "80.000, 12.800, 80.400, 13.300" in html(test)
    assert desk.store.layers.sources() == []
    press(test, "Publish and keep fetching")
    seen = html(test)
    assert "XYZ tile images at" in seen and "Licence: CC0" in seen and "zoom 0 to 19" in seen
    assert "Stop fetching" not in [b.label for b in test.button]
    next(c for c in test.checkbox if c.key == "layer-sure-radar").check().run()
    press(test, "Remove layer")
    assert desk.store.layers.sources() == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("{maps}/{{z}}/{{x}}.png", "must leave open {z}, {x} and {y}"),
        ("{maps}/{{z}}/{{x}}/{{y}}.svg", "answered 404"),
        ("http://10.1.2.3/{{z}}/{{x}}/{{y}}.png", "not a public one"),
    ],
)
def test_says_why_there_is_no_picture(
    desk: Context, maps: FeedServer, url: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = page("layers", AGENCY, monkeypatch)
    next(w for w in test.selectbox if w.key.startswith("source-kind")).select((SourceKind.PICTURE, "xyz")).run()
    fill(test, url=url.format(maps=maps.url("")), id="radar")
    press(test, "Fetch and preview")
    assert "Nothing was changed." in html(test) and sentence in html(test)


def test_tells_its_age_and_why_it_is_old(
    desk: Context, maps: FeedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, radar(maps))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "radar")
    clock.advance(minutes=42)
    maps.mood = "page"
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "radar")
    seen = html(page("layers", VOLUNTEER, monkeypatch))
    assert "last successful fetch 42 min ago" in seen and "answered with a web page" in seen
    assert "Images already fetched stay on the map." in seen and maps.host not in seen
    below = html(page("live_map", STRANGER, monkeypatch))
    assert "Images: Radar · Met Office of X · CC BY 4.0 (the last fetch failed, last successful fetch 42" in below


def test_is_switched_in_the_legend_and_credited(
    desk: Context, maps: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, radar(maps, title=HOSTILE, attribution=HOSTILE))
    test = page("live_map", STRANGER, monkeypatch)
    assert "picture-radar" not in sources(test), "not before it was looked at"
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "radar")
    test.run()
    assert sources(test)["picture-radar"]["tiles"][0].startswith("/api/v1/layers/radar/picture/{z}/{x}/{y}?v=")
    assert '<p class="cm-credit">Images: ' in html(test), "a phone hides the soft words below the map"
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)
    test.session_state["legend-hidden"] = frozenset({"radar"})
    test.run()
    assert "picture-radar" not in sources(test) and "Pictures: " not in html(test)


def test_asks_for_new_pictures_when_they_are_due(
    desk: Context, maps: FeedServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, radar(maps, refresh_s=600))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "radar")
    clock.set(1_449_037_800_000 // 600_000 * 600_000)
    test = page("live_map", STRANGER, monkeypatch)
    first = sources(test)["picture-radar"]
    clock.advance(minutes=9)
    assert sources(test.run())["picture-radar"] == first
    clock.advance(minutes=1)
    assert sources(test.run())["picture-radar"] != first
