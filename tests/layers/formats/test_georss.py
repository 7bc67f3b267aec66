"""Places of entries: every form that feeds use, several together, and empty or broken ones that lose no entry."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.layers.formats.georss import places

SPACES = (
    'xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"'
)
TRIANGLE = "13 80 13 81 14 81 13 80"
RING = [[80.0, 13.0], [81.0, 13.0], [81.0, 14.0], [80.0, 13.0]]
POINT = {"type": "Point", "coordinates": [80.25, 13.05]}


def read(inside: str) -> tuple[dict[str, object] | None, list[str]]:
    return places(fromstring(f"<item {SPACES}>{inside}</item>"))


@pytest.mark.parametrize(
    ("inside", "geometry"),
    [
        ("<georss:point>13.05 80.25</georss:point>", POINT),
        ("<georss:point> 13.05,\n80.25 </georss:point>", POINT),
        ("<geo:lat>13.05</geo:lat><geo:long>80.25</geo:long>", POINT),
        ("<geo:Point><geo:lat>13.05</geo:lat><geo:long>80.25</geo:long></geo:Point>", POINT),
        ("<georss:where><gml:Point><gml:pos>13.05 80.25</gml:pos></gml:Point></georss:where>", POINT),
        ('<gml:Point srsDimension="3"><gml:pos>13.05 80.25 7</gml:pos></gml:Point>', POINT),
        ('<gml:Point srsName="urn:ogc:def:crs:OGC:1.3:CRS84"><gml:pos>80.25 13.05</gml:pos></gml:Point>', POINT),
        ("<georss:line>13 80 14 81</georss:line>", {"type": "LineString", "coordinates": [[80, 13], [81, 14]]}),
        (f"<georss:polygon>{TRIANGLE}</georss:polygon>", {"type": "Polygon", "coordinates": [RING]}),
        (
            "<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>" + TRIANGLE + "</gml:posList></gml:LinearRing>"
            "</gml:exterior><gml:interior><gml:LinearRing><gml:posList>" + TRIANGLE + "</gml:posList></gml:LinearRing>"
            "</gml:interior></gml:Polygon>",
            {"type": "Polygon", "coordinates": [RING, RING]},
        ),
        (
            "<georss:box>13 80 14 81</georss:box>",
            {"type": "Polygon", "coordinates": [[[80, 13], [81, 13], [81, 14], [80, 14]]]},
        ),
        (
            "<gml:Envelope><gml:lowerCorner>13 80</gml:lowerCorner><gml:upperCorner>14 81</gml:upperCorner>"
            "</gml:Envelope>",
            {"type": "Polygon", "coordinates": [[[80, 13], [81, 13], [81, 14], [80, 14]]]},
        ),
    ],
)
def test_reads_every_form_of_a_place(inside: str, geometry: dict[str, object]) -> None:
    assert read(inside) == (geometry, [])


def test_reads_a_circle_in_metres() -> None:
    geometry, problems = read("<georss:circle>13 80 1000</georss:circle>")
    assert geometry is not None and problems == []
    [ring] = geometry["coordinates"]  # type: ignore[misc]
    assert max(lat for _, lat in ring) == pytest.approx(13.009, abs=1e-3)


@pytest.mark.parametrize(
    "inside",
    ["", "<georss:point> </georss:point><geo:lat></geo:lat><geo:long></geo:long>", "<georss:where/>", "<georss:box/>"],
)
def test_an_empty_place_is_no_place_and_no_fault(inside: str) -> None:
    assert read(inside) == (None, [])


def test_all_places_of_an_entry_count() -> None:
    two = read("<georss:point>13 80</georss:point><georss:point>14 81</georss:point><georss:point>13 80</georss:point>")
    assert two[0] == {"type": "MultiPoint", "coordinates": [[80, 13], [81, 14]]}
    polygons = f"<georss:polygon>{TRIANGLE}</georss:polygon><georss:polygon>15 80 15 81 16 81</georss:polygon>"
    assert read(polygons)[0]["type"] == "MultiPolygon"  # type: ignore[index]
    mixed = read(f"<georss:point>13 80</georss:point>{polygons}")[0]
    assert [each["type"] for each in mixed["geometries"]] == ["Point", "Polygon", "Polygon"]  # type: ignore[index,attr-defined]


def test_the_older_point_counts_only_alone() -> None:
    older = "<geo:lat>1</geo:lat><geo:long>2</geo:long>"
    assert read(f"<georss:point>13.05 80.25</georss:point>{older}") == (POINT, [])


@pytest.mark.parametrize(
    "broken",
    [
        "<georss:point>13.05</georss:point>",
        "<georss:point>here</georss:point>",
        "<georss:polygon>1 2 3 4</georss:polygon>",
        "<georss:circle>13 80</georss:circle>",
        "<georss:circle>99 80 5</georss:circle>",
        "<georss:box>1 2 3</georss:box>",
    ],
)
def test_names_a_broken_place_and_keeps_the_others(broken: str) -> None:
    geometry, [problem] = read(f"{broken}<georss:point>13.05 80.25</georss:point>")
    assert geometry == POINT
    assert problem.endswith("cannot be read")
    assert read(broken)[0] is None
    assert read("<geo:lat>13</geo:lat>") == (None, ["point '13' cannot be read"])


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="<&>"), max_size=40))
def test_no_text_of_a_place_is_fatal(text: str) -> None:
    for kind in ("point", "line", "polygon", "box", "circle"):
        geometry, problems = read(f"<georss:{kind}>{text}</georss:{kind}>")
        assert geometry is None or problems == []
