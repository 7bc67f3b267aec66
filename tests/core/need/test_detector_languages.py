"""Words of need in every language of the deployment, heard by its own rules."""

from __future__ import annotations

import pytest

from crisismap.core.need.need import Need
from crisismap.i18n import languages
from tests.core.samples import RULES, taken
from tests.hearing import WordDetector

pytestmark = pytest.mark.xfail(
    isinstance(RULES.detector, WordDetector), reason="data/needs has no rules yet", strict=False
)

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
def test_takes_no_need_from_what_denies_it(code: str):
    here = {"category": "flooding", "lon": 80.2, "lat": 13.1}
    assert [text for text in NO_NEEDS[code] if taken(here | {"text": text}).need is Need.ASKS] == []


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
    assert RULES.detector.detect(text).priority == 1
