"""Categories: the files that ship, and files that are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.category import FIELD_KINDS, category_from
from crisismap.core.errors import Misconfigured
from crisismap.core.text.symbols import CATEGORY_SHAPES
from crisismap.demo.reports import reports
from crisismap.settings import ROOT, read_toml
from tests.core.samples import CATEGORIES

FOLDER = ROOT / "data" / "categories"
FILES = sorted(path.name for path in FOLDER.glob("*.toml"))
GOOD: dict[str, Any] = {
    "id": "smoke",
    "icon": "dot",
    "order": 9,
    "asks": False,
}


def test_ships_the_seven_of_the_contract():
    assert list(CATEGORIES) == ["flooding", "shelter", "transport", "rescue", "medical", "water_food", "other"]
    assert [c.id for c in CATEGORIES.values() if c.sensitive] == ["medical"]
    assert [c.id for c in CATEGORIES.values() if c.asks] == ["rescue", "medical", "water_food"]


@pytest.mark.parametrize("name", FILES)
def test_loads_a_file_that_says_all(name: str):
    category = category_from(read_toml(FOLDER / name), name)
    assert category.id == name.removesuffix(".toml")
    assert CATEGORY_SHAPES[category.id] == category.icon
    assert len({f.id for f in category.fields}) == len(category.fields)
    for one in category.fields:
        assert one.kind in FIELD_KINDS
        assert bool(one.options) is (one.kind == "choice")


def test_has_the_fields_that_the_demo_fills_in():
    """Three thousand made-up reports fill in every field there is, and no other, with values of its kind."""
    kinds = {"int": int, "bool": bool, "text": str, "choice": str}
    filled: dict[str, set[str]] = {category: set() for category in CATEGORIES}
    for told in reports(7, 3000, start_ms=0, end_ms=100_000_000):
        fields = {f.id: f for f in CATEGORIES[told.body["category"]].fields}
        for name, value in told.body.get("fields", {}).items():
            assert type(value) is kinds[fields[name].kind], name
            assert fields[name].kind != "choice" or value in fields[name].options
            filled[told.body["category"]].add(name)
    assert filled == {category.id: {f.id for f in category.fields} for category in CATEGORIES.values()}


def test_gives_each_its_own_place_in_the_order():
    assert len({c.order for c in CATEGORIES.values()}) == len(CATEGORIES)


def test_says_little_where_the_file_does():
    category = category_from(GOOD, "smoke.toml")
    assert (category.sensitive, category.fields) == (False, ())


def test_takes_a_new_category_with_fields():
    field = {"id": "near", "kind": "choice", "options": ["yes", "no"], "unit": "m"}
    [made] = category_from({**GOOD, "sensitive": True, "fields": [field]}, "smoke.toml").fields
    assert (made.id, made.kind, made.unit, made.options) == ("near", "choice", "m", ("yes", "no"))


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: None} for name in ("id", "icon", "order", "asks")),
        {"labels": {"ta": "புகை"}},
        {"labels": "Smoke"},
        {"order": "first"},
        {"fields": [{"id": "a"}]},
        {"fields": [{"id": "a", "kind": "colour"}]},
        {"fields": [{"kind": "int"}]},
        {"fields": [{"id": "a", "kind": "int", "labels": {"en": "How many?"}}]},
        {"fields": [{"id": "a", "kind": "choice", "options": {"yes": {"en": "Yes"}}}]},
        {"fields": [{"id": "a", "kind": "choice", "options": [1]}]},
        {"fields": 3},
    ],
)
def test_names_the_file_that_is_wrong(wrong: dict[str, Any]):
    data = {name: value for name, value in {**GOOD, **wrong}.items() if value is not None}
    with pytest.raises(Misconfigured, match=r"smoke\.toml"):
        category_from(data, "smoke.toml")
