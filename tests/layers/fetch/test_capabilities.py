"""What map servers say of themselves, as plain data; entities and other documents refused."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.fetch.capabilities import parse_wms, parse_wmts
from tests.layers import pictures


@pytest.mark.parametrize("version", ["1.1.1", "1.3.0"])
def test_reads_a_wms_of_either_version(version: str) -> None:
    found = parse_wms(pictures.wms(version, "https://a.example/wms?"))
    assert (found["version"], found["url"], found["formats"]) == (version, "https://a.example/wms?", ["image/png"])
    assert set(found["layers"]) >= {"flood", "roads"}
    flood = found["layers"]["flood"]
    assert flood["title"] == "Flood & depth"
    assert flood["bounds"] == pytest.approx(list(pictures.BOX))
    assert "EPSG:3857" in flood["systems"]


def test_reads_the_sets_of_tiles_of_a_wmts() -> None:
    found = parse_wmts(pictures.wmts(template="https://a.example/{TileMatrix}/{TileRow}/{TileCol}.png"))
    aerial = found["layers"]["aerial"]
    assert (aerial["style"], sorted(aerial["sets"])) == ("plain", ["degrees", "web"])
    assert aerial["templates"] == [
        {"format": "image/png", "url": "https://a.example/{TileMatrix}/{TileRow}/{TileCol}.png"}
    ]
    assert [each["name"] for each in found["sets"]["web"]["matrices"]] == [f"level-{z}" for z in range(4)]
    assert found["url"] == ""
    assert parse_wmts(pictures.wmts(get_tile="https://a.example/wmts?"))["url"] == "https://a.example/wmts?"


def test_resolves_no_entity() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><WMS_Capabilities>&x;</WMS_Capabilities>"
    with pytest.raises(Malformed) as caught:
        parse_wms(bomb)
    assert caught.value.code == "capabilities_with_entities"
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"<WMS_Capabilities", b"\xff\xfe", b"<WMS_Capabilities version='1.3.0'/>"])
def test_refuses_what_is_broken(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse_wms(body)


def test_takes_no_wmts_for_a_wms() -> None:
    with pytest.raises(Malformed, match="WMS"):
        parse_wms(pictures.wmts())
    with pytest.raises(Malformed, match="WMTS"):
        parse_wmts(pictures.wms("1.3.0", ""))
