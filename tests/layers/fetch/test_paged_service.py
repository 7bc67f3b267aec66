"""Services asked page by page: every feature once, and no service that never ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crisismap.core.errors import Malformed, TooLarge, Unreachable
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.layers.fetch import paged_service
from crisismap.layers.fetch.paged_service import collect, with_query

Answer = Callable[[str], Any]


def source(form: str, url: str = "https://a.example/service", name: str = "wards") -> LayerSource:
    return LayerSource("wards", "Wards", "area", SourceKind.SERVICE, url, form, name)


def asked_of(one: LayerSource, answer: Answer) -> tuple[list[str], Any]:
    """The addresses that were asked, and the collection that came of it."""
    asked: list[str] = []

    def get(url: str, accept: str) -> bytes:
        assert "json" in accept
        asked.append(url)
        return json.dumps(answer(url)).encode()

    return asked, json.loads(collect(one, get))


def page(*numbers: int, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [{"id": n} for n in numbers], **more}


def ids(found: Any) -> list[int]:
    return [feature["id"] for feature in found["features"]]


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_follows_the_next_link_of_ogc_features() -> None:
    def answer(url: str) -> Any:
        link = {"rel": "next", "href": "/service/collections/wards/items?page=2"}
        return page(3) if "page=2" in url else page(1, 2, links=[{"rel": "self"}, link])

    asked, found = asked_of(source("ogc"), answer)
    assert ids(found) == [1, 2, 3]
    assert urlsplit(asked[0]).path == "/service/collections/wards/items"
    assert asked[1] == "https://a.example/service/collections/wards/items?page=2"


def test_counts_on_in_a_wfs_until_all_that_match_are_there() -> None:
    asked, found = asked_of(
        source("wfs", "https://a.example/wfs?map=city&SERVICE=WMS"),
        lambda url: page(int(query(url)["startIndex"]), int(query(url)["startIndex"]) + 1, numberMatched=4),
    )
    assert ids(found) == [0, 1, 2, 3]
    assert query(asked[0])["srsName"].endswith("CRS84"), "longitude first, in so many words"
    assert (query(asked[0])["map"], query(asked[0])["service"]) == ("city", "WFS")


def test_asks_an_arcgis_server_as_long_as_it_says_there_is_more() -> None:
    def answer(url: str) -> Any:
        offset = int(query(url)["resultOffset"])
        return page(offset, **({"exceededTransferLimit": True} if offset < 2 else {}))

    asked, found = asked_of(source("arcgis", name="4"), answer)
    assert ids(found) == [0, 1, 2]
    assert urlsplit(asked[0]).path == "/service/4/query"
    assert query(asked[0])["outSR"] == "4326"


def test_passes_on_the_system_that_a_page_names() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    assert asked_of(source("ogc"), lambda _: page(1, crs=crs))[1]["crs"] == crs
    assert "crs" not in asked_of(source("ogc"), lambda _: page(1))[1]


@pytest.mark.parametrize("body", [[], {"type": "FeatureCollection"}, {"features": 7}])
def test_refuses_a_page_that_is_no_collection(body: Any) -> None:
    with pytest.raises(Malformed, match="FeatureCollection"):
        asked_of(source("ogc"), lambda _: body)


def test_repeats_what_an_arcgis_server_says_inside_a_good_answer() -> None:
    with pytest.raises(Malformed, match="Token Required"):
        asked_of(source("arcgis"), lambda _: {"error": {"code": 499, "message": "Token Required"}})


def test_ends_with_a_service_that_goes_in_a_circle_or_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreachable):
        asked_of(source("ogc"), lambda url: page(1, links=[{"rel": "next", "href": url}]))
    monkeypatch.setattr(paged_service, "MOST_PAGES", 3)
    with pytest.raises(TooLarge):
        asked_of(source("arcgis"), lambda _: page(1, exceededTransferLimit=True))


def test_replaces_parameters_whatever_their_case() -> None:
    assert with_query("https://a.example/x?F=html&k=&k=2", f="json") == "https://a.example/x?k=&k=2&f=json"
