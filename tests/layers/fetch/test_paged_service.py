"""Services asked page by page: every feature once, and no service that never ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crisismap.core.errors import Malformed, TooLarge, Unreachable
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.layers.fetch import pages
from crisismap.layers.fetch.paged_service import ServiceFeatures, collect
from crisismap.layers.fetch.pages import with_query

Answer = Callable[[str], Any]


def source(form: str, url: str = "https://a.example/service", name: str = "wards") -> LayerSource:
    return LayerSource("wards", "Wards", "area", SourceKind.SERVICE, url, form, name)


def asked_of(one: LayerSource, answer: Answer) -> tuple[list[str], Any]:
    """The addresses that were asked, and the collection that came of it."""
    asked, found = collected(one, answer)
    return asked, json.loads(found.body)


def collected(one: LayerSource, answer: Answer) -> tuple[list[str], ServiceFeatures]:
    asked: list[str] = []

    def get(url: str, accept: str) -> bytes:
        assert "json" in accept
        asked.append(url)
        body = answer(url)
        return body if isinstance(body, bytes) else json.dumps(body).encode()

    return asked, collect(one, get)


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
        offset = int(query(url).get("resultOffset", 0))
        return page(offset, **({"exceededTransferLimit": True} if offset < 2 else {}))

    asked, found = asked_of(source("arcgis", name="4"), answer)
    assert ids(found) == [0, 1, 2]
    assert {urlsplit(each).path for each in asked} == {"/service/4/query"}
    assert query(asked[1])["outSR"] == "4326"


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
    monkeypatch.setattr(pages, "MOST_PAGES", 3)
    with pytest.raises(TooLarge):
        asked_of(source("arcgis"), lambda url: page(len(url) * hash(url), exceededTransferLimit=True))


def test_replaces_parameters_whatever_their_case() -> None:
    assert with_query("https://a.example/x?F=html&k=&k=2", f="json") == "https://a.example/x?k=&k=2&f=json"


class ArcGis:
    """A FeatureServer with some features and the faults that real ones have."""

    def __init__(self, count: int = 7, most: int = 3, fault: str = "") -> None:
        self.ids = list(range(1, count + 1))
        self.most = most
        self.fault = fault
        self.offsets: list[int] = []

    def __call__(self, url: str) -> Any:
        asked = query(url)
        if asked.get("returnCountOnly") == "true":
            return {"error": {"message": "no"}} if self.fault == "no count" else {"count": len(self.ids)}
        if asked.get("returnIdsOnly") == "true":
            return {"objectIdFieldName": "FID", "objectIds": None if self.fault == "no ids" else self.ids}
        if "objectIds" in asked:
            wanted = [int(each) for each in asked["objectIds"].split(",")]
            hidden = {6} if self.fault == "hidden" else set()
            return self.page([each for each in wanted if each not in hidden][: self.most])
        return self.by_offset(int(asked["resultOffset"]))

    def by_offset(self, offset: int) -> Any:
        self.offsets.append(offset)
        if self.fault == "refuses paging":
            return {"error": {"code": 400, "message": "Pagination is not supported", "details": []}}
        if self.fault in ("no paging", "no ids", "hidden"):
            offset = 0
        if self.fault == "overlapping":
            offset = max(0, offset - 1)
        if self.fault == "empty once" and offset == 3 and self.offsets.count(3) == 1:
            return page(exceededTransferLimit=True)
        if self.fault == "empty page" and offset == 3:
            return page(exceededTransferLimit=True)
        flag = {"properties": {"exceededTransferLimit": True}} if self.fault != "no flag" else {}
        end = offset + self.most
        return self.page(self.ids[offset:end], **(flag if end < len(self.ids) else {}))

    def page(self, numbers: list[int], **more: Any) -> Any:
        if self.fault == "no GeoJSON ids":
            features = [{"type": "Feature", "properties": {"FID": number}} for number in numbers]
            return {"type": "FeatureCollection", "features": features, **more}
        return page(*numbers, **more)


FAULTS = ["", "no flag", "empty once", "empty page", "no paging", "refuses paging", "overlapping", "no count"]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_feature_of_an_arcgis_server_comes_once(fault: str) -> None:
    asked, found = collected(source("arcgis"), ArcGis(fault=fault))
    assert sorted(ids(json.loads(found.body))) == [1, 2, 3, 4, 5, 6, 7]
    assert (found.came, found.claimed, found.is_complete) == (7, 7, True)
    assert found.note == "the server has 7 features, 7 came"
    assert len(asked) < 16, "and is not asked without end"


def test_knows_features_by_the_field_where_geojson_has_no_id() -> None:
    server = ArcGis(fault="no GeoJSON ids")
    found = collected(source("arcgis"), server)[1]
    assert (found.came, found.is_complete) == (7, True)


@pytest.mark.parametrize(("fault", "came"), [("no ids", 3), ("hidden", 6)])
def test_says_how_many_features_of_an_arcgis_server_are_missing(fault: str, came: int) -> None:
    found = collected(source("arcgis"), ArcGis(fault=fault))[1]
    assert (found.came, found.claimed, found.is_complete) == (came, 7, False)
    assert found.note == f"the server has 7 features, {came} came"


def test_asks_for_large_layers_in_batches_of_ids() -> None:
    asked, found = collected(source("arcgis"), ArcGis(450, 200, "refuses paging"))
    assert (found.came, found.is_complete) == (450, True)
    assert max(map(len, asked)) < 1000, "some servers take no longer URL"


def test_a_wfs_that_does_not_know_its_number_is_asked_until_nothing_comes() -> None:
    def answer(url: str) -> Any:
        start = int(query(url)["startIndex"])
        return page(*range(start, min(start + 3, 7)), numberMatched="unknown")

    found = collected(source("wfs"), answer)[1]
    assert (found.came, found.claimed) == (7, None)
    assert found.note == "the server does not say how many features it has, 7 came"

    def strict(url: str) -> Any:
        return b"<ows:ExceptionReport/>" if int(query(url)["startIndex"]) > 6 else answer(url)

    assert collected(source("wfs"), strict)[1].came == 7


def test_a_wfs_that_begins_again_is_not_asked_for_ever() -> None:
    asked, found = collected(source("wfs"), lambda _: page(1, 2, 3, numberMatched=7))
    assert (len(asked), found.came, found.is_complete) == (3, 3, False), "the third time whole"
    assert ids(json.loads(found.body)) == [1, 2, 3]


@pytest.mark.parametrize("ignores", [False, True])
def test_goes_on_by_number_where_ogc_features_has_no_link(ignores: bool) -> None:
    def answer(url: str) -> Any:
        start = 0 if ignores else int(query(url).get("offset", 0))
        return page(*range(start, min(start + 3, 7)), numberMatched=7)

    asked, found = collected(source("ogc"), answer)
    assert (found.came, found.claimed, len(asked)) == ((3, 7, 2) if ignores else (7, 7, 3))


def test_follows_a_link_behind_an_empty_page() -> None:
    link = [{"rel": "next", "href": "/more"}]
    assert asked_of(source("ogc"), lambda url: page(5) if "more" in url else page(links=link))[1]["features"]


@pytest.mark.parametrize(
    ("form", "body", "said"),
    [
        ("wfs", b"<ows:Report><ows:ExceptionText>No such type &lt;b&gt;x</ows:ExceptionText></ows:Report>",
         "No such type b x"),
        ("wfs", b"<!DOCTYPE html><html><script>alert(1)</script><body>Down</body></html>", "“Down”"),
        ("ogc", b'{"code": "NotFound", "description": "Collection not found"}', "Collection not found"),
        ("arcgis", b'{"error": {"code": 400, "message": "Invalid query", "details": ["outSR [x](http://a)"]}}',
         "Invalid query outSR x"),
    ],
)  # fmt: skip
def test_repeats_what_a_server_says_without_its_markup(form: str, body: bytes, said: str) -> None:
    with pytest.raises(Malformed) as refusal:
        collected(source(form), lambda _: body)
    assert said in str(refusal.value)
    assert not set("<[") & set(str(refusal.value).partition("says")[2])
