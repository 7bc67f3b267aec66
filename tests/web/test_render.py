"""What the pages' templates are given: times, spans and distances as each language says them."""

from __future__ import annotations

import re

import pytest

from crisismap.i18n import languages
from crisismap.web.render import clock_time, clock_until, distance, duration

NOON = 1_449_057_900_000  # 2015-12-02T12:05:00Z
EVENING = NOON + 5 * 3_600_000


def plain(text: str) -> str:
    """Without tags, and with ordinary spaces."""
    return re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("\u202f", " ").replace("\u200f", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "12 min ago · 2015-12-02 17:05 UTC"),
        ("es", "hace 12 min · 2 dic 2015, 17:05 UTC"),
        ("id", "12 mnt yang lalu · 2 Des 2015 17.05 UTC"),
        ("ne", "12 मिनेट अघि · 2015 डिसेम्बर 2, 17:05 UTC"),
        ("hi", "12 मिनट पहले · 2 दिस॰ 2015, 5:05 pm UTC"),
        ("ta", "12 நிமிடங்கள் முன்பு · 2 டிச., 2015, 5:05 PM UTC"),
        ("ar", "قبل 12 دقيقة · 02/12/2015، 5:05 م UTC"),
    ],
)
def test_says_when_something_was_as_the_language_does(code: str, said: str):
    shown = clock_time(languages()[code], EVENING, EVENING + 12 * 60_000)
    assert plain(shown) == said
    assert 'datetime="2015-12-02T17:05:00.000Z"' in shown, "a script makes it the phone's own time"


def test_says_when_something_will_be_and_only_when_once_it_has_passed():
    spanish = languages()["es"]
    assert plain(clock_until(spanish, EVENING, NOON)) == "2 dic 2015, 17:05 UTC (dentro de 5 h)"
    assert plain(clock_until(spanish, NOON, EVENING)) == "2 dic 2015, 12:05 UTC"


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
