"""import layer and basemap: read, mended, refused with a sentence; the last good version stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
from shapely.geometry import box

from crisismap import bootstrap
from crisismap.settings import read_settings
from tests.cli.command import call, refused, run

SQUARE = [[80.0, 13.0], [80.1, 13.0], [80.1, 13.1], [80.0, 13.1], [80.0, 13.0]]
BOW = [[80.0, 13.0], [80.1, 13.1], [80.1, 13.0], [80.0, 13.1], [80.0, 13.0]]


def area(ring: list[list[float]], name: str = "Adyar") -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name, "code": "W-1"}}


def write(path: Path, *features: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_imports_a_layer_and_counts_what_it_mended(home: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "wards.geojson", area(SQUARE), area(BOW, "Bow"), {"type": "Feature", "geometry": None})
    done = run(["import", "layer", file, "--id", "wards", "--role", "area", "--json"], home)
    assert done.code == 0, done.err
    counts = {"id", "version", "features", "unlocated", "refused", "repaired"}
    assert set(done.json) == {*counts, "notes", "warnings", "columns"}
    assert (done.json["id"], done.json["version"], done.json["repaired"]) == ("wards", 1, 1)
    again = call(["import", "layer", file, "--id", "wards", "--role", "area"], home)
    assert "wards: version 2" in again.out
    assert "1 repaired" in again.out


def test_asks_for_the_id_before_it_loses_much(home: Path, tmp_path: Path) -> None:
    many = write(tmp_path / "many.geojson", *(area(SQUARE, f"Ward {n}") for n in range(5)))
    one = write(tmp_path / "one.geojson", area(SQUARE))
    words = ["--id", "wards", "--role", "area"]
    credits = ["--title", "City wards", "--licence", "CC0", "--attribution", "City"]
    assert call(["import", "layer", many, *words, *credits], home).code == 0
    refused(call(["import", "layer", one, *words], home), 1, "wards has 5 features", "lose 4", "confirm=wards")
    refused(call(["import", "layer", many, "--id", "wards", "--role", "hazard"], home), 1, "area", "hazard")
    refused(call(["import", "layer", one, *words, "--confirm", "other"], home), 1, "confirm=wards")
    done = call(["import", "layer", one, *words, "--confirm", "wards"], home)
    assert (done.code, "wards: version 2" in done.out) == (0, True)
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(home)})) as context:
        live = context.views.situation.layers["wards"]
    assert (live.layer.title, live.layer.licence, live.layer.attribution) == ("City wards", "CC0", "City")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.geojson", b"", ["empty.geojson"]),
        ("none.geojson", b'{"type": "FeatureCollection", "features": []}', ["empty"]),
        ("cut.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Fea', ["cut.geojson"]),
        ("junk.shp", b"\x00\x00\x27\x0a" + b"\x01" * 200, ["junk.shp"]),
        ("page.geojson", b"<html></html>", ["page.geojson"]),
    ],
)
def test_refuses_what_is_no_layer(home: Path, tmp_path: Path, name: str, content: bytes, words: list[str]) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    refused(call(["import", "layer", file, "--id", "wards", "--role", "area"], home), 1, *words)


def test_refuses_coordinates_of_an_unnamed_system(home: Path, tmp_path: Path) -> None:
    metres = [[x * 10_000, y * 100_000] for x, y in SQUARE]
    file = write(tmp_path / "utm.geojson", area(metres))
    refused(call(["import", "layer", file, "--id", "wards", "--role", "area"], home), 1, "coordinate")


def test_refuses_a_folder_without_a_shapefile_and_wrong_words(home: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    wards = ["--id", "wards", "--role", "area"]
    refused(call(["import", "layer", tmp_path / "folder", *wards], home), 1, "folder")
    refused(call(["import", "layer", tmp_path / "none.geojson", *wards], home), 1, "no such file")
    file = write(tmp_path / "wards.geojson", area(SQUARE))
    refused(call(["import", "layer", file, "--id", "Wards of us", "--role", "area"], home), 1, "Wards of us")
    refused(call(["import", "layer", file, "--id", "wards", "--role", "moon"], home), 2, "moon")
    refused(call(["import", "layer", file, "--role", "area"], home), 2, "--id")


def test_puts_a_gazetteer_in_place(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("name,lon,lat\nAdyar,80.25,13.0\nNowhere,here,13\n")
    done = call(["import", "gazetteer", file], home)
    assert done.code == 0, done.err
    assert "1 places, 1 rows refused" in done.out
    assert "row 3: lon" in done.out
    assert json.loads(call(["import", "gazetteer", file, "--json"], home).out)["places"] == 1
    assert (home / "gazetteer.csv").read_bytes() == file.read_bytes()
    file.write_text("a,b\n1,2\n")
    refused(call(["import", "gazetteer", file], home), 1, "has no column")
    assert "Adyar" in (home / "gazetteer.csv").read_text()


def test_puts_a_basemap_in_place(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(b"no tiles at all")
    refused(call(["import", "basemap", file], home), 1, "PMTiles")
    refused(call(["import", "basemap", tmp_path], home), 1)
    refused(call(["import", "basemap", tmp_path / "none.pmtiles"], home), 1, "none.pmtiles")
    assert not (home / "basemap.pmtiles").exists()
    file.unlink()
    shapes = geopandas.GeoDataFrame({"name": ["block"]}, geometry=[box(80.2, 13.0, 80.3, 13.1)], crs="EPSG:4326")
    pyogrio.write_dataframe(shapes.to_crs(3857), file, driver="PMTiles", layer="water", MINZOOM=0, MAXZOOM=4)
    done = call(["import", "basemap", file], home)
    assert done.code == 0, done.err
    assert (home / "basemap.pmtiles").read_bytes() == file.read_bytes()


def test_refuses_a_layer_that_is_not_at_the_incident_until_it_is_confirmed(home: Path, tmp_path: Path) -> None:
    wards = write(tmp_path / "wards.geojson", area(SQUARE))
    assert call(["import", "layer", wards, "--id", "wards", "--role", "area"], home).code == 0
    turned = tmp_path / "swapped.csv"
    (lon, lat), *_ = SQUARE
    turned.write_text(f"name,lat,lon\nHall,{lon},{lat}\nDome,{lon},{lat}\n")
    command = ["import", "layer", turned, "--id", "shelters", "--role", "shelter"]
    refused(call(command, home), 1, "longitude and latitude look swapped", "2 features")
    far = tmp_path / "far.csv"
    far.write_text("name,lat,lon,Phone\nHall,-33.9,18.4,123\n")
    command = ["import", "layer", far, "--id", "shelters", "--role", "shelter"]
    refused(call(command, home), 1, "far from the incident")
    done = run([*command, "--confirm", "shelters", "--json"], home)
    assert done.code == 0, done.err
    assert done.json["columns"]["doubtful"] == {"Phone": "a telephone number"}
    assert any("Phone" in warning for warning in done.json["warnings"])
