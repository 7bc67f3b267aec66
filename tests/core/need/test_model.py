"""The model of need: the same groups of letters wherever they stand, and what it may change of what the rules say."""

from __future__ import annotations

import math

import pytest

from crisismap.core.need.model import (
    BUCKETS,
    LETTERS_READ,
    LEVELS,
    Heard,
    NeedModel,
    Opinion,
    agreed,
    features_of,
    groups_of,
    known_of,
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
MAYBE = Detection(Need.MAY, 3, ("words ask for something",))
SHORT, PLAIN, LONG = 4, 10, 30  # spaces around and between words


def test_counts_a_group_of_letters_the_same_wherever_it_stands():
    alone, behind = (groups_of(plain(text)) for text in ("boat", "some other words and then a boat"))
    assert set(alone.buckets.tolist()) <= set(behind.buckets.tolist())
    assert alone.buckets.min() >= 0
    assert behind.buckets.max() < BUCKETS


@pytest.mark.parametrize("text", ["", "a", "\u26f5", "\U0001f198" * 3])
def test_takes_texts_shorter_than_a_group(text: str):
    assert DETECTOR.model is not None
    assert sum(DETECTOR.model.opinions([Heard(plain(text), 0, "", NOTHING_HEARD)])[0]) < 1.000001


def test_hears_a_cry_at_the_end_of_much_else():
    model = DETECTOR.model
    assert model is not None
    much = "the market is open today and the road is dry. " * (3 * LETTERS_READ // 40)
    calm, cry = (
        DETECTOR.by_rules(much + text) for text in ("", "we are trapped on the roof, save us, my child cannot swim")
    )
    of_calm, of_cry = model.opinions([calm, cry])
    assert of_cry.heard > of_calm.heard


def test_names_what_the_rules_know():
    heard = Heard(plain("we are trapped"), 0, "!", TRAPPED)
    assert {"is asks", "is asks 1", "1 rules", "0 concepts", "length 0", "!"} == set(features_of(known_of(heard)))


def test_leaves_what_the_rules_hear_in_a_few_words_to_a_person_whatever_it_thinks():
    assert agreed(BLANKETS, SURE_NOT, SHORT, LEAST) == Detection(Need.MAY, 3, BLANKETS.reasons)
    assert agreed(BLANKETS, SURE_NOT, PLAIN, LEAST).need is Need.INFORMATION, "the control: no life is at risk"
    assert agreed(TRAPPED, SURE_NOT, PLAIN, LEAST) == Detection(Need.MAY, 1, TRAPPED.reasons)
    assert agreed(TRAPPED, SURE_NOT, LONG, LEAST).need is Need.INFORMATION, "the control: in a long text it decides"


def test_hears_no_need_in_a_few_words_that_deny_it():
    denied = Detection(Need.INFORMATION, denied=True)
    assert agreed(denied, AT_RISK, SHORT, LEAST) == denied
    assert agreed(denied, AT_RISK, LONG, LEAST).need is Need.ASKS, "the control"


def test_hears_what_the_rules_do_not_in_a_few_words_only_where_it_is_sure():
    half = Opinion(0.6, 0.01, 0.01, 0.0)
    assert agreed(NOTHING_HEARD, half, SHORT, LEAST) == NOTHING_HEARD
    assert agreed(NOTHING_HEARD, half, LONG, LEAST).need is Need.ASKS, "the control"
    assert agreed(NOTHING_HEARD, AT_RISK, SHORT, LEAST).need is Need.ASKS


def test_hears_what_the_rules_do_not():
    found = agreed(NOTHING_HEARD, AT_RISK, LONG, LEAST)
    assert (found.need, found.priority) == (Need.ASKS, 1)
    assert found.reasons == ("it reads like texts of people whose life is at risk",)
    assert agreed(NOTHING_HEARD, Opinion(0.2, 0.1, 0.1, 0.0), LONG, LEAST).need is Need.MAY
    assert agreed(NOTHING_HEARD, SURE_NOT, LONG, LEAST) == NOTHING_HEARD


def test_raises_what_the_rules_hear_to_the_second_priority_at_most():
    assert agreed(TRAPPED, AT_RISK, LONG, LEAST) == TRAPPED
    assert agreed(BLANKETS, AT_RISK, LONG, LEAST).priority == 2
    assert agreed(BLANKETS, Opinion(0.1, 0.8, 0.0, 0.0), LONG, LEAST) == BLANKETS


def test_tells_an_offer_but_keeps_a_need_before_it():
    offering = Opinion(0.05, 0.05, 0.05, 0.6)
    assert agreed(NOTHING_HEARD, offering, LONG, LEAST).need is Need.OFFER
    assert agreed(TRAPPED, offering, LONG, LEAST).need is Need.MAY


def test_takes_an_offer_for_one_though_it_may_need_something():
    offering = Opinion(0.05, 0.2, 0.05, 0.65)
    assert agreed(MAYBE, offering, LONG, LEAST).need is Need.OFFER
    assert agreed(BLANKETS, offering, LONG, LEAST).need is Need.ASKS, "the control: the rules hear a request"
    assert agreed(MAYBE, Opinion(0.1, 0.35, 0.05, 0.4), LONG, LEAST).need is Need.ASKS


def test_shows_the_words_that_speak_for_a_need():
    text = plain("our boat sinks")
    assert model_of({}).weighty_words(text) == (), "the control: nothing has weight"
    sinks = dict.fromkeys(groups_of(plain("sinks")).buckets.tolist(), (5, 0, 0, 0))
    assert 2 in model_of(sinks).weighty_words(text)


def model_of(weights: dict[int, tuple[int, ...]], bias: tuple[float, ...] = (0.0,) * 4) -> NeedModel:
    return NeedModel(weights, [0.1] * 4, {}, bias, {})


@pytest.mark.parametrize("text", ["we are trapped", "boat " * 119, "x" * LETTERS_READ, "", "a"])
def test_adds_up_the_weights_of_each_class_for_itself(text: str):
    """Four sums are made in one number; the slow way has to find the same, at the largest weights too."""
    ready = plain(text)[:LETTERS_READ]
    groups = groups_of(ready)
    rows = {int(each): (LEVELS, -LEVELS, int(each) % LEVELS, 1) for each in groups.buckets}
    slowly = [
        0.1 * sum(rows[int(b)][k] * v for b, v in zip(groups.buckets, groups.values, strict=True)) for k in range(4)
    ]
    odds = [math.exp(max(-30, min(30, each))) for each in slowly]
    found = model_of(rows).opinions([Heard(ready, 0, "", NOTHING_HEARD)])[0]
    assert found == pytest.approx([each / (1 + sum(odds)) for each in odds], abs=1e-6)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("two children on the roof and the water is rising", True),
        ("Avtobus borbordon bazarga kunugo eki jolu", True),
        ("ஈரோடு பெருந்துறை ரோடு, செல்வி ஸ்டோர் மாடி", True),
        ("Wir sitzen auf dem Dach und das Wasser steigt", False),
        ("ہم چھت پر پھنسے ہوئے ہیں اور پانی بڑھ رہا ہے", False),
        ("Jesteśmy uwięzieni na dachu z dziećmi", False),
        ("", False),
    ],
)
def test_knows_the_languages_of_its_training(text: str, known: bool):
    assert DETECTOR.model is not None
    assert DETECTOR.model.knows(plain(text)) is known
