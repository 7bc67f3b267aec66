"""It reads the texts of a shapefile in the encoding that they are in, also where the sandbox knows no code pages."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import read


def shapefile(
    folder: Path, *names: bytes, cpg: str = "", mark: int = 0, column: bytes = b"NAME", width: int = 40
) -> Path:
    """A shapefile of points whose names are these bytes, without an index and a coordinate system."""
    points = [struct.pack("<idd", 1, 80.21 + n / 100, 13.01) for n, _ in enumerate(names)]
    records = b"".join(struct.pack(">ii", n, 10) + point for n, point in enumerate(points, 1))
    box = struct.pack("<8d", 80, 13, 81, 14, 0, 0, 0, 0)
    path = folder / "camps.shp"
    path.write_bytes(
        struct.pack(">i20xi", 9994, (100 + len(records)) // 2) + struct.pack("<ii", 1000, 1) + box + records
    )
    head = struct.pack("<B3BIHH17xB2x", 3, 126, 11, 27, len(names), 65, width + 1, mark)
    field = struct.pack("<11sc4xB15x", column, b"C", width)
    rows = b"".join(b" " + name.ljust(width)[:width] for name in names)
    path.with_suffix(".dbf").write_bytes(head + field + b"\r" + rows + b"\x1a")
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    return path


CODE_PAGES = [
    ("gbk", "GBK", "避难所"),
    ("gbk", "936", "避难所"),
    ("big5", "BIG5", "避難所"),
    ("cp932", "SJIS", "避難所"),
    ("euc-kr", "EUC-KR", "대피소"),
    ("cp874", "874", "โรงเรียน"),
    ("cp1256", "1256", "مدرسة"),
    ("cp1251", "ANSI 1251", "Школа"),
    ("cp1258", "CP1258", "Hà Giang"),
    ("iso8859-2", "ISO 88592", "Żółw"),
    ("latin-1", "88591", "São José"),
    ("utf-8", "UTF-8", "பள்ளி"),
    ("koi8-r", "KOI8-R", "Школа"),
]


@pytest.mark.parametrize(("encoding", "cpg", "name"), CODE_PAGES)
def test_reads_what_the_cpg_file_names(tmp_path: Path, encoding: str, cpg: str, name: str):
    version = read(shapefile(tmp_path, name.encode(encoding), cpg=cpg))
    assert version.features[0].name == name
    assert not any("guessed" in note for note in version.notes)


@pytest.mark.parametrize(("encoding", "_cpg", "name"), CODE_PAGES)
def test_reads_what_the_mapping_names(tmp_path: Path, encoding: str, _cpg: str, name: str):
    version = read(shapefile(tmp_path, name.encode(encoding)), LayerMapping(encoding=encoding))
    assert version.features[0].name == name
    assert not any("guessed" in note for note in version.notes)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [("gb18030", ["龙华区", "五华县"]), ("cp1251", ["Школа", "Больница"]), ("cp1252", ["São José", "Ñandú"])],
)
def test_guesses_what_nobody_names_and_says_so(tmp_path: Path, encoding: str, names: list[str]):
    version = read(shapefile(tmp_path, *(name.encode(encoding) for name in names), mark=0x57))
    assert [feature.name for feature in version.features] == names
    (note,) = (note for note in version.notes if "guessed" in note)
    assert f"{encoding}, as in “{names[0]}" in note


def test_hears_the_mark_of_the_table(tmp_path: Path):
    version = read(shapefile(tmp_path, "Škola".encode("cp1250"), mark=0xC8))
    assert version.features[0].name == "Škola"
    assert not any("guessed" in note for note in version.notes)


def test_takes_utf8_for_utf8_without_a_cpg_file(tmp_path: Path):
    version = read(shapefile(tmp_path, "பள்ளி".encode(), b"Camp", mark=0x57))
    assert [feature.name for feature in version.features] == ["பள்ளி", "Camp"]
    assert not any("guessed" in note for note in version.notes)


def test_says_when_the_cpg_file_is_wrong(tmp_path: Path):
    version = read(shapefile(tmp_path, "São José dos Campos, Itaquá".encode(), cpg="88591"))
    assert version.features[0].name == "São José dos Campos, Itaquá"
    assert "the .cpg file says 88591, but the text is utf-8, as in “São José" in "; ".join(version.notes)


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 10), ("gbk", 9)])
def test_takes_off_a_character_that_the_width_of_the_column_cut(tmp_path: Path, encoding: str, width: int):
    path = shapefile(tmp_path, "避难所避难所".encode(encoding), cpg=encoding, width=width)
    version = read(path)
    assert version.features[0].name == "避难所避难所".encode(encoding)[:width].decode(encoding, "ignore")
    assert any("end within a character, which was taken off: 1" in note for note in version.notes)


def test_reads_names_of_columns(tmp_path: Path):
    version = read(shapefile(tmp_path, "避难所".encode("gbk"), cpg="GBK", column="名称".encode("gbk")))
    assert version.features[0].properties == {"名称": "避难所"}


def test_refuses_a_mapped_encoding_that_is_wrong_or_unknown(tmp_path: Path):
    path = shapefile(tmp_path, "避难所".encode("gbk"))
    with pytest.raises(Malformed, match="1 texts are not utf-8"):
        read(path, LayerMapping(encoding="utf-8"))
    with pytest.raises(Invalid, match="no encoding of this name"):
        read(path, LayerMapping(encoding="gdk"))


def test_reads_a_zipped_shapefile_in_its_code_page(tmp_path: Path):
    path = shapefile(tmp_path, "避难所".encode("gbk"), cpg="GBK")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("camps.*"):
            archive.write(part, part.name)
    assert read((tmp_path / "a.zip").read_bytes()).features[0].name == read(path).features[0].name == "避难所"
