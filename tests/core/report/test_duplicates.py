"""It tells whether two reports are about the same thing, and says why in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Misconfigured
from crisismap.core.report.duplicates import (
    ComparableReport,
    DuplicateRules,
    duplicate_rules_from,
    judge,
    likelihood,
    percent,
    suggest,
)
from crisismap.core.report.similarity import read
from crisismap.rule_files import read_rule_files
from crisismap.settings import ROOT, read_toml

RULES: DuplicateRules = read_rule_files().duplicates
NOON = 1_487_653_200_000
MINUTE = 60_000
M = 1 / 110_570  # a metre northwards, in degrees


def sight(text: str, metres: float | None = 0.0, minutes: float = 0.0, **more: Any) -> ComparableReport:
    lon, lat = (106.8, -6.2 + metres * M) if metres is not None else (None, None)
    known: dict[str, Any] = {"category": "flooding", "lon": lon, "lat": lat, **more}
    return ComparableReport(at_ms=NOON + round(minutes * MINUTE), text=read(text, RULES.vocabulary), **known)


def same(a: ComparableReport, b: ComparableReport) -> bool:
    return judge(a, b, RULES).score >= RULES.threshold


def test_takes_two_of_one_spot_and_hour_for_the_same_and_says_why() -> None:
    match = judge(sight("Banjir di jalan Laksana"), sight("jl. laksana banjir sampai sore", 30, 20), RULES)
    assert match.score > 0.9
    assert match.metres == pytest.approx(30, abs=1)
    assert match.minutes == 20
    for reason in ("30 m apart", "20 min apart", "the same place named: laksana", "similar words: laksana"):
        assert reason in match.reasons


def test_takes_two_without_words_for_the_same_only_when_near_in_place_and_time() -> None:
    assert same(sight(""), sight("", 20, 30))
    assert not same(sight(""), sight("", 150, 30))
    assert not same(sight(""), sight("", 40, 24 * 60))


def test_takes_the_next_gang_for_another_thing() -> None:
    assert not same(sight("Banjir gang 31"), sight("banjir gang 29", 60, 10))


def test_takes_another_street_for_another_thing() -> None:
    assert not same(sight("jalan Laksana"), sight("jalan Bangau", 60, 10))


def test_takes_another_kind_of_trouble_for_another_thing() -> None:
    assert not same(sight("transformer burning, wires down"), sight("no food and milk for the baby", 20, 10))


@pytest.mark.parametrize(
    "name",
    [
        "Indomaret, orang terjebak",
        "Saravana Stores, people on the roof",
        "Jalan Sudirman banjir",
        "சரவணா ஸ்டோர்ஸ்",
        "Big Bazaar",
    ],
)
def test_does_not_take_one_name_at_several_true_places_for_the_same(name: str) -> None:
    for metres in (800, 3_000, 20_000):
        assert not same(sight(name), sight(name, metres, 2))
    assert same(sight(name), sight(name, 15, 2))


def test_does_not_take_a_street_of_one_name_in_two_towns_for_the_same() -> None:
    assert not same(sight("Jalan Sudirman Bandung", None), sight("Jalan Sudirman Semarang", None, 5))


def test_matches_by_words_and_time_with_less_confidence_when_there_is_no_place() -> None:
    text = "Ibu hamil terjebak, komplek Mokmer Gunung Sahari"
    placed = judge(sight(text), sight(text, 10, 5), RULES)
    by_words = judge(sight(text, None), sight(text, 0, 5), RULES)
    assert RULES.threshold < by_words.score < placed.score
    assert by_words.metres is None
    assert any("not both on the map" in reason for reason in by_words.reasons)
    assert not same(sight("banjir, tolong", None), sight("banjir, tolong", 0, 5))


def test_doubts_words_that_fit_several_places() -> None:
    asked = sight("Minimarket Melati", None)
    branches = [sight("Minimarket Melati", 0, 5), sight("Minimarket Melati", 5_000, 5)]
    assert suggest(asked, branches[:1], RULES)
    for _, match in suggest(asked, branches, RULES):
        assert "this name stands at several places" in match.reasons
    alone = suggest(asked, branches[:1], RULES)[0][1]
    assert all(match.score < alone.score for _, match in suggest(asked, branches, RULES))


def test_counts_the_same_sender_and_never_an_unknown_one() -> None:
    a, b = sight("", senders=frozenset({b"k1"})), sight("", 60, 300, senders=frozenset({b"k1"}))
    known = judge(a, b, RULES)
    assert "the same sender" in known.reasons
    assert known.score > judge(a, replace(b, senders=frozenset({b"k2", b"k3"})), RULES).score
    assert (
        "the same sender" not in judge(replace(a, senders=frozenset()), replace(b, senders=frozenset()), RULES).reasons
    )


def test_does_not_join_what_one_sender_reports_at_far_places() -> None:
    one = frozenset({b"k1"})
    assert not same(sight("pompa mati", senders=one), sight("pompa mati", 4_000, 5, senders=one))


def test_forgives_a_pin_as_far_as_it_says_that_it_may_be_off() -> None:
    far, off = sight("", 110, 5), sight("", 110, 5, accuracy_m=80.0)
    assert judge(sight(""), off, RULES).score > judge(sight(""), far, RULES).score
    assert not same(sight(""), sight("", 400, 5, accuracy_m=5_000.0))


def test_gives_the_likeliest_first_and_no_more_than_the_rules_say() -> None:
    found = suggest(sight(""), [sight("", metres, 5) for metres in range(40, 0, -2)], RULES)
    assert len(found) == RULES.most
    assert [at for at, _ in found] == [19, 18, 17, 16, 15]


@given(st.text(max_size=80), st.text(max_size=80), st.floats(0, 3_000), st.floats(-5_000, 5_000))
def test_gives_any_two_a_score_between_0_and_1_the_same_both_ways_round(
    a: str, b: str, metres: float, minutes: float
) -> None:
    one, two = sight(a), sight(b, metres, minutes)
    there, back = judge(one, two, RULES), judge(two, one, RULES)
    assert 0 <= there.score <= 1
    assert there.metres == pytest.approx(back.metres)
    assert there.minutes == back.minutes


def broken(change: str) -> dict[str, Any]:
    data = read_toml(ROOT / "data" / "rules" / "duplicates.toml")
    match change:
        case "no threshold":
            del data["threshold"]
        case "unknown point":
            data["points"]["luck"] = 1
        case "steps fall":
            data["metres"].reverse()
        case "no words":
            data["words"].pop("common")
    return data


@pytest.mark.parametrize("change", ["no threshold", "unknown point", "steps fall", "no words"])
def test_refuses_wrong_rules_naming_the_file(change: str) -> None:
    with pytest.raises(Misconfigured, match=r"duplicates\.toml"):
        duplicate_rules_from(broken(change), "duplicates.toml")


@given(st.floats(0, 1), st.floats(0, 1))
def test_says_in_words_what_the_percentage_says(one: float, other: float) -> None:
    words = {"unlikely": 0, "possibly the same": 50, "likely the same": 70, "very likely the same": 90}
    low, high = sorted((one, other))
    assert 1 <= percent(low) <= percent(high) <= 99, "only a person is certain"
    assert words[likelihood(low)] <= percent(low)
    assert words[likelihood(low)] <= words[likelihood(high)]


@pytest.mark.parametrize(
    ("score", "words"),
    [(0.895, "very likely the same"), (0.894, "likely the same"), (0.5, "possibly the same"), (0.494, "unlikely")],
)
def test_rounds_before_it_chooses_words(score: float, words: str) -> None:
    assert likelihood(score) == words
