"""It unpacks nothing hostile."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.layers import read as door
from crisismap.layers.formats import archive
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


def test_refuses_two_layers_in_one_zip() -> None:
    with pytest.raises(Invalid, match="exactly one layer.*a.geojson, b.geojson"):
        read(zipped(**{"a.geojson": GOOD, "b.geojson": GOOD}))
