"""Names are found as written, by their sound in another script, and misspelt, in this order and never silently."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crisismap.core.text.name_search import NameSearch, best_matches, errors_allowed, fitting, misspelt
from crisismap.core.text.names import name_key

NAMES = (
    *("Velachery", "Tambaram East", "Tambaram West", "Kodambakkam", "Adyar", "Adyar West", "North Adyar Bridge"),
    *("Quận Bắc", "Đông Hải", "Mylapore", "T. Nagar", "Anna Nagar", "Grand Mosque", "General Hospital"),
    *("4th Street", "5th Street", "கண்டி", "வேளச்சேரி", "البصرة"),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def found(query: str, *names: str) -> list[tuple[str, str]]:
    names = names or NAMES
    matches = ((match, names[match.number]) for match in NameSearch(names).find(query))
    return [(name, match.how) for match, name in best_matches(matches)]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Velachary", "Velachery"),
        ("Tambaram Est", "Tambaram East"),
        ("Kodambakam", "Kodambakkam"),
        ("Adyr", "Adyar"),
        ("mosqe", "Grand Mosque"),
        ("hopsital", "General Hospital"),
        ("grand mosk", "Grand Mosque"),
        ("Mylapur", "Mylapore"),
        ("annanagar", "Anna Nagar"),
        ("TNagar", "T. Nagar"),
        ("kodam bakam", "Kodambakkam"),
        ("Dang Hai", "Đông Hải"),
        ("4th stret", "4th Street"),
        ("வேளசசேரி", "வேளச்சேரி"),
    ],
)
def test_finds_what_is_misspelt_and_says_so(query: str, name: str) -> None:
    assert found(query)[0] == (name, "misspelt")


@pytest.mark.parametrize(("query", "name"), [("Velacheri", "வேளச்சேரி"), ("basra", "البصرة")])
def test_finds_a_name_of_another_script_by_its_sound(query: str, name: str) -> None:
    assert (name, "sound") in found(query)


@pytest.mark.parametrize("query", ["6th street", "", "...", "🆘", "zzzzzz", "கிண்டில்", "x" * 500, "Mumbai"])
def test_finds_nothing_where_nothing_is_near(query: str) -> None:
    assert found(query) == []


def test_puts_what_is_written_before_what_is_corrected() -> None:
    assert found("adyar", "Adayar", "Adyar West", "Adyar") == [
        ("Adyar", "written"),
        ("Adyar West", "written"),
        ("Adayar", "misspelt"),
    ]


def test_means_no_other_word_by_a_short_one_inside_it() -> None:
    assert found("est", "West", "Forest Road", "Estate") == [("Estate", "written")]
    assert found("oak", "Soak", "Oakwood") == [("Oakwood", "written")]
    assert [name for name, _ in found("lacher")] == ["Velachery"], "a longer one does"


def test_takes_the_nearer_name_first_and_leaves_far_ones_out() -> None:
    assert found("kodambakam", "Kodambakkaam", "Kodambakkam", "Kilpauk", "Kadapakkam") == [
        ("Kodambakkam", "misspelt"),
        ("Kodambakkaam", "misspelt"),
    ]


def test_takes_the_best_of_several_lists() -> None:
    lists = [["Kodambakkaam", "Adyar"], ["Kodambakkam"], ["Velacheri"]]
    for query, expected in (
        ("kodambakam", ["Kodambakkam", "Kodambakkaam"]),
        ("adyar", ["Adyar"]),
        ("velachery", ["Velacheri"]),
    ):
        matches = ((match, names[match.number]) for names in lists for match in NameSearch(names).find(query))
        assert [name for _, name in best_matches(matches)] == expected


def test_finds_no_more_than_are_wanted() -> None:
    assert len(NameSearch(["Main Street"] * 500).find("main street", 7)) == 7


def test_finds_both_of_two_places_of_one_name() -> None:
    assert [match.number for match in NameSearch(["Rampur", "Rampur", "Rampura"]).find("rampur")] == [0, 1, 2]


def test_finds_names_of_three_hundred_letters() -> None:
    name = "Ward of " + "very " * 58 + "long"
    assert found(name, name, "Ward") == [(name, "written")]
    assert found(name[:150] + name[151:], name, "Ward")[0] == (name, "misspelt")


def test_corrects_no_number() -> None:
    assert errors_allowed("route66") == 0
    assert misspelt("9840012345", ["9840012346"]) == {}


@given(st.text(max_size=40))
def test_finds_every_name_as_it_is_written(name: str) -> None:
    assume(name_key(name))
    assert found(name, "Other", name)[0] == (name, "written")


@given(st.text(LETTERS, min_size=4, max_size=20), st.data())
def test_finds_every_word_with_one_letter_left_out_or_two_exchanged(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    for typed in (word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]):
        assume(errors_allowed(typed))
        assert word in [*fitting(typed, [word]), *misspelt(typed, [word])]
