"""The map to take along as a file: complete in itself, and its data nothing but data."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import folium
from shapely.geometry import LineString, MultiPolygon, Point, box

from crisismap.exports.area_map import STYLES, AreaMap, MapLayer, MapPlace, Outline, write_area_map

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
