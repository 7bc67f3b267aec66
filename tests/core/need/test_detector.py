"""The detector: it hears who needs help in every language, and leaves doubt to a person."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import NOTHING_HEARD, Need
from tests.core.samples import RULES, taken

DETECTOR = RULES.detector

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


@pytest.mark.parametrize("code", NEEDS)
def test_makes_any_report_with_words_of_need_a_request(code: str):
    for text in NEEDS[code]:
        for category in ("flooding", "shelter", "transport", "other"):
            assert taken({"category": category, "text": text}).need.is_request, text


@pytest.mark.parametrize("code", NEEDS)
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
    assert DETECTOR.detect(text).priority == 1


def heard(text: str) -> Need:
    return DETECTOR.detect(text).need


@pytest.mark.parametrize(
    "text",
    [
        "tr@pped on the 2nd floor, water rising",
        "TRAAAAPPED on the roof with 2 kids",
        "we are trаpped, water at the window",  # a Cyrillic letter
        "pleasehelpuswearetrappedontheroof",
        "🆘🆘 two children on the roof, water rising 🌊",
    ],
)
def test_hears_a_cry_however_it_is_typed(text: str):
    assert heard(text) in {Need.ASKS, Need.MAY}


@pytest.mark.parametrize(
    "text",
    [
        "nobody is trapped here any more",
        "This is an exercise: two people trapped on a roof, water rising",
        "We were trapped on the roof in 2015, the army took us out",
        "everyone on the roof was rescued last night, all safe",
    ],
)
def test_leaves_what_is_over_or_made_up(text: str):
    assert heard(text) is Need.INFORMATION
    assert DETECTOR.detect(text).denied


def test_tells_an_offer_from_a_request():
    assert heard("We have a boat and two people, where are we needed?") is Need.OFFER
    assert heard("We have a boat but the children are trapped on the roof, water rising") is Need.ASKS


def test_leaves_hearsay_to_a_person():
    assert heard("they say a family is trapped on a roof behind the mill") is Need.MAY


def test_shows_the_words_that_it_goes_by_as_they_were_written():
    shown = DETECTOR.evidence("Two CHILDREN on the Roof, water is rising fast")
    assert any("Roof" in words for words in shown)
    assert any("rising" in words for words in shown)


def test_shows_the_words_of_the_model_too_where_the_rules_hear_no_request():
    text = "I held the mooring rope since three, my arms will not bend, the other one let go already"
    assert not DETECTOR.by_rules(text).found.need.is_request, "else the test says nothing"
    assert DETECTOR.detect(text).need.is_request
    by_rules = NeedDetector(DETECTOR.words, DETECTOR.rules).evidence(text)
    assert set(by_rules) < set(DETECTOR.evidence(text))


def test_hears_nothing_without_words_and_rules():
    assert NeedDetector().detect("we are trapped on the roof") is NOTHING_HEARD


@given(st.text(max_size=400))
def test_answers_whatever_was_written(text: str):
    found = DETECTOR.detect(text)
    assert found.priority in {1, 2, 3, 4}
    assert all(words in " ".join(text.split()) for words in DETECTOR.evidence(text))


@pytest.mark.parametrize(
    "text",
    [
        "help " * 4000,
        "need " * 4000,
        "a" * 20_000,
        "\n" * 20_000,
        "🆘" * 20_000,
        "@" * 20_000,
        "a@" * 10_000,
        "aа" * 10_000,  # Latin and Cyrillic in turn
        "مساعدة " * 3000,
        "\u202e\u202d" * 10_000,
    ],
    ids=["help", "need", "one word", "lines", "emoji", "signs", "disguised", "mixed", "arabic", "directions"],
)
def test_is_bounded_for_a_text_of_any_kind(text: str):
    began = time.process_time()
    DETECTOR.detect(text)
    DETECTOR.evidence(text)
    assert time.process_time() - began < 5, "a backstop against quadratic work, not a measurement"


@pytest.mark.parametrize(
    "text",
    [
        "hundreds trapped, send all boats",
        "hospital generator about to fail, 12 patients in ICU",
        "Water is coming into the house very fast, we do not know where to go",
        "My brother went to fetch the cattle and has not come back",
    ],
)
def test_drops_no_life_at_risk_that_is_plainly_told(text: str):
    """The model was sure that the first two are information: nothing like them stood in the texts of its training."""
    found = DETECTOR.detect(text)
    assert found.need.is_request
    assert found.priority == 1


@pytest.mark.parametrize(
    "text",
    [
        "Water is knee deep on Anna Salai near the signal, traffic is slow",
        "All residents of block C have been evacuated and are safe",
        "Yesterday the rescue team took 20 people from the roof of the mosque, all fine",
        "Bus 21G is not running today because of flooding",
        "Does anybody know if the school is open tomorrow?",
    ],
)
def test_leaves_plain_information_alone(text: str):
    assert DETECTOR.detect(text).need is Need.INFORMATION


def test_hears_each_of_many_texts_as_it_does_alone():
    """Together they are read in other groups; long ones in parts, and one of them has no letters at all."""
    some = [text for texts in (*NEEDS.values(), *NO_NEEDS.values()) for text in texts]
    some += [
        "",
        "a",
        "\U0001f198" * 3,
        "the road is open and dry. " * 200 + "we are trapped",
        "x" * 5000,
        "Wir sitzen fest",
    ]
    assert DETECTOR.detect_all(some) == [DETECTOR.detect(text) for text in some]
    assert DETECTOR.detect_all(some[::-1]) == DETECTOR.detect_all(some)[::-1]
    assert DETECTOR.detect_all([]) == []
