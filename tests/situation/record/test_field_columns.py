"""Columns of fields: declared ones always, others as far as there is room, and nothing lost."""

from __future__ import annotations

import json

import msgspec
import pytest

from crisismap.core.category import Category, CategoryField
from crisismap.situation.record import field_columns
from crisismap.situation.record.field_columns import columns_of, declared


def category(name: str, *fields: str) -> Category:
    return Category(name, "dot", 1, False, False, tuple(CategoryField(each, "text") for each in fields))


def test_names_each_declared_field_once_in_the_order_of_the_categories() -> None:
    assert declared([category("a", "status", "kind"), category("b", "name", "status")]) == ("status", "kind", "name")


def test_has_the_declared_columns_without_any_report() -> None:
    assert columns_of(("depth_cm",), []).names == ("fields.depth_cm", "fields_other")


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        ({}, [None, None, None, None]),
        ({"depth_cm": 0}, [0, None, None, None]),
        ({"depth_cm": None, "ward no": "7"}, [None, None, "7", None]),
        ({"नाम": False, "ward no": 1.5}, [None, False, 1.5, None]),
    ],
)
def test_gives_each_field_its_cell(fields: dict[str, object], cells: list[object]) -> None:
    columns = columns_of(("depth_cm",), [b'{"ward no":"7","depth_cm":3}', '{"नाम":true}'.encode()])
    found = dict(zip(columns.names, columns.cells(fields), strict=True))
    expected = dict(zip(("fields.depth_cm", "fields.नाम", "fields.ward no", "fields_other"), cells, strict=True))
    assert found == expected


def test_keeps_what_has_no_column_of_its_own_in_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_columns, "MAX_OTHER", 2)
    hostile = [{f"x{number}": number, "common": 1} for number in range(50)]
    columns = columns_of(("depth_cm",), map(msgspec.json.encode, hostile))
    assert len(columns.names) == 4
    assert "fields.common" in columns.names
    for fields in hostile:
        cells = dict(zip(columns.names, columns.cells(fields), strict=True))
        rest = json.loads(cells.pop("fields_other") or "{}")
        seen = {name.removeprefix("fields."): value for name, value in cells.items() if value is not None}
        assert seen | rest == fields
