"""GML in its versions, in the order of axes that the name of each system means."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.layer.layer import LayerVersion
from crisismap.layers.formats.gml import names
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.gml import WHERE, gml, in_system, place_in, written
from tests.layers.samples import read

LON_LAT, LAT_LON = WHERE, WHERE[::-1]
LAT_FIRST = [
    "urn:ogc:def:crs:EPSG::4326",
    "urn:ogc:def:crs:EPSG:6.9:4326",
    "urn:x-ogc:def:crs:EPSG:4326",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "https://www.opengis.net/def/crs/EPSG/0/4326",
]
LON_FIRST = [
    "EPSG:4326",
    "epsg:4326",
    "http://www.opengis.net/gml/srs/epsg.xml#4326",
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "CRS:84",
    "",
]
NORTHING_FIRST = [31468, 2193, 3035, 2180, 4258]
EASTING_FIRST = [3067, 32644, 25832]


def where(version: LayerVersion) -> tuple[float, float]:
    geometry = version.features[0].geometry
    assert geometry is not None
    return geometry.centroid.x, geometry.centroid.y


@pytest.mark.parametrize(
    ("version", "system", "position"),
    [
        *(("3.2", each, LAT_LON) for each in LAT_FIRST),
        *(("3.2", each, LON_LAT) for each in LON_FIRST),
        *((version, each, LAT_LON) for version in ("2", "3") for each in LAT_FIRST[:1]),
        *((version, each, LON_LAT) for version in ("2", "3") for each in (LON_FIRST[0], LON_FIRST[2], "")),
    ],
)
def test_reads_degrees_in_the_order_that_the_name_of_the_system_means(
    version: str, system: str, position: tuple[float, float]
) -> None:
    assert where(read(gml(version, system, position))) == pytest.approx(WHERE, abs=1e-6)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        *((code, "urn:ogc:def:crs:EPSG::{}") for code in (*NORTHING_FIRST, *EASTING_FIRST)),
        *((code, "http://www.opengis.net/def/crs/EPSG/0/{}") for code in (31468, 3067)),
        *((code, "EPSG:{}") for code in (31468, 3067)),
    ],
)
def test_reads_metres_in_the_order_of_the_axes_of_the_system(code: int, form: str) -> None:
    northing_first = code in NORTHING_FIRST and not form.startswith("EPSG")
    body = gml("3.2", form.format(code), in_system(code, northing_first=northing_first))
    assert where(read(body)) == pytest.approx(place_in(code), abs=1e-6)


@pytest.mark.parametrize("kind", ["GML2", "GML3", "GML3.2", "GML3Deegree"])
@pytest.mark.parametrize(("code", "urn"), [(4326, True), (2193, True), (31468, False)])
def test_reads_what_gdal_writes(tmp_path: Path, kind: str, urn: bool, code: int) -> None:
    found = read(written(tmp_path, kind, code, urn=urn))
    assert where(found) == pytest.approx(place_in(code), abs=1e-6)
    assert found.features[0].name == "Ward 1"


@pytest.mark.parametrize("code", [31468, 2193, 32644])
def test_refuses_the_other_order_where_the_system_is_not_used(code: int) -> None:
    """Before there is any incident, the system itself says where it is meant for."""
    northing_first = code in NORTHING_FIRST
    body = gml("3.2", f"urn:ogc:def:crs:EPSG::{code}", in_system(code, northing_first=not northing_first))
    with pytest.raises(Invalid) as refused:
        read(body)
    assert refused.value.code == "layer_swapped"
    assert where(read(body, LayerMapping(axes="swapped"))) == pytest.approx(place_in(code), abs=1e-6)


def test_keeps_codes_as_text_and_what_repeats_as_a_list() -> None:
    body = gml("3.2", "EPSG:4326", LON_LAT).replace(b"</app:code>", b"</app:code><app:code2>1.10</app:code2>", 1)
    body = body.replace(b"<app:geom>", b"<app:tag>a</app:tag><app:tag>b</app:tag><app:geom>", 1)
    [ward] = read(body).features
    assert (ward.id, ward.name, ward.code) == ("ward.0", "Ward 0", "00")
    assert (ward.properties["code2"], ward.properties["tag"]) == ("1.10", ["a", "b"])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("EPSG:4326", "urn:adv:crs:ETRS89_UTM32", "crs_unknown"),
        ("EPSG:4326", "urn:EPSG:geographicCRS:4326", "crs_unknown"),
        ("EPSG:4326", "EPSG:999999", "not_readable"),
        ("EPSG:4326", "/etc/passwd", "not_readable"),
        ("EPSG:4326", "http://127.0.0.1:9/crs", "not_readable"),
    ],
)
def test_refuses_a_system_that_nobody_knows(old: str, new: str, code: str) -> None:
    with pytest.raises(CrisismapError) as refused:
        read(gml("3.2", "EPSG:4326", LON_LAT).replace(old.encode(), new.encode()))
    assert refused.value.code == code


def test_takes_two_names_of_one_system_and_refuses_two_systems() -> None:
    body = gml("3", "urn:ogc:def:crs:EPSG::4326", LAT_LON, LAT_LON)
    other = body.replace(b"urn:ogc:def:crs:EPSG::4326", b"http://www.opengis.net/def/crs/EPSG/0/4326", 1)
    assert [feature.geometry.x for feature in read(other).features if feature.geometry] == [WHERE[0]] * 2
    with pytest.raises(Invalid) as refused:
        read(body.replace(b"EPSG::4326", b"EPSG::31468", 1))
    assert refused.value.code == "crs_mixed"


def test_hears_a_mapping_that_names_the_system() -> None:
    body = gml("3", "urn:adv:crs:DE_DHDN_3GK4", in_system(31468, northing_first=False))
    assert where(read(body, LayerMapping(crs="EPSG:31468"))) == pytest.approx(place_in(31468), abs=1e-6)


def test_takes_the_system_of_the_box_where_the_geometries_name_none(tmp_path: Path) -> None:
    box = (
        b'<gml:boundedBy><gml:Envelope srsName="urn:ogc:def:crs:EPSG::4326"><gml:lowerCorner>13 80</gml:lowerCorner>'
        b"<gml:upperCorner>14 81</gml:upperCorner></gml:Envelope></gml:boundedBy><gml:featureMember>"
    )
    body = gml("3", "", LAT_LON).replace(b"<gml:featureMember>", box)
    assert where(read(body)) == pytest.approx(WHERE)
    file = tmp_path / "box.gml"
    file.write_bytes(body)
    assert names(file).names == ["urn:ogc:def:crs:EPSG::4326"]
    file.write_bytes(body.replace(b"<gml:Point>", b'<gml:Point srsName="EPSG:31468">'))
    assert names(file).names == ["EPSG:31468"], "which may differ from that of the box"


def test_reads_one_in_a_zip_beside_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "wards.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("wards.gml", gml("3.2", "EPSG:4326", LON_LAT))
        archive.writestr("wards.xsd", '<schema xmlns="http://www.w3.org/2001/XMLSchema"/>')
    assert where(read(file)) == pytest.approx(WHERE)


def test_an_empty_collection_is_an_empty_layer(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="empty"):
        read(gml("3.2", "EPSG:4326", numberMatched=0))


@pytest.mark.parametrize("padding", [0, 5000])
@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY e "ha"><!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;">]>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ],
)
def test_refuses_a_document_type_wherever_it_is(doctype: bytes, padding: int) -> None:
    head, _, rest = gml("3.2", "EPSG:4326", LON_LAT).partition(b"?>")
    with pytest.raises(Malformed):
        read(head + b"?>" + b" " * padding + doctype + rest)


def test_refuses_a_document_type_where_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.gml"
    file.write_bytes('<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16"))
    with pytest.raises(Malformed) as refused:
        names(file)
    assert refused.value.code == "xml_with_entities"
    file.write_bytes(gml("3.2", "EPSG:4326", LON_LAT)[:-9])
    with pytest.raises(Malformed):
        names(file)
