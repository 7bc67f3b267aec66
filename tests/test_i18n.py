"""Languages: which one a browser asks for, how it counts, and words of need that make any report a request."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.priority import Case, assess_both
from crisismap.core.report.report import needs_help
from crisismap.i18n import DEFAULT, FOLDER, known_language, languages, negotiate, read_language, vocabulary
from tests.core.samples import RULES, taken

# What somebody writes in a flood, by language and alphabet: never the word list itself, so that endings count too.
NEEDS = {
    "en": [
        "Water is in the house, we need help",
        "plz send boat!!",
        "two of us trapped upstairs",
        "Someone rescue us, 5 people at the school",
        "my mother needs help, she cannot walk",
        "SOS 4th street",
    ],
    "ta": [
        "தண்ணீர் வீட்டுக்குள் வந்துவிட்டது, உதவுங்கள் உதவி வேண்டும்",
        "எங்களைக் காப்பாத்துங்க",
        "நாங்கள் 6 பேர் மாடியில் சிக்கியுள்ளோம்",
        "படகு அனுப்புங்கள்",
        "amma appa thaniya irukanga, boat venum",
        "5 per maatikitom, kaapathunga",
        "udhavi pannunga",
    ],
    "hi": [
        "हम छत पर फँसे हुए हैं",
        "हमें बचाइए, पानी बढ़ रहा है",
        "कृपया मदद करें",
        "नाव भेजिए",
        "ghar me paani bhar gaya, bachao",
        "hum 4 log phanse hue hain",
        "madad chahiye",
    ],
    "ne": [
        "हामीलाई बचाउनुहोस्",
        "घरमा पानी पस्यो, उद्धार गरिदिनुहोस्",
        "हामी १० जना छतमा फसेका छौं",
        "खाना छैन, सहयोग चाहियो",
        "डुङ्गा पठाउनुहोस्",
        "bachaunus, pani aayo",
        "hami faseka chhau",
    ],
    "id": [
        "tolong pak air sudah masuk rumah",
        "Kami terjebak di lantai dua",
        "mohon dievakuasi, ada bayi",
        "butuh perahu karet di RT 05",
        "warga butuh bantuan segera",
    ],
    "es": [
        "¡Auxilio! El agua sigue subiendo",
        "Estamos atrapados en el segundo piso",
        "Necesitamos ayuda en la calle 5",
        "ayudenme por favor",
        "mi familia no puede salir, no podemos salir",
        "manden una lancha",
        "Por favor rescátennos",
    ],
    "ar": [
        "أنقذونا المياه ترتفع",
        "انقذونا من السيل",
        "نحن عالقون في الطابق الثاني",
        "العائلة محاصرة والماء يرتفع",
        "نحتاج إلى مساعدة عاجلة",
        "النجدة!",
        "ساعدونا، لا نستطيع الخروج",
    ],
}
# What sounds like it and asks for nothing.
NO_NEEDS = {
    "en": [
        "Road is flooded but nobody is trapped",
        "We are fine, we don\u2019t need help",
        "no help needed here, water is going down",
        "the helpline is busy",
    ],
    "ta": ["எங்களுக்கு உதவி தேவையில்லை", "உதவி எண் 1913", "தெருவில் தண்ணீர், எல்லோரும் நலம்"],
    "hi": ["सड़क पर पानी है, मदद नहीं चाहिए", "मदद मिल गई, धन्यवाद", "madad nahi chahiye", "सब सुरक्षित हैं"],
    "ne": ["मद्दत चाहिँदैन, सबै ठीक छ", "१० जनाको उद्धार गरियो", "uddhar bhaisakyo", "सडकमा पानी छ"],
    "id": ["jalan tergenang, tidak perlu bantuan", "terjebak macet karena banjir", "tidak ada yang terjebak"],
    "es": [
        "La calle está inundada, no hay personas atrapadas",
        "ya no necesitamos ayuda",
        "abrieron un puesto de socorro en la escuela",
        "curso de primeros auxilios",
    ],
    "ar": ["الشارع مغمور ولا يوجد عالقون", "لا نحتاج إلى مساعدة", "رقم النجدة 122", "الطريق مغلق"],
}


@pytest.mark.parametrize("code", languages())
def test_makes_any_report_with_words_of_need_a_request(code: str):
    for text in NEEDS[code]:
        for category in ("flooding", "shelter", "transport", "other"):
            assert taken({"category": category, "text": text}).need.is_request, text


@pytest.mark.parametrize("code", languages())
def test_asks_by_words_and_not_by_the_category_alone(code: str):
    """*other* asks whatever is written, so the words themselves are tried."""
    assert all(needs_help(text, RULES.cries) for text in NEEDS[code])


@pytest.mark.parametrize("code", languages())
def test_takes_no_need_from_what_denies_it(code: str):
    here = {"category": "flooding", "lon": 80.2, "lat": 13.1}
    assert [text for text in NO_NEEDS[code] if taken(here | {"text": text}).need.is_request] == []


@pytest.mark.parametrize(
    "text",
    [
        "மாரடைப்பு, ஆம்புலன்ஸ் வேண்டும்",
        "दादी बेहोश हैं",
        "बुबा बेहोस हुनुहुन्छ",
        "ayah pingsan di rumah",
        "mi abuelo no respira",
        "Hay una familia en el techo",
        "أبي فاقد الوعي",
        "العائلة على سطح المنزل",
    ],
)
def test_hears_that_life_is_at_risk_in_every_language(text: str):
    assert assess_both(Case("other", text, None, {}), RULES.priority)[False][0] == 1


def test_joins_the_words_of_all_languages():
    """People write in one language on the page of another."""
    joined = vocabulary()
    for language in languages().values():
        for name, words in language.vocabulary.items():
            assert set(words) <= set(joined[name])
    assert len(set(joined["need"])) == len(joined["need"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["1 person", "2 people", "11 people"]),
        ("ta", ["1 நபர்", "2 பேர்", "11 பேர்"]),
        ("hi", ["1 व्यक्ति", "2 लोग", "11 लोग"]),
        ("ne", ["1 जना", "2 जना", "11 जना"]),
        ("id", ["1 orang", "2 orang", "11 orang"]),
        ("es", ["1 persona", "2 personas", "11 personas"]),
        ("ar", ["شخص واحد", "شخصان", "11 شخصًا"]),
    ],
)
def test_counts_as_the_language_does(code: str, said: list[str]):
    assert [languages()[code]("task.people", n=n) for n in (1, 2, 11)] == said


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", DEFAULT),
        ("ta", "ta"),
        ("ta-IN,en;q=0.5", "ta"),
        ("fr, es;q=0.8, en;q=0.9", "en"),
        ("de;q=1, hi;q=0.2, ne;q=0.2", "hi"),
        ("ta;q=0", DEFAULT),
        ("ta;q=0, en;q=0.1, ar;q=0.3", "ar"),
        ("ta;q=high, id;q=0.1", "id"),
        ("*", DEFAULT),
        (",;q=,=;", DEFAULT),
    ],
)
def test_chooses_the_language_that_a_browser_prefers(header: str, code: str):
    assert negotiate(header) == code


def test_knows_only_languages_that_have_a_file():
    assert (known_language("ta"), known_language("xx"), known_language(None)) == ("ta", None, None)


def test_counts_as_english_does_where_unicode_does_not_know_the_language(tmp_path: Path):
    path = tmp_path / "xx.toml"
    path.write_text((FOLDER / "en.toml").read_text("utf-8"), "utf-8")
    language = read_language(path)
    assert (language.code, language("task.people", n=1), language("task.people", n=2)) == ("xx", "1 person", "2 people")


def test_reads_each_file_once():
    assert languages() is languages()


@pytest.mark.parametrize("lists", ["need = 'help'", "need = ['']", "need = [1]", "[[vocabulary]]"])
def test_names_a_file_whose_word_lists_are_wrong(tmp_path: Path, lists: str):
    path = tmp_path / "xx.toml"
    head = "" if lists.startswith("[[") else "[vocabulary]\n"
    path.write_text(f"[language]\nname = 'X'\n{head}{lists}\n")
    with pytest.raises(Misconfigured, match=r"xx\.toml"):
        read_language(path)
