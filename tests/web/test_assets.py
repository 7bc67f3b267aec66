"""The browser assets: locked, installed once, honest about failure; land and borders are valid."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from shapely import union_all
from shapely.geometry import Point, shape

from crisismap.core.text import symbols
from crisismap.web import assets, atlas, world

SQUARES = {
    "type": "Topology",
    "transform": {"scale": [1.0, 1.0], "translate": [0.0, 0.0]},
    # two squares side by side: the shared side, then the rest of the left one and of the right one
    "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
                {"type": None},
            ],
        },
        "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[1, 2]]]}]},
    },
}


def test_locks_every_package_by_hash_and_names_no_registry() -> None:
    lock = json.loads((assets.HERE / "package-lock.json").read_bytes())
    packages = {name: facts for name, facts in lock["packages"].items() if name}
    assert packages
    assert all(facts["integrity"].startswith("sha512-") for facts in packages.values())
    assert not any("resolved" in facts for facts in packages.values())
    wanted = json.loads((assets.HERE / "package.json").read_bytes())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_takes_the_tile_worker_of_the_version_that_streamlit_asks_for() -> None:
    import streamlit

    folder = Path(streamlit.__file__).parent / "static/static/js"
    (script,) = folder.glob("DeckGlJsonChart.*.js")
    said = re.search(r"id:`mvt`,module:`mvt`.{0,400}?`(\d+\.\d+\.\d+)`", script.read_text("utf-8"))
    assert said is not None
    assert json.loads((assets.HERE / "package.json").read_bytes())["dependencies"]["@loaders.gl/mvt"] == said[1]


def test_installs_nothing_again_while_nothing_changed(tmp_path: Path) -> None:
    (tmp_path / assets.STAMP).write_text(assets.stamp())
    assert assets.install(tmp_path) is False


def test_says_in_one_sentence_that_the_registry_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setattr(assets, "_FETCH_OPTIONS", ("--fetch-retries=0",))
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets.install, "__defaults__", (tmp_path / "vendor",))
    assert assets.main(["--force"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("npm cannot reach its registry")
    assert "\n" not in said
    assert [each.name for each in tmp_path.iterdir() if each.name != "cache"] == []


def test_brings_everything_the_pages_ask_for() -> None:
    assert (assets.VENDOR / assets.STAMP).read_text() == assets.stamp(), "run python -m crisismap.web.assets"
    for name in [*assets.COPIES.values(), "world/land.geojson", "world/borders.geojson", "CREDITS.txt"]:
        assert (assets.VENDOR / name).exists(), name
    said = (assets.VENDOR / "CREDITS.txt").read_text(encoding="utf-8")
    assert all(package in said for package in assets.CREDITED)


def test_draws_the_glyphs_that_maki_drew() -> None:
    for name, key in (("lodging", "shelter"), ("hospital", "cross"), ("drinking-water", "tap")):
        drawn = (assets.VENDOR / "maki" / f"{name}.svg").read_text(encoding="utf-8")
        (original,) = re.findall(r' d="([^"]+)"', drawn)
        assert re.sub(r"&#x[A9];|\s", "", original) == re.sub(r"\s", "", symbols.SHAPES[key].glyph)


def test_keeps_the_shared_side_as_the_only_border() -> None:
    (line,) = world.borders(SQUARES)["features"]
    assert shape(line["geometry"]).length == 1


def test_turns_rings_of_shared_arcs_into_counter_clockwise_polygons() -> None:
    (land,) = world.land(SQUARES)["features"]
    polygon = shape(land["geometry"])
    assert polygon.area == 2
    assert polygon.exterior.is_ccw


def test_makes_a_valid_world() -> None:
    land = json.loads((assets.VENDOR / "world/land.geojson").read_bytes())["features"]
    polygons = [shape(each["geometry"]) for each in land]
    assert all(polygon.is_valid and polygon.exterior.is_ccw for polygon in polygons)
    assert max(abs(lon) for polygon in polygons for lon, _ in polygon.exterior.coords) <= 180
    # No polygon spans the world but Antarctica: the jump at 180 degrees tore none.
    wide = [polygon for polygon in polygons if polygon.bounds[2] - polygon.bounds[0] > 250]
    assert all(polygon.bounds[3] < -60 for polygon in wide)
    world_of_land = union_all(polygons)
    dry = [(79, 13), (175, 67), (-172, 66), (-179, 71.2), (178, -18), (0, -80), (179, -84.9), (-150, 65), (-60, -10)]
    wet = [(82, 13), (-160, 30), (0, 82), (-179, 60), (50, 42), (179, -30), (-90, 71.3)]
    assert [place for place in dry if not world_of_land.contains(Point(place))] == []
    assert [place for place in wet if world_of_land.contains(Point(place))] == []
    borders = json.loads((assets.VENDOR / "world/borders.geojson").read_bytes())["features"]
    assert len(borders) > 200
    assert all(abs(lon) < 179.999 for each in borders for lon, _ in each["geometry"]["coordinates"])


def test_gives_every_symbol_a_cell_of_its_own_inside_the_sheet() -> None:
    cells = json.loads(atlas.mapping())
    assert set(cells) == {key for key, _ in symbols.sheet()}
    corners = {(cell["x"], cell["y"]) for cell in cells.values()}
    assert len(corners) == len(cells)
    width, height = map(int, re.findall(r'(?:width|height)="(\d+)"', atlas.sheet(dark=False))[:2])
    assert max(cell["x"] + cell["width"] for cell in cells.values()) <= width <= 4096
    assert max(cell["y"] + cell["height"] for cell in cells.values()) <= height <= 4096
