"""The facts that every category takes: labelled, and beside a category's own fields of the same name."""

from __future__ import annotations

import pytest

from crisismap.core.need.facts import FACTS, facts_of, is_in_danger
from crisismap.i18n import languages
from tests.core.samples import CATEGORIES


def test_leaves_out_what_the_category_has_itself():
    own = {field.id for field in CATEGORIES["rescue"].fields}
    assert {"trapped", "children", "elderly"} <= own
    assert [fact.id for fact in facts_of(CATEGORIES["rescue"])] == [fact.id for fact in FACTS if fact.id not in own]
    assert facts_of(CATEGORIES["other"]) == FACTS


@pytest.mark.parametrize("code", languages())
def test_has_a_label_in_every_language(code: str):
    language = languages()[code]
    for fact in FACTS:
        assert f"need.fields.{fact.id}" in language.sentences
        assert language.field("other", fact.id) == language(f"need.fields.{fact.id}")
    assert language.field("rescue", "trapped") == language("category.rescue.fields.trapped")


def test_knows_which_facts_are_a_danger():
    assert is_in_danger({"life_in_danger": True})
    assert not any(is_in_danger(fields) for fields in (None, {}, {"alone": True}, {"trapped": False}, {"trapped": "x"}))
