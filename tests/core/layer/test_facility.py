"""It reads what a shelter says of itself, whatever its maker calls it, and believes no nonsense."""

from __future__ import annotations

import pytest

from crisismap.core.layer.facility import facility_of


@pytest.mark.parametrize(
    ("properties", "free", "words"),
    [
        ({"capacity": 200, "occupancy": 160}, 40, "40 of 200 places free"),
        ({"CAPACITY": "1,200", "Current_Population": "1300"}, 0, "0 of 1,200 places free"),
        ({"beds": 12.0}, None, "12 places"),
        ({"occupied": 5}, None, "5 people there"),
        ({"free_places": 7, "capacity": 100, "occupancy": 100}, 7, "7 of 100 places free"),
        ({"capacity": 10, "occupancy": 2, "needs": " blankets "}, 8, "8 of 10 places free · needs blankets"),
        ({}, None, ""),
        ({"capacity": "many", "occupancy": True, "free": -1, "beds": float("nan"), "needs": 3}, None, ""),
        ({"capacity": 1e300}, None, ""),
    ],
)
def test_says_how_many_places_are_free(properties: dict, free: int | None, words: str):
    facility = facility_of(properties)
    assert (facility.free, facility.wording()) == (free, words)


@pytest.mark.parametrize(
    ("written", "capacity"),
    [
        ("1.200", 1200),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1\u202f200", 1200),
        ("1,20,000", 120_000),
        ("150+", 150),
        ("~150", 150),
        ("ca. 150 people", 150),
        ("١٢٠", 120),
        ("१,२००", 1200),
        ("1200.0", 1200),
        ("0,5", None),
        ("1,2,3", None),
        ("100-150", None),
        ("12 of 40", None),
        ("27.11.2026", None),
        (1.5, None),
        ("080 2345 678 901", None),
    ],
)
def test_reads_a_capacity_as_written_or_not_at_all(written: object, capacity: int | None):
    facility = facility_of({"capacity": written, "occupancy": 40})
    assert facility.capacity == capacity
    assert facility.free == (None if capacity is None else max(0, capacity - 40))


@pytest.mark.parametrize(
    ("said", "ms"),
    [
        ("1970-01-01T00:00:01Z", 1000),
        ("1970/01/02", 86_400_000),
        (1_700_000_000_000, 1_700_000_000_000),
        ("yesterday", None),
        (True, None),
        (12, None),
        (None, None),
    ],
)
def test_says_as_of_when_it_holds(said: object, ms: int | None):
    assert facility_of({"Updated_At": said}).as_of_ms == ms


@pytest.mark.parametrize("name", ["Max Capacity", "max-capacity", "MAX_CAPACITY", "Capacity (persons)", "#capacity"])
def test_reads_a_capacity_however_its_column_is_written(name: str) -> None:
    assert facility_of({name: "120"}).capacity == 120


def test_takes_the_next_column_where_the_first_is_empty_or_no_number() -> None:
    assert facility_of({"capacity": "many", "beds": 12}).capacity == 12
    assert facility_of({"Last updated": "2026-11-28T06:00:00Z"}).as_of_ms is not None
