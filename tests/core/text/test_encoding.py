"""It finds out in which encoding people wrote, and says that it guessed."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.encoding import DecodedText, decode, guess, python_encoding, sample

TEXTS = [
    ("gb18030", "龙华区\n五华县"),
    ("gb18030", "避难所一\n体育馆\n第二小学\n市民中心"),
    ("cp950", "避難所一\n體育館\n第二小學"),
    ("cp932", "避難所一\n体育館\n第二小学校"),
    ("cp949", "대피소\n체육관\n초등학교"),
    ("cp1251", "Школа №1\nДом культуры"),
    ("cp1251", "Москва"),
    ("cp866", "Школа 1\nДом культуры\nСтадион"),
    ("koi8-r", "Школа 1\nДом культуры"),
    ("cp1256", "مدرسة الاطفال\nملعب المدينة"),
    ("cp874", "โรงเรียนวัด\nศาลากลาง"),
    ("cp1252", "Escuela Niños Héroes\nSão José"),
    ("cp1250", "Škola\nŽelezniční nádraží"),
    ("cp1254", "İlkokul\nBeşiktaş\nGüneş Okulu"),
    ("cp1253", "Σχολείο\nΑθήνα"),
    ("cp1255", "בית ספר\nירושלים"),
    ("cp850", "Möhnesee\nStraße\nTürgerhaus"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_guesses_a_code_page_and_says_so_with_a_sample(encoding: str, text: str):
    found = decode(text.encode(encoding))
    assert (found.text, found.encoding, found.guessed) == (text, encoding, True)
    assert "guessed" in found.note
    assert sample(text) in found.note


@pytest.mark.parametrize("text", ["Camp", "Panamá", "避難所", "مخيم", ""])
def test_takes_utf8_for_utf8_without_a_note(text: str):
    assert decode(text.encode()) == DecodedText(text, "utf-8")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le")],
)
def test_reads_wide_text_by_its_mark_and_without(mark: bytes, encoding: str):
    text = "name;lat;lon\nÉcole;13.01;80.21\n"
    assert decode(mark + text.encode(encoding)).text == text
    if encoding != "utf-32-le":
        assert decode(text.encode(encoding)).text == text


def test_keeps_utf8_that_is_broken_in_one_place():
    found = decode("École, Hôtel, Chāteau, Łódź, Århus, Ærø, Öland, Ystad, Þing, Ñuñoa\n".encode() + b"caf\xe9\n")
    assert found.encoding == "utf-8"
    assert "École" in found.text
    assert "replaced by" in found.note


@pytest.mark.parametrize(
    ("written", "encoding"),
    [
        ("1256", "cp1256"),
        ("ANSI 1251", "cp1251"),
        ("OEM 437", "cp437"),
        ("GBK", "gb18030"),
        ("SJIS", "cp932"),
        ("874", "cp874"),
        ("EUC-KR", "cp949"),
        ("BIG5", "cp950"),
        ("ISO 88592", "iso8859-2"),
        ("8859_15", "iso8859-15"),
        ("88591", "cp1252"),
        ("65001", "utf-8"),
        (" utf8 ", "utf-8"),
        ("windows-1258", "cp1258"),
        ("macintosh", "mac-roman"),
        ("hex", None),
        ("rot13", None),
        ("no such", None),
        ("x\0y", None),
        ("", None),
    ],
)
def test_knows_encodings_by_the_names_that_publishers_write(written: str, encoding: str | None):
    assert python_encoding(written) == encoding


@given(st.binary(max_size=300))
def test_reads_any_bytes(data: bytes):
    decode(data)
    guess([data])
