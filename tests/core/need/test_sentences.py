"""Which concepts count in which sentence: those of the text's languages, and none that a longer phrase takes."""

from __future__ import annotations

import pytest

from crisismap.core.need.plain import plain
from crisismap.core.need.rules import BITS
from crisismap.core.need.sentences import counted, is_foreign, masks_of, union
from tests.core.samples import RULES

WORDS = RULES.detector.words


def masks(text: str) -> tuple[tuple[int, ...], bool]:
    ready = plain(text)
    return masks_of(ready, counted(WORDS.find(ready), WORDS.english))


def test_keeps_what_stands_in_each_sentence():
    found, denied = masks("Two children are on the roof. The road is open.")
    assert not denied
    assert any(mask & BITS["child"] and mask & BITS["roof"] for mask in found)
    assert not any(mask & BITS["child"] and mask & BITS["calm"] for mask in found)


def test_takes_back_what_is_denied_but_no_phrase_that_contains_a_denial():
    found, denied = masks("nobody is trapped")
    assert denied
    assert not union(found) & BITS["trapped"]
    assert union(masks("there is no way out")[0]) & BITS["trapped"]


def test_counts_a_long_text_part_by_part():
    text = "we are trapped on the roof. " * 200
    ready = plain(text)
    parts = counted(WORDS.find(ready), WORDS.english)
    assert len(parts) > 1
    assert union(masks_of(ready, parts)[0]) & BITS["trapped"]
    assert counted([], WORDS.english) == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Wir sitzen auf dem Dach und das Wasser steigt", True),
        ("Είμαστε στη στέγη", True),
        ("we sit on the roof and the water is rising", False),
        ("12 34", False),
    ],
)
def test_tells_a_language_without_a_file(text: str, foreign: bool):
    ready = plain(text)
    assert is_foreign(ready, WORDS.find(ready)) is foreign
