"""Spelling: every letter that a code can have has one word, so that nothing is misheard."""

from __future__ import annotations

from crisismap.core.people.identity import code_text
from crisismap.core.text.spelling import spelled


def test_spells_a_code_in_its_groups() -> None:
    assert spelled("7K2M-9QXA-4TPC") == (
        "seven Kilo two Mike",
        "nine Quebec X-ray Alfa",
        "four Tango Papa Charlie",
    )


def test_has_a_word_for_every_letter_of_every_code() -> None:
    every = (
        "".join(code_text(number) for number in (0x0123456789ABCDEF % 2**60, 2**60 - 1, 0))
        + "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    )
    words = " ".join(spelled(every)).split()
    assert all(len(word) > 1 for word in words)
    assert len({*" ".join(spelled("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).split()}) == 32
