"""It makes ids, names, codes, status and dates out of whatever fields a file has."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer.gauge import Gauge, Reading, gauge_of
from crisismap.core.layer.population import people_of
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import collection, feature, point, read


def test_makes_repeated_ids_unique_and_says_so() -> None:
    version = read(collection(*[feature(point(80, 13), identifier) for identifier in (12, "12", "12#2", 12)]))
    assert [item.id for item in version.features] == ["12", "12#3", "12#2", "12#4"]
    assert any("repeated id" in note for note in version.notes)


def test_follows_the_mapping_without_regard_to_case() -> None:
    mapping = LayerMapping(
        id_field="NR", name_field="label", code_field="Nr", status_field="state", status={"full up": "full"},
        valid_from="from", valid_to="to", utc_offset="+05:45",
    )  # fmt: skip
    row = {"nr": 5, "Label": "Hall", "State": " Full Up ", "From": "2015-04-29", "To": "2015-04-30T12:00:00Z"}
    item = read(collection(feature(point(85, 27), "other", **row)), mapping).features[0]
    assert (item.id, item.name, item.code, item.status) == ("5", "Hall", "5", "full")
    assert (item.valid_from_ms, item.valid_to_ms) == (1_430_244_900_000, 1_430_395_200_000)


def test_refuses_a_mapping_with_an_offset_it_cannot_read() -> None:
    with pytest.raises(Misconfigured, match="utc_offset"):
        read(collection(feature(point(80, 13))), LayerMapping(utc_offset="IST"))


def test_notes_a_date_it_cannot_read() -> None:
    version = read(collection(feature(point(80, 13), until="soon")), LayerMapping(valid_to="until"))
    assert version.features[0].valid_to_ms is None
    assert version.notes == ("until is no date and was left out: row 1",)


def test_tells_open_from_closed_by_true_and_false() -> None:
    rows = [feature(point(80, 13), is_open=True), feature(point(80, 12), is_open=0)]
    assert [item.status for item in read(collection(*rows)).features] == ["open", "closed"]


def test_notes_swapped_features_and_leaves_them() -> None:
    rows = [feature(point(85 + n / 100, 27)) for n in range(5)] + [feature(point(27, 85))]
    version = read(collection(*rows))
    assert len(version.features) == 6
    assert version.notes == ("longitude and latitude look swapped, left as they are: row 6",)


def test_refuses_an_empty_layer() -> None:
    with pytest.raises(Invalid, match="empty"):
        read(collection())


def test_refuses_a_layer_without_one_usable_feature() -> None:
    with pytest.raises(Invalid, match="none can be used; refused, no geometry: rows 1, 2"):
        read(collection(feature(None), feature(None)))


def test_refuses_metres_that_name_no_system() -> None:
    with pytest.raises(Invalid, match="no degrees"):
        read(collection(feature(point(433000, 3060000)), feature(point(433100, 3060100))))


def test_takes_the_system_the_mapping_names() -> None:
    version = read(collection(feature(point(333_900, 3_067_000))), LayerMapping(crs="EPSG:32645"))
    geometry = version.features[0].geometry
    assert geometry is not None
    assert geometry.bounds[:2] == pytest.approx((85.3, 27.7), abs=0.05)


def test_calls_a_shelters_numbers_by_our_names() -> None:
    made = read(collection(feature(point(80, 13), 1, Plaetze=200, Belegt=160)), LayerMapping(capacity_field="plaetze"))
    assert made.features[0].properties == {"Plaetze": 200, "Belegt": 160, "capacity": 200}
    mapping = LayerMapping(free_field="Frei", as_of_field="Stand", utc_offset="+05:45")
    made = read(collection(feature(point(80, 13), 1, Frei=7, Stand="2026/07/01 12:00")), mapping)
    assert made.features[0].properties["free_places"] == 7
    assert made.features[0].properties["as_of"] == "2026-07-01T06:15:00.000Z"
    with pytest.raises(Invalid, match="no such field"):
        read(collection(feature(point(80, 13), 1)), LayerMapping(occupancy_field="Belegt"))


def test_calls_a_gauges_numbers_by_our_names_and_gives_its_times_a_zone() -> None:
    mapping = LayerMapping(
        level_field="Pegel",
        level_unit="cm",
        measured_field="Zeit",
        danger_field="HQ",
        previous_level_field="Davor",
        previous_measured_field="DavorZeit",
        utc_offset="+05:30",
    )
    said = {"Pegel": 431, "Zeit": "2015-12-02 12:00", "HQ": 420, "Davor": 400, "DavorZeit": 1_449_034_200}
    made = read(collection(feature(point(80, 13), 1, **said)), mapping)
    found = gauge_of(made.features[0].properties)
    before = Reading(400, 1_449_034_200_000)
    assert found == Gauge(Reading(431, 1_449_037_800_000), "cm", None, 420, before)
    with pytest.raises(Invalid, match="no such field"):
        read(collection(feature(point(80, 13), 1)), LayerMapping(level_field="Pegel"))


def test_leaves_out_a_time_of_measure_that_is_none() -> None:
    made = read(collection(feature(point(80, 13), 1, l=3, t="soon")), LayerMapping(level_field="l", measured_field="t"))
    assert made.features[0].properties["measured_at"] is None and "t is no date and was left out: row 1" in made.notes


def test_calls_the_number_of_people_by_our_name() -> None:
    made = read(collection(feature(point(80, 13), 1, Einwohner="1,200")), LayerMapping(population_field="Einwohner"))
    assert people_of(made.features[0].properties) == 1200


@pytest.mark.parametrize("place", [(21.0, 105.8), (-6.2, 106.8), (35.7, 139.7), (-18.1, 178.4)])
def test_says_that_coordinates_are_swapped_where_no_latitude_is_so_large(place: tuple[float, float]) -> None:
    with pytest.raises(Invalid, match="look swapped"):
        read(collection(feature(point(*place)), feature(point(*place))))


@pytest.mark.parametrize("crs", ["", "EPSG:3857", "EPSG:32645"])
def test_lists_zeros_without_a_place_in_every_system(crs: str) -> None:
    rows = "name,x,y\nA,0,0\nB,85.3,27.7\n" if not crs else "name,x,y\nA,0,0\nB,500000,3000000\n"
    version = read(rows.encode(), LayerMapping(crs=crs))
    assert [feature.geometry is None for feature in version.features] == [True, False]
    assert any("listed without its place, its coordinates are 0, 0: row 1" in note for note in version.notes)
