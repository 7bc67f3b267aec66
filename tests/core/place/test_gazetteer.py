"""It finds names of places in what people say, and offers all places of one name with less confidence."""

from __future__ import annotations

import pytest

from crisismap.core.place.gazetteer import Gazetteer, GazetteerEntry, GazetteerMatch


def at(name: str, lon: float = 80.25, lat: float = 13.05, **more: float) -> GazetteerEntry:
    return GazetteerEntry(name, "wards", lon, lat, more.get("accuracy_m", 100.0))


def find(text: str, *names: GazetteerEntry) -> list[GazetteerMatch]:
    return Gazetteer(names, frozenset({"jalan", "street", "road", "nagar", "சாலை"})).find(text)


CITY = (
    at("Adyar", 80.256, 13.006),
    at("Vannipuram", 80.20, 13.00),
    at("Vannipuram Government School", 80.201, 13.001),
    at("காமராஜர் சாலை", 80.28, 13.05),
    at("Perumbakkam 4th Cross Street", 80.21, 12.90),
    at("Perumbakkam 5th Cross Street", 80.22, 12.90),
    at("Jalan Laksana", 106.80, -6.17),
    at("Kebayoran Lama", 106.78, -6.24),
    at("القاهرة الجديدة", 31.47, 30.03),
    *(at(f"Street {word}", 80.1 + n / 100, 13.1) for n, word in enumerate(("abc", "def", "ghi", "jkl", "mno"))),
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("water near adyar bridge", "Adyar"),
        ("we are in ADYARR", "Adyar"),
        ("vanipuram, knee deep", "Vannipuram"),
        ("#vannipuram #help", "Vannipuram"),
        ("on top of the Vannipuram school", "Vannipuram Government School"),
        ("காமராஜர சாலை தண்ணீர்", "காமராஜர் சாலை"),
        ("perumbakam 4th cross street", "Perumbakkam 4th Cross Street"),
        ("banjir di jl laksana", "Jalan Laksana"),
        ("banjirdikebayoranlama", "Kebayoran Lama"),
        ("نحن في القاهره الجديده", "القاهرة الجديدة"),
    ],
)
def test_finds_a_name_also_misspelt_glued_or_shortened(text: str, name: str) -> None:
    assert name in [found.place.name for found in find(text, *CITY)][:2]


def test_finds_no_name_by_words_that_all_names_have_or_by_another_number() -> None:
    assert find("the street is full", *CITY) == []
    assert [f.place.name for f in find("perumbakkam 4th cross street", *CITY)] == ["Perumbakkam 4th Cross Street"]
    assert find("12 people", at("12")) == []
    assert find("", *CITY) == []


def test_does_not_take_another_name_with_the_same_ending_for_a_misspelt_one() -> None:
    assert find("stuck in Avvainagar", at("Paarinagar")) == []
    assert find("kottivakkam", at("Kodambakkam")) == []
    assert find("mulainagar", at("Mullainagar"))


def test_is_surer_of_a_name_written_right_than_of_a_misspelt_one() -> None:
    (right,), (wrong,) = find("Adyar", at("Adyar")), find("Adyarr", at("Adyar"))
    assert right.confidence > wrong.confidence
    assert right.reason == "the name Adyar (wards)"
    assert wrong.reason.endswith("spelt a little otherwise")


def test_offers_every_place_of_one_name_with_less_confidence() -> None:
    branches = [at("Saravana Stores", 80.20 + n / 10, 13.0) for n in range(3)]
    found = find("people stuck in Saravana Stores", *branches)
    assert [each.place for each in found] == branches
    assert {each.confidence for each in found} == {0.3}
    assert all("one of 3 places of this name" in each.reason for each in found)


def test_takes_the_pieces_of_a_road_for_one_place_as_exact_as_it_is_long() -> None:
    road = [at("Mill Road", 80.25, 13.0 + n / 200) for n in range(10)]
    (found,) = find("mill road is cut", *road)
    assert found.confidence == 0.9
    assert found.place in road or found.place.accuracy_m > 2_000


def test_prefers_the_place_inside_an_area_that_is_named_too() -> None:
    streets = [at("Jalan Sudirman", 107.60, -6.91), at("Jalan Sudirman", 106.82, -6.21)]
    bandung = GazetteerEntry("Bandung", "cities", 107.61, -6.91, 8_000, lambda lon, lat: abs(lon - 107.61) < 0.2)
    found = [each for each in find("Jalan Sudirman, Bandung", bandung, *streets) if each.place.name == "Jalan Sudirman"]
    assert found[0].place.lon == 107.60
    assert found[0].confidence > found[1].confidence
    assert "inside Bandung, which is named too" in found[0].reason


def test_gives_no_more_than_asked_for() -> None:
    names = [at("Main Road", 80 + n / 10, 13.0) for n in range(30)]
    assert len(Gazetteer(names).find("main road", most=5)) == 5
    assert find("main road", *names)[0].confidence < 0.05


def test_takes_hostile_text_for_text() -> None:
    for text in ("<script>" * 500, "\u202e\u0000", "a" * 20_000, "a " * 10_000):
        assert find(text, *CITY) == []
