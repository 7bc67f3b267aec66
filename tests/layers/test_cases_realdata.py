"""The small inputs made after public fault reports, as they are: feeds, warnings, written places and photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.moment import parse
from crisismap.core.place.coordinates import find_coordinates
from crisismap.core.place.geodesy import distance_m
from crisismap.layers.read import read_layer
from crisismap.layers.sandbox.photo import read_photo
from tests.layers.samples import LAYER

pytestmark = pytest.mark.realdata
NOW_MS = parse("2026-11-27T15:00:00Z")[0]


@pytest.fixture
def cases(shared_data: Path) -> Path:
    folder = shared_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip("The folder of cases is not beside the real data sets.")
    return folder


def test_lists_an_entry_without_a_place_and_draws_all_places(cases: Path) -> None:
    blank = read_layer(cases / "10-georss-blank" / "feed.xml", layer=LAYER, now_ms=NOW_MS)
    assert [(f.id, f.geometry is None) for f in blank.features] == [("a", True), ("b", False)]
    two = read_layer(cases / "10-georss-blank" / "feed_two_polygons.xml", layer=LAYER, now_ms=NOW_MS)
    assert two.features[0].geometry is not None and two.features[0].geometry.geom_type == "MultiPolygon"


@pytest.mark.parametrize(("name", "notes"), [("onebad", 1), ("circle_comma", 0), ("spaceafter", 0)])
def test_keeps_the_good_area_in_force(cases: Path, name: str, notes: int) -> None:
    version = read_layer(cases / "11-cap-one-bad-polygon" / f"{name}.xml", layer=LAYER, now_ms=NOW_MS)
    assert version.features[0].geometry is not None
    assert (version.refused, len(version.notes)) == (0, notes)


def test_counts_an_archived_warning_at_its_own_time(cases: Path) -> None:
    path = cases / "17-archived-warnings" / "old.xml"
    sent = parse("2020-11-27T14:31:17Z")[0]
    assert len(read_layer(path, layer=LAYER, now_ms=NOW_MS, as_of_ms=sent).at(sent).features) == 1
    assert "left out: 1" in read_layer(path, layer=LAYER, now_ms=NOW_MS).notes[0]


def test_reads_every_written_place(cases: Path) -> None:
    lines = (cases / "14-written-places" / "places.txt").read_text("utf-8").splitlines()
    for line in filter(None, lines):
        [place] = find_coordinates(line, (80.2, 13.0, 80.3, 13.1))
        assert distance_m(place.lon, place.lat, 80.2212, 13.0312) < 30, line


def test_keeps_the_photos_of_phones(cases: Path) -> None:
    for path in (cases / "15-phone-24mp").glob("*.jpg"):
        assert 0 < read_photo(path.read_bytes()).width <= 1600
