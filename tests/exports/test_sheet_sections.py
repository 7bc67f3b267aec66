"""The printed sheet of all areas, read back and drawn by PDFium."""

from __future__ import annotations

import re
from typing import Any

import pytest
from shapely.geometry import box

from crisismap.exports.sheet import Sheet, SheetSection
from crisismap.exports.sheet_map import Shape
from crisismap.exports.sheet_sections import write_sections
from tests.exports.sheets import WARD, entry, sheet
from tests.paper import dark, drawn, pages


def section(title: str, listed: int, *, waiting: int | None = None, urgent: int = 0) -> SheetSection:
    entries = tuple(entry(f"{title} number {number}.") for number in range(1, listed + 1))
    return SheetSection(title, entries, listed if waiting is None else waiting, urgent, 0)


def all_areas(*sections: SheetSection, **said: Any) -> Sheet:
    entries = [each for one in sections for each in one.entries]
    return sheet(*entries, **{"area": "All areas", "sections": sections, **said})


def test_begins_with_an_index_of_counts_and_pages() -> None:
    found = pages(write_sections(all_areas(section("Adyar", 3, urgent=2), section("Velachery", 30), empty=("Marina",))))
    assert "1 Adyar 3, P1 2 page 2" in " ".join(found[0].split())
    [page] = re.findall(r"2 Velachery 30, P1 0 page (\d+)", " ".join(found[0].split()))
    assert "Velachery number 1." in found[int(page) - 1]
    assert "Nobody waits in 1 area: Marina." in found[0]
    for number, words in enumerate(found, 1):
        assert f"page {number} of {len(found)}" in words
    assert "End of the list." in found[-1]


@pytest.mark.parametrize("listed", [1, 2, 5, 9])
def test_keeps_a_section_together_on_a_page(listed: int) -> None:
    found = pages(write_sections(all_areas(*(section(f"Ward {n}", listed) for n in range(12)))))
    for number in range(12):
        holding = {at for at, words in enumerate(found) if f"Ward {number} number" in words}
        assert len(holding) == 1, f"Ward {number} is torn apart"
    told = re.findall(r"Ward (\d+) number (\d+)\.", " ".join(found))
    assert told == [(str(ward), str(at)) for ward in range(12) for at in range(1, listed + 1)], "in order, each once"


def test_goes_on_where_a_section_is_longer_than_a_page() -> None:
    found = pages(write_sections(all_areas(section("Adyar", 2), section("Velachery", 25))))
    assert "Velachery number" not in found[1], "it begins on a page of its own"
    assert "25 requests (P1: 0, overdue: 0)" in found[2]
    assert all("continued" in words for words in found[3:])
    assert " ".join(found).count("Velachery number") == 25


def test_counts_what_is_not_listed() -> None:
    found = pages(write_sections(all_areas(section("Adyar", 1, waiting=7), section("Marina", 0, waiting=4), more=10)))
    assert "4, P1 0 not listed" in found[0]
    assert "7 requests (P1: 0, overdue: 0), the first 1 listed" in found[1]
    assert "10 more requests, less urgent, did not fit" in found[-1]


def test_numbers_the_areas_on_the_map() -> None:
    west, south, east, north = WARD
    middle = (west + east) / 2
    left, right = box(west, south, middle, north), box(middle, south, east, north)
    shapes = (Shape("urgent", left, "Adyar", number="1"), Shape("waiting", right, "x" * 300, number="2"))
    sections = (section("Adyar", 1, urgent=1), section("x" * 300, 1))
    body = write_sections(all_areas(*sections, shapes=shapes))
    words = " ".join(pages(body)[0].split())
    assert "1 Adyar" in words.partition("Red: areas with P1 requests · blue: areas with other requests")[0]
    bare = write_sections(all_areas(*sections, shapes=()))
    assert dark(drawn(body)) > dark(drawn(bare))


@pytest.mark.parametrize("count", [1, 500])
def test_prints_any_number_of_areas(count: int) -> None:
    found = " ".join(pages(write_sections(all_areas(*(section(f"W{n};", 0, waiting=1) for n in range(count))))))
    assert all(f"W{n};" in found for n in range(count))


@pytest.mark.parametrize("title", ["ولاية كسلا (SD-1)", "வேளச்சேரி", "x" * 300, "救命", "\u202egnp"])
def test_prints_titles_of_any_script(title: str) -> None:
    assert "Rescue · 5 people" in pages(write_sections(all_areas(section(title, 1), empty=(title,) * 300)))[1]
