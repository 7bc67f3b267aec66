"""GeoJSON by RFC 7946, whole and line by line."""

from __future__ import annotations

import json

import pytest

from crisismap.exports import EXPORTS
from tests.exports.made import Made, feature

FIVE = [feature(n, text=f'"quoted" line\n{n} \u2028 நீர்') for n in range(4)] + [feature(4, None)]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_writes_one_collection(count: int):
    whole = json.loads(b"".join(EXPORTS["geojson"].write(Made(FIVE[:count]))))
    assert whole == {"type": "FeatureCollection", "revision": 7, "features": FIVE[:count]}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_writes_one_feature_a_line(count: int):
    text = b"".join(EXPORTS["geojsonl"].write(Made(FIVE[:count])))
    assert [json.loads(line) for line in text.split(b"\n")[:-1]] == FIVE[:count]
    assert text.endswith(b"\n") is (count > 0)


def test_says_made_up_in_the_demo_and_only_there():
    for made_up in (True, False):
        made = Made(FIVE, made_up)
        whole = json.loads(b"".join(EXPORTS["geojson"].write(made)))
        assert whole.get("made_up", False) is made_up
        lines = b"".join(EXPORTS["geojsonl"].write(made)).splitlines()
        assert len(lines) == 5
        assert [json.loads(line).get("made_up", False) for line in lines] == [made_up] * 5


def test_streams_part_by_part():
    parts = list(EXPORTS["geojson"].write(Made(FIVE)))
    assert len(parts) >= 4
    assert json.loads(b"".join(parts))


def test_names_the_media_types():
    assert {name: form.media_type for name, form in EXPORTS.items()} == {
        "geojson": "application/geo+json",
        "geojsonl": "application/x-ndjson",
        "csv": "text/csv; charset=utf-8",
    }
