"""Letters on paper: any script, shaped and in the right direction."""

from __future__ import annotations

import unicodedata

import pytest

from tests.exports.sheets import entry, made, sheet
from tests.paper import drawn, pages

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


def test_says_that_a_letter_cannot_be_printed() -> None:
    [found] = pages(made(sheet(entry("救命"))))
    assert "\ufffd stands for a letter or picture that cannot be printed" in found
