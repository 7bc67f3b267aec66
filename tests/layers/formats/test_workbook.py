"""Workbooks, read in the sandbox: codes stay text, and one sheet is meant."""

from __future__ import annotations

import base64
import html
import re
import struct
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from crisismap.channels.file.read import read_reports
from crisismap.cli.importing import read_workbook
from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.formats.workbook import parse as workbook_parse
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.problems import sentence
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


OLD = zlib.decompress(
    base64.b85decode(
        "c-rk)U1%It6#nLCf0E5^Ht9xag)$bcHAx}GN*keW{Au$NOKsJbBIsmivRS&j6J}?n5!7nUqagUC_)@74zC=a*Lj`@2J}4D^5CmzW"
        ";EPX!f<l}1yJu#{G*)Op0}XSQd+s^so^$UvbMHO(?tFc5VCmdD+m^A0?ty`oP7l(nY#K{XS1E$+osJT_b(W=*&<#aBSx#g+g^%-J"
        "X4D+2`Cf*Ox6RMVfgf2O!yFEKP1o8$x=%3Jn!<2EGr9J3yv9<%R>3tWydr#y@VCVG6X6qLc~STQ`YvfFaj|@Ocz?8xPv|?Otw65f"
        "1Bv-wEPF773u+xd`;r#=rf{!cv+Fll!*;U|=fNqRbepcP^dY>VHtjrVccZb}aje<dyBm!qlsM_<@q5Pte(Ub;&#c70v33o#|8ccF"
        "^Dp)+r*f_RW!(hMp!0;Lmh=Mh&{L`<#jP8-tp)Vqgd}qlN82;*W$4-fHC1we-LkwHEASk9z8|>XuGhtI$gk1Dyk4;bx9a)x93yZ~"
        "2eeGtK`m%IE)Rq$uUQqD{m;4HT-~Kx#dBPC>`k{^|4G-e?0|6QW|>Cl<-4s)+r0(aqo~1!&u5up-9|ue!KO6B+M(89{QxZ$%u*^@"
        "7T(K!k$X4y70V*I0gR39%L60hd&c+f-8XiZA_APLd!AEkR<{7h0^h#mTJ2`w`qpu~MMx61zgL}Tk^zfXWx%}Tg+6iz{UQ%Yb|~`I"
        "Uw-q~ZyuaJQhr=4XXMli&&J!-6rh9WR0M+yaZAXDC1OPQ^U~|hB5xC3;#9HTd1NRO4xJUB7o>G3$GKDJ+w$$J<Xw~(etGD_?F&DZ"
        "@1VRmx%^aV@w@Ul?BH4LFkb!6VpJQ|UVTN;N9As<MOpL*;amTaQL}n6!rqB40R6avUJ(bvTY^4__mwL%?%%W#Z&lW|cx|q?szn~+"
        "xyC~m55+@Gy+0$?bZTa-8Prm-W>QPXT8dgG*3#6nv6i9M6Jao}fx!?Ay^+5m7`V-0a9#|-Fn(~-|FeI1BD5$R#_8Oxy9y6aJfo`!"
        "g=H{~S6KSu_%vG{A&tEL^F-LL@Z=*r>gh6T@R)+95cOvY9%e9n%AQQYQ!Ocv>eCz}@=;?JqcKexQ_(2Ll=X~jt>=UiN+_X(6533p"
        "?i=bxVaPv&@LrXcb2j|0bA@Fk`Ao8D=_ow@0{*o+h$d?v^XpnaHzB2U`_is6ru)56(Q%IM;}oU^$EkI%U*5H~)z5R?fyMuB3$1tj"
        "mG$8KpU3|Tnb=j-"
    )
)


def xlsb(*sheets: Rows) -> bytes:
    """The smallest XLSB there can be: records of a number, a length and so many bytes."""
    packed = BytesIO()
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = [f"Sheet{number}" for number, _ in enumerate(sheets, 1)]
    bundles = b"".join(
        record(156, struct.pack("<II", 0, n) + wide(f"r{n}") + wide(f"Sheet{n}")) for n in numbers(names)
    )
    book = record(131) + record(143) + bundles + record(144) + record(132)
    with ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book)
        sheet_rels = "".join(
            f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.bin"/>'
            for n in numbers(names)
        )
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{rels}">{sheet_rels}</Relationships>')
        for number, rows in enumerate(sheets, 1):
            size = struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(map(len, rows), default=1))
            cells = b"".join(
                record(0, struct.pack("<IIHHBI", y, 0, 300, 0, 0, 0))
                + b"".join(xlsb_cell(x, cell) for x, cell in enumerate(row))
                for y, row in enumerate(rows)
            )
            body = record(129) + record(148, size) + record(145) + cells + record(146) + record(130)
            archive.writestr(f"xl/worksheets/sheet{number}.bin", body)
    return packed.getvalue()


def numbers(names: list[str]) -> range:
    return range(1, len(names) + 1)


def xlsb_cell(column: int, value: object) -> bytes:
    head = struct.pack("<II", column, 0)
    if isinstance(value, int | float):
        return record(5, head + struct.pack("<d", value))
    return record(6, head + wide(html.unescape(str(value))))


def record(kind: int, content: bytes = b"") -> bytes:
    packed = b""
    for number in (kind, len(content)):
        while number > 127:
            packed += bytes([number & 127 | 128])
            number >>= 7
        packed += bytes([number])
    return packed + content


def wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def compound(*streams: str) -> bytes:
    """The first bytes and the directory of an Office document with streams of these names."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + b"".join(n.encode("utf-16-le") for n in streams)


def with_password(book: bytes) -> bytes:
    """An old workbook whose content begins with the record of a password (FILEPASS)."""
    at = book.index(b"\x09\x08\x10\x00")  # the record that begins the content
    end = at + 20
    return book[:end] + b"\x2f\x00\x06\x00" + b"\x00" * 6 + book[end + 10 :]


def test_reads_a_workbook_of_old_excel_with_its_dates_and_codes():
    tables = workbook_parse(OLD)
    assert tables["Rufe"][3] == [
        *("rescue", "Vier Leute auf dem Dach — வெள்ளம்", "13.0312", "80.2212", "4"),
        *("007", "2026-11-27T08:30:00", "+919447055555"),
    ]
    version = read(OLD)
    assert [feature.geometry.bounds[:2] for feature in version.features] == [(80.2212, 13.0312), (80.25, 13.05)]
    assert any(note.startswith("sheets, not used: 1 (Notes") for note in version.notes)


def test_reads_binary_workbooks_and_those_with_macros():
    rows = [NAMES, ["007", 13.05, 80.25, "Schule — பள்ளி"]]
    macros = BytesIO(workbook(rows))
    with ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macros")
    for book in (xlsb(rows), macros.getvalue()):
        (feature,) = read(book).features
        assert (feature.code, feature.name) == ("007", "Schule — பள்ளி")
        assert feature.geometry.bounds == (80.25, 13.05, 80.25, 13.05)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (compound("Root Entry", "EncryptionInfo", "EncryptedPackage"), "has a password.*save it as .xlsx"),
        (with_password(OLD), "has a password.*save it as .xlsx"),
        (compound("Root Entry", "WordDocument"), "not a workbook; save the table as .xlsx"),
        (compound("Root Entry", "__properties_version1.0"), "not a workbook; save the table as .xlsx"),
        (OLD[:2000], "not a workbook"),
        (OLD[:30] + b"\xff" * 60 + OLD[90:], "save it as .xlsx"),
        (OLD[:512] + bytes(4000), "not a workbook"),
        (xlsb([NAMES])[:300], "zip"),
        (b"<html><table><tr><td>lat</td></tr></table></html>", "under the name .xls, must be saved as .xlsx"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "save it as .xlsx"),
    ],
)
def test_says_of_other_workbooks_what_to_do(data: bytes, says: str, tmp_path: Path):
    with pytest.raises(Malformed) as refusal:
        read(data)
    assert re.search(says, sentence(refusal.value))
    (tmp_path / "calls.xls").write_bytes(data)
    with pytest.raises(Malformed) as refusal:
        read_reports(tmp_path / "calls.xls", read_workbook=read_workbook)
    assert re.search("xlsx|zip", sentence(refusal.value))


def test_reads_reports_of_an_old_workbook(tmp_path: Path):
    (tmp_path / "calls.xls").write_bytes(OLD)
    reader = read_reports(tmp_path / "calls.xls", read_workbook=read_workbook)
    first, second = reader
    assert (first.body["lat"], first.body["people"], first.body["contact"]["phone"]) == (13.0312, 4, "+919447055555")
    assert first.body["observed_at"].startswith("2026-11-27T08:30")
    assert second.body["text"] == "Straße unter Wasser"
    assert "the sheet 'Notes' was not read" in reader.notes
