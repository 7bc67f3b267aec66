"""One coordinate of a cell is read in the usual forms; anything else is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.place.degrees import degrees


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("13.05", "lat", 13.05),
        ("13,05", "lat", 13.05),
        ("-13.05", "lat", -13.05),
        ("13.05° N", "lat", 13.05),
        ("S 13.05", "lat", -13.05),
        ("80.25E", "lon", 80.25),
        ("80°15'00\"E", "lon", 80.25),
        ("80 15 0", "lon", 80.25),
        ("80:15:00", "lon", 80.25),
        ("80° 15.0′ W", "lon", -80.25),
        ("٨٠٫٢٥", "lon", 80.25),
    ],
)
def test_reads_an_angle(text: str, axis: str, value: float) -> None:
    assert degrees(text, axis) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "unknown", "N/A", "80.25 N", "E 80 W", "80°75'", "-80.25 W", "80.25, 13.05", "nan"]
)
def test_reads_no_longitude_in_anything_else(text: str) -> None:
    assert degrees(text, "lon") is None


@given(st.text(alphabet="0123456789.,°'\"NSEW -+:", max_size=24))
def test_never_fails_on_any_text(text: str) -> None:
    found = degrees(text, "lat")
    assert found is None or found == found
