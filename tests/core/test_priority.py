"""Priority: written rules, their reasons, and the hard words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Misconfigured
from crisismap.core.need.facts import FACTS
from crisismap.core.need.need import Detection, Need
from crisismap.core.priority import LOWEST, NOT_CONFIRMED, Assessed, Case, Rule, assess_both, rules_from
from crisismap.core.text.folding import matcher
from crisismap.i18n import languages
from crisismap.settings import ROOT, read_toml
from tests.core.samples import CATEGORIES, RULES

SHIPPED = RULES.priority


def assess(case: Case, rules: Sequence[Rule], *, wet: bool = False) -> Assessed:
    return assess_both(case, rules)[wet]


def of(
    category: str,
    text: str = "",
    people: int | None = None,
    *,
    wet: bool = False,
    confirmed: bool = False,
    **fields: Any,
) -> int:
    return assess(Case(category, text, people, fields, confirmed), SHIPPED, wet=wet)[0]


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Sewer: Manhole Cover Missing (Emergency) (SA3)", 2),
        ("Sewer: Sewer Backup (Use Comments) (SA)", 3),
        # Words that only look like it
        ("feverish search for a parking place", 4),
        ("oxygenated water for sale", 4),
        ("waterproof sheets wanted", 4),
        ("living proof that drains are blocked", 4),
        ("bottleneck at the bridge", 4),
        ("necklace lost", 4),
        ("mousetrap", 4),
        ("entrapped in paperwork", 4),
        ("undying gratitude", 4),
        ("sosial", 4),
        ("two rescue boats seen", 4),
        ("tidak ada korban", 4),
        ("எல்லாம் நலம்", 4),
        ("सब ठीक है", 4),
        ("", 4),
    ],
)
def test_hears_what_the_words_say(text: str, priority: int):
    assert of("other", text) == priority


@pytest.mark.parametrize(
    ("case", "priority"),
    [
        ({"category": "rescue"}, 2),
        ({"category": "rescue", "trapped": True}, 1),
        ({"category": "rescue", "trapped": False}, 2),
        ({"category": "rescue", "trapped": "no"}, 2),
        ({"category": "rescue", "children": 1}, 2),
        ({"category": "rescue", "children": 0}, 2),
        ({"category": "rescue", "children": "two"}, 2),
        ({"category": "rescue", "elderly": 2}, 2),
        ({"category": "rescue", "people": 9}, 2),
        ({"category": "rescue", "people": 9, "confirmed": True}, 2),
        ({"category": "rescue", "people": 10, "confirmed": True}, 1),
        ({"category": "rescue", "people": 500}, 2),
        ({"category": "rescue", "wet": True}, 2),
        ({"category": "other", "life_in_danger": True}, 1),
        ({"category": "other", "trapped": True}, 1),
        ({"category": "other", "water_rising": True}, 4),
        ({"category": "other", "water_rising": True, "children": 1}, 1),
        ({"category": "other", "water_rising": True, "elderly": 2}, 1),
        ({"category": "other", "water_rising": True, "disabled": 1}, 1),
        ({"category": "other", "water_rising": True, "cannot_move": True}, 1),
        ({"category": "other", "needs_medicine": True}, 2),
        ({"category": "other", "needs_medicine": True, "alone": True}, 1),
        ({"category": "other", "needs_medicine": True, "cannot_move": True}, 1),
        ({"category": "other", "needs_medicine": True, "water_rising": True}, 1),
        ({"category": "other", "cannot_move": True}, 2),
        ({"category": "other", "alone": True}, 4),
        ({"category": "other", "children": 1}, 2),
        ({"category": "other", "disabled": 1}, 2),
        ({"category": "other", "life_in_danger": "yes"}, 4),
        ({"category": "other", "text": "Standing Water: Puddle on Roof"}, 4),
        ({"category": "flooding"}, 3),
        ({"category": "flooding", "depth_cm": 120}, 2),
        ({"category": "medical"}, 2),
        ({"category": "medical", "urgent": True}, 1),
        ({"category": "water_food", "urgent": True}, 3),
        ({"category": "water_food"}, 3),
        ({"category": "water_food", "baby_food": True}, 2),
        ({"category": "water_food", "people": 20}, 2),
        ({"category": "water_food", "people": 19}, 3),
        ({"category": "other", "people": 1_000_000}, 3),
        ({"category": "other", "people": 20, "confirmed": True}, 2),
        ({"category": "other", "wet": True}, 3),
        ({"category": "other", "depth_cm": 100}, 2),
        ({"category": "other", "depth_cm": 99.5}, 4),
        ({"category": "other", "depth_cm": None}, 4),
    ],
)
def test_hears_what_the_fields_say(case: dict[str, Any], priority: int):
    assert of(**case) == priority


def test_gives_the_reasons_of_all_rules_that_fit_most_urgent_first():
    priority, reasons = assess(
        Case("rescue", "trapped, water up to the neck", 12, {"trapped": True}), SHIPPED, wet=True
    )
    assert priority == 1
    assert len(reasons) == len(set(reasons))
    by_reason = {rule.reason: rule.priority for rule in SHIPPED}
    assert [by_reason[reason] for reason in reasons] == sorted(by_reason[reason] for reason in reasons)
    assert {"trapped", "asks for rescue", "inside an official hazard zone"} <= {*reasons}


def test_is_the_lowest_without_a_rule():
    assert assess(Case("other", "", None, {}), ()) == (LOWEST, ())


@given(
    st.sampled_from(list(CATEGORIES)),
    st.text(max_size=40),
    st.none() | st.integers(0, 10**6),
    st.booleans(),
    st.dictionaries(
        st.sampled_from(["trapped", "children", "depth_cm", "urgent"]), st.booleans() | st.integers() | st.text()
    ),
)
def test_is_never_less_urgent_inside_a_hazard(category: str, text: str, people: int | None, wet: bool, fields):
    dry, _ = assess(Case(category, text, people, fields), SHIPPED)
    inside, _ = assess(Case(category, text, people, fields), SHIPPED, wet=True)
    assert inside <= dry
    assert 1 <= inside <= LOWEST


def test_wants_every_condition_of_a_rule():
    [rule] = rules_from(
        {
            "rule": [
                {
                    "priority": 1,
                    "reason": "all",
                    "when": {
                        "category": ["rescue"],
                        "words": ["roof"],
                        "people_at_least": 2,
                        "field": "n",
                        "at_least": 3,
                        "in_hazard": False,
                    },
                }
            ]
        },
        "x.toml",
    )
    good = {"category": "rescue", "text": "roof", "people": 2, "fields": {"n": 3}}
    assert assess(Case(**good), [rule])[1]
    assert assess(Case(**good), [rule], wet=True) == (LOWEST, ())
    for wrong in (
        {"category": "other"},
        {"text": "floor"},
        {"people": 1},
        {"people": None},
        {"fields": {"n": 2}},
        {"fields": {}},
    ):
        case = Case(**{**good, **wrong})
        assert assess(case, [rule]) == (LOWEST, ())


def test_can_ask_to_be_outside_a_hazard():
    rule = Rule(1, "dry", in_hazard=False)
    assert assess(Case("other", "", None, {}), [rule]) == (1, ("dry",))
    assert assess(Case("other", "", None, {}), [rule], wet=True) == (LOWEST, ())


@pytest.mark.parametrize(
    "table",
    [
        {"reason": "a", "when": {"people_at_least": 1}},
        {"priority": 0, "reason": "a", "when": {"people_at_least": 1}},
        {"priority": 5, "reason": "a", "when": {"people_at_least": 1}},
        {"priority": "1", "reason": "a", "when": {"people_at_least": 1}},
        {"priority": 1, "when": {"people_at_least": 1}},
        {"priority": 1, "reason": "", "when": {"people_at_least": 1}},
        {"priority": 1, "reason": "a"},
        {"priority": 1, "reason": "a", "when": {}},
        {"priority": 1, "reason": "a", "when": {"words": []}},
        {"priority": 1, "reason": "a", "when": {"colour": "red"}},
        {"priority": 1, "reason": "a", "when": {"fields": [{"field": "a", "colour": "red"}]}},
        {"priority": 1, "reason": "a", "when": {"fields": [{"equals": 1}]}},
        {"priority": 1, "reason": "a", "when": {"fields": ["a"]}},
        {"priority": 1, "reason": "a", "when": {"fields": []}},
    ],
)
def test_refuses_a_rule_that_cannot_be_meant(table: dict[str, Any]):
    good = {"priority": 2, "reason": "b", "when": {"people_at_least": 1}}
    with pytest.raises(Misconfigured, match=r"x\.toml: rule 2"):
        rules_from({"rule": [good, table]}, "x.toml")


def test_ships_rules_that_name_what_there_is():
    """A rule for a category or a field with a slip in its name would never fit, and nobody would notice."""
    fields = {f.id for c in CATEGORIES.values() for f in c.fields} | {fact.id for fact in FACTS}
    for rule in SHIPPED:
        assert set(rule.category) <= CATEGORIES.keys()
        assert {condition.field for condition in rule.fields} <= fields, rule.reason
    table = read_toml(ROOT / "data" / "rules" / "priority.toml")
    assert set(table) == {"declared_people", "rule"}


def test_puts_what_was_heard_before_the_rules_and_takes_the_most_urgent_of_both():
    rule = Rule(2, "two", people_at_least=1)
    for heard, priority in ((1, 1), (2, 2), (3, 2)):
        detection = Detection(Need.ASKS, heard, ("heard", "two"))
        case = Case("other", "", 1, {})
        assert assess_both(case, [rule], detection) == ((priority, ("heard", "two")),) * 2
    assert assess_both(Case("other", "", 0, {}), [rule]) == ((LOWEST, ()),) * 2


@given(
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(["", "please help", "trapped on the roof"]),
    st.integers(0, 1_000_000),
    st.booleans(),
)
def test_raises_by_a_number_that_nobody_confirmed_within_bounds(category: str, text: str, people: int, wet: bool):
    without, told = of(category, text, wet=wet), of(category, text, people, wet=wet)
    assert max(without - 1, min(without, 2)) <= told <= without, "by one step, and not to P1"
    assert of(category, text, people, wet=wet, confirmed=True) <= told


def test_says_of_a_bounded_number_that_nobody_has_confirmed_it():
    number = next(rule.reason for rule in SHIPPED if rule.people_at_least == 10)
    assert assess(Case("rescue", "", 12, {}), SHIPPED) == (2, (f"{number}{NOT_CONFIRMED}", "asks for rescue"))
    assert assess(Case("rescue", "", 12, {}, confirmed=True), SHIPPED) == (1, (number, "asks for rescue"))


def test_would_take_any_number_at_its_word_without_the_table():
    """The negative control: the same rules without `declared_people`."""
    table = read_toml(ROOT / "data" / "rules" / "priority.toml")
    rules = [each for each in table["rule"] if "words" not in each["when"]]
    assert assess(Case("rescue", "", 500, {}), rules_from({"rule": rules}, "x.toml"))[0] == 1


@pytest.mark.parametrize("wrong", [{"highest": 0}, {"steps": 5}, {"highest": True}, {"steps": "1"}, {"most": 1}])
def test_refuses_bounds_that_are_none(wrong: dict[str, Any]):
    with pytest.raises(Misconfigured, match=r"x\.toml: declared_people\."):
        rules_from({"declared_people": wrong}, "x.toml")


def test_needs_all_fields_of_a_rule():
    [rule] = rules_from(
        {
            "rule": [
                {
                    "priority": 1,
                    "reason": "a",
                    "when": {"field": "x", "equals": 1, "fields": [{"field": "y", "at_least": 2}]},
                }
            ]
        },
        "x.toml",
    )
    found = {(x, y): assess(Case("other", "", None, {"x": x, "y": y}), [rule])[0] for x in (0, 1) for y in (1, 2)}
    assert found == {(0, 1): LOWEST, (0, 2): LOWEST, (1, 1): LOWEST, (1, 2): 1}


def test_takes_words_from_the_languages_by_the_name_of_their_list():
    table = {"rule": [{"priority": 1, "reason": "a", "when": {"words": "danger"}}]}
    [rule] = rules_from(table, "x.toml", {"danger": ["drowning", "डूब*"]})
    assert assess(Case("other", "डूबना", None, {}), [rule]) == (1, ("a",))
    assert assess(Case("other", "danger", None, {}), [rule]) == (LOWEST, ())
    with pytest.raises(Misconfigured, match=r"x\.toml: rule 1: no language has a list of words 'danger'"):
        rules_from(table, "x.toml", {"need": ["help"]})


@pytest.mark.parametrize("code", languages())
def test_ships_words_that_find_themselves(code: str):
    for words in languages()[code].vocabulary.values():
        pattern = matcher(words)
        assert pattern is not None
        for word in words:
            assert pattern.search(f"x {word.removesuffix('*').casefold()} y"), word


def test_ends_on_the_longest_hostile_text():
    for text in ("stuck " * 3333, "can't get " * 2000, "s" * 20_000, "\u0b89" * 20_000, "not breathin" * 1600):
        assert of("other", text) in (1, 4)
