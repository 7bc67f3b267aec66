"""Names for maps over HTTP: of the layers asked for, in a language, with a picture each."""

from __future__ import annotations

import pytest

from crisismap.core.place.mercator import Tile
from crisismap.situation.tiles.labels import HIGHEST
from tests.api.conftest import LAYERS
from tests.api.desk import Desk, problem


def test_gives_the_names_of_a_tile_with_a_picture_each(desk: Desk) -> None:
    places = [(80.2 + x * 0.02, 13.0 + y * 0.02) for x in range(10) for y in range(10)]
    found = []
    for tile in {Tile.at(*place, zoom) for place in places for zoom in (12, 13)}:
        answer = desk.get(f"/api/v1/labels/{tile.z}/{tile.x}/{tile.y}.geojson")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/geo+json"
        found += [(each, tile) for each in answer.json()["features"]]
    assert found
    for feature, tile in found:
        assert feature["properties"]["icon"]["url"].startswith("data:image/svg+xml,")
        assert feature["properties"]["layer"] in LAYERS
        least = 0 if feature["properties"]["role"] != "area" else HIGHEST / (1 << tile.z)
        assert feature["properties"]["height"] == least, "only the names of areas may shrink with their tile"
    assert {each["properties"]["role"] for each, _ in found} > {"area"}
    feature, tile = found[0]
    one = feature["properties"]["layer"]
    path = f"/api/v1/labels/{tile.z}/{tile.x}/{tile.y}.geojson"
    kept = desk.get(path, params={"only": one}).json()["features"]
    assert {each["properties"]["layer"] for each in kept} == {one}
    assert desk.get(path, params={"only": "nothing"}).json()["features"] == []
    light, dark = (desk.get(path, params={"theme": theme}).json() for theme in ("light", "dark"))
    assert light != dark


@pytest.mark.parametrize("path", ["31/0/0", "3/8/0", "3/0/-1"])
def test_refuses_a_tile_that_cannot_be(desk: Desk, path: str) -> None:
    assert problem(desk.get(f"/api/v1/labels/{path}.geojson"), 422, "invalid")["field"] == "z"


def test_reads_an_odd_language_as_none(desk: Desk) -> None:
    answer = desk.get("/api/v1/labels/12/2961/1898.geojson", params={"lang": "../../x"})
    assert answer.status_code == 200


def test_keeps_names_clear_of_the_reports_that_match_and_that_the_caller_may_see(desk: Desk) -> None:
    tile = Tile.at(80.25, 13.05, 12)
    path = f"/api/v1/labels/{tile.z}/{tile.x}/{tile.y}.geojson"

    def places(**query: str) -> dict[str, tuple[float, ...]]:
        answer = desk.get(path, "responder", params=query)
        assert answer.status_code == 200, answer.text
        features = [(each["properties"], each["geometry"]["coordinates"]) for each in answer.json()["features"]]
        return {said["name"]: (*place, said["right_px"], said["below_px"]) for said, place in features}

    free = places()
    assert desk.get(path).headers["cache-control"].startswith("public")
    name, (lon, lat, right, below) = next(iter(free.items()))
    desk.report(category="flooding", text="knee deep", lon=lon, lat=lat)
    assert places(marks="1").get(name) != (lon, lat, right, below)
    assert places(marks="1", category="medical") == free
    assert desk.get(path, params={"marks": "1"}).headers["cache-control"].startswith("private")
    assert places() == free
    assert problem(desk.get(path, params={"marks": "1", "nonsense": "1"}), 422, "invalid")["field"] == "nonsense"
