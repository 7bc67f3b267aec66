"""It reads what texts say of a place and a trouble, in any script, and tells how alike they are."""

from __future__ import annotations

import pytest

from crisismap.core.report.similarity import MOST_LETTERS, MOST_WORDS, TextFeatures, Vocabulary, compare, read
from crisismap.rule_files import read_rule_files

WORDS: Vocabulary = read_rule_files().duplicates.vocabulary


def said(text: str) -> TextFeatures:
    return read(text, WORDS)


def test_keeps_only_words_that_say_something() -> None:
    assert said("#cuacaekstrim #drainaseburuk Banjir di Jl. Laksana, mohon bantuan").rare == ("laksana",)
    assert said("please help, water is rising in our house").rare == ()
    assert said("எங்கள் வீட்டில் தண்ணீர், காமராஜர் சாலை").rare == ("காமராஜர்",)


def test_reads_hashtags_glued_to_each_other() -> None:
    assert said("#cuacaekstrim#drainaseburuk#kelapagading").rare == ("kelapagading",)


def test_finds_a_name_that_one_glued_and_another_did_not() -> None:
    assert compare(said("#kelapagading banjir"), said("Banjir di Kelapa Gading Timur")).share == 1.0
    assert compare(said("Banjir di Kelapa Gading Timur"), said("#kelapagading banjir")).words == ("kelapa", "gading")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Jalan Pademangan", "jl pademngan"),
        ("komplek mokmer", "Kompleks MOKMERR"),
        ("near Velachery lake", "velacheri lake side"),
        ("காமராஜர் சாலை", "காமராஜர சாலை"),
        ("Calle Córdoba", "calle cordoba"),
    ],
)
def test_forgives_misspelling(a: str, b: str) -> None:
    assert compare(said(a), said(b)).words


def test_tells_units_with_their_numbers_however_they_are_written() -> None:
    assert said("banjir rt 05/ rw 06").units == {"rt": {"5"}, "rw": {"6"}}
    assert said("RT005 RW.06").units == {"rt": {"5"}, "rw": {"6"}}
    assert said("rt01rw06").units == {"rt": {"1"}, "rw": {"6"}}
    assert said("gg 31").units == said("Gang 31").units == {"gang": {"31"}}
    assert said("blok E2").units == {"blok": {"e2"}}


def test_tells_one_neighbour_from_the_next() -> None:
    like = compare(said("Banjir Melati 4 gang 31"), said("Melati 4 gang 29 banjir"))
    assert like.other_unit == "gang 31 and 29"
    assert compare(said("RT 004 RW 01"), said("rt.4 rw 1")).same_unit == "rt 4"


def test_takes_depths_times_and_ages_for_no_part_of_a_place() -> None:
    assert said("setinggi 50 cm, jam 3, 2 hari, 70cm, 12 people").rare == ()


def test_names_places_after_and_before_words_for_them() -> None:
    assert said("di jalan Laksana").names == {"laksana"}
    assert said("MOORE PLACE, EAST 16 STREET").names == {"moore"}
    like = compare(said("Jalan Laksana"), said("Jalan Bangau"))
    assert (like.other_names, like.same_name) == (True, "")
    assert compare(said("Jl Laksana"), said("dekat laksana")).same_name == "laksana"


def test_tells_kinds_of_trouble_apart_only_when_both_say_them() -> None:
    assert compare(said("hydrant running"), said("sewer backup")).other_topics
    assert not compare(said("hydrant leaking"), said("leak on the street")).other_topics
    assert not compare(said("hydrant running"), said("Shakespeare Avenue")).other_topics


def test_leaves_out_words_that_many_of_this_incident_have() -> None:
    assert read("hydrant at Moore", WORDS, frozenset({"hydrant"})).rare == ("moore",)


def test_says_nothing_of_texts_without_rare_words() -> None:
    like = compare(said("banjir"), said("Banjir di jalan Laksana"))
    assert like.share is None
    assert like.whole < 0.9
    assert compare(said(""), said("")).whole == 0.0


def test_reads_only_the_beginning_of_a_long_text() -> None:
    assert len(said(" ".join(f"w{n}x" for n in range(10_000))).rare) <= MOST_WORDS
    assert len(said("x y " * 5_000).text) <= MOST_LETTERS
