"""Words of need: entries of several words, gaps, endings and alternatives, in every language at once."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.need.plain import plain
from crisismap.core.need.words import Words, texts_of

CONCEPTS = ("help", "trapped", "nobody", "but", "common")


def words(*entries: str, **language: Any) -> Words:
    table = {"language": {"code": "xx", **language}, "concepts": {"trapped": list(entries)}}
    return Words([("xx.toml", table)], CONCEPTS)


def found(entry: str, text: str, **language: Any) -> list[str]:
    return [each for _, each in texts_of(words(entry, **language), plain(text))]


@pytest.mark.parametrize(
    ("entry", "text", "seen"),
    [
        ("trapped", "we are TRAPPED here", ["traped"]),
        ("trap", "we are trapped", []),  # whole words only
        ("trap*", "we are trapped", ["trap"]),
        ("no way out", "there is no way out.", ["no way out"]),
        ("no way out", "no. way out", []),  # not over the end of a sentence
        ("stuck ~ roof", "stuck on the roof", ["stuck on the rof"]),
        ("stuck ~ roof", "stuck here on the old roof", []),  # at most two words between
        ("need|want ~ boat|raft*", "we want two rafts", ["want two raft"]),
        ("bloque* sur le toit", "bloqués sur le toit", ["bloques sur le toit"]),
        ("a ~ b ~ c", "a x b y c", ["a x b y c"]),
    ],
)
def test_finds_an_entry(entry: str, text: str, seen: list[str]):
    assert found(entry, text) == seen


def test_finds_words_with_written_on_prefixes():
    assert found("محاصر*", "والمحاصرين", prefixes=["و", "ال", "وال"]) == ["والمحاصر"]
    assert found("محاصر*", "والمحاصرين") == []


def test_searches_inside_a_sentence_typed_without_spaces():
    assert found("trapped", "wearetrappedontheroofpleasecome") == ["traped"]
    assert found("trap", "wearetrappedontheroofpleasecome") == [], "too short to stand there by intention"


def test_knows_the_languages_of_an_entry():
    files = [
        (f"{code}.toml", {"language": {"code": code}, "concepts": {"help": ["sos", word]}})
        for code, word in (("aa", "help"), ("bb", "ayuda"))
    ]
    both = Words(files, CONCEPTS)
    assert [hit.languages for hit in both.find(plain("sos help ayuda"))] == [0b11, 0b01, 0b10]


def test_names_the_entry_or_concept_that_is_wrong():
    with pytest.raises(Misconfigured, match=r"xx.toml.*\*"):
        words("* ~")
    with pytest.raises(Misconfigured, match="yy.toml.*swimming"):
        Words([("yy.toml", {"concepts": {"swimming": ["x"]}})], CONCEPTS)


def test_follows_entries_that_share_words_and_alternatives():
    """Behind `a|b` another entry that begins with `a` alone may not be continued by `b`."""
    some = words("boat|raft sinks", "boat leaks", "no ~ way|road out", "no way")
    assert [each for _, each in texts_of(some, plain("raft leaks"))] == []
    assert [each for _, each in texts_of(some, plain("boat leaks, raft sinks"))] == ["boat leaks", "raft sinks"]
    assert [each for _, each in texts_of(some, plain("no other road out"))] == ["no other road out"]
    assert [each for _, each in texts_of(some, plain("no way out"))] == ["no way", "no way out"]


def test_remembers_long_words_by_their_beginning():
    """Words of texts are remembered: those of a stranger, of 20,000 letters each, would fill the memory."""
    some = words("trapped", "trap*")
    tracemalloc.start()
    try:
        for number in range(200):
            assert some.find(plain(f"trap{'ab' * 9_000}{number}x")) != []
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000, "all of them would be 3.6 MB"
