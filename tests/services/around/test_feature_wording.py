"""A hazard and a shelter are told in the words of their own layer, and nothing is said for what is gone."""

from __future__ import annotations

from shapely.geometry import Point, box

from crisismap.core.layer.layer import Feature, Role
from crisismap.services.around.feature_wording import (
    feature_of,
    hazard_name,
    hazard_wording,
    official_wording,
    warning_wording,
)
from crisismap.services.layers.feeds import take_back
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from tests.people import AGENCY
from tests.services.around.test_official_context import put
from tests.services.deployment import ask

SEVERE = {"severity": "Severe", "certainty": "Likely", "urgency": "Immediate"}


def test_words_a_warning_by_what_it_says_and_nothing_else() -> None:
    assert "severe" in warning_wording(SEVERE).lower()
    assert warning_wording({}) == warning_wording({"severity": 7, "certainty": None}) == ""


def test_words_the_hazard_and_the_shelter_of_a_report(context: Context) -> None:
    put(context, "warnings", Role.HAZARD, Feature("w1", "Flood", "", box(80.2, 13.0, 80.3, 13.1), SEVERE))
    school = {"capacity": 100, "occupancy": 40}
    put(context, "shelters", Role.SHELTER, Feature("s1", "School", "", Point(80.251, 13.05), school, status="open"))
    report, _ = ask(context)
    record = read.record(context.store, context.views, context.clock, AGENCY, report)
    found = official_wording(context.views.situation, record)
    assert list(found.hazards) == [("warnings", "w1")]
    assert "severe" in found.hazards["warnings", "w1"].lower()
    assert "60" in found.shelter


def test_names_a_warning_in_the_language_of_the_reader_where_it_is_in_force(context: Context) -> None:
    said = {**SEVERE, "language": "ta", "other_languages": {"en-IN": {"event": "Flood"}, "hi": {"event": "बाढ़"}}}
    put(context, "warnings", Role.HAZARD, Feature("w1", "வெள்ளம்", "", box(80.2, 13.0, 80.3, 13.1), said))
    report, _ = ask(context)
    record = read.record(context.store, context.views, context.clock, AGENCY, report)
    situation, (hazard,) = context.views.situation, record.hazards
    assert [hazard_name(situation, hazard, code) for code in ("en", "hi", "ta", "es")] == [
        "Flood",
        "बाढ़",
        "வெள்ளம்",
        "வெள்ளம்",
    ]
    assert official_wording(situation, record).names == {("warnings", "w1"): "Flood"}


def test_says_nothing_of_what_is_gone(context: Context) -> None:
    put(context, "warnings", Role.HAZARD, Feature("w1", "Flood", "", box(80.2, 13.0, 80.3, 13.1), SEVERE))
    situation = context.views.situation
    assert feature_of(situation, "warnings", "w1") is not None
    assert feature_of(situation, "warnings", "w2") is None
    take_back(context.store, context.views, context.clock(), AGENCY, "warnings")
    assert hazard_wording(situation, "warnings", "w1") == ""
