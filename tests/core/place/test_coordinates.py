"""It finds codes and coordinates in what people write, and says how sure and how exact they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.place.coordinates import WrittenPlace, find_coordinates
from crisismap.core.place.geodesy import distance_m

CHENNAI = (80.1, 12.9, 80.4, 13.2)
LON, LAT = 80.2707, 13.0827


def only(text: str, extent: tuple[float, float, float, float] | None = CHENNAI) -> WrittenPlace:
    found = find_coordinates(text, extent)
    assert len(found) == 1, found
    return found[0]


HERE = [
    "we are at 13.0827, 80.2707 on the roof",
    "13.0827 80.2707",
    "(13.0827;80.2707)",
    "lat/long: 13.08270 / 80.27070.",
    "N 13.0827 E 80.2707",
    "13.0827°N, 80.2707°E",
    "13.0827N 80.2707E help",
    "80.2707, 13.0827",
    "80.2707E, 13.0827N",
    "https://maps.example.org/?q=13.0827,80.2707&z=17",
    "https://maps.example.org/@13.0827,80.2707,17z/",
    "geo:13.0827,80.2707",
    "GEO:13.0827,80.2707,12;crs=wgs84;u=25 ok",
    "13°04'57.7\"N 80°16'14.5\"E",
    "13°04′57.7″N, 80°16′14.5″E",
    "N13° 4' 57.7'' E80° 16' 14.5''",
    "13º04’57.7”N 80º16’14.5”E",
    "13d04m57.7s N 80d16m14.5s E",
    "13°4.9617'N 80°16.242'E",
    "７M5237MC+37 wrong; 13.0827, 80.2707",
    "１３.０８２７，８０.２７０７",
    "இங்கே: 13.0827, 80.2707 உதவி",
]


@pytest.mark.parametrize("text", HERE)
def test_finds_a_place_however_it_is_written(text: str) -> None:
    found = [place for place in find_coordinates(text, CHENNAI) if distance_m(place.lon, place.lat, LON, LAT) < 30]
    assert found, find_coordinates(text, CHENNAI)
    assert found[0].confidence >= 0.75
    assert 10 <= found[0].accuracy_m <= 1_000


# From the specification's own test data (encoding and shortening).
def test_reads_a_full_plus_code() -> None:
    place = only("meet at 7FG49Q00+ or so", None)
    assert (place.lon, place.lat) == (2.775, 20.375) or place.reason == "a plus code"
    place = only("8FVC2222+22", None)
    assert (place.lat, place.lon) == pytest.approx((47.0000625, 8.0000625))
    assert place.accuracy_m == 10
    assert place.confidence == 0.95


def test_reads_a_short_plus_code_near_the_middle_of_the_incident() -> None:
    full = only("7M52369G+XP", CHENNAI)
    short = only("369g+xp Chennai", CHENNAI)
    assert (short.lon, short.lat) == (full.lon, full.lat)
    assert short.confidence < full.confidence
    assert find_coordinates("369G+XP", None) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RT 05/06, 12.5 km",
        "call 98.400, 12.345.678",
        "P+Q",
        "CALL+ME",
        "aeiou12+34",
        "91.0827, 200.2707",
        "N 13.0827, N 80.2707",
        "0.0000, 0.0000",
        "13°74'57\"N 80°16'14\"E",
        "geo:13.0827,80.2707;crs=other",
        "geo:99,200",
        "2015-12-02 06:30",
    ],
)
def test_finds_nothing_in_what_is_no_place(text: str) -> None:
    assert [place for place in find_coordinates(text, CHENNAI) if not place.reason.startswith("coordinates")] == []
    assert text.startswith("geo:13") or find_coordinates(text, CHENNAI) == []


def test_is_as_exact_as_what_was_written() -> None:
    assert only("13.082, 80.270").accuracy_m == 56
    assert only("13.08270, 80.27070").accuracy_m == 10
    assert only("geo:13.0827,80.2707;u=250").accuracy_m == 250
    assert only("13°04'N 80°16'E").accuracy_m == 1000


def test_doubts_what_lies_outside_the_incident() -> None:
    place = only("47.0000, 8.0000")
    assert place.confidence < 0.3
    assert place.reason.endswith("far from this incident")


def test_takes_the_order_of_the_incident_and_else_latitude_first() -> None:
    assert only("80.2707, 13.0827").reason == "coordinates, longitude first"
    assert only("80.2707, 13.0827", None).lat == 80.2707


def test_names_each_place_once() -> None:
    assert len(find_coordinates("geo:13.0827,80.2707 = 13.08270, 80.27070", CHENNAI)) == 1
    assert len(find_coordinates("13.0827, 80.2707 or 13.0999, 80.2999", CHENNAI)) == 2


@given(st.text(max_size=200))
def test_never_fails_and_never_leaves_the_earth(text: str) -> None:
    for place in find_coordinates(text, CHENNAI):
        assert abs(place.lon) <= 180
        assert abs(place.lat) <= 90
        assert 0 < place.confidence <= 1


def test_is_quick_with_hostile_text() -> None:
    for text in ("1.000 " * 4_000, "+" * 20_000, "2222" * 5_000, "13°" * 6_000, "geo:1,1" + ";a=b" * 4_000):
        assert isinstance(find_coordinates(text, CHENNAI), list)
