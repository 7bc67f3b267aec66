"""It reads times with and without a zone."""

from __future__ import annotations

from pathlib import Path

from tests.channels.samples import at, collection, feature, mapping, put, rows


def test_leaves_a_time_without_a_zone_when_nothing_names_one(tmp_path: Path) -> None:
    plain = mapping(tmp_path, 'category = { value = "other" }\nobserved_at = "t"\n')
    text = collection(feature(at(80, 13), t="2015-12-02T09:00:00"), feature(at(80, 13), t="2015-12-02T09:00:00Z"))
    found = rows(put(tmp_path, "a.geojson", text), plain)
    assert [row.body["observed_at"] for row in found] == ["2015-12-02T09:00:00", "2015-12-02T09:00:00+00:00"]


def test_knows_summer_time(tmp_path: Path) -> None:
    york = mapping(tmp_path, 'category = { value = "other" }\nobserved_at = "t"\ntimezone = "America/New_York"\n')
    text = collection(*[feature(at(80, 13), t=f"2025-{month}-01T00:00:00") for month in ("01", "06")])
    found = rows(put(tmp_path, "a.geojson", text), york)
    assert [row.body["observed_at"][-6:] for row in found] == ["-05:00", "-04:00"]
