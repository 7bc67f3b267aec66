"""It opens foreign files where they can read nothing else and call nobody."""

from __future__ import annotations

import json
import os
import platform
import socket
from collections.abc import Iterator
from pathlib import Path

import pyogrio.raw
import pytest

from crisismap.core.errors import Malformed, TooLarge
from crisismap.layers.formats.sniff import FileKind
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.sandbox import sandbox
from tests.layers.samples import read, write

linux = pytest.mark.skipif(platform.system() != "Linux", reason="the restrictions that this test needs are Linux's")


def test_has_a_canary_that_a_plain_reader_would_read(vrt: Path) -> None:
    assert len(pyogrio.raw.read(vrt)[2]) == 2


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.csv", "a.shp", "a.kml", "a.fgb"])
def test_refuses_a_virtual_file_under_any_name(vrt: Path, name: str) -> None:
    with pytest.raises(Malformed, match="VRT"):
        read(vrt.rename(vrt.parent / name))


@linux
def test_lets_the_child_open_no_file_outside_its_folder(tmp_path: Path, walls: list[str]) -> None:
    if "landlock" not in walls:
        pytest.skip("the kernel has no Landlock (Linux 5.13 and later have it); the other walls are tested")
    outside = write(tmp_path / "canary.gpkg", "GPKG")
    box = tmp_path / "box"
    box.mkdir()
    order = sandbox._order(outside, FileKind.GEOPACKAGE, LayerMapping(), sandbox.ReaderLimits())
    environ = sandbox.environment(FileKind.GEOPACKAGE, box)
    answer = sandbox._run(order, box, "x", sandbox.ReaderLimits(), environ)
    assert "Camp" not in answer.read_text()
    assert "error" in json.loads(answer.read_text().splitlines()[0])


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        yield server


def test_follows_no_link_in_a_kml(tmp_path: Path, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):  # the control: a call would be heard
        listener.accept()[0].close()
    path = tmp_path / "a.kml"
    path.write_text(
        '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<NetworkLink><Link><href>http://127.0.0.1:{port}/x.kml</href></Link></NetworkLink>"
        f"<Placemark><name>Camp</name><styleUrl>http://127.0.0.1:{port}/s.kml#a</styleUrl>"
        "<Point><coordinates>85.3,27.7</coordinates></Point></Placemark></Document></kml>"
    )
    assert [item.name for item in read(path).features] == ["Camp"]
    with pytest.raises(TimeoutError):
        listener.accept()


def test_refuses_xml_with_entities(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/hostname">]><kml>&x;</kml>')
    with pytest.raises(Malformed, match="entities"):
        read(path)


def box_with(tmp_path: Path) -> Path:
    (tmp_path / "box").mkdir()
    return write(tmp_path / "box" / "layer.gpkg", "GPKG")


def test_stops_a_child_that_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="longer than"):
        sandbox.read(box_with(tmp_path), FileKind.GEOPACKAGE, LayerMapping(), "x", sandbox.ReaderLimits(wall_s=0.01))


@linux
def test_stops_a_child_that_takes_too_much_memory(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="limits"):
        sandbox.read(
            box_with(tmp_path), FileKind.GEOPACKAGE, LayerMapping(), "x", sandbox.ReaderLimits(memory=64 << 20)
        )


def test_bounds_the_answer(tmp_path: Path) -> None:
    with pytest.raises((Malformed, TooLarge)):
        sandbox.read(box_with(tmp_path), FileKind.GEOPACKAGE, LayerMapping(), "x", sandbox.ReaderLimits(answer=100))


def test_bounds_the_number_of_features(tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="more than 1 features"):
        sandbox.read(box_with(tmp_path), FileKind.GEOPACKAGE, LayerMapping(), "x", sandbox.ReaderLimits(features=1))


def test_leaves_nothing_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    read(write(tmp_path / "camps.gpkg", "GPKG"))
    assert os.listdir(tmp_path / "tmp") == []
