"""It reads the layers that ship from TOML and names what is wrong with an entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.layer.layer import Role
from crisismap.core.layer.source import SourceKind
from crisismap.layers.catalog import read_catalog
from crisismap.layers.normalise.mapping import load_layer_mapping
from tests.layers.samples import collection, feature, point, read

GOOD = 'id = "wards"\ntitle = "Wards"\nrole = "area"\nfile = "wards.geojson"\nlicence = "CC0"\n'
MAPPING = '[layer]\nname_field = "title"\n[status]\n"Full Up" = "full"\n'


def put(folder: Path, text: str) -> Path:
    (folder / "wards.geojson").write_bytes(collection(feature(point(80, 13), title="North", status="full up")))
    (folder / "wards.toml").write_text(text)
    return folder


def test_reads_an_entry_with_its_mapping(tmp_path: Path) -> None:
    (entry,) = read_catalog(put(tmp_path, GOOD + MAPPING))
    assert (entry.layer.id, entry.layer.role, entry.layer.licence) == ("wards", Role.AREA, "CC0")
    item = read(entry.path, entry.mapping).features[0]
    assert (item.name, item.status) == ("North", "full")


def test_finds_nothing_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert read_catalog(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (GOOD.replace('"area"', '"park"'), "role"),
        (GOOD.replace("wards.geojson", "../wards.geojson"), "not in this folder"),
        (GOOD.replace("wards.geojson", "none.geojson"), "not in this folder"),
        (GOOD.replace('licence = "CC0"\n', ""), "licence is missing"),
        (GOOD + "colour = 1\n", "unknown colour"),
        (GOOD.replace('"wards"', '"Wards!"'), "id"),
        (GOOD + "[layer]\nnaem = 'x'\n", "naem"),
        (GOOD + "[status]\nFull = 1\n", "Full"),
        ("id = ", "not readable"),
    ],
)
def test_names_what_is_wrong_with_an_entry(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        read_catalog(put(tmp_path, text))


FEED = GOOD.replace('file = "wards.geojson"', 'kind = "feed"\nformat = "cap"\nurl = "https://met.example.org/cap.atom"')


def test_reads_an_entry_that_comes_from_the_network(tmp_path: Path) -> None:
    (entry,) = read_catalog(put(tmp_path, FEED + "refresh_s = 60\nvalidity_h = 12\n" + MAPPING))
    assert entry.path is None and entry.source is not None
    assert (entry.source.kind, entry.source.format, entry.source.refresh_s) == (SourceKind.FEED, "cap", 60)
    assert entry.source.mapping["layer"] == {"name_field": "title"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (FEED.replace('"feed"', '"stream"'), "kind"),
        (FEED.replace('"cap"', '"wfs"'), "format"),
        (FEED.replace("https", "file"), "url"),
        (FEED + "refresh_s = 1\n", "refresh_s"),
        (FEED + "validity_h = -1\n", "validity_h"),
        (FEED + "file = 'x'\n", "either file or url"),
        (GOOD + "refresh_s = 60\n", "only goes with url"),
        (FEED.replace('"feed"', '"service"').replace('"cap"', '"wfs"'), "which collection or feature type"),
    ],
)
def test_names_what_is_wrong_with_a_source(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        read_catalog(put(tmp_path, text))


def test_refuses_two_entries_with_one_id(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    (tmp_path / "again.toml").write_text(GOOD)
    with pytest.raises(Misconfigured, match="another layer has the id wards"):
        read_catalog(tmp_path)


def test_reads_a_mapping_file(tmp_path: Path) -> None:
    put(tmp_path, MAPPING)
    assert load_layer_mapping(tmp_path / "wards.toml").status == {"full up": "full"}


def test_ships_a_readable_catalog() -> None:
    assert isinstance(read_catalog(Path(__file__).parents[2] / "layers"), list)


PICTURE = GOOD.replace(
    'role = "area"\nfile = "wards.geojson"',
    'role = "context"\nkind = "picture"\nformat = "xyz"\nurl = "https://tiles.example.org/{z}/{x}/{y}.png"',
)


def test_reads_a_picture(tmp_path: Path) -> None:
    (entry,) = read_catalog(put(tmp_path, PICTURE + "bbox = [79, 12.7, 80.5, 13.4]\nmax_zoom = 12\n"))
    assert entry.source is not None and entry.path is None
    assert (entry.source.kind, entry.source.bbox, entry.source.max_zoom) == (
        SourceKind.PICTURE,
        (79, 12.7, 80.5, 13.4),
        12,
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (PICTURE + "bbox = [1, 2, 3]\n", "bbox must be four numbers"),
        (PICTURE + 'bbox = "1,2,3,4"\n', "bbox must be four numbers"),
        (PICTURE + "bbox = [9, 1, 3, 2]\n", "bbox"),
        (PICTURE + "max_zoom = 1.5\n", "max_zoom has the wrong type"),
        (PICTURE.replace("{y}", "y"), "must leave open"),
        (PICTURE.replace("context", "hazard"), "its role is context"),
        (PICTURE + MAPPING, "has no fields"),
        (FEED + "bbox = [1, 2, 3, 4]\n", "only goes with a picture"),
        (GOOD + "bbox = [1, 2, 3, 4]\n", "only goes with url"),
    ],
)
def test_names_what_is_wrong_with_a_picture(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        read_catalog(put(tmp_path, text))
