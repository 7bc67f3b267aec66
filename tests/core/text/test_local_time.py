"""One zone for one reader, and the 24-hour clock."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.text.local_time import minute, offset_ms, readers_zone, short_time, zone_name, zone_of

EVENING = 1_449_075_900_000  # 2015-12-02 17:05 UTC
KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("incident", "browser", "zone"),
    [
        ("Asia/Kolkata", "Europe/Berlin", "Asia/Kolkata"),  # a laptop from abroad shows what the radio says
        ("", "Asia/Kathmandu", "Asia/Kathmandu"),
        ("", None, "UTC"),
        ("", "", "UTC"),
        ("", "Mars/Base", "UTC"),
        ("Gone/Zone", "Asia/Jakarta", "Asia/Jakarta"),
        ("UTC", "Asia/Jakarta", "UTC"),
    ],
)
def test_takes_the_incidents_zone_then_the_browsers_then_utc(incident: str, browser: str | None, zone: str) -> None:
    assert zone_name(readers_zone(incident, browser)) == zone


def test_writes_times_by_the_24_hour_clock_of_the_zone() -> None:
    assert (short_time(EVENING, UTC), short_time(EVENING, KOLKATA)) == ("2 Dec 17:05", "2 Dec 22:35")
    assert minute(EVENING, ZoneInfo("Asia/Kathmandu")) == "2015-12-02 22:50"
    assert minute(EVENING, ZoneInfo("America/New_York")) == "2015-12-02 12:05"
    assert offset_ms(EVENING, KOLKATA) == 19_800_000


@pytest.mark.parametrize(
    "name", ["Mars/Base", "../../etc/passwd", "/etc/passwd", "Asia", "a\0b", "x" * 10_000, "+05:30", " ", ""]
)
def test_refuses_what_is_no_zone(name: str) -> None:
    with pytest.raises(Invalid, match="zone"):
        zone_of(name)
