"""Plain letters: it finds a word however it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.need.plain import plain


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("HELLLLP", "help"),
        ("tr@pped", "traped"),
        ("h3lp", "help"),
        ("hеlp", "help"),  # a Cyrillic letter in a Latin word
        ("пoмощь", "помощь"),  # a Latin letter in a Cyrillic word
        ("AUXÍLIO", "auxilio"),
        ("yardım", "yardim"),
        ("көмек", "комек"),
        ("ещё", "еще"),
        ("أغيثونا", "اغيثونا"),
        ("النَّجْدَة", "النجده"),
        ("𝐡𝐞𝐥𝐩", "help"),
        ("he\u200blp", "help"),
        ("🆘", "sos"),
        ("don’t", "don't"),
        ("१०", "10"),
    ],
)
def test_is_the_same_however_it_was_typed(typed: str, meant: str):
    assert plain(typed).strip() == plain(meant).strip()


def test_keeps_vowel_signs_with_their_letters():
    assert plain("छत पर") == " छत पर "
    assert plain("நீர்").strip().split() == ["நீர்"]


def test_marks_where_a_sentence_ends():
    sentences = plain("Help!! We are here. छत पर। हाँ").split("\n")
    assert len([each for each in sentences if each.strip()]) == 4


def test_keeps_numbers_as_they_are():
    assert plain("100 people, 55 cm").split() == ["100", "people", "55", "cm"]


@given(st.text())
def test_has_one_space_around_each_word_whatever_was_typed(text: str):
    found = plain(text)
    assert found.startswith(" ")
    assert found.endswith(" ")
    assert found.strip() == "" or "  " not in found
