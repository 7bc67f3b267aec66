"""Ages, distances and counts as text, the same on screen and in print."""

from __future__ import annotations

from crisismap.core.moment import DAY_S, HOUR_S, MINUTE_MS, MINUTE_S


def age(seconds: float) -> str:
    """Return a duration: `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < DAY_S:
        hours, minutes = whole // HOUR_S, whole % HOUR_S // MINUTE_S
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    days, hours = whole // DAY_S, whole % DAY_S // HOUR_S
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def ago(then_ms: int, now_ms: int) -> str:
    """Return how long ago a time was; a future time is `in 5 min`."""
    if then_ms > now_ms + MINUTE_MS:
        return f"in {age((then_ms - now_ms) / 1000)}"
    return f"{age((now_ms - then_ms) / 1000)} ago"


def distance(metres: float) -> str:
    """Return a distance as `350 m` or `1.2 km`; at least 10 m, because no location is known better."""
    if metres < 1000:
        return f"{max(10, round(metres / 10) * 10):d} m"
    return f"{metres / 1000:.1f} km" if metres < 100_000 else f"{metres / 1000:.0f} km"


def number(count: int) -> str:
    """Return a count with grouped thousands."""
    return f"{count:,}"


def count_phrase(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 request`, `12 requests`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
