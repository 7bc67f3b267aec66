"""It reads the real report sets whole: every row once, the same keys again, none refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from crisismap.channels.file.mapping import ReportMapping, load_mapping
from crisismap.channels.file.rows import Row
from crisismap.core.errors import Invalid
from crisismap.core.place.place import place_flags
from crisismap.core.report.read_draft import draft_from
from tests.channels.samples import rows

pytestmark = pytest.mark.realdata
MAPPINGS = Path(__file__).parents[3] / "data" / "mappings"


def load(name: str) -> ReportMapping:
    return load_mapping(MAPPINGS / f"{name}.toml")


def good(path: Path, name: str) -> list[Row]:
    """All rows, after making sure that none is refused and that the API would take each."""
    found = rows(path, load(name))
    assert [row.problem for row in found if row.problem] == []
    for row in found:
        draft_from(row.body)
    return found


def keys(found: list[Row]) -> list[str]:
    return [row.body["client_id"] for row in found]


def polygons(path: Path) -> list[shapely.Geometry]:
    return [shape(item["geometry"]) for item in json.loads(path.read_text())["features"]]


def test_reads_1204_reports_of_jakarta(shared_data: Path) -> None:
    files = sorted((shared_data / "petabencana_jakarta_2017").glob("reports_*.geojson"))
    found = [row for path in files for row in good(path, "petabencana")]
    assert len(found) == len(set(keys(found))) == 1204
    assert keys(found) == keys([row for path in files for row in good(path, "petabencana")])
    assert {row.source for row in found} == {"qlue", "detik", "grasp"}
    assert {row.lang for row in found} == {"id"}
    assert sum("depth_cm" in row.body.get("fields", {}) for row in found) == 230
    assert all(row.body.get("text", "x").strip() for row in found)


def test_puts_346_of_852_morning_reports_into_flooded_neighbourhoods(shared_data: Path) -> None:
    folder = shared_data / "petabencana_jakarta_2017"
    files = sorted(folder.glob("reports_*.geojson"))
    zone = timezone(timedelta(hours=7))
    start, end = datetime(2017, 2, 21, tzinfo=zone), datetime(2017, 2, 21, 13, tzinfo=zone)
    points = [
        shapely.Point(row.body["lon"], row.body["lat"])
        for path in files
        for row in good(path, "petabencana")
        if start <= datetime.fromisoformat(row.body["observed_at"]) < end
    ]
    areas = shapely.STRtree(polygons(folder / "bpbd_flooded_areas_2017-02-21T13.geojson"))
    hit, areas_hit = areas.query(points, predicate="intersects")
    assert (len(points), len(set(hit)), len(set(areas_hit))) == (852, 346, 162)


def test_reads_735_requests_of_new_york(shared_data: Path) -> None:
    found = good(shared_data / "nyc_311_2025" / "water_complaints_2025-06-10_12.csv", "nyc311")
    assert len(found) == len(set(keys(found))) == 735
    assert found[0].body["client_id"] == "nyc311:65243698"
    unplaced = [row for row in found if "lon" not in row.body]
    assert len(unplaced) == 9
    assert all(row.body["place"] for row in unplaced)
    assert unplaced[0].body["place"] == "4 AVENUE, 56 STREET, 57 STREET, BROOKLYN"
    assert sum(row.asks is False for row in found) == 188


def test_reads_2350_streets_of_chennai_in_and_out_of_wards(shared_data: Path) -> None:
    folder = shared_data / "chennai_2015"
    found = good(folder / "flooded_streets_2015-12-02.geojson", "chennai_streets")
    assert len(found) == len(set(keys(found))) == 2350
    states = [row.body["fields"]["status"] for row in found]
    assert (states.count("flooded"), states.count("not flooded")) == (2302, 48)
    wards = shapely.STRtree(polygons(folder / "wards.geojson"))
    points = [shapely.Point(row.body["lon"], row.body["lat"]) for row in found]
    assert len(set(wards.query(points, predicate="intersects")[0])) == 2065


def test_reads_the_later_map_of_chennai(shared_data: Path) -> None:
    found = good(shared_data / "chennai_2015" / "flooded_streets_2015-12-31.geojson", "chennai_streets")
    assert len(found) == len(set(keys(found))) == 7894
    assert sum(row.body["fields"]["status"] == "not flooded" for row in found) == 10


def test_reads_34_camps_of_which_two_are_swapped(shared_data: Path) -> None:
    found = good(shared_data / "nepal_2015" / "displacement_sites.geojson", "nepal_camps")
    assert len(found) == len(set(keys(found))) == 34
    extent = load("nepal_camps").bbox
    flags = [place_flags(row.body["lon"], row.body["lat"], extent) for row in found]
    assert flags.count(("swapped_axes",)) == 2
    assert flags.count(()) == 32
    assert found[0].body["observed_at"] == "2015-04-29T00:00:00+05:45"


@pytest.mark.parametrize("name", ["input-valid-latin1.csv", "input-multiple-headers.csv"])
def test_refuses_tables_that_are_no_reports_with_a_sentence(shared_data: Path, name: str) -> None:
    with pytest.raises(Invalid, match="has no such field"):
        rows(shared_data / "hxl_samples" / name)


def test_reads_an_awkward_latin1_table_by_a_mapping(shared_data: Path, tmp_path: Path) -> None:
    plan = tmp_path / "hxl.toml"
    plan.write_text('category = { value = "other" }\ntext = { fields = ["Qué?", "Quién?"], join = ", " }\n')
    found = rows(shared_data / "hxl_samples" / "input-valid-latin1.csv", load_mapping(plan))
    texts = [row.body.get("text") for row in found]
    assert "Registro, Organización" in texts
    assert len(found) == 6
