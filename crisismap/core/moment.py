"""Times: integers of milliseconds since 1970 UTC inside, RFC 3339 text outside; and the units of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
YEAR_S = 365 * DAY_S
MINUTE_MS = MINUTE_S * 1000
HOUR_MS = HOUR_S * 1000
DAY_MS = DAY_S * 1000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(ms: int) -> str:
    """Return a time as RFC 3339 text in UTC with milliseconds."""
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_ms(moment: datetime) -> int:
    """Return the milliseconds of an aware datetime, truncated."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def read_ms(value: Any) -> int | None:
    """Return the milliseconds of a text, also of one with slashes in its date; None for anything else."""
    try:
        return parse(value.replace("/", "-"))[0] if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def parse(text: str) -> tuple[int, bool]:
    """Return (milliseconds, had a zone) of a text. A time without a zone is read as UTC.

    Raises ValueError, or OverflowError for a time outside the years 1 to 9999 in UTC, which could not be formatted.
    """
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        return to_ms(moment.astimezone(UTC)), True
    return to_ms(moment.replace(tzinfo=UTC)), False
