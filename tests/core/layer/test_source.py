"""A source as it is kept: read back from JSON as it was written, and nothing that nobody knows taken in."""

from __future__ import annotations

import msgspec
import pytest

from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import FORMATS, LayerSource, SourceHealth, SourceKind

SOURCE = LayerSource(
    "radar",
    "Radar",
    "context",
    SourceKind.PICTURE,
    "https://a.example/{z}/{x}/{y}",
    "xyz",
    mapping={"layer": {"id_field": "NR"}},
    bbox=(79.9, 12.7, 80.5, 13.4),
)


def test_is_read_back_as_it_was_written() -> None:
    assert msgspec.json.decode(msgspec.json.encode(SOURCE), type=LayerSource) == SOURCE


def test_keeps_the_recipe_of_pictures_with_its_health() -> None:
    health = SourceHealth(5, 4, 300_000, 2, "answered 500", recipe=Recipe("u/{z}", matrices=("a", "b")))
    assert msgspec.json.decode(msgspec.json.encode(health), type=SourceHealth) == health


def test_refuses_a_member_that_it_does_not_know() -> None:
    body = msgspec.to_builtins(SOURCE) | {"url2": "x"}
    with pytest.raises(msgspec.ValidationError, match="url2"):
        msgspec.convert(body, LayerSource)


def test_refuses_a_kind_that_there_is_not() -> None:
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.convert(msgspec.to_builtins(SOURCE) | {"kind": "satellite"}, LayerSource)


def test_has_formats_for_every_kind() -> None:
    assert set(FORMATS) == set(SourceKind)
    assert all(FORMATS.values())
