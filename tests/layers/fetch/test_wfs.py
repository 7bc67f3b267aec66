"""Web Feature Services as servers are: of three versions, with and without GeoJSON, paging and numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from crisismap.core.errors import Malformed, Unreachable
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.layers.fetch.client import FetchClient
from crisismap.layers.fetch.paged_service import ServiceFeatures, collect
from crisismap.layers.fetch.pages import query_of
from crisismap.layers.fetch.wfs import gml_members
from tests.layers.feed_server import feed_server
from tests.layers.gml import WHERE, gml, in_system, place_in
from tests.layers.samples import collection, feature, point, read

REFUSED = b'<ows:ExceptionReport xmlns:ows="o"><ows:ExceptionText>%s</ows:ExceptionText></ows:ExceptionReport>'


@dataclass
class WfsServer:
    """Points in one system, in the versions and formats that this server has; at most `most` in one answer."""

    versions: tuple[str, ...] = ("2.0.0", "1.1.0", "1.0.0")
    has_json: bool = True
    system: str = "urn:ogc:def:crs:EPSG::4326"
    position: tuple[float, float] = WHERE[::-1]
    count: int = 1
    most: int = 1000
    pages: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, path: str) -> bytes:
        query = query_of(path)
        self.asked.append(query)
        if query["version"] not in self.versions:
            return REFUSED % b"VersionNegotiationFailed"
        if ("typenames" if query["version"] == "2.0.0" else "typename") not in query:
            return REFUSED % b"MissingParameterValue"
        if query.get("resulttype") == "hits":
            return gml("3", self.system, numberOfFeatures=self.count)
        start = int(query.get("startindex", 0)) if self.pages else 0
        numbers = range(start, min(self.count, start + min(self.most, int(query.get("count", self.most)))))
        if query.get("outputformat") == "application/json":
            if not self.has_json:
                return REFUSED % b"InvalidParameterValue outputFormat"
            features = [feature(point(*WHERE), f"ward.{n}", name=f"Ward {n}") for n in numbers]
            return collection(*features, numberMatched=self.count)
        form = {"2.0.0": "3.2", "1.1.0": "3", "1.0.0": "2"}[query["version"]]
        counts = {"numberMatched": self.count} if form == "3.2" else {"numberOfFeatures": len(numbers)}
        return gml(form, self.system, *[self.position for _ in numbers], first=start, **counts)


def source(url: str, **more: Any) -> LayerSource:
    return LayerSource("wards", "Wards", "area", SourceKind.SERVICE, url, "wfs", "app:ward", **more)


def collected(answers: Callable[[str], bytes], query: str = "") -> ServiceFeatures:
    """What comes over loopback from a server."""
    with feed_server() as feed:
        feed.answers = answers
        client = FetchClient(frozenset({feed.host}))
        return collect(source(feed.url(f"/wfs{query}")), lambda url, accept: client.get(url, accept=accept).body)


def where(found: ServiceFeatures) -> tuple[float, float]:
    geometry = read(found.body).features[0].geometry
    assert geometry is not None
    return geometry.x, geometry.y


@pytest.mark.parametrize(
    ("versions", "has_json", "asked"),
    [
        (("2.0.0",), True, 1),
        (("2.0.0",), False, 2),
        (("1.1.0",), True, 3),
        (("1.1.0", "1.0.0"), False, 5),
        (("1.0.0",), False, 5),
    ],
)
def test_asks_in_the_ways_that_servers_know(versions: tuple[str, ...], has_json: bool, asked: int) -> None:
    form = "EPSG:4326" if versions == ("1.0.0",) else "urn:ogc:def:crs:EPSG::4326"
    server = WfsServer(versions, has_json, form, WHERE if form == "EPSG:4326" else WHERE[::-1])
    found = collected(server)
    assert (found.came, where(found)) == (1, pytest.approx(WHERE))
    assert len(server.asked) <= asked + 1, "one more for the number of features"


@pytest.mark.parametrize(("version", "code"), [("2.0.0", 31468), ("1.1.0", 2193), ("1.0.0", 3035), ("2.0.0", 3067)])
def test_reads_gml_in_the_axes_of_its_system(version: str, code: int) -> None:
    northing_first = code != 3067
    position = in_system(code, northing_first=northing_first)
    server = WfsServer((version,), False, f"urn:ogc:def:crs:EPSG::{code}", position)
    assert where(collected(server)) == pytest.approx(place_in(code), abs=1e-6)


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
def test_takes_every_page_of_gml(version: str) -> None:
    found = collected(WfsServer((version,), False, count=7, most=3))
    assert (found.came, found.claimed, found.is_complete) == (7, 7, True)
    assert [each.id for each in read(found.body).features] == [f"ward.{n}" for n in range(7)]


def test_asks_a_server_that_cannot_page_for_everything() -> None:
    class Whole(WfsServer):
        def __call__(self, path: str) -> bytes:
            self.most = 3 if "count" in query_of(path) else 1000
            return super().__call__(path)

    found = collected(Whole(("2.0.0",), False, count=7, pages=False))
    assert (found.came, found.claimed) == (7, 7)
    found = collected(WfsServer(("2.0.0",), count=7, most=3, pages=False))
    assert (found.came, found.note) == (3, "the server has 7 features, 3 came")


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("?version=1.1.0", [{"version": "1.1.0", "outputformat": "application/json"}]),
        ("?VERSION=1.0.0&SERVICE=wms", [{"version": "1.0.0", "service": "WFS"}]),
        ("?outputFormat=GML2&map=/x", [{"outputformat": "GML2", "map": "/x", "version": "2.0.0"}]),
        ("?srsName=EPSG:3857", [{"srsname": "EPSG:3857", "version": "2.0.0"}]),
    ],
)
def test_leaves_what_the_address_says(query: str, asked: list[dict[str, str]]) -> None:
    server = WfsServer()
    assert collected(server, query).came == 1
    for sent, expected in zip(server.asked, asked, strict=False):
        assert {name: sent.get(name) for name in expected} == expected


@pytest.mark.parametrize("mood", ["silence", "half", "redirect"])
def test_does_not_ask_in_another_way_where_the_network_fails(mood: str) -> None:
    with feed_server() as feed:
        feed.mood, feed.location = mood, "http://127.0.0.1:9/"
        asked: list[str] = []

        def get(url: str, _: str) -> bytes:
            asked.append(url)
            raise Unreachable("no_answer_in_time", host=feed.host)

        with pytest.raises(Unreachable):
            collect(source(feed.url("/wfs")), get)
    assert len(asked) == 1


def test_says_what_the_server_said_first() -> None:
    with pytest.raises(Malformed, match="no type app:ward"):
        collected(lambda _: REFUSED % b"no type app:ward")


def test_chooses_the_type_that_was_asked_among_several() -> None:
    body = gml("3", "EPSG:4326", WHERE, WHERE).replace(b'app:ward gml:id="ward.1"', b'app:road gml:id="r"')
    body = body.replace(b"</app:ward></gml:featureMember></wfs", b"</app:road></gml:featureMember></wfs")
    members = gml_members(body, source("https://a.example/wfs"))
    assert members is not None
    assert [each["properties"]["gml_id"] for each in json.loads(bytes(members["features"]))] == ["ward.0"]


@pytest.mark.parametrize("body", [b"<html></html>", REFUSED % b"no", b"<kml></kml>", b"<a"])
def test_takes_only_gml_for_features(body: bytes) -> None:
    assert gml_members(body, source("https://a.example/wfs")) is None


def test_refuses_pages_in_two_systems() -> None:
    def answers(path: str) -> bytes:
        start = int(query_of(path).get("startindex", 0))
        system = f"EPSG:{3857 if start else 32644}"
        return collection(
            feature(point(5, start)), numberMatched=2, crs={"type": "name", "properties": {"name": system}}
        )

    with pytest.raises(Malformed, match="different systems"):
        collected(answers)
