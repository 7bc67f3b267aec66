"""The times that the history slider offers, and their names."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from crisismap.core.moment import HOUR_MS, MINUTE_MS
from crisismap.ui.frame import local_time

STEPS_MS = (10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS)
MOST = 300  # times on one slider
AFTER = 3  # steps after the last report, where that is long ago
LONG_AGO_MS = 7 * 24 * HOUR_MS


def moments(first_ms: int, last_ms: int, now_ms: int) -> list[int]:
    """Return times from before the first report to now, or to soon after the last one if long ago; at most MOST."""
    step = next((each for each in STEPS_MS if (now_ms - first_ms) / each < MOST), STEPS_MS[-1])
    end_ms = now_ms
    if now_ms - last_ms > LONG_AGO_MS:
        step = next((each for each in STEPS_MS if (last_ms - first_ms) / each < MOST - AFTER - 2), STEPS_MS[-1])
        end_ms = min(last_ms + AFTER * step, now_ms)
    begin, end = first_ms // step * step, -(-end_ms // step) * step
    while end > now_ms and end > begin:
        end -= step
    found = list(range(begin, end + 1, step))
    return found[-MOST:]


def nearest_moment(options: list[int], at_ms: int) -> int:
    """Return the nearest time on the slider."""
    return min(options, key=lambda each: (abs(each - at_ms), each))


def moment_name(at_ms: int, now_ms: int, zone: tzinfo) -> str:
    """Return `13:00 today`, `13:00 yesterday` or `13:00 on 2 December 2015`."""
    at, now = (datetime.fromtimestamp(ms / 1000, zone) for ms in (at_ms, now_ms))
    days = {now.date(): "today", now.date() - timedelta(days=1): "yesterday"}
    return f"{at:%H:%M} {days.get(at.date(), f'on {at.day} {at:%B %Y}')}"


def short(at_ms: int) -> str:
    """Return the label beside the slider, in the browser's time zone."""
    return local_time.short_time(at_ms, local_time.zone())
