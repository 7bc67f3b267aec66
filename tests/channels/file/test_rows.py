"""It turns rows into bodies of reports, by a mapping or by the names of the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.report.read_draft import draft_from
from tests.channels.samples import FULL, at, collection, feature, mapping, put, rows
from tests.core.samples import taken

HEAD = "key,x,y,when,title,body,street,town,count,state,kind,data\n"


def test_maps_every_member(tmp_path: Path) -> None:
    line = '007,80.2,13.1,02/12/2015 09:30, ,Deep water,MAIN   ST,Chennai,4,Open,flood,"{""depth"": ""40""}"\n'
    (row,) = rows(put(tmp_path, "a.csv", HEAD + line), mapping(tmp_path, FULL))
    assert row.problem is None
    assert row.body == {
        "category": "flooding",
        "text": "Deep water",
        "place": "MAIN ST, Chennai",
        "observed_at": "2015-12-02T09:30:00+05:30",
        "people": 4,
        "fields": {"depth_cm": 40, "state": "Open"},
        "consent": {"publish": True},
        "lon": 80.2,
        "lat": 13.1,
        "client_id": "sample:007",
    }
    assert (row.lang, row.source, row.asks) == ("ta", "desk", True)
    assert draft_from(row.body).people == 4


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1,80,13,,t,,,,,,fire,", "category: the mapping has no category for this value (got fire)"),
        ("1,80,13,,t,,,,,,,", "category: is required (got None)"),
        (
            "1,,,,,,,,,,flood,",
            "text: the row says nothing: one of text, fields, lon and lat, or place is needed (got None)",
        ),
    ],
)
def test_refuses_a_row_naming_field_and_value(tmp_path: Path, line: str, problem: str) -> None:
    bad, good = rows(put(tmp_path, "a.csv", f"{HEAD}{line}\n2,80,13,,t,,,,,,flood,\n"), mapping(tmp_path, FULL))
    assert bad.problem == problem
    assert good.problem is None


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("1,181,13,,t,,,,,,flood,", "lon: 181.0; lat: 13.0"),
        ("1,80,-91,,t,,,,,,flood,", "lon: 80.0; lat: -91.0"),
        ("1,80,,,t,,,,,,flood,", "lon: 80.0"),
        ("1,nan,13,,t,,,,,,flood,", "lon: nan; lat: 13.0"),
        ("1,unknown,N/A,,t,,,,,,flood,", "lon: unknown; lat: N/A"),
        ("1,80,13,soon,t,,,,,,flood,", "observed_at: soon"),
        ("1,80,13,27.11.2026,t,,,,,,flood,", "observed_at: 27.11.2026"),
        ("1,80,13,,t,,,,many,,flood,", "people: many"),
        ("1,80,13,,t,,,,2.5,,flood,", "people: 2.5"),
        ('1,80,13,,t,,,,,,flood,"{""depth"": ""knee""}"', "fields.depth_cm: knee"),
        ("1,80,13,,t,,,,,,flood,,boat,for two", "more cells: boat; for two"),
    ],
)
def test_keeps_a_row_with_an_odd_cell_and_the_cell_as_it_is(tmp_path: Path, line: str, written: str) -> None:
    (row,) = rows(put(tmp_path, "a.csv", f"{HEAD}{line}\n"), mapping(tmp_path, FULL))
    report = taken(row.body)
    assert report.fields["as_written"] == written
    assert report.flags[0] == "value_unread"
    assert report.text == "t"


@pytest.mark.parametrize(
    ("cell", "asks", "written"),
    [
        ("maybe", None, "asks: maybe"),
        ("Ja", None, "asks: Ja"),
        ("sí", True, None),
        ("இல்லை", False, None),
        ("1", True, None),
    ],
)
def test_refuses_nothing_for_an_answer_that_is_none(
    tmp_path: Path, cell: str, asks: bool | None, written: str | None
) -> None:
    plain = mapping(tmp_path, 'category = { value = "rescue" }\ntext = "t"\nasks = "a"\n')
    (row,) = rows(put(tmp_path, "a.csv", f"t,a\nhelp,{cell}\n"), plain)
    assert (row.problem, row.asks, row.body.get("fields", {}).get("as_written")) == (None, asks, written)


def test_gives_a_refused_row_the_code_too(tmp_path: Path) -> None:
    lines = f"{HEAD}1,80,13,,t,,,,,,fire,\n2,80\n3,80,13,,t,,,,,,flood,\n"
    assert [row.code for row in rows(put(tmp_path, "a.csv", lines), mapping(tmp_path, FULL))] == [
        "category_not_mapped",
        "required",
        None,
    ]


def test_keeps_the_key_of_a_row_whatever_its_case_spaces_and_other_columns(tmp_path: Path) -> None:
    first = rows(put(tmp_path, "a.csv", "category,text,lat,lon\nrescue,Boat for four,13.01,80.2\n"))
    again = rows(put(tmp_path, "b.csv", "No,Text,Category,Lat,Lon\n7,boat  for four,rescue,13.010,80.20\n"))
    other = rows(put(tmp_path, "c.csv", "category,text,lat,lon\nrescue,Boat for five,13.01,80.2\n"))
    keys = [row.body["client_id"] for (row,) in (first, again, other)]
    assert keys[0] == keys[1] != keys[2]


def test_places_rows_without_coordinates_by_words(tmp_path: Path) -> None:
    (row,) = rows(put(tmp_path, "a.csv", HEAD + "1,,,,,,MAIN ST,Chennai,,,boat,\n"), mapping(tmp_path, FULL))
    assert row.problem is None
    assert "lon" not in row.body
    assert row.body["place"] == "MAIN ST, Chennai"


def test_takes_who_asks_from_the_value(tmp_path: Path) -> None:
    lines = "1,80,13,,t,,,,,Closed,flood,\n2,80,13,,t,,,,,Open,flood,\n3,80,13,,t,,,,,,flood,\n"
    found = rows(put(tmp_path, "a.csv", HEAD + lines), mapping(tmp_path, FULL))
    assert [row.asks for row in found] == [False, True, True]


def test_gives_equal_rows_different_keys_that_stay(tmp_path: Path) -> None:
    same = feature(at(80, 13), category="other")
    path = put(tmp_path, "a.geojson", collection(same, same, feature(at(80, 12), category="other"), same))
    keys = [row.body["client_id"] for row in rows(path)]
    assert len(set(keys)) == 4
    assert keys == [row.body["client_id"] for row in rows(path)]
    assert keys[1] == f"{keys[0]}#2"


def test_gives_repeated_numbers_of_a_source_different_keys(tmp_path: Path) -> None:
    lines = "7,80,13,,a,,,,,,flood,\n7,80,13,,b,,,,,,flood,\n,80,13,,c,,,,,,flood,\n"
    keys = [row.body["client_id"] for row in rows(put(tmp_path, "a.csv", HEAD + lines), mapping(tmp_path, FULL))]
    assert keys[:2] == ["sample:7", "sample:7#2"]
    assert keys[2].startswith("sample:")
    assert len(keys[2]) == len("sample:") + 24
