"""Matching: the shipped rules on true-to-life requests, and clear words for a wrong file."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.people.skills import matching_from
from crisismap.core.priority import Case
from crisismap.rule_files import read_rule_files

SHIPPED = read_rule_files().matching
BOAT = {"id": "boat", "label": "Boat"}


def fitting(category: str, text: str, **fields: Any) -> dict[str, str]:
    return SHIPPED.fitting(Case(category, text, None, fields))


@pytest.mark.parametrize(
    ("category", "text", "fields", "fits", "not_"),
    [
        ("rescue", "five on the first floor", {}, "boat", "medic"),
        ("flooding", "stuck on the roof", {}, "boat", "medic"),
        ("flooding", "the street is wet", {"depth_cm": 120}, "four_by_four", "medic"),
        ("flooding", "the street is wet", {"depth_cm": 20}, None, "four_by_four"),
        ("medical", "needs insulin", {}, "medic", "boat"),
        ("water_food", "no food for two days", {}, "food", "boat"),
        ("other", "tree fell on the house", {}, "saw", "boat"),
        ("rescue", "எங்களை காப்பாற்றுங்கள்", {}, "tamil", "hindi"),
        ("other", "boathouse committee", {}, None, "boat"),
    ],
)
def test_suggests_what_helps_and_nothing_else(
    category: str, text: str, fields: dict[str, Any], fits: str | None, not_: str
) -> None:
    found = fitting(category, text, **fields)
    assert fits is None or fits in found
    assert not_ not in found


def test_gives_the_reason_of_the_first_rule() -> None:
    assert fitting("rescue", "on the roof")["boat"] == "rescue from water"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"ability": [{"id": "boat"}]}, "ability 1 needs a label"),
        ({"ability": [BOAT, BOAT]}, "ability 2 needs a label and an id of its own"),
        (
            {"ability": [BOAT], "rule": [{"reason": "x", "when": {"category": ["rescue"]}, "fits": ["ship"]}]},
            "got ship",
        ),
        ({"ability": [BOAT], "rule": [{"reason": "x", "when": {"category": ["rescue"]}}]}, "got nothing"),
        ({"ability": [BOAT], "rule": [{"reason": "x", "when": {"moon": 1}, "fits": ["boat"]}]}, "moon"),
        ({"ability": [BOAT], "rule": [{"reason": "x", "when": {"in_hazard": True}, "fits": ["boat"]}]}, "in_hazard"),
    ],
)
def test_names_what_is_wrong_in_the_file(data: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        matching_from(data, "matching.toml")
