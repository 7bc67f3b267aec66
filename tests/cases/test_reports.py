"""Cases of reports: sheets, rows, exports, places in words and photos."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.place.geodesy import distance_m
from crisismap.core.report.report import CurrentReport
from crisismap.settings import read_settings
from tests.cases.conftest import Case, Incident, imported

pytestmark = pytest.mark.realdata


def kept(home: Path) -> list[CurrentReport]:
    """The reports of a data folder, in the order of their arrival."""
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(home)})) as context:
        found = [now for part in context.store.events.everything() for now in part.reports]
    return sorted(found, key=lambda now: now.seq)


@pytest.mark.parametrize("name", ["latlong", "lng", "xy", "wkt"])
def test_01_takes_the_place_from_columns_of_any_usual_name(case: Case, home: Path, name: str) -> None:
    said = imported(home, "reports", case("01") / f"{name}.csv")
    assert (said["refused"], said["unused_columns"], said["warnings"]) == (0, {}, [])
    reports = kept(home)
    assert len(reports) == said["read"] == said["stored"] > 0
    assert (reports[0].report.lon, reports[0].report.lat) == (80.21, 13.01)


def test_01_takes_the_contact(case: Case, home: Path) -> None:
    said = imported(home, "reports", case("01") / "ph.csv")
    assert {name: used["as"] for name, used in said["columns"].items() if name in ("phone", "name")} == {
        "phone": "contact.phone",
        "name": "contact.name",
    }
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(home)})) as context:
        [now] = [now for part in context.store.events.everything() for now in part.reports]
        assert "9447055555" in repr(context.store.reports.contact(now.report.id))


def test_02_applies_what_changed_in_a_sheet(case: Case, home: Path) -> None:
    folder = case("02")
    mapping = ("--mapping", folder / "sheet.toml")
    assert imported(home, "reports", folder / "sheet_monday.csv", *mapping)["stored"] == 2
    said = imported(home, "reports", folder / "sheet_tuesday.csv", *mapping)
    assert (said["read"], said["stored"], said["updated"], said["repeated"], said["refused"]) == (3, 1, 2, 0, 0)
    assert [(each["row"], each["what"]) for each in said["updates"]] == [(1, "text"), (2, "status")]
    assert [now.report.text for now in kept(home)][0] == "boat for SIX now"
    again = imported(home, "reports", folder / "sheet_tuesday.csv", *mapping)
    assert (again["repeated"], again["stored"], again["updated"]) == (3, 0, 0)


def test_03_exports_place_people_and_fields_to_an_agency(case: Case, incident: Incident) -> None:
    report = json.loads((case("03") / "report.json").read_text("utf-8"))
    incident.report(**report)
    [feature] = incident.get("reports.geojson")["features"]
    line = json.loads(incident.ask("GET", "/api/v1/reports.geojsonl").text.strip("\x1e\n"))
    for told in (feature["properties"], line["properties"]):
        assert (told["place"], told["people"]) == (report["place"], report["people"])
        assert told["fields"] == report["fields"]
    [row] = csv.DictReader(io.StringIO(incident.ask("GET", "/api/v1/reports.csv").text))
    assert (row["place"], row["people"]) == (report["place"], str(report["people"]))
    assert "120" in [value for name, value in row.items() if "depth_cm" in name]
    public = incident.ask("GET", "/api/v1/reports.geojson", who="").text
    assert report["place"] not in public


def test_04_keeps_every_row_that_asks_for_help(case: Case, home: Path) -> None:
    said = imported(home, "reports", case("04") / "requests.csv")
    assert (said["read"], said["stored"], said["refused"]) == (7, 7, 0)
    reports = {now.report.text: now.report for now in kept(home)}
    assert [bool(report.flags) for report in reports.values()].count(True) == 5
    for text, odd in (
        ("roof family of five", "unknown"),
        ("boat", "N/A"),
        ("half a place", "13.02"),
        ("about six of us", "about 6"),
        ("typed a time", "27/11/2026 08:00"),
    ):
        [whole] = [report for told, report in reports.items() if told.startswith(text)]
        assert odd in f"{whole.text} {whole.place_text} {whole.fields}", text


def test_04_lists_every_body_that_asks_for_help(case: Case, incident: Incident) -> None:
    bodies = (case("04") / "bodies.jsonl").read_text("utf-8").splitlines()
    assert incident.ask("PUT", "/api/v1/layers/wards", NEARBY, role="area").status_code == 201
    ids = [incident.rescue(**json.loads(line)) for line in filter(None, bodies)]
    assert all(incident.feature(each)["flags"] for each in ids)
    assert {each["id"] for each in incident.get("requests")["items"]} == set(ids)


def test_13_finds_names_without_accents_and_in_either_form(case: Case, incident: Incident) -> None:
    assert incident.put("wards", "area", case("13") / "wards.geojson").status_code == 201
    place = incident.get("shelters", near="Quan Bac")["place"]
    assert place["name"] == "Quận Bắc"
    assert "Quận Bắc" in [each["name"] for each in incident.places(place="near Quan Bac")]
    inside = incident.rescue(text="on the roof", lon=80.22, lat=13.02)
    for form in ("NFC", "NFD"):
        found = incident.get("requests", area=unicodedata.normalize(form, "Đông Hải"))
        assert [each["id"] for each in found["items"]] == [inside], form
    refused = incident.ask("GET", "/api/v1/requests", area="Nowhere")
    assert refused.status_code in (404, 422)
    assert "Nowhere" in refused.text


def test_14_understands_every_written_place(case: Case, incident: Incident) -> None:
    lines = (case("14") / "places.txt").read_text("utf-8").splitlines()
    assert incident.ask("PUT", "/api/v1/layers/wards", NEARBY, role="area").status_code == 201
    for line in filter(None, lines):
        places = incident.places(place=line)
        assert places, line
        assert distance_m(places[0]["lon"], places[0]["lat"], 80.2212, 13.0312) < 30, line


NEARBY = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "City"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[80, 13], [80.4, 13], [80.4, 13.2], [80, 13.2], [80, 13]]],
                },
            }
        ],
    }
).encode()


def test_15_keeps_the_photos_of_phones(case: Case, incident: Incident) -> None:
    for photo in sorted(case("15").glob("*.jpg")):
        receipt = incident.report(category="rescue", text=f"photo {photo.stem}", lon=80.22, lat=13.03)
        answer = incident.ask("POST", f"/api/v1/reports/{receipt['id']}/photos", photo.read_bytes())
        assert answer.status_code == 201, answer.text
        assert 0 < max(answer.json()["width"], answer.json()["height"]) <= 1600


@pytest.mark.parametrize("name", ["04_sep", "cr"])
def test_18_reads_tables_of_reports(case: Case, home: Path, name: str) -> None:
    said = imported(home, "reports", case("18") / f"{name}.csv")
    assert (said["stored"], said["refused"], said["unused_columns"]) == (said["read"], 0, {})
    first = kept(home)[0].report
    assert (first.lon, first.lat) == (80.21, 13.01)
