"""Features as a file has them: their fields, in the order in which the file names them."""

from __future__ import annotations

from crisismap.layers.formats.raw import RawFeature, RawLayer


def row(number: int, **properties: object) -> RawFeature:
    return RawFeature(number, None, None, properties)


def test_names_each_field_once_in_order_of_first_occurrence() -> None:
    layer = RawLayer([row(1, name="a", code=1), row(2, beds=3, name="b"), row(3)])
    assert layer.field_names() == ["name", "code", "beds"]


def test_has_no_fields_without_features() -> None:
    assert RawLayer([]).field_names() == []
