"""It unpacks nothing hostile."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.layers import read as door
from crisismap.layers.formats import archive
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import collection, feature, point, read

GOOD = collection(feature(point(80, 13)))


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def test_reads_the_one_layer_of_a_zip() -> None:
    assert len(read(zipped(**{"a/b.geojson": GOOD, "notes.txt": b"hello"})).features) == 1


@pytest.mark.parametrize(
    "name", ["../out.geojson", "/out.geojson", "a/../../out.geojson", "..\\out.geojson", "C:out.geojson"]
)
def test_refuses_a_path_that_leads_out(name: str) -> None:
    with pytest.raises(Malformed, match="leads out"):
        read(zipped(**{name: GOOD}))


def test_refuses_an_archive_in_the_archive_by_name_and_by_content() -> None:
    inner = zipped(**{"a.geojson": GOOD})
    for name in ("inner.zip", "inner.geojson"):
        with pytest.raises(Malformed, match="archive"):
            read(zipped(**{name: inner}))


def test_refuses_a_link() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/hostname")
    with pytest.raises(Malformed, match="no plain file"):
        read(out.getvalue())


def test_refuses_too_many_members() -> None:
    with pytest.raises(TooLarge, match="files"):
        read(zipped(**{f"{n}.txt": b"" for n in range(archive.MAX_MEMBERS + 1)}))


def test_refuses_a_bomb_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_BYTES", 100_000)
    with pytest.raises(TooLarge, match="unpacks to 1000000 bytes"):
        read(zipped(**{"a.geojson": bytes(1_000_000)}))


def test_refuses_a_damaged_zip() -> None:
    with pytest.raises(Malformed, match="damaged"):
        read(zipped(**{"a.geojson": GOOD})[:-40])


def test_refuses_two_layers_in_one_zip_and_offers_them() -> None:
    with pytest.raises(Invalid, match="source_layer.*a.geojson, b.geojson"):
        read(zipped(**{"a.geojson": GOOD, "b.geojson": GOOD}))


@pytest.mark.parametrize("name", ["b", "B.geojson", "in/b", "in\\b.geojson"])
def test_reads_the_layer_of_a_zip_that_the_mapping_names(name: str) -> None:
    other = collection(feature(point(81, 14), name="B"))
    version = read(zipped(**{"in/a.geojson": GOOD, "in/b.geojson": other}), LayerMapping(source_layer=name))
    assert [each.name for each in version.features] == ["B"]
    assert "files in the zip, not used: 1 (in/a.geojson)" in version.notes


def test_reads_paths_as_older_windows_writes_them() -> None:
    assert len(read(zipped(**{"Shelters\\": b"", "Shelters\\in\\a.geojson": GOOD})).features) == 1


def test_reads_names_in_the_code_page_of_windows() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("避难所", "道路"):
            made.writestr(zipfile.ZipInfo("AAAAAA"[: len(name) * 2] + ".geojson"), GOOD)
    body = out.getvalue().replace(b"AAAAAA", "避难所".encode("gbk")).replace(b"AAAA.", "道路".encode("gbk") + b".")
    with pytest.raises(Invalid, match="避难所.geojson, 道路.geojson"):
        read(body)
    assert len(read(body, LayerMapping(source_layer="避难所")).features) == 1


def test_takes_a_table_without_a_place_for_no_layer() -> None:
    version = read(zipped(**{"a.geojson": GOOD, "codes.csv": b"code,text\n1,open\n", "README.txt": b"a,b\n"}))
    assert len(version.features) == 1
    assert "files in the zip, not used: 2 (README.txt, codes.csv)" in version.notes


def test_passes_over_what_a_mac_adds() -> None:
    version = read(zipped(**{"a.geojson": GOOD, "__MACOSX/._a.geojson": b"\x00\x05\x16\x07", ".DS_Store": b"x"}))
    assert len(version.features) == 1
    assert not any("zip" in note for note in version.notes)
