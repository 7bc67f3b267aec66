"""Tables: coordinates, well-known text or codes in rows of CSV, with hashtags or without."""

from __future__ import annotations

import csv
import io

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.normalise.column_words import ColumnKind, place_names
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read


def test_reads_hashtags_below_remarks_and_names():
    table = "Flood 2015,,,\nWhere,North,East,Who\n#adm2+code,#geo+lat,#geo+lon,#org\n0033,13.05,80.25,City\n"
    (feature,) = read(table.encode()).features
    assert (feature.code, feature.geometry.bounds[:2]) == ("0033", (80.25, 13.05))
    assert feature.properties["Who"] == "City"


def test_keeps_rows_that_only_have_a_code():
    version = read(b"P-Code,Name\n0033,North\n0034,South\n")
    assert [(f.code, f.geometry) for f in version.features] == [("0033", None), ("0034", None)]
    assert "placed by its code" in version.notes[0]


def test_reads_csv_with_coordinates() -> None:
    version = read("name;lat;lon;code\nAé;27.7;85.3;007\nB;x;85.3;008\nC;27.7;85.3\n".encode())
    assert [(item.name, item.code) for item in version.features] == [("Aé", "007")]
    assert version.refused == 2
    assert any("lat: not a number (got x): row 2" in note for note in version.notes)
    assert any("3 cells under 4 column names: row 3" in note for note in version.notes)


def test_reads_csv_with_well_known_text() -> None:
    assert read(b'id,wkt\n1,"POINT (85.3 27.7)"\n').features[0].geometry is not None


def test_reads_latin1_csv_and_says_so() -> None:
    body = "name,lat,lon\nPanamá,8.9,-79.5\n".encode("latin-1")
    version = read(body)
    assert version.features[0].name == "Panamá"
    assert "guessed: cp1252, as in “Panamá”" in version.notes[0]
    assert read(body, LayerMapping(encoding="latin-1")).features[0].name == "Panamá"


def test_refuses_csv_without_coordinates() -> None:
    with pytest.raises(Invalid, match="no columns of coordinates.*place, code"):
        read(b"place,code\na,1\n")


SEPARATED = {
    "sep_line": "sep=;\r\nname;lat;lon\r\nHall;13.01;80.21\r\n",
    "quoted_sep_line": '"sep=\t"\r\nname\tlat\tlon\r\nHall\t13.01\t80.21\r\n',
    "old_mac": "name,lat,lon\rHall,13.01,80.21\r",
    "tabs": "name\tlat\tlon\nHall\t13.01\t80.21\n",
    "bars": "name|lat|lon\nHall|13.01|80.21\n",
    "commas_in_text": 'name;lat;lon\n"Hall, big, old";13.01;80.21\n',
    "decimal_commas": "name;lat;lon\nHall;13,01;80,21\n",
    "decimal_commas_of_three": "name;lat;lon\nHall;13,010;80,210\n",
    "arabic_digits": "name,lat,lon\nHall,١٣٫٠١,٨٠٫٢١\n",
    "degrees": "name;lat;lon\nHall;13.01°;80.21°\n",
    "minutes": "name;lat;lon\nHall;13°00'36\"N;80°12'36\"E\n",
    "title": "Shelters as of 27 Nov 2026,,,\n,,,\nname,lat,lon,status\nHall,13.01,80.21,open\n",
    "title_without_cells": "Shelters as of 27 Nov 2026\nby the district\n\nname,lat,lon,state\nHall,13.01,80.21,up\n",
    "groups": "Camp,Location,,People,\nname,lat,lon,total,now\nHall,13.01,80.21,120,40\n",
    "names_above_parts": "name,lat,lon,people,\n,,,total,now\nHall,13.01,80.21,120,40\n",
    "spanish": "nombre,latitud,longitud\nHall,13.01,80.21\n",
    "indonesian": "nama,lintang,bujur\nHall,13.01,80.21\n",
    "hindi": "नाम,अक्षांश,देशांतर\nHall,13.01,80.21\n",
    "arabic": "الاسم,خط العرض,خط الطول\nHall,13.01,80.21\n",
    "units_in_names": "Name,Latitude (°N),Longitude [deg]\nHall,13.01,80.21\n",
    "one_cell": 'name,coordinates\nHall,"13.01, 80.21"\n',
    "one_cell_lon_first": 'name,lonlat\nHall,"80.21 13.01"\n',
    "geojson": 'name,geojson\nHall,"{""type"":""Point"",""coordinates"":[80.21,13.01]}"\n',
    "extended_wkt": "name,geom\nHall,SRID=4326;POINT(80.21 13.01)\n",
    "wkb": "name,geom\nHall," + shapely.to_wkb(shapely.Point(80.21, 13.01), hex=True) + "\n",
    "empty_cells_behind": "name,lat,lon\nHall,13.01,80.21,,,\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("text", SEPARATED.values(), ids=SEPARATED.keys())
def test_reads_a_table_as_programs_and_people_write_it(text: str, encoding: str):
    version = read(text.encode(encoding))
    (feature,) = version.features
    assert version.refused == 0
    assert feature.geometry.equals_exact(shapely.Point(80.21, 13.01), 1e-9)
    assert any(str(value or "").startswith("Hall") for value in feature.properties.values())


def test_says_which_rows_above_the_names_it_did_not_read():
    version = read(SEPARATED["title_without_cells"].encode())
    assert "rows above the column names, not read: 2 (“Shelters as of 27 Nov 2026”; “by the district”)" in version.notes


def test_keeps_columns_without_a_name_and_with_the_same_name():
    (feature,) = read(b"name,lat,lon,note,note,\nHall,13.01,80.21,a,b,c\n").features
    assert [feature.properties[name] for name in ("note", "note (2)", "column 6")] == ["a", "b", "c"]


def test_names_columns_by_their_group_where_two_are_alike():
    (feature,) = read(b"Camp,Place,,Women,,Men,\nname,lat,lon,in,out,in,out\nA,13.01,80.21,1,2,3,4\n").features
    counts = {name: feature.properties[name] for name in ("Women in", "Women out", "Men in", "Men out")}
    assert counts == {"Women in": "1", "Women out": "2", "Men in": "3", "Men out": "4"}


def test_takes_a_coordinate_system_from_the_geometry():
    version = read(b"name,geom\nHall,SRID=3857;POINT(8929000 1460000)\n")
    assert version.features[0].geometry.distance(shapely.Point(80.21, 13.0)) < 0.01


def test_reads_an_outline_longer_than_a_usual_cell():
    ring = ", ".join(f"{80 + n / 20000:.6f} {13 + n / 90000:.6f}" for n in range(10_000))
    body = f'name,wkt\nWard,"POLYGON (({ring}, 81 13, 80.000000 13.000000))"\n'
    assert len(body) > 150_000
    assert read(body.encode()).features[0].geometry is not None


@pytest.mark.parametrize("encoding", ["gbk", "cp1251", "windows-1256", "latin-1", "utf-16"])
def test_reads_a_table_in_the_encoding_of_the_mapping(encoding: str):
    name = {"gbk": "避难所", "cp1251": "Школа", "windows-1256": "مدرسة"}.get(encoding, "Möhnesee")
    body = f"name,lat,lon\n{name},13.01,80.21\n".encode(encoding)
    version = read(body, LayerMapping(encoding=encoding))
    assert version.features[0].name == name
    assert not any("guessed" in note for note in version.notes)


def test_refuses_a_mapped_encoding_that_is_wrong_or_unknown():
    with pytest.raises(Malformed, match="line 2 is not utf-8"):
        read("name,lat,lon\nÉcole,13,80\n".encode("cp1252"), LayerMapping(encoding="utf-8"))
    with pytest.raises(Invalid, match="no encoding of this name"):
        read(b"name,lat,lon\nA,13,80\n", LayerMapping(encoding="nonsense"))


def test_says_which_columns_there_are_below_a_title():
    with pytest.raises(Invalid, match="Camp, Ward, Beds"):
        read(b"Shelters,,\nCamp,Ward,Beds\nA,1,2\n")


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
            st.floats(1, 89).map(lambda number: round(number, 5)),
            st.floats(-179, 179).map(lambda number: round(number, 5)),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([(";", ","), (";", "."), (",", "."), ("\t", ","), ("\t", "."), ("|", ".")]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([(), ("Shelters",), ("Shelters", "as of today")]),
)
@settings(deadline=None, max_examples=150)
def test_reads_every_row_that_a_spreadsheet_can_write(rows, marks, encoding, end, titles):
    delimiter, point = marks
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    for title in titles:
        writer.writerow([title, "", ""])
    writer.writerow(["Name", "Latitude", "Longitude"])
    for name, lat, lon in rows:
        writer.writerow([name, *(f"{number:.5f}".replace(".", point) for number in (lat, lon))])
    mapping = LayerMapping(encoding="gb18030" if encoding == "gb18030" else "")
    version = read(out.getvalue().encode(encoding), mapping)
    assert version.refused == 0
    assert [feature.properties["Name"] for feature in version.features] == [name for name, _, _ in rows]
    for feature, (_, lat, lon) in zip(version.features, rows, strict=True):
        assert feature.geometry.equals_exact(shapely.Point(lon, lat), 1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "name;lat;lon\nA;13.01;80.21\nB;0;0\n",
        "name;lat;lon\nA;13,01;80,21\nB;0,0;0,00\n",
        'name,coordinates\nA,"13.01, 80.21"\nB,"0.0, 0.0"\n',
        "name,geom\nA,POINT(80.21 13.01)\nB,POINT(0 0)\n",
    ],
)
def test_places_no_row_at_0_0(text: str):
    version = read(text.encode())
    assert [feature.name for feature in version.features if feature.geometry is not None] == ["A"]
    assert version.refused + version.unlocated == 1
    assert any("0" in note for note in version.notes)


@given(
    st.sampled_from(place_names(ColumnKind.LON)),
    st.sampled_from(place_names(ColumnKind.LAT)),
    st.lists(st.sampled_from(["13.01", "13,01", "13°00'36\"N", "x", "", "95"]), min_size=1, max_size=6),
)
@settings(deadline=None, max_examples=60)
def test_loses_no_row_under_any_known_name(lon: str, lat: str, angles: list[str]):
    rows = "".join(f"Hall {number};{angle};80.21\n" for number, angle in enumerate(["13.01", *angles]))
    try:
        version = read(f"name;{lat};{lon}\n{rows}".encode())
    except Invalid as refusal:
        assert refusal.code in ("features_refused", "layer_swapped")  # too many of them
        return
    assert len(version.features) + version.refused >= len(angles) + 1
    assert version.features[0].geometry.equals_exact(shapely.Point(80.21, 13.01), 1e-9)


def test_takes_a_row_without_numbers_for_data() -> None:
    """A place that is not known yet and a remark without a name are no names within groups of columns."""
    table = b"name,lat,lon,status,\nSchool,,north gate,,call first\nHall,13.05,80.25,open,\n"
    found = read(table)
    assert ([each.name for each in found.features], found.refused) == (["Hall"], 1)
    assert "refused, no geometry: row 1" in found.notes
