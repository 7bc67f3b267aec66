"""Row 49: what an agency takes away says in itself that it holds personal data, who took it and when."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC

import pyogrio
import pypdfium2
import pytest
from shapely.geometry import box

from crisismap.core.event import EventSearch
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS
from crisismap.services.exports.offline_map import export_area_map
from crisismap.services.exports.print_sheet import print_sheet
from crisismap.services.layers.publish import put_layer
from crisismap.services.lists import read as lists
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL
from tests import paper
from tests.people import AGENCY
from tests.services.deployment import ask

CARE = "Contains personal data: for agencies only, not to be passed on, to be deleted after use."
LINE = f"{CARE} Taken by Asha (City Relief Office) at 2015-12-02T06:30:00.000Z."

PAPER = LINE.replace("2015-12-02T06:30:00.000Z", "2015-12-02 06:30")  # in the zone that the file names


@pytest.fixture
def city(context: Context) -> Context:
    layer = Layer("wards", "Wards", Role.AREA, "CC0", "the city")
    ward = Feature("1", "Adyar", "W-1", box(80.2, 13.0, 80.3, 13.1), {})
    put_layer(context.store, context.views, context.clock(), AGENCY, LayerVersion(layer, 0, context.clock(), (ward,)))
    ask(context, text="on the roof")
    ask(context, text="on the next roof", lat=13.06)
    return context


def table(context: Context, form: str, audience: Audience, taker: Person | None) -> bytes:
    return b"".join(EXPORTS[form].write(lists.table(context.views, context.clock(), audience, ALL, taker=taker)))


def of_geojson(body: bytes) -> set[str]:
    return {json.loads(body).get("handling", "")}


def of_lines(body: bytes) -> set[str]:
    return {json.loads(line).get("handling", "") for line in body.splitlines()}


def of_csv(body: bytes) -> set[str]:
    return {row["handling"] for row in csv.DictReader(io.StringIO(body.decode()))}


READERS: dict[str, Callable[[bytes], set[str]]] = {"geojson": of_geojson, "geojsonl": of_lines, "csv": of_csv}


def test_knows_a_reader_for_every_format():
    assert READERS.keys() == EXPORTS.keys(), "a new format has to carry the line too"


@pytest.mark.parametrize("form", READERS)
def test_says_in_the_file_what_it_is_and_in_its_head_who_took_it(city: Context, form: str) -> None:
    read = READERS[form]
    said = LINE if form == "geojson" else CARE  # in rows, the moment would make every row of every export another
    assert read(table(city, form, Audience.AGENCY, AGENCY)) == {said}
    assert read(table(city, form, Audience.PUBLIC, AGENCY)) == {""}, "everybody may have it"
    assert read(table(city, form, Audience.AGENCY, None)) == {""}, "the readers would see that it is missing"


def test_leaves_the_formats_what_they_are(city: Context) -> None:
    whole, lines = (table(city, form, Audience.AGENCY, AGENCY) for form in ("geojson", "geojsonl"))
    for name, body in (("GeoJSON", whole), ("GeoJSONSeq", lines)):
        frame = pyogrio.read_dataframe(io.BytesIO(body))
        assert sorted(frame["text"]) == ["on the next roof", "on the roof"], name
        assert frame.crs.to_epsg() == 4326
    rows = list(csv.reader(io.StringIO(table(city, "csv", Audience.AGENCY, AGENCY).decode())))
    assert {len(row) for row in rows} == {len(rows[0])}, "a table without a line above it"


def test_cannot_break_a_file_by_a_name(city: Context) -> None:
    odd = Person("p-odd", '"}],=cmd|\n\u202e', "a,b;\\", frozenset({"agency"}))
    for form, read in READERS.items():
        [line] = read(table(city, form, Audience.AGENCY, odd))
        assert line.startswith(CARE)
        assert (odd.label() in line) == (form == "geojson")


def test_says_it_on_paper_and_in_the_data_of_the_pdf(city: Context) -> None:
    body = print_sheet(city, AGENCY, None, UTC)
    with closing(pypdfium2.PdfDocument(body)) as document:
        assert document.get_metadata_value("Subject") == PAPER
    assert all(PAPER in words for words in paper.pages(body))


def test_says_it_on_a_map_to_take_along(city: Context) -> None:
    assert PAPER in export_area_map(city, AGENCY, "W-1", Audience.AGENCY, UTC).decode()
    assert "Taken by" not in export_area_map(city, AGENCY, "W-1", Audience.PUBLIC, UTC).decode()


def test_is_written_down_before_it_goes(city: Context) -> None:
    before = city.store.events.revision()
    lists.record_export(city.store, city.clock(), AGENCY, "csv", 2)
    assert city.store.events.revision() == before + 1
    [event] = city.store.events.search(EventSearch(verbs=("export.take",)), 1)
    assert (event.actor, event.subject, event.data) == (AGENCY.id, "csv", {"reports": 2, "audience": "agency"})
