"""The model of need: the same groups of letters wherever they stand, and what it may change of what the rules say."""

from __future__ import annotations

import numpy as np
import pytest

from crisismap.core.need.model import (
    BUCKETS,
    LETTERS_READ,
    Heard,
    NeedModel,
    Opinion,
    agreed,
    features_of,
    groups_of,
)
from crisismap.core.need.need import NOTHING_HEARD, Detection, Need
from crisismap.core.need.plain import plain
from crisismap.rule_files import read_rule_files

DETECTOR = read_rule_files().detector
LEAST = DETECTOR.rules.thresholds
SURE_NOT = Opinion(0.001, 0.001, 0.001, 0.001)
AT_RISK = Opinion(0.95, 0.02, 0.01, 0.0)
TRAPPED = Detection(Need.ASKS, 1, ("people are trapped",))
BLANKETS = Detection(Need.ASKS, 3, ("asks for food, water or goods",))
LONG = 30


def test_counts_a_group_of_letters_the_same_wherever_it_stands():
    alone, behind = (groups_of(plain(text)) for text in ("boat", "some other words and then a boat"))
    assert set(alone.buckets.tolist()) <= set(behind.buckets.tolist())
    assert alone.buckets.min() >= 0
    assert behind.buckets.max() < BUCKETS


@pytest.mark.parametrize("text", ["", "a", "\u26f5", "\U0001f198" * 3])
def test_takes_texts_shorter_than_a_group(text: str):
    assert DETECTOR.model is not None
    assert sum(DETECTOR.model.opinion(Heard(plain(text), 0, "", NOTHING_HEARD))) < 1.000001


def test_hears_a_cry_at_the_end_of_much_else():
    model = DETECTOR.model
    assert model is not None
    much = "the market is open today and the road is dry. " * (3 * LETTERS_READ // 40)
    calm, cry = (
        DETECTOR.by_rules(much + text) for text in ("", "we are trapped on the roof, save us, my child cannot swim")
    )
    assert model.opinion(cry).heard > model.opinion(calm).heard


def test_names_what_the_rules_know():
    heard = Heard(plain("we are trapped"), 0, "!", TRAPPED)
    assert {"is asks", "is asks 1", "1 rules", "0 concepts", "length 0", "!"} == set(features_of(heard))


def test_leaves_a_life_at_risk_in_a_few_words_to_a_person_whatever_it_thinks():
    assert agreed(TRAPPED, SURE_NOT, 4, LEAST) == Detection(Need.MAY, 1, TRAPPED.reasons)
    assert agreed(TRAPPED, SURE_NOT, LONG, LEAST).need is Need.INFORMATION, "the control: in a long text it decides"


def test_hears_what_the_rules_do_not():
    found = agreed(NOTHING_HEARD, AT_RISK, LONG, LEAST)
    assert (found.need, found.priority) == (Need.ASKS, 1)
    assert found.reasons == ("it reads like texts of people whose life is at risk",)
    assert agreed(NOTHING_HEARD, Opinion(0.3, 0.1, 0.1, 0.0), LONG, LEAST).need is Need.MAY
    assert agreed(NOTHING_HEARD, SURE_NOT, LONG, LEAST) == NOTHING_HEARD


def test_raises_what_the_rules_hear_to_the_second_priority_at_most():
    assert agreed(TRAPPED, AT_RISK, LONG, LEAST) == TRAPPED
    assert agreed(BLANKETS, AT_RISK, LONG, LEAST).priority == 2
    assert agreed(BLANKETS, Opinion(0.1, 0.8, 0.0, 0.0), LONG, LEAST) == BLANKETS


def test_tells_an_offer_but_keeps_a_need_before_it():
    offering = Opinion(0.05, 0.05, 0.05, 0.6)
    assert agreed(NOTHING_HEARD, offering, LONG, LEAST).need is Need.OFFER
    assert agreed(TRAPPED, offering, LONG, LEAST).need is Need.MAY


def test_shows_the_words_that_speak_for_a_need():
    model = NeedModel(np.zeros((BUCKETS, 4), np.int8), np.ones(4, np.float32), {}, [0.0] * 4, {})
    text = plain("our boat sinks")
    assert model.weighty_words(text) == (), "the control: nothing has weight"
    table = np.zeros((BUCKETS, 4), np.int8)
    table[groups_of(plain("sinks")).buckets, 0] = 9
    model = NeedModel(table, np.ones(4, np.float32), {}, [0.0] * 4, {})
    assert 2 in model.weighty_words(text)
