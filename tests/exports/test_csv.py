"""CSV: one row a report, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.exports import EXPORTS
from tests.exports.made import PLAIN, Made, feature

# Spreadsheets and scripts out there read these, in this order.
COLUMNS = (
    *("id", "lon", "lat", "category", "text", "lang", "status", "observed_at", "received_at", "updated_revision"),
    *("place_kind", "accuracy_m", "area_code", "area_name", "hazards", "nearest_shelter_id", "nearest_shelter_name"),
    *("nearest_shelter_m", "disagrees", "flags", "asks", "state", "priority", "reasons", "due_at", "overdue"),
    *("channel", "verification", "made_up", "handling"),
)


def rows(*features: dict[str, Any], made_up: bool = False) -> list[dict[str, str]]:
    text = b"".join(EXPORTS["csv"].write(Made(features, made_up))).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_writes_a_header_even_without_reports():
    text = b"".join(EXPORTS["csv"].write(Made([]))).decode()
    assert text == ",".join(COLUMNS) + "\r\n"


def test_has_a_column_for_every_member():
    flat = {"area", "nearest_shelter"}  # these two are taken apart
    assert set(PLAIN) - flat <= set(COLUMNS)
    assert {"id", "lon", "lat", "area_code", "area_name", "nearest_shelter_m", "made_up"} <= set(COLUMNS)


def test_writes_all_of_a_report():
    [row] = rows(
        feature(
            1,
            text='said "help",\nand more',
            area={"code": "007", "name": "Adyar"},
            hazards=[{"layer": "flood", "feature": "1", "name": "a"}, {"layer": "flood", "feature": "2", "name": "b"}],
            nearest_shelter={"id": "s1", "name": "School", "distance_m": 120},
            disagrees=[{"layer": "s", "feature": "9", "why": "reported full, layer says open"}],
            flags=["time_no_zone", "far_away"],
            reasons=["trapped", "asks for rescue"],
            overdue=True,
        )
    )
    assert (row["id"], row["lon"], row["lat"], row["category"]) == ("id-1", "80.25", "13.05", "rescue")
    assert row["text"] == 'said "help",\nand more'
    assert (row["area_code"], row["area_name"], row["hazards"]) == ("007", "Adyar", "flood/1; flood/2")
    assert (row["nearest_shelter_id"], row["nearest_shelter_name"], row["nearest_shelter_m"]) == ("s1", "School", "120")
    assert (row["disagrees"], row["flags"]) == ("s/9: reported full, layer says open", "time_no_zone far_away")
    assert (row["reasons"], row["asks"], row["overdue"]) == ("trapped; asks for rescue", "true", "true")
    assert row["made_up"] == "false"


def test_leaves_empty_what_is_not_there():
    [row] = rows(feature(1, None, state=None, priority=None))
    for name in ("lon", "lat", "text", "area_code", "area_name", "nearest_shelter_m", "state", "priority", "due_at"):
        assert row[name] == ""


def test_says_made_up_in_the_demo():
    assert {row["made_up"] for row in rows(feature(1), feature(2), made_up=True)} == {"true"}


@pytest.mark.parametrize(
    "text", ["=1+1", "+91 98400", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff20x"]
)
def test_writes_no_formula_that_a_spreadsheet_would_run(text: str):
    [row] = rows(feature(1, text=text, area={"code": text, "name": text}))
    for name in ("text", "area_code", "area_name"):
        assert row[name] == "'" + text


def test_leaves_numbers_numbers():
    [row] = rows(feature(1, (-80.25, -13.05)))
    assert (row["lon"], row["lat"]) == ("-80.25", "-13.05")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40))
def test_gives_any_text_back(text: str):
    [row] = rows(feature(1, text=text))
    assert row["text"].removeprefix("'") == text.removeprefix("'")
