"""The need of a new report: what the sender answered, the category, the facts and the words, weighed."""

from __future__ import annotations

import itertools

import pytest

from crisismap.core.need.decide import decide
from crisismap.core.need.need import NOTHING_HEARD, Detection, Need

ASKS, MAY, INFORMATION, OFFER = Need
DENIED = Detection(INFORMATION, denied=True)
URGENT, LATER = Detection(ASKS, 1), Detection(ASKS, 2)


@pytest.mark.parametrize(
    ("detection", "of_information", "of_asking"),
    [
        (URGENT, ASKS, ASKS),
        (LATER, ASKS, ASKS),
        (Detection(MAY), MAY, ASKS),
        (Detection(OFFER), OFFER, OFFER),
        (NOTHING_HEARD, INFORMATION, ASKS),
        (DENIED, INFORMATION, MAY),
    ],
)
def test_lets_the_words_decide_without_an_answer_and_the_category_raise(
    detection: Detection, of_information: Need, of_asking: Need
):
    assert decide(None, False, detection) is of_information
    assert decide(None, True, detection) is of_asking


@pytest.mark.parametrize(
    ("detection", "of_information", "of_asking"),
    [
        (URGENT, MAY, MAY),
        (LATER, INFORMATION, MAY),
        (Detection(MAY), INFORMATION, MAY),
        (Detection(MAY, denied=True), INFORMATION, MAY),
        (Detection(OFFER), OFFER, OFFER),
        (NOTHING_HEARD, INFORMATION, MAY),
        (DENIED, INFORMATION, INFORMATION),
    ],
)
def test_doubts_a_no_that_words_or_category_contradict(detection: Detection, of_information: Need, of_asking: Need):
    assert decide(False, False, detection) is of_information
    assert decide(False, True, detection) is of_asking


def test_believes_every_yes():
    for category_asks, need, denied in itertools.product((True, False), Need, (True, False)):
        assert decide(True, category_asks, Detection(need, denied=denied)) is ASKS


def test_takes_a_fact_of_danger_for_a_yes_and_doubts_a_no_beside_it():
    for detection in (DENIED, Detection(OFFER), NOTHING_HEARD):
        assert decide(None, False, detection, in_danger=True) is ASKS
        assert decide(False, False, detection, in_danger=True) is MAY
