"""Workbooks, read in the sandbox: codes stay text, and one sheet is meant."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read

NAMES = ["p-code", "lat", "lon", "name"]


Rows = list[list[object]]


def workbook(*sheets: Rows) -> bytes:
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


def ods(*sheets: Rows) -> bytes:
    """The smallest ODS there can be."""
    packed = BytesIO()
    space = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    tables = [
        f'<table:table table:name="Sheet{number}">'
        + "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for number, rows in enumerate(sheets, 1)
    ]
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    with ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{''.join(tables)}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0">{entry}</manifest:manifest>',
        )
    return packed.getvalue()


def ods_cell(value: object) -> str:
    number = f' office:value-type="float" office:value="{value}"' if isinstance(value, int | float) else ""
    kind = number or ' office:value-type="string"'
    return f"<table:table-cell{kind}><text:p>{value}</text:p></table:table-cell>"


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


def test_reads_a_spreadsheet_of_libreoffice():
    (feature,) = read(ods([NAMES, ["007", 13.05, 80.25, "School"]])).features
    assert (feature.code, feature.name) == ("007", "School")
    assert feature.geometry.bounds == (80.25, 13.05, 80.25, 13.05)


@pytest.mark.parametrize("make", [workbook, ods])
def test_takes_the_only_sheet_with_places_and_names_the_others(make):
    version = read(make([["Notes"], ["as of today"]], [NAMES, ["007", 13.05, 80.25, "School"]]))
    assert [feature.name for feature in version.features] == ["School"]
    assert any(note.startswith("sheets, not used: 1 (S") for note in version.notes)


def test_reads_titles_and_merged_names_above_a_table():
    rows = [["Relief camps"], ["As of 27.11.2026"], ["Camp", "Place", "", "People"], ["Name", "Lat", "Lon", "Capacity"]]
    version = read(workbook([*rows, ["Hall", 13.05, 80.25, 120]]))
    assert [feature.name for feature in version.features] == ["Hall"]
    assert any("rows above the column names, not read: 2" in note for note in version.notes)
