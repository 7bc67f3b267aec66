"""Finding words: whole ones, in any script, however a phone wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.folding import fold, matcher, split


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("roof", "on the roof", True),
        ("roof", "ROOF", True),
        ("roof", "roof!", True),
        ("roof", "(roof)", True),
        ("roof", "proof", False),
        ("roof", "rooftop", False),
        ("roof", "roof_top", False),
        ("roof", "roof2", False),
        ("roof*", "rooftop", True),
        ("roof*", "waterproof", False),
        ("neck", "bottleneck", False),
        ("neck", "up to the neck.", True),
        ("stuck on", "stuck   on", True),
        ("stuck on", "stuck\non", True),
        ("stuck on", "stuckon", False),
        ("can't", "we can\u2019t", True),
        ("can't", "we can't", True),
        ("c++", "c++", True),  # what means something to a pattern means itself
        (".", "a", False),
        ("caf\u00e9", "cafe\u0301", True),  # composed or not
        ("cafe", "cafe\u0301", False),
        ("stra\u00dfe", "STRASSE", True),
        ("sos", "\uff33\uff2f\uff33", True),
        ("sos", "s\u200bo\u00ads", True),
        ("மழை", "மழை", True),
        ("மழை", "மழையில்", False),
        ("மழை*", "மழையில்", True),
        ("ழை", "மழை", False),
        ("र", "फिर", False),  # after a vowel sign it is still the same word
        ("मदद*", "कृपया मदद करें", True),
        ("助け", "助け", True),
    ],
)
def test_finds_words_that_stand_alone(word: str, text: str, found: bool):
    pattern = matcher([word])
    assert pattern is not None
    assert (pattern.search(fold(text)) is not None) is found


def test_finds_any_of_several():
    pattern = matcher(["one", "two three"])
    assert pattern is not None
    assert [bool(pattern.search(text)) for text in ("one", "two three", "two", "three")] == [True, True, False, False]


def test_is_nothing_without_words():
    assert matcher([]) is None


@given(st.lists(st.text("ab *", min_size=1, max_size=5), min_size=1, max_size=12), st.text("ab ", max_size=20))
def test_finds_what_each_word_alone_finds(words: list[str], text: str):
    """The tree of letters is only a quicker way to write the words side by side."""
    words = [word for word in words if fold(word).strip("*")]
    alone = [pattern for word in words if (pattern := matcher([word])) is not None]
    together = matcher(words)
    assert (together is not None and together.search(fold(text)) is not None) is any(
        pattern.search(fold(text)) for pattern in alone
    )


@given(st.text(max_size=60))
def test_folds_to_one_form(text: str):
    once = fold(text)
    assert "  " not in once
    assert once == once.strip()
    assert fold(text.upper().lower()) is not None


def test_ends_on_the_longest_hostile_text():
    """No pattern backtracks: 20,000 characters made to look like the beginning of a word, thousands of times."""
    pattern = matcher(["stuck on the roof", "s*s", "a a a a b"])
    assert pattern is not None
    for text in ("stuck on the " * 1500, "s" * 20_000, "a " * 10_000, "\u0b89" * 20_000):
        assert pattern.search(fold(text)) is None


def test_splits_into_words_with_their_vowel_signs_and_apart_at_hashtags() -> None:
    assert split(fold("#cuacaEkstrim#banjir, RT_05/06 தெரு बाढ़!")) == [
        "cuacaekstrim",
        "banjir",
        "rt",
        "05",
        "06",
        "தெரு",
        fold("बाढ़"),
    ]
    assert split("") == []


def test_grows_by_a_word_and_not_by_all_letters_of_all_scripts_for_each() -> None:
    """Rules have hundreds of words: with these letters written for each, reading them took a second."""
    few, many = matcher(["help"]), matcher(["help", *(f"word{n}" for n in range(1000))])
    assert few is not None
    assert many is not None
    assert len(many.pattern) - len(few.pattern) < 1000 * 12
    assert many.search(fold("WORD999!")) is not None
    assert many.search("word9999") is None
