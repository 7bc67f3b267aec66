"""What a file is, by its first bytes: every kind told, and what is none refused by what it is instead."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.formats.sniff import FileKind, sniff

GEOPACKAGE = b"SQLite format 3\x00" + bytes(52) + b"GPKG" + bytes(100)
KINDS = {
    b'{"type": "FeatureCollection"}': FileKind.GEOJSON,
    b"\xef\xbb\xbf \n[": FileKind.GEOJSON,
    b'\x1e{"type": "Feature"}': FileKind.GEOJSON,
    b"name,lat,lon\n": FileKind.CSV,
    b"name;lat;lon\n": FileKind.CSV,
    b"PK\x03\x04rest": FileKind.ZIP,
    b"\x00\x00\x27\x0a" + bytes(96): FileKind.SHAPEFILE,
    b"fgb\x03fgb\x00": FileKind.FLATGEOBUF,
    GEOPACKAGE: FileKind.GEOPACKAGE,
    b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>': FileKind.KML,
    b"<gpx version='1.1'/>": FileKind.GPX,
    b'<cap:alert xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">': FileKind.CAP,
    b"<!-- made by hand --><feed>": FileKind.FEED,
    b"<rdf:RDF xmlns:rdf='x'>": FileKind.FEED,
}


@pytest.mark.parametrize("head", KINDS, ids=lambda head: head[:12].decode("ascii", "replace"))
def test_knows_every_kind_by_its_first_bytes(head: bytes) -> None:
    assert sniff(head, "x") is KINDS[head]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"<!DOCTYPE HTML><p>", "web page"),
        (b"<html lang='en'>", "web page"),
        (b"<!DOCTYPE kml [<!ENTITY x 'y'>]><kml>", "entities"),
        (b"<OGRVRTDataSource>", "VRT"),
        (b"<osm version='0.6'>", "osm"),
        (b"SQLite format 3\x00" + bytes(100), "GeoPackage"),
        (b"a\x00b,c", "GeoJSON"),
        (b"hello\nworld, all", "GeoJSON"),
    ],
)
def test_refuses_what_it_cannot_read_and_says_what_it_is(head: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        sniff(head, "upload")


def test_names_the_file_it_speaks_of() -> None:
    with pytest.raises(Malformed, match="wards"):
        sniff(b"", "wards")
