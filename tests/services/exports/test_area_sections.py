"""The sheet of all areas: every request in one section, most urgent first within."""

from __future__ import annotations

from datetime import UTC

import pytest
from shapely.geometry import box

from crisismap.core.layer.layer import Feature, Role
from crisismap.services.exports import print_sheet
from crisismap.services.exports.area_sections import ELSEWHERE, natural_order
from crisismap.services.runtime.context import Context
from tests.paper import pages
from tests.people import AGENCY
from tests.services.deployment import ask
from tests.services.exports.test_print_sheet import put


@pytest.fixture
def city(context: Context) -> Context:
    wards = [
        Feature(str(n), name, code, box(80.2 + n * 0.1, 13.0, 80.3 + n * 0.1, 13.1), {})
        for n, (name, code) in enumerate([("Ward 10", "W-10"), ("Ward 9", "W-9"), ("Ward 9", "X-9"), ("Marina", "")])
    ]
    put(context, Role.AREA, *wards)
    return context


def made(context: Context) -> print_sheet.Sheet:
    return print_sheet.make_sheet(context.views, context.rules, context.clock(), None, UTC)


def test_puts_every_request_into_the_section_of_its_area(city: Context) -> None:
    ask(city, category="water_food", text="no water", lon=80.25)
    ask(city, text="on the roof of the mill", lon=80.25, fields={"trapped": True})
    ask(city, text="in one ward 9", lon=80.35)
    ask(city, text="in the other ward 9", lon=80.45)
    ask(city, text="far outside", lon=81.9)
    ask(city, text="somewhere", lon=None, lat=None, place="temple street")
    sheet = made(city)
    told = {section.title: [entry.text for entry in section.entries] for section in sheet.sections}
    assert list(told) == ["Ward 9 (W-9)", "Ward 9 (X-9)", "Ward 10 (W-10)", ELSEWHERE]
    assert told["Ward 10 (W-10)"] == ["on the roof of the mill", "no water"]
    assert told["Ward 9 (X-9)"] == ["in the other ward 9"]
    assert set(told[ELSEWHERE]) == {"far outside", "somewhere"}
    assert sum(section.waiting for section in sheet.sections) == len(sheet.entries) == 6
    assert [section.urgent for section in sheet.sections] == [
        sum(entry.priority == "P1" for entry in section.entries) for section in sheet.sections
    ]
    assert sheet.empty == ("Marina",)
    numbers = {shape.name: shape.number for shape in sheet.shapes if shape.number}
    assert numbers == {"Ward 9 (W-9)": "1", "Ward 9 (X-9)": "2", "Ward 10": "3"}


def test_counts_those_that_found_no_room(city: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_sheet, "MOST", 2)
    for number in range(5):
        ask(city, text=f"help {number}", lon=80.25)
    ask(city, text="elsewhere", lon=80.35, category="water_food")
    ward_9, ward_10 = made(city).sections
    assert (ward_10.waiting, len(ward_10.entries)) == (5, 2)
    assert (ward_9.waiting, len(ward_9.entries)) == (1, 0)


def test_leaves_areas_of_a_second_layer_out(city: Context) -> None:
    """Requests count in one layer of areas, so districts over the wards are not empty."""
    ask(city, lon=80.25)
    sheet = made(city)
    assert sheet.empty == ("Marina", "Ward 9 (W-9)", "Ward 9 (X-9)")


def test_prints_them(city: Context) -> None:
    ask(city, text="on the roof", lon=80.25)
    index, section = pages(print_sheet.print_sheet(city, AGENCY, None, UTC))
    assert "Nobody waits in 3 areas" in index
    assert "on the roof" not in index
    assert "on the roof" in section


def test_is_a_plain_sheet_where_nobody_waits_or_there_are_no_areas(city: Context, context: Context) -> None:
    assert made(city).sections == ()


def test_sorts_numbers_as_people_count() -> None:
    assert sorted(["Ward 10", "ward 2", "Área 1", "Ward 1b", ""], key=natural_order) == [
        "", "Ward 1b", "ward 2", "Ward 10", "Área 1"
    ]  # fmt: skip
