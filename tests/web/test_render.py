"""What the pages' templates are given: times, spans and distances as each language says them."""

from __future__ import annotations

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from crisismap.core.text.local_time import zone_of
from crisismap.i18n import languages
from crisismap.web.render import clock_time, clock_until, distance, duration, own_zone

NOON = 1_449_057_900_000  # 2015-12-02T12:05:00Z
EVENING = NOON + 5 * 3_600_000
KOLKATA = ZoneInfo("Asia/Kolkata")


def plain(text: str) -> str:
    """Without tags, and with ordinary spaces."""
    return re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("\u202f", " ").replace("\u200f", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "12 min ago · 2 Dec 2015, 22:35"),
        ("es", "hace 12 min · 2 dic 2015, 22:35"),
        ("id", "12 mnt yang lalu · 2 Des 2015 22.35"),
        ("ne", "12 मिनेट अघि · 2015 डिसेम्बर 2, 22:35"),
        ("hi", "12 मिनट पहले · 2 दिस॰ 2015, 10:35 pm"),
        ("ta", "12 நிமிடங்கள் முன்பு · 2 டிச., 2015, 10:35 PM"),
        ("ar", "قبل 12 دقيقة · 02/12/2015، 10:35 م"),
    ],
)
def test_says_when_something_was_as_the_language_does(code: str, said: str):
    shown = clock_time(languages()[code], EVENING, EVENING + 12 * 60_000, KOLKATA)
    assert plain(shown) == said
    assert 'datetime="2015-12-02T17:05:00.000Z"' in shown, "a script may make it the phone's own time"


def test_says_when_something_will_be_and_only_when_once_it_has_passed():
    spanish = languages()["es"]
    assert plain(clock_until(spanish, EVENING, NOON, UTC)) == "2 dic 2015, 17:05 (dentro de 5 h)"
    assert plain(clock_until(spanish, NOON, EVENING, UTC)) == "2 dic 2015, 12:05"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "دقيقة"),
        (2, "دقيقتين"),
        (3, "3 دقائق"),
        (11, "11 دقيقة"),
        (150, "ساعتين"),
        (60 * 24 * 3, "3 أيام"),
        (60 * 24 * 11, "11 يومًا"),
    ],
)
def test_counts_a_span_as_arabic_does(minutes: int, said: str):
    assert plain(duration(languages()["ar"], minutes * 60_000)) == said


@pytest.mark.parametrize(("code", "said"), [("en", "2.3 km"), ("es", "2,3 km"), ("id", "2,3 km"), ("ar", "2.3 كم")])
def test_writes_decimals_as_the_language_does(code: str, said: str):
    assert plain(distance(languages()[code], 2345)) == said


@pytest.mark.parametrize(
    ("code", "zone", "said"),
    [
        ("en", "Asia/Kolkata", "India Standard Time"),
        ("ta", "Asia/Kolkata", "இந்திய நிலையான நேரம்"),
        ("es", "America/Bogota", "hora estándar de Colombia"),
        ("id", "Asia/Jakarta", "Waktu Indonesia Barat"),
        ("en", "UTC", "UTC"),
    ],
)
def test_names_a_zone_as_people_of_the_language_do(code: str, zone: str, said: str):
    assert languages()[code].time_zone(zone_of(zone), NOON) == said


def test_names_summer_time_in_summer():
    berlin, summer = zone_of("Europe/Berlin"), NOON - 150 * 86_400_000
    assert [languages()["en"].time_zone(berlin, ms) for ms in (NOON, summer)] == [
        "Central European Standard Time",
        "Central European Summer Time",
    ]


def test_marks_the_zone_that_a_script_replaces():
    assert own_zone(languages()["en"], "UTC") == '<bdi id="time-zone" data-locale="en-GB-u-nu-latn">UTC</bdi>'
