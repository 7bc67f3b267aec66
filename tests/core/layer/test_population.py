"""It reads how many people live somewhere, whatever the layer calls the number."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.layer.population import people_of


@pytest.mark.parametrize(
    ("properties", "people"),
    [
        ({"population": 12}, 12),
        ({"POP_TOTAL": "12,500"}, 12_500),
        ({"Tot_P": 3.0}, 3),
        ({"pop": "1 200"}, 1200),
        ({"pop_2011": 5, "pop_2020": 7, "pop": 9}, 7),
        ({"popular": 5}, None),
        ({"pop_2020_female": 5}, None),
        ({"pop_2020": 7, "population_count": 5}, 5),
        ({"pop_2020": 7, "population_count": None}, 7),
        ({"population": True}, None),
        ({"population": -4}, None),
        ({"population": float("nan")}, None),
        ({"population": None}, None),
        ({"population": "٤٢"}, 42),
        ({"population": "१२,३४५"}, 12_345),
        ({"population": "1'200'000"}, 1_200_000),
        ({"population": "1.234.567"}, 1_234_567),
        ({"population": "1.5"}, None),
        ({}, None),
    ],
)
def test_reads_how_many_live_there(properties: dict[str, Any], people: int | None) -> None:
    assert people_of(properties) == people
