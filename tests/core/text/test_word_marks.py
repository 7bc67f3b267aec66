"""Marks of words: alike for one text in many dresses, unlike for what different people say."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.word_marks import BITS, MARKS, MOST_LETTERS, NO_WORDS, marks_of_texts, word_marks

WORDS = st.lists(st.text("abcdefghij", min_size=2, max_size=8), min_size=1, max_size=20)


def agreeing(one: str, other: str) -> int:
    """The number of marks in which two texts agree."""
    pairs = zip(word_marks(one), word_marks(other), strict=True)
    return sum((a >> at ^ b >> at) & ((1 << BITS) - 1) == 0 for a, b in pairs for at in range(0, 64, BITS))


@given(WORDS, st.randoms())
def test_hears_no_difference_in_order_case_digits_and_punctuation(words: list[str], dice: random.Random):
    others = [word.upper() if dice.random() < 0.5 else f"{word}!" for word in words]
    dice.shuffle(others)
    assert word_marks(" ".join(words)) == word_marks(" 12 ".join([*others, "ref77x"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "trapped on the roof, water rising, send all boats, ravi",
            "trapped on the roof, water rising, send all boats, anita",
        ),
        ("அடையாறில் சிக்கி உள்ளோம் படகு அனுப்பவும் 12", "அடையாறில் சிக்கி உள்ளோம் படகு அனுப்பவும் 99"),
        ("屋根の上に取り残されています助けてください田中", "屋根の上に取り残されています助けてください鈴木"),
        ("HELP!!! trapped (roof)", "help trapped roof"),
    ],
)
def test_finds_one_text_again_in_its_variants(one: str, other: str):
    assert agreeing(one, other) >= MARKS // 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("three of us trapped on the roof of the mill", "hundreds trapped, send all boats now"),
        ("my father is drowning by the mosque", "old man on oxygen, battery ends in an hour"),
        ("சிக்கி உள்ளோம்", "தண்ணீர் வேண்டும்"),
        ("屋根の上にいます", "水と食料がありません"),
    ],
)
def test_tells_what_different_people_say_apart(one: str, other: str):
    assert agreeing(one, other) < MARKS // 2


def test_agrees_as_often_as_words_are_shared():
    """The control: of texts of eight words with four in common, a third agree; of six in common, most do."""
    dice, words = random.Random(3), [f"{a}{b}{c}" for a in "abcdefghij" for b in "aeiou" for c in "klmnpr"]

    def share(common: int) -> float:
        hits = 0
        for _ in range(500):
            drawn = dice.sample(words, 16 - common)
            one, other = drawn[:8], drawn[:common] + drawn[8:]
            hits += agreeing(" ".join(one), " ".join(other)) >= MARKS // 2
        return hits / 500

    assert share(1) < 0.02
    assert share(2) < 0.06
    assert share(6) > 0.7


@pytest.mark.parametrize("text", ["", "  ", "123 456", "!!! ... ---", "\x00"])
def test_has_no_marks_without_words(text: str):
    assert word_marks(text) == NO_WORDS or text == "\x00"


def test_marks_each_of_many_texts_as_it_is_marked_alone():
    texts = [
        "water in the street",
        "",
        "Ärger, 12 boats!",
        "வெள்ளம் வருகிறது",
        "!!!",
        "水が家の中まで入ってきました",
    ]
    assert marks_of_texts(texts) == [word_marks(text) for text in texts]
    assert marks_of_texts([]) == []
    assert marks_of_texts(["", "12"]) == [NO_WORDS, NO_WORDS]


def test_reads_a_text_of_any_length_in_bounded_time():
    assert word_marks("a " * 10_000) == word_marks("a")
    assert word_marks("x" * 20_000) == word_marks("x" * MOST_LETTERS)
