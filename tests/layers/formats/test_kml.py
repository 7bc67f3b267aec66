"""It reads the placemarks of KML with their folders, and names what is no place."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.formats.kml import flatten
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read

HEAD = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>All</name>'
TAIL = "</Document></kml>"


def placemark(name: str, lon: float = 80.21, more: str = "") -> str:
    point = f"<Point><coordinates>{lon},13.01,0</coordinates></Point>"
    return f"<Placemark><name>{name}</name>{more}{point}</Placemark>"


def folder(name: str, *inside: str) -> str:
    return f"<Folder><name>{name}</name>{''.join(inside)}</Folder>"


def kml(*inside: str) -> bytes:
    return (HEAD + "".join(inside) + TAIL).encode()


OVERLAY = (
    "<GroundOverlay><name>radar</name><Icon><href>r.png</href></Icon><LatLonBox><north>14</north><south>12</south>"
    "<east>81</east><west>79</west></LatLonBox></GroundOverlay>"
)
SCREEN = "<ScreenOverlay><name>legend</name><Icon><href>l.png</href></Icon></ScreenOverlay>"
PHOTO = "<PhotoOverlay><name>view</name><Point><coordinates>80,13</coordinates></Point></PhotoOverlay>"
LINK = "<NetworkLink><name>Live</name><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"


@pytest.mark.parametrize(
    ("element", "note"),
    [
        (OVERLAY, "pictures laid over the ground, not used: 1 (radar)"),
        (SCREEN, "pictures laid over the screen, not used: 1 (legend)"),
        (PHOTO, "photographs, not used: 1 (view)"),
        (LINK, "links to other files, not followed, not used: 1 (Live (http://127.0.0.1:9/x.kml))"),
        ("<GroundOverlay/>", "pictures laid over the ground, not used: 1 (without a name)"),
        (OVERLAY * 2, "pictures laid over the ground, not used: 2 (radar, radar)"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: folder("F", folder("G", each))])
def test_leaves_out_what_is_no_place_and_names_it(element: str, note: str, wrap):
    version = read(kml(wrap(element), placemark("Camp")))
    assert [feature.name for feature in version.features] == ["Camp"]
    assert note in version.notes


def test_makes_folders_a_field_and_loses_none_within_others():
    version = read(kml(placemark("A"), folder("Shelters", placemark("B"), folder("North", placemark("C")))))
    folders = {feature.name: feature.properties["folder"] for feature in version.features}
    assert folders == {"A": None, "B": "Shelters", "C": "Shelters / North"}


def test_reads_one_folder_when_the_mapping_names_it():
    body = kml(folder("Shelters", placemark("B")), folder("Food", placemark("C"), placemark("D")))
    version = read(body, LayerMapping(source_layer="Shelters"))
    assert [feature.name for feature in version.features] == ["B"]
    assert "folders, not used: 1 (Food)" in version.notes
    with pytest.raises(Invalid, match="Shelters, Food"):
        read(body, LayerMapping(source_layer="Water"))


def test_keeps_data_of_a_schema():
    schema = '<Schema name="s" id="s"><SimpleField type="int" name="beds"/></Schema>'
    data = (
        '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="beds">12</SimpleData></SchemaData></ExtendedData>'
    )
    (feature,) = read(kml(schema, folder("F", placemark("A", more=data)))).features
    assert feature.properties["beds"] == 12


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("UTF-8", "windows-1251").encode("cp1251"),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace(' encoding="UTF-8"', "").encode(),
    ],
)
def test_reads_kml_in_other_encodings(encode):
    version = read(encode(HEAD + placemark("Школа") + TAIL))
    assert [feature.name for feature in version.features] == ["Школа"]


def test_reads_kml_with_prefixes_and_without_a_document():
    prefixed = (
        '<k:kml xmlns:k="http://www.opengis.net/kml/2.2"><k:Folder><k:name>F</k:name><k:Placemark><k:name>A</k:name>'
        "<k:Point><k:coordinates>80,13</k:coordinates></k:Point></k:Placemark></k:Folder></k:kml>"
    )
    assert flatten(prefixed.encode()).folders == ["F"]
    bare = f'<kml xmlns="http://www.opengis.net/kml/2.2">{placemark("A")}</kml>'
    assert [feature.name for feature in read(bare.encode()).features] == ["A"]


@pytest.mark.parametrize("inside", [OVERLAY, LINK, SCREEN])
def test_refuses_a_file_without_places_and_says_what_it_has(inside: str):
    with pytest.raises(Invalid, match="no places of its own"):
        read(kml(inside))


@pytest.mark.parametrize(
    "body",
    [
        b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
        b"<kml><!-- x --><Document></kml>",
        b"<kml>" + b" " * 5000 + b"<!DOCTYPE kml [<!ENTITY x 'y'>]></kml>",
        b"<kml>" + b"<a>" * 200 + b"</a>" * 200 + b"</kml>",
    ],
)
def test_refuses_broken_and_hostile_xml(body: bytes):
    with pytest.raises(Malformed):
        read(body)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_answers_any_bytes(noise: bytes, place: int):
    body = kml(folder("F", placemark("A"), OVERLAY))
    with suppress(Malformed):
        flatten(body[:place] + noise + body[place:])


def kmz(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_reads_the_main_document_of_a_kmz_and_names_the_others():
    body = kmz(**{"doc.kml": kml(placemark("A")), "files/more.kml": kml(placemark("B")), "files/icon.png": b"\x89PNG"})
    version = read(body)
    assert [feature.name for feature in version.features] == ["A"]
    assert "files in the zip, not used: 1 (files/more.kml)" in version.notes
    chosen = read(body, LayerMapping(source_layer="files/more.kml"))
    assert [feature.name for feature in chosen.features] == ["B"]


def test_offers_the_files_of_a_kmz_that_only_links_to_them():
    links = "".join(
        f"<NetworkLink><Link><href>files/{name}.kml</href></Link></NetworkLink>" for name in ("shelters", "food")
    )
    body = kmz(
        **{"doc.kml": kml(links), "files/shelters.kml": kml(placemark("A")), "files/food.kml": kml(placemark("B"))}
    )
    with pytest.raises(Invalid, match="only links to others.*files/shelters.kml, files/food.kml"):
        read(body)
    assert [feature.name for feature in read(body, LayerMapping(source_layer="shelters")).features] == ["A"]
