"""It finds out in which encoding people wrote, and says that it guessed."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, Malformed
from crisismap.core.text.encoding import (
    DecodedText,
    TextEncoding,
    decode,
    find_encoding,
    guess,
    python_encoding,
    sample,
    wide_encoding,
)

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


# What people send, by language: a file may hold one of these or thousands.
SENTENCES = {
    "ru": (
        "Вода дошла до крыши, нас четверо, пришлите лодку",
        "Больница без света, нужен генератор и лекарства",
        "Мост рухнул, дорога закрыта, объезд через Щёлково",
    ),
    "uk": (
        "Вода дійшла до першого поверху, нас четверо на даху",
        "Лікарня без струму, потрібен генератор і ліки",
        "Херсон, вулиця Гоголя, біля школи, надішліть човен",
    ),
    "kk": (
        "Су үйге кірді, төбеде төрт адам бар, қайық жіберіңіз",
        "Ауруханада жарық жоқ, дәрі керек",
        "Көпір құлады, жол жабық, Ақтөбе көшесі",
    ),
    "ar": (
        "وصلت المياه إلى الطابق الأول ونحن أربعة على السطح",
        "المستشفى بلا كهرباء ونحتاج إلى مولد وأدوية",
        "انهار الجسر والطريق مغلق قرب مدرسة الأطفال",
    ),
    "fa": (
        "آب به خانه ها رسيده و چهار نفر روي پشت بام ماندند",
        "بيمارستان برق ندارد و دارو لازم است",
        "پل خراب شده و جاده بسته است",
    ),
    "he": (
        "המים הגיעו לקומה הראשונה, אנחנו ארבעה על הגג, הצילו",
        "בית החולים בלי חשמל, צריך גנרטור ותרופות",
        "הגשר התמוטט והכביש חסום ליד בית הספר",
    ),
    "tr": (
        "Su birinci kata çıktı, dört kişi çatıda bekliyoruz, bot gönderin",
        "Hastanede elektrik yok, jeneratör ve ilaç lazım",
        "Köprü yıkıldı, yol kapalı, Güneş İlkokulu yanında mahsur kaldık",
    ),
    "el": (
        "Το νερό έφτασε στον πρώτο όροφο, είμαστε τέσσερις στη στέγη",
        "Το νοσοκομείο δεν έχει ρεύμα, χρειάζεται γεννήτρια",
        "Η γέφυρα έπεσε και ο δρόμος είναι κλειστός",
    ),
    "zh-hans": (
        "水已经淹到一楼，老人和孩子困在屋顶，请派船来",
        "医院断电了，急需发电机和药品",
        "桥梁倒塌，道路被洪水冲断，车辆无法通行",
    ),
    "zh-hant": (
        "水已經淹到一樓，老人和孩子困在屋頂，請派船來",
        "醫院斷電了，急需發電機和藥品",
        "橋樑倒塌，道路被洪水沖斷，車輛無法通行",
    ),
    "ja": (
        "水が一階まで来ています。屋根の上に四人います、助けてください",
        "病院が停電しています。発電機と薬が必要です",
        "橋が落ちて車が通れません。体育館に避難しています",
    ),
    "ko": (
        "물이 일층까지 찼어요 지붕 위에 네 명이 있습니다",
        "병원이 정전되었습니다 발전기와 약이 필요합니다",
        "다리가 무너져서 차가 다닐 수 없습니다",
    ),
    "th": (
        "น้ำท่วมถึงชั้นสอง มีคนติดอยู่บนหลังคาสี่คน ช่วยด้วย",
        "โรงพยาบาลไฟดับ ต้องการเครื่องปั่นไฟและยา",
        "สะพานพัง รถผ่านไม่ได้",
    ),
    "vi": (
        "Bệnh viện mất điện, cần máy phát điện và thuốc",
        "Nước đã ngập tầng một, bốn người trên mái nhà, xin cứu giúp",
        "Cầu sập, xe không qua được, phường Đông Hải",
    ),
    "pl": (
        "Woda sięga pierwszego piętra, cztery osoby na dachu, prosimy o łódź",
        "Szpital nie ma prądu, potrzebny agregat i leki, jest źle",
        "Most się zawalił, droga nieprzejezdna koło szkoły",
    ),
    "cs": (
        "Voda dosahuje do prvního patra, čtyři lidé na střeše, pošlete člun",
        "Nemocnice je bez proudu, potřebujeme generátor a léky",
        "Most se zřítil, silnice je neprůjezdná u školy",
    ),
    "hu": (
        "A víz elérte az első emeletet, négyen vagyunk a tetőn, segítség",
        "A kórházban nincs áram, generátor és gyógyszer kell",
        "Leszakadt a híd, az út járhatatlan Győr mellett",
    ),
    "es": (
        "El agua llegó al primer piso, somos cuatro en el techo, ¡envíen un bote!",
        "El hospital está sin luz, faltan medicinas para los niños",
        "Se cayó el puente y la vía está cerrada, señora con bebé",
    ),
    "fr": (
        "L'eau a atteint le premier étage, nous sommes quatre sur le toit, envoyez un bateau",
        "L'hôpital est privé d'électricité, il faut un groupe électrogène",
        "Le pont s'est effondré, la route est coupée près de l'école",
    ),
    "pt": (
        "A água chegou ao primeiro andar, somos quatro no telhado, não há saída",
        "O hospital está sem energia, precisamos de gerador e remédios",
        "A ponte caiu e a estrada está interditada, atenção",
    ),
    "de": (
        "Das Wasser steht im Erdgeschoss, vier Personen auf dem Dach, die Türen sind blockiert",
        "Das Krankenhaus ist ohne Strom, wir benötigen dringend Medikamente für Säuglinge",
        "Die Brücke ist eingestürzt und die Straße gesperrt",
    ),
    "sv": (
        "Vattnet står på första våningen, fyra personer på taket, skicka båt",
        "Sjukhuset är utan ström och behöver läkemedel, mycket brådskande",
        "Bron har rasat och vägen är avstängd nära skolan",
    ),
}
PAGES = {
    **dict.fromkeys(("ru",), ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")),
    "uk": ("cp1251", "koi8-u", "iso8859-5"),
    "kk": ("ptcp154",),
    "ar": ("cp1256", "iso8859-6"),
    "fa": ("cp1256",),
    "he": ("cp1255", "iso8859-8"),
    "tr": ("cp1254", "iso8859-9", "cp857"),
    "el": ("cp1253", "iso8859-7"),
    "zh-hans": ("gb2312", "gbk", "gb18030"),
    "zh-hant": ("big5", "cp950"),
    "ja": ("cp932", "shift_jis", "euc_jp", "iso2022_jp"),
    "ko": ("cp949", "euc_kr"),
    "th": ("cp874",),
    "vi": ("cp1258",),
    **dict.fromkeys(("pl", "cs", "hu"), ("cp1250", "iso8859-2", "cp852")),
    **dict.fromkeys(("es", "fr", "pt"), ("cp1252", "iso8859-1", "cp850", "mac-roman")),
    **dict.fromkeys(("de", "sv"), ("cp1252", "iso8859-15", "cp850")),
}
EVERY_PAGE = [(language, page) for language, pages in PAGES.items() for page in pages]
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig", "utf-8")


def as_windows_writes(text: str) -> str:
    """Vietnamese letters with the mark of their tone behind them, as Windows-1258 has them."""
    for tone in "\u0300\u0301\u0303\u0309\u0323":
        text = "".join(
            unicodedata.normalize("NFC", whole.replace(tone, "")) + tone
            if tone in (whole := unicodedata.normalize("NFD", letter))
            else letter
            for letter in text
        )
    return text


SENTENCES["vi"] = tuple(map(as_windows_writes, SENTENCES["vi"]))


def table(*texts: str) -> str:
    """A table as people keep it: most of it is ASCII in any language."""
    rows = [f'rescue,"{text}",13.0{number % 10},80.21,{number}' for number, text in enumerate(texts)]
    return "\r\n".join(["category,text,lat,lon,people", *rows, ""])


@pytest.mark.parametrize(("language", "page"), EVERY_PAGE)
def test_reads_a_sentence_three_and_a_thousand_in_every_code_page(language: str, page: str):
    sentences = SENTENCES[language]
    short = zip(sentences, strict=True) if page not in ("cp850", "mac-roman") else ()  # of DOS and old Macs: too little
    for texts in (*short, sentences, sentences * 400):
        found = decode(table(*texts).encode(page))
        assert found.text == table(*texts), (found.encoding, texts[0])
        assert found.encoding.guessed
        assert found.encoding.example
        assert found.encoding.example in found.notes[0]


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("language", SENTENCES)
def test_reads_wide_text_with_its_mark_and_without(language: str, encoding: str):
    for texts in (SENTENCES[language][:1], SENTENCES[language] * 50):
        data = table(*texts).encode(encoding)
        assert decode(data).text == table(*texts)


def test_finds_the_same_encoding_in_blocks_of_any_size():
    for language, page in EVERY_PAGE:
        data = table(*SENTENCES[language] * 5).encode(page)
        blocks = [data[at : at + 97] for at in range(0, len(data), 97)]
        assert table(*SENTENCES[language]).encode(page).decode(find_encoding(blocks).name), page
        assert find_encoding([data]).name == find_encoding(blocks).name, page


def test_reads_a_table_of_two_people_with_two_encodings():
    for language, page in EVERY_PAGE:
        if page == "iso2022_jp":
            continue
        foreign = table(*SENTENCES[language] * 2)
        own = table("Ferry 7 → pier №3, Łódź, Ñuñoa, Übersee")
        for data in (own.encode() + foreign.encode(page), foreign.encode(page) + own.encode()):
            found = decode(data)
            assert own in found.text, (language, page)
            assert foreign in found.text, (language, page)
            assert "what is not UTF-8 was read as" in found.notes[0]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_guesses_a_code_page_by_few_names_and_says_so_with_a_sample(encoding: str, text: str):
    found = decode(text.encode(encoding))
    assert (found.text, found.encoding.guessed) == (text, True)
    assert "guessed" in found.notes[0]
    assert sample(text) in found.notes[0]


@pytest.mark.parametrize("text", ["Camp", "Panamá", "避難所", "مخيم", ""])
def test_takes_utf8_for_utf8_without_a_note(text: str):
    assert decode(text.encode()) == DecodedText(text, TextEncoding("utf-8"))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le")],
)
def test_reads_wide_text_by_its_mark(mark: bytes, encoding: str):
    text = "name;lat;lon\nÉcole;13.01;80.21\n"
    assert decode(mark + text.encode(encoding)).text == text
    assert decode(mark + text.encode(encoding)).notes == []


@pytest.mark.parametrize(
    "data", [b"a\x00b", b"category,text\nother,a\x00b\n", bytes(range(256)) * 8, b"\x00" * 40, b""]
)
def test_takes_no_other_data_for_wide_text(data: bytes):
    assert wide_encoding(data) is None


def test_keeps_utf8_with_a_line_of_another_program():
    found = decode("École, Hôtel, Chāteau, Łódź, Århus, Ærø, Öland, Ystad, Þing, Ñuñoa\n".encode() + b"caf\xe9\n")
    assert found.encoding.name == "utf-8"
    assert "École" in found.text
    assert "café" in found.text


def test_keeps_utf8_that_was_cut_within_a_character():
    text = "Вода дошла до крыши, нас четверо, пришлите лодку. Больница без света"
    found = decode(text.encode()[:-1] + b"\n" + text.encode())
    assert found.text.startswith(text[:-1] + "\ufffd")
    assert found.notes == ["characters that are no utf-8 were replaced by �: 1"]


def test_reads_a_declared_encoding_and_says_which_line_is_not_in_it():
    assert decode("a\nmüde".encode("cp500"), "EBCDIC-CP-BE").text == "a\nmüde"
    assert decode("école".encode("utf-16"), "UTF-16").text == "école"
    with pytest.raises(Malformed, match="line 2 is not utf-8"):
        decode(b"a\nm\xfcde", "utf-8", "a.csv")
    with pytest.raises(Invalid, match="no encoding of this name"):
        decode(b"a", "nonsense")


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
    find_encoding([data[:100], data[100:]])
    guess([data])
