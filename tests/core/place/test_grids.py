"""UTM and MGRS: against published references, and there and back again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.grids import find_grids


@pytest.mark.parametrize(
    ("text", "lat", "lon", "accuracy"),
    [
        ("18S UJ 23480 06470", 38.889386, -77.035269, 0.5),  # the Washington Monument
        ("18SUJ2348006470", 38.889386, -77.035269, 0.5),
        ("18s uj 2348 0647", 38.889429, -77.035212, 5),
        ("4QFJ12345678", 21.309482, -157.916819, 5),
        ("at 33UXP0500444996 help", 48.249479, 16.414501, 0.5),
        ("44PMV 155 407", 13.031513, 80.221162, 50),
        ("48MYU0000000000", -6.329713, 106.808005, 0.5),  # south of the equator
    ],
)
def test_reads_mgrs(text: str, lat: float, lon: float, accuracy: float) -> None:
    [(quote, found_lon, found_lat, found_accuracy)] = find_grids(text)
    assert distance_m(lon, lat, found_lon, found_lat) < 2
    assert quote in text
    assert found_accuracy == accuracy


@pytest.mark.parametrize(
    "text",
    [
        "44P 415554 1440715",
        "44 P 0415554 1440715",
        "UTM 44N 415554E 1440715N",
        "utm zone 44 north 415554, 1440715",
        "Zone 44 P, Easting: 415554 m, Northing: 1440715 m",
        "44P E 415554 N 1440715",
        "44P 415554.2 1440715.8",
    ],
)
def test_reads_utm(text: str) -> None:
    [(_, lon, lat, accuracy)] = find_grids(text)
    assert distance_m(80.2212, 13.0312, lon, lat) < 2
    assert accuracy == 1


def test_reads_both_hemispheres_where_the_letter_does_not_tell() -> None:
    assert [round(lat) for _, _, lat, _ in find_grids("48S 700000 9300000")] == [-6]
    assert [round(lat) for _, _, lat, _ in find_grids("18S 323480 4306470")] == [39, -51]
    assert [round(lat) for _, _, lat, _ in find_grids("UTM 18 323480 4306470")] == [39, -51]
    assert [round(lat) for _, _, lat, _ in find_grids("18 south 323480 4306470")] == [-51]


@pytest.mark.parametrize(
    "text",
    [
        "call 9840012 12345678",
        "12 345678 9876543",
        "61P 415554 1440715",
        "44P 95554 1440715",
        "44A 415554 1440715",
        "44Z MV 15554 40715",
        "44P AV 15554 40715",  # no column of this zone
        "44P MV 1555 407",
        "44PMV15554",
        "flat 12C AB 12",
        "",
    ],
)
def test_finds_nothing_in_other_numbers(text: str) -> None:
    assert list(find_grids(text)) == []


@given(lon=st.floats(-179.9, 179.9), lat=st.floats(-79, 83))
def test_finds_a_place_again(lon: float, lat: float) -> None:
    zone = int((lon + 180) // 6) + 1
    easting, northing = Proj(proj="utm", zone=zone, ellps="WGS84", south=lat < 0)(lon, lat)
    side = "south" if lat < 0 else "north"
    [(_, found_lon, found_lat, _)] = find_grids(f"{zone} {side} {easting:07.0f} {northing:07.0f}")
    assert distance_m(lon, lat, found_lon, found_lat) < 1
