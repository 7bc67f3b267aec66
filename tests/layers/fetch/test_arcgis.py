"""A layer of an ArcGIS server by the address that people copy, with and without GeoJSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.fetch.arcgis import is_arcgis_layer
from crisismap.layers.fetch.pages import query_of
from tests.layers.fetch.test_paged_service import ArcGis, collected, ids, source

LAYER = "https://a.example/arcgis/rest/services/City/Flood/FeatureServer/3"


class Esri(ArcGis):
    """One that answers GeoJSON as older servers do: with an error, a page, or its own JSON."""

    def __init__(self, other: bytes | None, **more: Any) -> None:
        super().__init__(**more)
        self.other = other
        self.asked: list[str] = []

    def __call__(self, url: str) -> Any:
        self.asked.append(url)
        if query_of(url).get("f") == "geojson" and self.other is not None:
            return self.other
        return super().__call__(url.replace("f=geojson", "f=json"))

    def page(self, numbers: list[int], **more: Any) -> Any:
        features = [{"attributes": {"FID": n}, "geometry": {"x": 80.0 + n, "y": 13.0}} for n in numbers]
        flag = {"exceededTransferLimit": True} if more else {}
        return {"objectIdFieldName": "FID", "geometryType": "esriGeometryPoint", "features": features, **flag}


ERROR = b'{"error": {"code": 400, "message": "Output format not supported", "details": []}}'


@pytest.mark.parametrize("other", [ERROR, b"<!DOCTYPE html><html>Query</html>", None])
@pytest.mark.parametrize("fault", ["", "no flag", "no paging", "refuses paging"])
def test_reads_every_feature_where_there_is_no_geojson(other: bytes | None, fault: str) -> None:
    found = collected(source("arcgis", LAYER, ""), Esri(other, fault=fault))[1]
    assert sorted(ids(json.loads(found.body))) == [1, 2, 3, 4, 5, 6, 7]
    assert found.note == "the server has 7 features, 7 came"


@pytest.mark.parametrize(
    "url",
    [
        LAYER,
        LAYER + "/",
        LAYER + "?f=pjson",
        LAYER + "/query",
        LAYER + "/query?where=1%3D1&outFields=*&f=html&resultRecordCount=10&returnGeometry=false",
        LAYER.replace("FeatureServer", "MapServer"),
    ],
)
def test_takes_the_address_that_people_copy(url: str) -> None:
    assert is_arcgis_layer(url)
    asked, found = collected(source("arcgis", url, ""), ArcGis())
    assert (found.came, found.claimed) == (7, 7)
    assert {urlsplit(each).path for each in asked} == {urlsplit(url).path.removesuffix("/query").rstrip("/") + "/query"}
    assert not any("returnGeometry" in each or "html" in each for each in asked)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/arcgis/rest/services/City/Flood/FeatureServer",
        "https://a.example/3",
        "https://a.example/FeatureServer/3/export",
        "https://a.example/ImageServer/3",
        "https://a.example/x?u=/FeatureServer/3",
    ],
)
def test_takes_nothing_else_for_a_layer(url: str) -> None:
    assert not is_arcgis_layer(url)


def test_keeps_the_filter_and_the_token_of_a_query() -> None:
    asked, _ = collected(source("arcgis", f"{LAYER}/query?where=OPEN%3D1&token=t&f=json", "3"), ArcGis())
    assert {query_of(each)["token"] for each in asked} == {"t"}
    assert {query_of(each)["where"] for each in asked} == {"OPEN=1"}


@pytest.mark.parametrize(
    ("layers", "asked"),
    [
        ([{"id": 4, "name": "Wards"}], "/FeatureServer/4/query"),
        ([{"id": 0, "name": "Group", "subLayerIds": [4]}, {"id": 4, "name": "Wards"}], "/FeatureServer/4/query"),
        ([{"id": 0, "name": "Wards"}, {"id": 1, "name": "Roads"}], "0 Wards, 1 Roads"),
        ([], "none"),
    ],
)
def test_finds_the_only_layer_of_a_service(layers: list[Any], asked: str) -> None:
    server = ArcGis()

    def answer(url: str) -> Any:
        return {"layers": layers} if urlsplit(url).path.endswith("Server") else server(url)

    one = source("arcgis", "https://a.example/FeatureServer?token=t", "")
    if asked.startswith("/"):
        assert asked in {urlsplit(each).path for each in collected(one, answer)[0]}
        return
    with pytest.raises(Invalid) as refused:
        collected(one, answer)
    assert refused.value.details["value"] == asked


def test_says_the_first_refusal_where_nothing_is_answered() -> None:
    with pytest.raises(Malformed, match="Output format not supported"):
        collected(source("arcgis", LAYER, ""), lambda _: ERROR)


def test_takes_features_of_batches_that_have_no_ids() -> None:
    def answer(url: str) -> Any:
        asked = query_of(url)
        if "returnCountOnly".lower() in asked:
            return {"count": 3}
        if "returnIdsOnly".lower() in asked:
            return {"objectIds": [1, 2, 3]}
        count = 3 if "objectids" in asked else 2
        return {"type": "FeatureCollection", "features": [{"properties": {"n": n}} for n in range(count)]}

    assert collected(source("arcgis", LAYER, ""), answer)[1].note == "the server has 3 features, 3 came"
