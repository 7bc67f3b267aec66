"""The printed sheet, read back and drawn by PDFium."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from crisismap.core.text import symbols
from crisismap.exports.sheet import Sheet, SheetRow, write_sheet
from crisismap.exports.sheet_map import STYLE, Shape
from tests.paper import dark, drawn, pages, size

WARD = (80.19, 12.99, 80.23, 13.02)
SHAPES = (
    Shape("here", box(*WARD)),
    Shape("area", box(80.23, 12.99, 80.27, 13.02)),
    Shape("hazard", Point(80.21, 13.005).buffer(0.007).difference(Point(80.21, 13.005).buffer(0.003))),
    Shape("road", LineString([(80.1, 13), (80.3, 13.01)])),
    Shape("road_closed", LineString([(80.2, 12.9), (80.21, 13.1)])),
    Shape("shelter", Point(80.222, 13.014), "St. Mary's School", "open"),
    Shape("context", MultiPolygon([box(80.195, 13.0, 80.197, 13.002), box(80.199, 13.0, 80.2, 13.002)])),
)


def entry(words: str = "on the roof", **said: Any) -> SheetRow:
    known = {
        "symbol": symbols.of_report("rescue", priority=1, state="open", overdue=True),
        "priority": "P1",
        "waiting": "42 min",
        "overdue": "overdue 12 min",
        "title": "Rescue · 5 people",
        "words": words,
        "notes": ("Place: behind the mill", "Nearest open shelter: School, 1.2 km"),
        "point": (80.21, 13.005),
    }
    return SheetRow(**{**known, **said})


def sheet(*entries: SheetRow, **said: Any) -> Sheet:
    known = {
        "incident": "Chennai flood",
        "area": "Adyar (W-1)",
        "made_at": "2015-12-02 06:30 UTC",
        "revision": 1234,
        "made_up": False,
        "entries": entries,
        "box": WARD,
        "shapes": SHAPES,
    }
    return Sheet(**{**known, **said})


def made(one: Sheet) -> bytes:
    return b"".join(write_sheet(one))


def test_says_on_every_page_what_it_is_and_which_page_of_how_many() -> None:
    body = made(sheet(*(entry(f"number {number}") for number in range(1, 30)), urgent=29, overdue=28))
    assert size(body) == {(595, 842)}
    found = pages(body)
    assert len(found) > 2
    for number, words in enumerate(found, 1):
        assert f"page {number} of {len(found)}" in words
        assert words.startswith("Adyar (W-1)")
        assert "made at 2015-12-02 06:30 UTC · revision 1234 · Chennai flood" in words
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
    assert "1,412 more requests, less urgent, did not find room" in found[-1]


SCRIPTS = {
    "Tamil": "மூன்று பேர் கூரையில் உதவி தேவை",
    "Hindi": "छत पर पाँच लोग हैं",
    "Nepali": "हामीलाई पानी चाहियो",
    "Bengali": "ছাদে পাঁচজন",
    "Telugu": "పైకప్పు మీద ఐదుగురు",
    "Indonesian": "Banjir, tolong kami",
    "Spanish": "Está inundado, ¡ayúdennos!",
    "Vietnamese": "Nước dâng lên",
    "Russian": "Вода поднимается",
    "Greek": "Χρειαζόμαστε βοήθεια",
    "Amharic": "እርዳታ እንፈልጋለን",
}


@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
def test_writes_any_script(words: str) -> None:
    """Where shaping changes the order of letters a reader of PDFs finds them all, in the order of the drawing."""
    [found] = pages(made(sheet(entry(words, notes=()), box=None)))
    if ord(max(words)) < 0x0900:
        assert words in found
    assert set(words) <= set(found)
    assert "\ufffd stands" not in found


@pytest.mark.parametrize("words", ["क्ष त्र ज्ञ", "ক্ষ ত্র জ্ঞ", "స్త్రీ ష్ట్ర"])
def test_joins_letters_that_belong_together(words: str) -> None:
    """A conjunct is narrower than its letters with a sign between them that keeps them apart."""
    virama = next(letter for letter in words if unicodedata.combining(letter) == 9)
    joined, apart = (inked(text) for text in (words, words.replace(virama, virama + "\u200c")))
    assert joined[2] - joined[0] < 0.9 * (apart[2] - apart[0])


def inked(words: str) -> tuple[int, int, int, int]:
    """Where the line of words is drawn: left, top, right, bottom in points, from the left of its column."""
    column = (180, 108, 440, 130)
    picture = drawn(made(sheet(entry(words, notes=(), title="-"), box=None))).crop(column).convert("L")
    found = picture.point(lambda value: 255 * (value < 200)).getbbox()
    assert found is not None
    return found


def test_joins_arabic_letters_and_writes_them_from_the_right() -> None:
    """Joined letters are narrower than letters that stand alone, and the line ends at the right edge of its column."""
    words = "نحتاج مساعدة"
    joined, apart, latin = (inked(text) for text in (words, "\u200c".join(words), "we need help"))
    assert joined[0] > 130, "it stands at the right"
    assert latin[0] < 10, "and this at the left"
    assert joined[2] == pytest.approx(apart[2], abs=3)
    assert joined[2] - joined[0] < 0.9 * (apart[2] - apart[0])


def test_keeps_numbers_in_arabic_in_the_order_of_reading() -> None:
    """A number after an Arabic street stands to the left of it, as one reads."""
    from crisismap.exports.lettering import TextDirection, _runs

    runs = [run for run, _ in _runs("شارع النيل 12", TextDirection.LTR)]
    assert runs[0] == "12"
    assert [direction for _, direction in _runs("at شارع now", TextDirection.LTR)] == [
        TextDirection.LTR,
        TextDirection.RTL,
        TextDirection.LTR,
    ]


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


def test_says_that_a_letter_cannot_be_printed() -> None:
    [found] = pages(made(sheet(entry("救命"))))
    assert "\ufffd stands for a letter or picture that cannot be printed" in found


def test_shortens_a_long_story_and_says_so() -> None:
    assert "(shortened)" in " ".join(pages(made(sheet(entry("word " * 1000)))))


def test_draws_the_map_from_layers_and_numbers() -> None:
    with_map = made(sheet(entry(), entry(point=(80.2, 13.01)), entry(point=None)))
    bare = made(sheet(entry(point=None), shapes=()))
    frame = (40, 95, 555, 355)
    assert dark(drawn(with_map), frame) > dark(drawn(bare), frame) + 1500
    assert "St. Mary's School" in pages(with_map)[0]
    assert "1 km N up" in pages(with_map)[0]
    assert "Hatched: official hazard" in pages(with_map)[0]
    assert "Hatched" not in pages(bare)[0]
    assert b"/Subtype /Image" not in with_map, "drawn, not a picture"


@pytest.mark.parametrize("kind", STYLE)
def test_draws_every_kind_of_shape(kind: str) -> None:
    bare = dark(drawn(made(sheet(shapes=()))))
    shape = Point(80.21, 13.005) if kind == "shelter" else Polygon(box(80.2, 13.0, 80.22, 13.01).exterior)
    assert dark(drawn(made(sheet(shapes=(Shape(kind, shape),))))) > bare + 30


@pytest.mark.parametrize(
    "shape",
    [
        GeometryCollection([Point(80.2, 13), LineString([(80.2, 13), (80.21, 13)])]),
        Polygon(),
        box(-180, -90, 180, 90),
        LineString([(-180, 13), (180, 13)]),
        Polygon([(80.2, 13), (80.21, 13.01), (80.21, 13), (80.2, 13.01)]),
        Point(0, 0),
    ],
    ids=["mixed", "empty", "world", "round the world", "bow tie", "far"],
)
@pytest.mark.parametrize("kind", ["hazard", "area", "shelter", "road_closed"])
def test_draws_odd_shapes_or_leaves_them_out(shape: Any, kind: str) -> None:
    assert "page 1 of 1" in pages(made(sheet(entry(), shapes=(Shape(kind, shape, "x"),))))[0]


@pytest.mark.parametrize("where", [(80.2, 13.0, 80.2, 13.0), (-180, -90, 180, 90), (179.9, 89.9, 180, 90)])
def test_draws_a_box_of_any_size(where: tuple[float, float, float, float]) -> None:
    assert "N up" in pages(made(sheet(entry(), box=where)))[0]


def test_leaves_the_map_out_where_there_is_nothing_to_draw() -> None:
    assert "N up" not in pages(made(replace(sheet(entry(point=None)), box=None)))[0]
