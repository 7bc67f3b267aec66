"""The judge: each report by the rules, outside and inside a hazard, and again when the report has changed."""

from __future__ import annotations

import msgspec
import pytest

from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import Detection, Need
from crisismap.core.need.stored import encode_heard
from crisismap.core.priority import FieldCondition, Rule
from crisismap.core.report.report import CurrentReport
from crisismap.situation.board import assessment
from crisismap.situation.board.assessment import Assessor
from tests.hearing import WordDetector
from tests.store.making import new

RULES = (
    Rule(2, "somebody is trapped", fields=(FieldCondition("trapped", True),)),
    Rule(1, "and stands in the water", category=("rescue",), in_hazard=True),
)


def report(seq: int, **said: object) -> CurrentReport:
    return CurrentReport(seq, new(**said).report, 1, 1)


def test_judges_outside_and_inside_a_hazard() -> None:
    dry, wet = Assessor(RULES, NeedDetector()).of(report(1))
    assert dry == (2, ("somebody is trapped",))
    assert wet == (1, ("and stands in the water", "somebody is trapped"))


def test_judges_each_category_by_its_own_rules() -> None:
    assessor = Assessor(RULES, NeedDetector())
    for seq, (category, wet) in enumerate([("rescue", 1), ("flooding", 2), ("rescue", 1), ("medical", 2)]):
        assert assessor.of(report(seq, category=category))[1][0] == wet


def test_judges_a_report_without_fields_by_the_rules_that_need_none() -> None:
    absent = Rule(3, "nobody says how deep it is", fields=(FieldCondition("depth_cm"),))
    deep = Rule(2, "the water is deep", fields=(FieldCondition("depth_cm", at_least=100),))
    assessor = Assessor((*RULES, absent, deep), NeedDetector())
    assert assessor.of(report(1, fields={}))[0] == (3, ("nobody says how deep it is",))
    assert assessor.of(report(2, fields={"depth_cm": 120}))[0] == (2, ("the water is deep",))


def test_judges_a_changed_report_anew() -> None:
    assessor, before = Assessor(RULES, NeedDetector()), report(1)
    first = assessor.of(before)
    assert assessor.of(before) is first, "remembered: each audience asks for the same reports in turn"
    after = msgspec.structs.replace(before, report=msgspec.structs.replace(before.report, fields={}))
    assert assessor.of(after)[0] != first[0]


def test_forgets_rather_than_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment, "MOST", 3)
    assessor = Assessor(RULES, NeedDetector())
    for seq in range(10):
        assessor.of(report(seq))
        assert len(assessor._cache) <= 3


def test_hears_the_text_only_where_what_is_stored_is_of_another_detector() -> None:
    heard: list[str] = []

    class Counting(WordDetector):
        def detect(self, text: str) -> Detection:
            heard.append(text)
            return super().detect(text)

    detector = Counting()
    stored = encode_heard(Detection(Need.ASKS, 1, ("heard at arrival",)), detector.fingerprint)
    assert Assessor((), detector).of(report(1, text="dying", heard=stored))[0] == (1, ("heard at arrival",))
    assert heard == []
    old = encode_heard(Detection(Need.ASKS, 2), "older rules")
    assert Assessor((), detector).of(report(1, text="dying", heard=old))[0] == (1, ("life at risk: “dying”",))
    assert heard == ["dying"]
