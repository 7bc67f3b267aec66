"""It reads every format by its content, from files, folders, zips and request bodies."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.layers import read as door
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import LAYER, collection, feature, point, read, write

FORMATS = [
    ("camps.gpkg", "GPKG"),
    ("camps.fgb", "FlatGeobuf"),
    ("camps.shp", "ESRI Shapefile"),
    ("camps.kml", "LIBKML"),
]


@pytest.mark.parametrize(("name", "driver"), FORMATS)
def test_reads_a_foreign_format(tmp_path: Path, name: str, driver: str) -> None:
    version = read(write(tmp_path / name, driver))
    features = sorted(version.features, key=lambda item: item.code)  # FlatGeobuf orders by place
    assert [(item.name, item.code) for item in features] == [("Camp A", "007"), ("Camp B", "010")]
    first = features[0].geometry
    assert first is not None
    assert not first.has_z
    assert first.bounds[:2] == pytest.approx((85.3, 27.7))


def test_reads_a_format_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = write(tmp_path / "camps.gpkg", "GPKG").rename(tmp_path / "camps.csv")
    assert len(read(path).features) == 2
    assert len(read(path.read_bytes()).features) == 2


def test_reads_a_folder_with_one_shapefile(tmp_path: Path) -> None:
    write(tmp_path / "camps.shp", "ESRI Shapefile", crs="EPSG:4269")
    version = read(tmp_path)
    assert len(version.features) == 2
    assert version.notes[0].startswith("reprojected from")


def test_takes_degrees_as_wgs84_where_the_file_names_no_system(tmp_path: Path) -> None:
    path = write(tmp_path / "camps.shp", "ESRI Shapefile")
    path.with_suffix(".prj").unlink()
    assert "taken as WGS 84" in read(path).notes[0]


def test_reads_a_shapefile_without_its_index(tmp_path: Path) -> None:
    path = write(tmp_path / "camps.shp", "ESRI Shapefile")
    path.with_suffix(".shx").unlink()
    assert len(read(path).features) == 2


def test_reads_a_zipped_shapefile_in_a_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "camps.shp", "ESRI Shapefile")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("camps.*"):
            archive.write(part, f"data/{part.name}")
        archive.writestr("readme.txt", "a,b\n1,2")
    assert len(read(tmp_path / "a.zip").features) == len(read(path).features)
    assert len(read((tmp_path / "a.zip").read_bytes()).features) == 2


def test_reads_gpx(tmp_path: Path) -> None:
    path = tmp_path / "walk.gpx"
    path.write_text(
        '<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="27.7" lon="85.3"><name>Camp</name></wpt>'
        '<trk><name>Way</name><trkseg><trkpt lat="27.7" lon="85.3"/><trkpt lat="27.8" lon="85.3"/></trkseg></trk></gpx>'
    )
    assert sorted(item.name for item in read(path).features) == ["Camp", "Way"]


def test_asks_which_layer_of_a_file_is_meant(tmp_path: Path) -> None:
    path = write(tmp_path / "two.gpkg", "GPKG", layer="camps")
    write(path, "GPKG", layer="roads", append=True)
    with pytest.raises(Invalid, match="source_layer.*camps, roads"):
        read(path)
    assert len(read(path, LayerMapping(source_layer="roads")).features) == 2


def test_refuses_a_folder_without_a_shapefile(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="a folder, not a file"):
        read(tmp_path)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such file"):
        read(tmp_path / "nothing.geojson")


@pytest.mark.parametrize(("name", "driver"), FORMATS[:3])
def test_refuses_a_truncated_file(tmp_path: Path, name: str, driver: str) -> None:
    path = write(tmp_path / name, driver)
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises((Malformed, Invalid)) as caught:
        read(path)
    assert str(tmp_path) not in str(caught.value)
    assert "crisismap-" not in str(caught.value)


def test_refuses_more_bytes_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_BYTES", 100)
    with pytest.raises(TooLarge):
        read(collection(*[feature(point(80, 13))] * 5))


@pytest.mark.parametrize("body", [b"\x00\x01\x02", b"hello", b"SQLite format 3\x00" + bytes(100), b"<html></html>"])
def test_refuses_what_is_no_layer(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>old</identifier><sender>m@example.org</sender>
<sent>2020-11-27T14:31:17+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope><info>
<event>Flood warning</event><expires>2020-11-27T21:31:17+00:00</expires><area><areaDesc>Basin</areaDesc>
<polygon>13,80.2 13,80.24 13.04,80.24 13,80.2</polygon></area></info></alert>"""
SENT_MS = 1_606_487_477_000
YEARS_LATER_MS = SENT_MS + 6 * 365 * 86_400_000


def test_an_archived_warning_counts_at_its_own_time(tmp_path: Path) -> None:
    path = tmp_path / "old.xml"
    path.write_text(CAP)
    late = door.read_layer(path, layer=LAYER, now_ms=YEARS_LATER_MS)
    assert (late.features, late.notes) == ((), ("ended more than 7 days before, left out: 1",))
    then = door.read_layer(path, layer=LAYER, now_ms=YEARS_LATER_MS, as_of_ms=SENT_MS)
    assert ([f.id for f in then.at(SENT_MS).features], then.moment_ms) == (["old"], SENT_MS)
    assert (then.loaded_at_ms, then.notes) == (YEARS_LATER_MS, ())
    assert door.read_layer_bytes(CAP.encode(), layer=LAYER, now_ms=YEARS_LATER_MS, as_of_ms=SENT_MS) == then


TAMIL = """<info><language>ta</language><event>வெள்ளம்</event><expires>2020-11-28T21:31:17+00:00</expires><area>
<areaDesc>Basin</areaDesc><polygon>13,80.2 13,80.24 13.04,80.24 13,80.2</polygon></area></info></alert>"""
SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></alert>'


@pytest.mark.parametrize("as_of_ms", [None, SENT_MS, SENT_MS + 20 * 3_600_000])
def test_two_languages_with_two_ends_are_in_force_to_the_later(as_of_ms: int | None) -> None:
    both = CAP.replace("</alert>", TAMIL).encode()
    now_ms = SENT_MS if as_of_ms is None else YEARS_LATER_MS
    version = door.read_layer_bytes(both, layer=LAYER, now_ms=now_ms, as_of_ms=as_of_ms)
    hours = {hour: [f.name for f in version.at(SENT_MS + hour * 3_600_000).features] for hour in (-1, 1, 20, 32)}
    assert hours == {-1: [], 1: ["Flood warning"], 20: ["வெள்ளம்"], 32: []}
    assert version.warnings == ()


@pytest.mark.parametrize(
    ("wrong", "until_h", "named"),
    [
        ("2020-11-27 21:31:17", 7, "is read as 2020-11-27T21:31:17+00:00"),
        ("2020-13-27T21:31:17+00:00", 24, "cannot be read and counts as absent"),
        ("tonight", 24, "cannot be read and counts as absent"),
    ],
)
def test_one_bad_time_is_a_warning_and_the_message_stays_in_force(wrong: str, until_h: int, named: str) -> None:
    body = CAP.replace("2020-11-27T21:31:17+00:00", wrong).encode()
    version = door.read_layer_bytes(body, layer=LAYER, now_ms=SENT_MS)
    assert [f.valid_to_ms for f in version.features] == [SENT_MS + until_h * 3_600_000]
    (warning,) = version.warnings
    assert warning.startswith("old: expires") and named in warning


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("signed", [True, False])
def test_keeps_the_bytes_of_a_warning_in_whatever_encoding(encoding: str, signed: bool) -> None:
    text = CAP.replace("</alert>", SIGNATURE) if signed else CAP
    text = text.replace("Basin", "Basin of Adyar é")
    body = f'<?xml version="1.0" encoding="{encoding}"?>\r\n{text}\n<!-- end -->\n'.encode(encoding)
    version = door.read_layer_bytes(body, layer=LAYER, now_ms=SENT_MS)
    (original,) = version.originals
    assert (original.body, original.signed, original.identifier) == (body, signed, "old")
    assert [f.properties["original"] for f in version.features] == [original.id]
    assert [f.properties["signed"] for f in version.features] == [signed]


def test_keeps_no_bytes_of_what_is_not_for_everybody() -> None:
    for changed in (CAP.replace("Public", "Restricted"), CAP.replace("Actual", "Exercise")):
        assert door.read_layer_bytes(changed.encode(), layer=LAYER, now_ms=SENT_MS).originals == ()


def test_a_bad_polygon_is_named_by_the_sandboxed_reader_too() -> None:
    bad = CAP.replace("<polygon>", "<polygon>13,80.2 13,80.24</polygon><circle>13,80 x</circle><polygon>", 1)
    version = door.read_layer_bytes(bad.encode(), layer=LAYER, now_ms=SENT_MS)
    assert [f.geometry is not None for f in version.features] == [True]
    assert version.notes == (
        "old: area 'Basin': polygon '13,80.2 13,80.24': needs at least three positions",
        "old: area 'Basin': circle '13,80 x': its radius is no number",
    )


SWAPS = LayerMapping(axes="swapped")


@pytest.mark.parametrize(
    "body",
    [
        collection(feature(point(13.05, 80.25), name="A")),
        b"name,lon,lat\nA,13.05,80.25\n",
        b"name,wkt\nA,POINT(13.05 80.25)\n",
        b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>A</name><Point><coordinates>13.05,80.25'
        b"</coordinates></Point></Placemark></kml>",
    ],
)
def test_swaps_longitude_and_latitude_of_any_format(body: bytes) -> None:
    as_it_is, swapped = read(body), read(body, SWAPS)
    assert as_it_is.features[0].geometry.coords[0] == (13.05, 80.25)
    assert swapped.features[0].geometry.coords[0] == (80.25, 13.05)
    assert "the two axes of the coordinates were exchanged, as the mapping says" in swapped.notes
    assert swapped.mapping == {"layer": {"axes": "swapped"}}


def test_swaps_what_is_no_place_in_the_other_order() -> None:
    body = collection(feature(point(-33.87, 151.21)))
    with pytest.raises(Invalid, match="longitude and latitude look swapped"):
        read(body)
    assert read(body, SWAPS).features[0].geometry.coords[0] == (151.21, -33.87)


def test_swaps_a_warning_whose_polygon_has_the_longitude_first() -> None:
    wrong = CAP.replace("13,80.2 13,80.24 13.04,80.24 13,80.2", "80.2,13 80.24,13 80.24,13.04 80.2,13").encode()
    version = door.read_layer_bytes(wrong, layer=LAYER, mapping=SWAPS, now_ms=SENT_MS)
    assert version.features[0].geometry.bounds == pytest.approx((80.2, 13.0, 80.24, 13.04))
    assert version.mapping == SWAPS.tables()
