"""Cases of layers: shapefiles, tables, KML, zips, warnings and feeds."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crisismap.core.layer.source import SourceKind
from crisismap.core.moment import parse, rfc3339
from crisismap.services.layers.feeds import follow
from tests.cases.conftest import Case, Incident, layer_of
from tests.cli.command import call, refused
from tests.layers.feed_server import feed_server
from tests.layers.samples import collection, feature, point
from tests.people import AGENCY
from tests.services.feeding import ask, source

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize(
    ("zipped", "mapping", "name"), [("24_nocpg", "m_latin1", "Ñandú"), ("27_gbk_nocpg", "m_gbk", "龙华区")]
)
def test_05_reads_names_in_their_encoding(case: Case, home: Path, zipped: str, mapping: str, name: str) -> None:
    folder = case("05")
    for words, guesses in (((), 1), (("--mapping", folder / f"{mapping}.toml"), 0)):
        said, version = layer_of(home, "shelter", folder / f"{zipped}.zip", *words)
        assert version.features[0].name == name
        assert len([note for note in said["notes"] if "guessed" in note]) == guesses


def test_06_refuses_a_layer_that_is_wholly_swapped(case: Case, incident: Incident) -> None:
    folder = case("06")
    assert incident.put("wards", "area", folder / "wards.geojson").status_code == 201
    for file, role in (("09_swapped.geojson", "shelter"), ("warning-lonlat.xml", "hazard")):
        answer = incident.put("turned", role, folder / file)
        assert answer.status_code == 422
        assert "longitude and latitude look swapped" in answer.json()["detail"]
    with feed_server() as feed:
        feed.answers = lambda path: (folder / "09_swapped.geojson").read_bytes()
        wfs = source(feed, "/wfs", kind=SourceKind.SERVICE, format="wfs", name="shelters", role="shelter")
        follow(incident.context.store, incident.context.views, incident.context.clock(), AGENCY, wfs)
        assert "longitude and latitude look swapped" in ask(incident.context, feed).health.error
    assert set(incident.context.views.situation.layers) == {"wards"}


def test_07_takes_no_row_at_0_0_for_a_place(case: Case, incident: Incident) -> None:
    assert incident.put("shelters", "shelter", case("07") / "09_null_island.csv").status_code == 201
    version = incident.context.views.situation.layers["shelters"]
    placed = [each.name for each in version.features if each.geometry is not None]
    assert (placed, version.refused + version.unlocated) == (["A", "C"], 1)
    assert any("0, 0" in note or "0,0" in note for note in version.notes), version.notes
    nairobi = incident.rescue(text="flood", lon=36.8, lat=-1.3)
    assert incident.feature(nairobi)["flags"] == ["far_away"]
    [place, *_] = incident.places(place="26JC+FF")
    assert (place["lon"], place["lat"]) == pytest.approx((80.2212, 13.0312), abs=2e-4)
    offered = incident.get("shelters", lon=0.01, lat=0.01)["items"]
    assert "B" not in [each["name"] for each in offered]


def test_08_takes_a_polygon_across_180_the_short_way(case: Case, incident: Incident) -> None:
    assert incident.put("provinces", "area", case("08") / "31_fiji.geojson").status_code == 201
    notes = incident.context.views.situation.layers["provinces"].notes
    assert any("180" in note for note in notes)
    inside = incident.rescue(text="Taveuni", lon=179.9, lat=-16.5)
    outside = incident.rescue(text="Brazil", lon=-50, lat=-16.5)
    assert incident.feature(inside)["area"]["code"] == "FJ1"
    assert incident.feature(outside)["area"] is None


def test_09_keeps_a_shelter_open_whose_capacity_nobody_can_read(case: Case, incident: Incident) -> None:
    assert incident.put("halls", "shelter", case("09") / "shelters.csv").status_code == 201
    found = {each["name"]: each for each in incident.get("shelters", lon=80.21, lat=13)["items"]}
    assert set(found) == {"Halle A", "Halle B", "Halle C"}
    assert [found[f"Halle {letter}"]["capacity"] for letter in "ABC"] == [1200, None, 1200]
    assert all(each["open"] for each in found.values())


def test_10_lists_an_entry_without_a_place_and_draws_all_places(case: Case, incident: Incident) -> None:
    folder = case("10")
    with feed_server() as feed:
        feed.pages = {"/feed": (folder / "feed.xml").read_bytes()}
        georss = source(feed, "/feed", kind=SourceKind.FEED, format="georss")
        follow(incident.context.store, incident.context.views, incident.context.clock(), AGENCY, georss)
        assert ask(incident.context, feed).health.error == ""
        version = incident.context.views.situation.layers["flooded"]
        assert [(each.id, each.geometry is None) for each in version.features] == [("a", True), ("b", False)]
        feed.pages = {"/feed": (folder / "feed_two_polygons.xml").read_bytes()}
        assert ask(incident.context, feed).health.error == ""
    first = incident.context.views.situation.layers["flooded"].features[0]
    assert first.geometry is not None
    assert first.geometry.geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("name", "inside", "note"), [("onebad", True, "broken"), ("circle_comma", True, ""), ("spaceafter", True, "")]
)
def test_11_keeps_the_good_area_in_force(case: Case, incident: Incident, name: str, inside: bool, note: str) -> None:
    assert incident.put("alerts", "hazard", case("11") / f"{name}.xml").status_code == 201
    version = incident.context.views.situation.layers["alerts"]
    assert [note in each for each in version.notes] == ([True] if note else [])
    told = incident.rescue(text="on the roof", lon=80.22, lat=13.02)
    assert bool(incident.feature(told)["hazards"]) is inside


class ArcGis:
    """A FeatureServer with 7 features that gives at most 3 at once, in one of the three ways of the case."""

    def __init__(self, way: str) -> None:
        self.way, self.asked = way, 0

    def __call__(self, path: str) -> bytes:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.asked += 1
        if query.get("returnCountOnly") == "true":
            return b'{"count": 7}'
        if query.get("returnIdsOnly") == "true":
            return json.dumps({"objectIdFieldName": "OBJECTID", "objectIds": [*range(7)]}).encode()
        if not urlsplit(path).path.endswith("/query"):
            paging = {"supportsPagination": self.way != "no paging"}
            return json.dumps({"maxRecordCount": 3, "advancedQueryCapabilities": paging}).encode()
        if "objectIds" in query:
            return self.page([int(each) for each in query["objectIds"].split(",")])
        offset = int(query.get("resultOffset", 0))
        if self.way == "no paging":
            return self.page([0, 1, 2], exceededTransferLimit=True)
        if self.way == "zeropage" and offset == 3 and not (self.asked % 2 and self.asked > 4):
            self.way = "zeropage, seen"
            return self.page([], exceededTransferLimit=True)
        more = {} if self.way == "none" else {"exceededTransferLimit": offset + 3 < 7}
        return self.page([*range(offset, min(offset + 3, 7))], **more)

    @staticmethod
    def page(numbers: list[int], **more: bool) -> bytes:
        return collection(*[feature(point(80.2 + n / 100, 13.0), n, OBJECTID=n) for n in numbers[:3]], **more)


@pytest.mark.parametrize("way", ["none", "zeropage", "no paging"])
def test_12_follows_a_service_to_its_last_feature(shared_data: Path, incident: Incident, way: str) -> None:
    assert (shared_data.parent / "cases").is_dir() or pytest.skip("The folder of cases is not here.")
    with feed_server() as feed:
        server = ArcGis(way)
        feed.answers = server
        arcgis = source(feed, "/FeatureServer/0", kind=SourceKind.SERVICE, format="arcgis", name="0")
        follow(incident.context.store, incident.context.views, incident.context.clock(), AGENCY, arcgis)
        health = ask(incident.context, feed).health
    version = incident.context.views.situation.layers.get("flooded")
    assert version is not None, health
    assert len(version.features) == 7, (version.notes, health)
    assert server.asked < 30


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("30_overlay.kml", ["radar", "pictures"]),
        ("30_networklink.kml", ["Live", "not followed"]),
        ("30_backup.kmz", ["files/shelters.kml", "files/food.kml", "source_layer"]),
    ],
)
def test_16_makes_no_hazard_of_pictures_and_links(case: Case, home: Path, name: str, words: list[str]) -> None:
    refused(call(["import", "layer", case("16") / name, "--id", "radar", "--role", "hazard"], home), 1, *words)


def test_17_counts_an_archived_warning_at_its_own_time(case: Case, home: Path) -> None:
    file, sent = case("17") / "old.xml", parse("2020-11-27T14:31:17Z")[0]
    said, version = layer_of(home, "hazard", file, "--as-of", rfc3339(sent))
    assert (said["features"], len(version.at(sent).features)) == (1, 1)
    said, version = layer_of(home.with_name("later"), "hazard", file)
    assert said["features"] == 0
    assert any("left out: 1" in note for note in said["notes"])


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("01_comma_layer2.csv", (80.2212, 13.0312)),
        ("04_layer_sep.csv", (80.21, 13.01)),
        ("04_layer_utf16.csv", (80.21, 13.01)),
        ("06_merged.xlsx", None),
        ("06_title.xlsx", None),
        ("07_title.csv", (80.21, 13.01)),
    ],
)
def test_18_reads_tables_of_layers(case: Case, home: Path, name: str, first: tuple[float, float] | None) -> None:
    said, version = layer_of(home, "shelter", case("18") / name)
    assert (said["refused"], said["unlocated"], said["warnings"]) == (0, 0, [])
    for each in version.features:
        assert each.geometry is not None
        assert each.name
        lon, lat = each.geometry.x, each.geometry.y
        assert 80 < lon < 81 and 12.9 < lat < 13.2
    if first is not None:
        assert (version.features[0].geometry.x, version.features[0].geometry.y) == first


NO_READING = frozenset(
    {"sentinel", "sentinel_m", "s999", "s9999_9", "ice", "eqp", "nan", "sentinel_cm", "s32768", "s9999p", "s99999"}
)


def test_19_takes_no_sentinel_for_a_reading(case: Case, incident: Incident) -> None:
    file = case("19") / "42_gauges.geojson"
    assert incident.put("gauges", "context", file).status_code == 201
    for each in json.loads(file.read_text("utf-8"))["features"]:
        lon, lat = each["geometry"]["coordinates"]
        told = incident.rescue(text=f"beside {each['properties']['name']}", lon=lon, lat=lat)
        gauge = incident.get(f"reports/{told}/official")["gauge"]
        name = each["properties"]["name"]
        if name in NO_READING:
            assert gauge is None or gauge["name"] != name, gauge
        else:
            assert gauge["name"] == name
            assert 0 < gauge["level"] < 4


@pytest.mark.parametrize(("name", "notes"), [("24_backslash.zip", 0), ("24_txt.zip", 1)])
def test_20_reads_the_one_layer_of_a_zip(case: Case, home: Path, name: str, notes: int) -> None:
    said, version = layer_of(home, "shelter", case("20") / name)
    assert (len(version.features), len(said["notes"])) == (2, notes)


def test_20_hears_which_layer_of_a_zip_is_meant(case: Case, home: Path) -> None:
    folder = case("20")
    command = ["import", "layer", folder / "24_two.zip", "--id", "it", "--role", "shelter"]
    refused(call(command, home), 1, "a/shelters.shp", "b/roads.shp", "source_layer")
    said, version = layer_of(home, "shelter", folder / "24_two.zip", "--mapping", folder / "m_src.toml")
    assert len(version.features) == 2
    assert any("b/roads.shp" in note for note in said["notes"])
