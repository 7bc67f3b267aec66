"""The rules of need: which concepts together decide, and what is wrong with a file."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import Need
from crisismap.core.need.rules import BITS, CONCEPTS, NeedRule, need_rules_from
from crisismap.core.need.words import Words


def mask(*concepts: str) -> int:
    return sum(BITS[each] for each in concepts)


def test_fits_when_all_and_any_and_none_hold():
    rule = NeedRule(Need.ASKS, 1, "why", (mask("child", "elderly"),), mask("rising", "deep"), mask("offer"))
    assert rule.fits(mask("child", "rising"))
    assert not rule.fits(mask("child"))
    assert not rule.fits(mask("rising"))
    assert not rule.fits(mask("elderly", "deep", "offer"))


def test_decides_by_the_most_urgent_rule_and_tells_all_reasons():
    table = {
        "rule": [
            {"need": "asks", "priority": 2, "reason": "second", "all": ["help"]},
            {"need": "asks", "priority": 1, "reason": "first", "all": ["trapped"]},
        ]
    }
    file = {"language": {"code": "en"}, "concepts": {"help": ["help us"], "trapped": ["trapped"]}}
    detector = NeedDetector(Words([("en.toml", file)], CONCEPTS), need_rules_from(table, "need.toml"))
    found = detector.detect("We are trapped. Please help us")
    assert (found.need, found.priority, found.reasons) == (Need.ASKS, 1, ("first", "second"))


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"rule": [{"need": "asks", "priority": 1, "reason": "x", "all": ["swimming"]}]}, "swimming"),
        ({"rule": [{"need": "asks", "priority": 5, "reason": "x", "all": ["help"]}]}, "rule 1"),
        ({"rule": [{"need": "asks", "priority": 1, "reason": "x"}]}, "rule 1"),
        ({"rule": [{"need": "asks", "priority": 1, "reason": "x", "all": ["help"], "when": {}}]}, "when"),
        ({"groups": {"frail": ["chil"]}}, "chil"),
        ({"take_back": {"over": ["pas"]}}, "pas"),
    ],
)
def test_names_what_is_wrong(table: dict[str, object], named: str):
    with pytest.raises(Misconfigured, match=f"need.toml.*{named}"):
        need_rules_from(table, "need.toml")
