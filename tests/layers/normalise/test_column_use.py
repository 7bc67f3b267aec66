"""It says what every column was used for, and warns of those that look important and were not used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.layer.facility import facility_of
from crisismap.core.layer.layer import ColumnUse, Layer, LayerVersion, Role
from crisismap.layers.normalise.column_use import with_role
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_layer_bytes
from tests.layers.samples import collection, feature, point


def version(role: Role, *rows: dict[str, Any], **mapping: str) -> LayerVersion:
    body = collection(*(feature(point(80.2, 13.0 + n / 100), **row) for n, row in enumerate(rows)))
    return read_layer_bytes(body, layer=Layer("x", "X", role), mapping=LayerMapping(**mapping), now_ms=0)


def columns(role: Role, *rows: dict[str, Any], **mapping: str) -> ColumnUse:
    found = version(role, *rows, **mapping).columns
    assert found is not None
    return found


def test_says_what_each_column_was_used_for():
    row = {"Name": "Hall", "Status": "open", "Capacity": 12, "updated_at": "2026-11-27", "Colour": "red", "empty": None}
    use = columns(Role.SHELTER, row)
    assert use.used == {"name": "Name", "status": "Status", "capacity": "Capacity", "as_of": "updated_at"}
    assert (use.unused, use.doubtful) == (("Colour",), {})


@pytest.mark.parametrize(
    ("column", "looks"),
    [
        ("Phone", "a telephone number"),
        ("Contact_No", "a telephone number"),
        ("teléfono", "a telephone number"),
        ("फोन नंबर", "a telephone number"),
        ("கைபேசி", "a telephone number"),
        ("رقم الهاتف", "a telephone number"),
        ("Kapasitas", "a capacity"),
        ("Capacidad (personas)", "a capacity"),
        ("क्षमता", "a capacity"),
        ("Max capacity 2", "a capacity"),
        ("Jumlah orang", "a number of people"),
        ("familiesInside", "a number of people"),
        ("Alamat", "a place"),
        ("Street address", "a place"),
        ("पता", "a place"),
        ("Fecha", "a time"),
        ("date_opened", "a time"),
        ("Latitude", "a latitude"),
    ],
)
def test_warns_of_a_column_that_looks_important_and_is_not_used(column: str, looks: str):
    body = f"name,{column},X,Y\nHall,12,80.2,13.0\n".encode()
    found = read_layer_bytes(
        body, layer=Layer("x", "X", Role.SHELTER), mapping=LayerMapping(lon_field="X", lat_field="Y"), now_ms=0
    )
    assert found.columns is not None
    assert found.columns.doubtful == {column: looks}
    assert found.warnings == (f"columns that look important, not used: 1 (“{column}”: {looks})",)


@pytest.mark.parametrize("column", ["Colour", "notes", "capital", "telling", "placebo", "x_ray", "owner"])
def test_does_not_warn_of_other_columns_but_names_them(column: str):
    found = version(Role.SHELTER, {"name": "Hall", column: "v"})
    assert found.warnings == ()
    assert f"other columns, kept with the features, not used: 1 ({column})" in found.notes


def test_counts_what_the_mapping_names_as_used():
    use = columns(Role.SHELTER, {"name": "Hall", "Plätze": 12, "Kapasitas": 3}, capacity_field="Plätze")
    assert use.used["capacity"] == "Plätze"
    assert use.doubtful == {"Kapasitas": "a capacity"}


@pytest.mark.parametrize(
    ("role", "row", "what"),
    [
        (Role.CONTEXT, {"water_level": 3, "danger_level": 4, "unit": "m"}, {"water_level", "danger_level"}),
        (Role.AREA, {"POP_2020": 3}, {"population_count"}),
        (Role.HAZARD, {"severity": "Severe"}, {"severity"}),
        (Role.TRANSPORT, {"highway": "primary"}, {"kind"}),
    ],
)
def test_knows_what_each_role_reads(role: Role, row: dict[str, Any], what: set[str]):
    use = columns(role, {"name": "A", **row})
    assert what <= use.used.keys()
    assert use.unused == ()
    assert columns(Role.SHELTER, {"name": "A", "water_level": 3}).unused == ("water_level",)


def test_names_the_rows_of_numbers_that_nobody_can_read():
    rows = [{"name": "A", "capacity": "1.200"}, {"name": "B", "capacity": "0,5"}, {"name": "C", "capacity": "many"}]
    found = version(Role.SHELTER, *rows)
    text = "“capacity” is no whole number of people, left as text, so that capacity is unknown: rows 2, 3"
    assert text in found.warnings
    assert [each.properties["capacity"] for each in found.features] == ["1.200", "0,5", "many"]


def test_counts_gauges_without_a_reading():
    rows = [{"water_level": level, "danger_level": 4} for level in (3.2, -9999.9, 9999, "Ice", None)]
    assert "“water_level” is no reading: rows 2, 3, 4" in version(Role.CONTEXT, *rows).notes


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=12), st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=6
    )
)
def test_accounts_for_every_column_that_has_a_value(row: dict[str, Any]):
    use = columns(Role.SHELTER, {"name": "Hall", **row})
    filled = {name for name, value in {"name": "Hall", **row}.items() if value not in (None, "")}
    accounted = {*use.used.values(), *use.unused}
    assert filled - accounted <= {"name"} or all(
        name.lower() in ("alt_name", "local_name", "old_name", "icon", "extrude") for name in filled - accounted
    )
    assert set(use.doubtful) <= set(use.unused)


ROWS = [{"Name": "Hall", "Capacity": "many", "Phone": "044", "POP_2020": 7}, {"Name": "School", "Capacity": 3}]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("first", list(Role))
def test_makes_the_account_anew_for_another_role(first: Role, role: Role):
    """A file is read before its role is chosen: the account must be as if it had been known."""
    body = collection(*(feature(point(80.2, 13.0 + n / 100), **row) for n, row in enumerate(ROWS)), feature(None, a=1))
    read = [read_layer_bytes(body, layer=Layer("x", "X", each), now_ms=0) for each in (first, role)]
    anew = with_role(read[0], role)
    assert anew == read[1]
    assert anew.columns == read[1].columns
    assert set(anew.notes) == set(read[1].notes)


def test_keeps_other_notes_when_the_role_changes():
    found = replace(version(Role.CONTEXT, *ROWS), notes=(*version(Role.CONTEXT, *ROWS).notes, "far from the incident"))
    notes = with_role(found, Role.SHELTER).notes
    assert "far from the incident" in notes
    assert not any("“Capacity”: a capacity" in note for note in notes)
    assert any("“Capacity” is no whole number of people" in note for note in notes)


def test_says_of_each_column_what_it_is_used_for():
    use = columns(Role.SHELTER, {"Name": "Hall", "capacity": None, "Beds": 4, "Max Capacity": 9, "Colour": "red"})
    assert use.uses == {"Name": ("name",), "Beds": ("capacity",), "Max Capacity": ("capacity",), "Colour": ()}
    assert use.unused == ("Colour",)


@pytest.mark.parametrize("name", ["Severity", "SEVERITY"])
def test_counts_terms_of_warnings_as_used_only_under_the_names_that_are_read(name: str):
    assert columns(Role.HAZARD, {"name": "A", name: "Severe"}).unused == (name,)


@given(
    st.dictionaries(
        st.sampled_from(["Beds", "Max Capacity", "capacity", "Free (now)", "Updated", "x"]), st.integers(0, 99)
    )
)
def test_says_used_of_the_columns_that_the_merge_reads(row: dict[str, int]):
    """Each column alone: what the account calls capacity is what a shelter has."""
    for name, value in row.items():
        use, facility = columns(Role.SHELTER, {"name": "Hall", name: value}), facility_of({name: value})
        assert ("capacity" in use.used) == (facility.capacity is not None)
        assert ("free_places" in use.used) == (facility.said_free is not None)
