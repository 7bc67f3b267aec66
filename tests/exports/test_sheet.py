"""The printed sheet, read back and drawn by PDFium."""

from __future__ import annotations

import re

import pytest

from tests.exports.sheets import entry, made, sheet
from tests.paper import pages, size


def test_says_on_every_page_what_it_is_and_which_page_of_how_many() -> None:
    body = made(sheet(*(entry(f"number {number}") for number in range(1, 30)), urgent=29, overdue=28))
    assert size(body) == {(595, 842)}
    found = pages(body)
    assert len(found) > 2
    for number, words in enumerate(found, 1):
        assert f"page {number} of {len(found)}" in words
        assert words.startswith("Adyar (W-1)")
        assert "made at 2015-12-02 06:30 (times: India Standard Time) · revision 1234 · Chennai flood" in words
        assert "29 requests that nobody has answered (P1: 29, overdue: 28)" in words
        assert "MADE UP" not in words
    told = re.findall(r"number (\d+)", " ".join(found))
    assert told == [str(number) for number in range(1, 30)]
    assert "End of the list." in found[-1]
    assert " ".join(found).count("done") == 29


def test_tells_of_a_request_what_a_team_needs() -> None:
    [words] = pages(made(sheet(entry())))
    for said in ("P1", "waiting 42 min", "overdue 12 min", "Rescue · 5 people", "on the roof", "behind the mill"):
        assert said in words


def test_says_that_it_is_made_up() -> None:
    assert all("MADE UP." in words for words in pages(made(sheet(*[entry()] * 20, made_up=True))))


def test_says_that_nobody_waits() -> None:
    [words] = pages(made(sheet()))
    assert "0 requests that nobody has answered" in words
    assert "Nobody is waiting here now." in words


def test_says_how_many_found_no_room() -> None:
    found = pages(made(sheet(entry(), more=1412)))
    assert "1,413 requests that nobody has answered" in found[0]
    assert "1,412 more requests, less urgent, did not fit" in found[-1]


HOSTILE = {
    "marks of a page number": "{nb} {{nb}} {pages}",
    "markup": "<b>bold</b> **md** __under__ [link](http://evil.example) <script>alert(1)</script>",
    "pdf": "(()) \\) Tj ET endstream endobj %%EOF /JS (app.alert(1))",
    "turned": "abc \u202egnp.exe\u202c \u2066x\u2069 \u200f\u200e end",
    "control": "bell \x07 null \x00 escape \x1b[31m tab\tline\nend",
    "tower": "z" + "\u0301" * 500 + " end",
    "picture": "help \U0001f6f6\U0001f469\u200d\U0001f467 end",
    "chinese": "救命 end",
    "lone surrogate": "a \ud83d end",
    "endless": "x" * 5000,
    "many": "w " * 5000,
    "endless tamil": "தமிழ்" * 500,
    "endless arabic": "نحتاجمساعدة" * 200,
    "nothing": "",
    "only marks": "\u0301\u0301\u0301",
    "only spaces": " \u3000 \u00a0 ",
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_stays_whole_whatever_people_wrote(words: str) -> None:
    body = made(sheet(entry(words, title=words[:200], notes=(words,)), entry("the next one"), area=words[:300] or "-"))
    found = " ".join(pages(body))
    assert "the next one" in found
    assert "page 1 of" in found
    assert b"/JavaScript" not in body
    assert b"/URI" not in body
    assert b"/Annot" not in body
    if words.endswith(" end"):
        assert "end" in found
    if "{nb}" in words:
        assert "{nb} {{nb}} {pages}" in found


def test_shortens_a_long_story_and_says_so() -> None:
    assert "(shortened)" in " ".join(pages(made(sheet(entry("word " * 1000)))))
