"""The moments of the slider, and what people call them."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.ui.history.history import LONG_AGO_MS, MAX_TIMES, moment_name, moments, nearest_moment

NOW = 1_449_037_800_000  # 2015-12-02 06:30 UTC


def test_offers_moments_from_the_first_report_to_now() -> None:
    found = moments(NOW, NOW + HOUR_MS, NOW + 5 * HOUR_MS + 7 * MINUTE_MS)
    assert (found[0], found[-1], found[1] - found[0]) == (NOW, NOW + 5 * HOUR_MS, 10 * MINUTE_MS)
    for span in (1, 10, 100, 1_000, 5_000):
        found = moments(NOW, NOW + span * HOUR_MS, NOW + span * HOUR_MS)
        assert 1 < len(found) <= MAX_TIMES
        assert found[-1] <= NOW + span * HOUR_MS
    # A flood long ago: its own hours, not the years since.
    old = moments(NOW, NOW + 48 * HOUR_MS, NOW + 80_000 * HOUR_MS)
    assert old[1] - old[0] == 10 * MINUTE_MS
    assert NOW + 48 * HOUR_MS < old[-1] <= NOW + 49 * HOUR_MS
    assert moments(NOW, NOW, NOW) == [NOW]
    assert moments(NOW, NOW, NOW + LONG_AGO_MS + 1)[0] == NOW
    assert nearest_moment([0, 10, 20], 16) == 20


def test_calls_a_moment_as_people_do() -> None:
    assert moment_name(NOW, NOW + HOUR_MS, UTC) == "06:30 today"
    assert moment_name(NOW, NOW + 24 * HOUR_MS, UTC) == "06:30 yesterday"
    assert moment_name(NOW, NOW + 48 * HOUR_MS, UTC) == "06:30 on 2 December 2015"
    assert moment_name(NOW, NOW + 15 * HOUR_MS, ZoneInfo("Asia/Kolkata")) == "12:00 yesterday"
