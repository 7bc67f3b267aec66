"""The map to take along as a file: complete in itself, and its data nothing but data."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from typing import Any

import folium
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, box

from crisismap.exports.area_map import STYLES, AreaMap, MapLayer, MapName, MapPlace, Outline, write_area_map
from tests.browser import PageFactory

HOSTILE = "</script><script>alert(1)</script><!--${alert(2)}`{{7*7}}{%x%}{#@@own@@@@told@@\u2028&quot;'\""
WARD = (80.19, 12.99, 80.23, 13.02)


def made(words: str, **said: Any) -> AreaMap:
    """A map on which everything that can be said says the same."""
    shapes = {"here": box(*WARD), "road": LineString([(80.1, 13), (80.3, 13.01)]), "shelter": Point(80.2, 13)}
    features = [Outline(kind, shape, words, (words,), "house") for kind, shape in shapes.items()]
    river = MultiPolygon([box(80.195, 13.0, 80.197, 13.002)])
    places = [MapPlace(80.2, 13.0, "cross", words, words, (words,), radius) for radius in (None, 1200.0)]
    known: dict[str, Any] = {
        "title": words,
        "origin": words,
        "made_ms": 1_449_037_800_000,
        "made_up": True,
        "counts": words,
        "care": words,
        "box": WARD,
        "layers": (MapLayer(words, "area", (words,), (*features, Outline("hazard", river, words))),),
        "places": tuple(places),
        "symbols": dict.fromkeys(("house", "cross"), f"<svg xmlns='http://www.w3.org/2000/svg'><!--{words}--></svg>"),
    }
    return AreaMap(**{**known, **said})


class Parts(HTMLParser):
    """Elements with their attributes, and the words of each script."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "script":
            self.scripts[-1] += data


def read(made: AreaMap) -> Parts:
    parts = Parts()
    parts.feed(write_area_map(made).decode())
    return parts


def test_keeps_all_words_as_data() -> None:
    plain, hostile = read(made("words")), read(made(HOSTILE))
    assert len(hostile.scripts) == len(plain.scripts) == 5
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    [data] = [words for words in hostile.scripts if words.lstrip().startswith("{")]
    told = json.loads(data)
    assert (told["title"], told["places"][0]["text"]) == (HOSTILE, HOSTILE)
    assert told["layers"][0]["features"][1]["notes"] == [HOSTILE]
    for words in hostile.scripts:
        assert words is data or "alert" not in words


def test_draws_what_lies_below_first() -> None:
    [data] = [words for words in read(made("x")).scripts if words.lstrip().startswith("{")]
    told = json.loads(data)
    assert [each["kind"] for each in told["layers"][0]["features"]] == ["hazard", "road", "here", "shelter"]
    assert set(told["styles"]) == set(STYLES)


def test_names_no_other_host_and_lets_nothing_else_run() -> None:
    page = write_area_map(made("words")).decode()
    parts = read(made("words"))
    assert not [tag for tag, told in parts.elements if {"src", "href", "onclick", "onload"} & set(told)]
    hosts = set(re.findall(r"https?://[\w.-]+", page))
    # Names of things and Leaflet's own credit in its code; nothing of them is an address that is asked.
    assert hosts <= {"http://www.w3.org", "https://leafletjs.com"}
    assert not re.search(r"url\((?!data:|#)", page)
    [policy] = [told["content"] for tag, told in parts.elements if told.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy.count("'sha256-") == 4
    assert "unsafe-inline" not in policy.partition("style-src")[0]


def test_leaves_folium_as_it_was() -> None:
    write_area_map(made("words"))
    assert folium.Map.default_js
    assert folium.Map.default_css


def test_stays_small_for_one_area() -> None:
    places = made("x").places * 1000
    assert len(write_area_map(made("x", places=places))) < 800_000


@pytest.mark.parametrize("width", [1280, 390])
def test_writes_names_that_lie_on_nothing_in_any_script(page_factory: PageFactory, width: int) -> None:
    """Drawn by the browser's own fonts, most important first; a name of 300 letters comes shortened."""
    names = ["Adyar", "ولاية كسلا", "வேளச்சேரி", HOSTILE, "救命"]
    spots = [(80.2 + n % 20 * 0.0012, 12.993 + n // 20 * 0.002) for n in range(200)]
    temples = tuple(
        Outline("shelter", Point(at), "", label=MapName(f"{names[n % 5]} {n}"[:32], *at, 0.0))
        for n, at in enumerate(spots)
    )
    ward = Outline("here", box(*WARD), "", label=MapName("Ward 7", 80.21, 13.018, 0.05))
    layers = (MapLayer("Wards", "area", (), (ward,)), MapLayer("Shelters", "shelter", (), temples))
    place = MapPlace(80.212, 13.005, "cross", "P1 · Rescue", "on the roof", ())
    page = page_factory(width=width, height=844)
    page.set_content(write_area_map(made("words", layers=layers, places=(place,))).decode())
    written = page.locator(".names span")
    while written.count() < 3:
        page.locator(".leaflet-control-zoom-in").click()
        page.wait_for_timeout(600)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.names span, .leaflet-marker-icon[alt^=P1]')]"
        ".map(e => e.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])"
    )
    for one, other in itertools.combinations(boxes, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
    told = written.all_inner_texts()
    assert any("Adyar" in each or "ولاية" in each or "வே" in each for each in told)
    assert page.locator(".names script, .names img").count() == 0
    page.get_by_label("Shelters").uncheck()
    assert not [each for each in written.all_inner_texts() if each != "Ward 7"], "with their layer its names go"
