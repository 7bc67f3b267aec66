"""It reads feeds and workbooks in the sandbox: entries, rows and codes as their makers wrote them."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"><title>Gauges</title>
<entry><id>g-1</id><title>Adyar 4.2 m</title><updated>2015-12-02T06:00:00Z</updated>
<link href="https://met.example.org/1"/>{}</entry></feed>"""
NAMES = ["p-code", "lat", "lon", "name"]


def workbook(*sheets: list[list[object]]) -> bytes:
    """The smallest XLSX there can be; texts are inline, numbers are numbers."""
    packed = BytesIO()
    names = [f"Sheet{number}" for number, _ in enumerate(sheets, 1)]
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/package/2006/content-types"
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{head}<Types xmlns="{kinds}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
            + "".join(f'<Override PartName="/xl/{n}.xml" ContentType="{sheet_type}.worksheet+xml"/>' for n in names)
            + "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'{head}<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{head}<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            + "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
            + "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{head}<Relationships xmlns="{rels}">'
            + "".join(
                f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="{n}.xml"/>' for i, n in enumerate(names, 1)
            )
            + "</Relationships>",
        )
        for name, rows in zip(names, sheets, strict=True):
            cells = "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows)
            archive.writestr(
                f"xl/{name}.xml", f'{head}<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
            )
    return packed.getvalue()


def cell(value: object) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"


@pytest.mark.parametrize(
    ("where", "kind", "bounds"),
    [
        ("<georss:point>13.05 80.25</georss:point>", "Point", (80.25, 13.05, 80.25, 13.05)),
        ("<georss:line>13 80 13.1 80.1</georss:line>", "LineString", (80, 13, 80.1, 13.1)),
        ("<georss:polygon>13 80 13 80.1 13.1 80.1 13 80</georss:polygon>", "Polygon", (80, 13, 80.1, 13.1)),
        ("<georss:box>13 80 13.1 80.1</georss:box>", "Polygon", (80, 13, 80.1, 13.1)),
    ],
)
def test_reads_georss_which_is_written_latitude_first(where: str, kind: str, bounds: tuple[float, ...]):
    (feature,) = read(ATOM.format(where).encode()).features
    assert (feature.id, feature.name) == ("g-1", "Adyar 4.2 m")
    assert (feature.geometry.geom_type, feature.geometry.bounds) == (kind, bounds)


def test_keeps_an_entry_without_a_place():
    (feature,) = read(ATOM.format("").encode()).features
    assert feature.geometry is None


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (ATOM.format("").encode()[:-30], "cut off"),
        (b"<!DOCTYPE html><html><body>Sorry</body></html>", "web page"),
        (b"<html><body>Sorry</body></html>", "web page"),
        (b'<!DOCTYPE rss [<!ENTITY x "y">]><rss/>', "document type"),
        (b"<rss>" + b" " * 5000 + b'<!DOCTYPE a [<!ENTITY x "y">]></rss>', "cut off"),
    ],
)
def test_refuses_what_is_no_whole_feed(data: bytes, named: str):
    with pytest.raises(Malformed, match=named):
        read(data)


def test_reads_a_workbook_with_codes_as_text():
    (feature,) = read(workbook([NAMES, ["007", 13.05, 80.25, "School"]])).features
    assert (feature.id, feature.code, feature.name) == ("007", "007", "School")
    assert feature.geometry.bounds == (80.25, 13.05, 80.25, 13.05)


def test_asks_which_sheet_is_meant():
    rows = [NAMES, ["007", 13.05, 80.25, "School"]]
    with pytest.raises(Invalid, match="sheets"):
        read(workbook(rows, rows))
    assert len(read(workbook(rows, rows), LayerMapping(source_layer="Sheet2")).features) == 1


def test_refuses_a_workbook_that_is_broken():
    whole = workbook([NAMES])
    with pytest.raises(Malformed):
        read(whole[: len(whole) // 2])


def test_reads_hashtags_below_remarks_and_names():
    table = "Flood 2015,,,\nWhere,North,East,Who\n#adm2+code,#geo+lat,#geo+lon,#org\n0033,13.05,80.25,City\n"
    (feature,) = read(table.encode()).features
    assert (feature.code, feature.geometry.bounds[:2]) == ("0033", (80.25, 13.05))
    assert feature.properties["Who"] == "City"


def test_keeps_rows_that_only_have_a_code():
    version = read(b"P-Code,Name\n0033,North\n0034,South\n")
    assert [(f.code, f.geometry) for f in version.features] == [("0033", None), ("0034", None)]
    assert "placed by its code" in version.notes[0]
