"""Times of warnings as publishers write them. One that cannot be read counts as absent and drops nothing else.

What is standard (RFC 3339) is read without a word. A time without an offset from UTC is read with the offset of the
other times of its info, else of `sent`, else of the times of the other infos where they agree, else as UTC. A date
alone means its beginning, as an end its last moment. Dates in another order are read where only one reading is
possible; dots mean that the day comes first. Whatever had to be assumed is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crisismap.core import moment
from crisismap.core.errors import shorten
from crisismap.core.layer.alert import NO_TIME
from crisismap.core.moment import DAY_MS, HOUR_MS, MINUTE_MS

_ENDS = frozenset({"expires", "ends"})  # elements whose time is an end
_FIRST_MS = DAY_MS  # 1970-01-01 and the year 1 are clocks that nobody has set
_LAST_MS = moment.to_ms(datetime(9999, 12, 31, tzinfo=UTC))  # the year 9999 means that there is no end
_MOST_OFFSET_MS = 14 * HOUR_MS
_LONGEST = 100  # characters of a time
_LIKE_ALL = "like the other times of the message"
_ORDER = "the order of day and month was found out"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<by>[-/.])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<by>[-/.])(?P<two>\d{1,2})(?P=by)(?P<year>\d{4})")
_CLOCK = re.compile(
    r",?[T ] ?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d+))?)?"
    r" ?(?P<half>[AP]\.?M\.?)?"
)
_OFFSET = re.compile(r" ?(?:Z|(?:UTC|GMT)? ?(?P<sign>[+-]) ?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?|UTC|GMT)")
_MAIL = re.compile(r"(?:[A-Z]{3}, ?)?\d{1,2} [A-Z]{3} \d{4} \d{2}:\d{2}(?::\d{2})?(?: [+-]\d{4}| GMT| UT)?")


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time as it is written: `clock_ms` by its own clock, the offset from UTC in ms or None without one.

    `assumed` is whether the order of day and month had to be found out.
    """

    clock_ms: int
    offset_ms: int | None
    date_only: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class MessageTimes:
    """The times of one message in ms UTC; `infos` in the order of its infos, by element, None where absent.

    `exact` is whether `sent` is written with its offset; `problems` has a phrase for each time that is not.
    """

    sent: int  # NO_TIME where absent
    exact: bool
    infos: list[dict[str, int | None]]
    problems: list[str]


def read_times(sent: str, infos: Sequence[dict[str, str]]) -> MessageTimes:
    """Return the times of a message from its texts; "" is an element that is not there."""
    written = written_time(sent)
    each_written = [{name: written_time(text) for name, text in info.items()} for info in infos]
    offsets = [[t.offset_ms for t in info.values() if t and t.offset_ms is not None] for info in each_written]
    everywhere = [offset for info in offsets for offset in info]
    own = written.offset_ms if written else None
    problems: list[str] = []
    sent_ms = _resolve("sent", sent, written, [(everywhere, _LIKE_ALL)], problems)
    if sent_ms is None and not sent:
        problems.append("sent is missing: it counts from its other times, or from when it was received")
    found: list[dict[str, int | None]] = []
    for place, info in enumerate(infos):
        where = f" of info {place + 1}" if len(infos) > 1 else ""
        models = [
            (offsets[place], "like the other times of its info"),
            ([] if own is None else [own], "like sent"),
            (everywhere, _LIKE_ALL),
        ]
        found.append(
            {
                name: _resolve(name, text, each_written[place][name], models, problems, where)
                for name, text in info.items()
            }
        )
    return MessageTimes(
        NO_TIME if sent_ms is None else sent_ms, sent_ms is not None and own is not None, found, problems
    )


def _resolve(
    name: str,
    text: str,
    written: WrittenTime | None,
    models: Sequence[tuple[Sequence[int], str]],
    problems: list[str],
    where: str = "",
) -> int | None:
    """Return the moment of one time, and name in `problems` what had to be assumed; None for one that is absent."""
    if not text:
        return None
    quoted = f"{name}{where} {shorten(text, 40)!r}"
    if written is None:
        problems.append(f"{quoted} cannot be read and counts as absent")
        return None
    offset, remarks = written.offset_ms, [_ORDER] if written.assumed else []
    if written.date_only:
        remarks.append("without a time of day")
    if offset is None:
        agreed = ((model[0], like) for model, like in models if len(set(model)) == 1)
        offset, like = next(agreed, (0, "as UTC"))
        remarks.append(f"without an offset from UTC, {like}")
    day_ms = DAY_MS - 1 if written.date_only and name in _ENDS else 0
    ms = min(written.clock_ms - offset + day_ms, _LAST_MS)
    if ms < _FIRST_MS:
        problems.append(f"{quoted} is a clock that nobody has set and counts as absent")
        return None
    if remarks:
        problems.append(f"{quoted} is read as {_shown(ms, offset)} ({'; '.join(remarks)})")
    return ms


def exact_ms(text: str) -> int:
    """Return the ms UTC of a time that is written with its offset; NO_TIME for any other text."""
    written = written_time(text)
    return NO_TIME if written is None or written.offset_ms is None else written.clock_ms - written.offset_ms


def written_time(text: str) -> WrittenTime | None:
    """Return what a text says; None for one that is no time, or that can be read in two ways."""
    if len(text) > _LONGEST:
        return None
    plain = "".join(_digit(char) for char in unicodedata.normalize("NFKC", text))
    plain = " ".join(plain.replace("\u2212", "-").split()).upper()
    try:
        return _numbers(plain) or _iso(plain) or _mail(plain)
    except (ValueError, OverflowError):
        return None


def _digit(char: str) -> str:
    return str(unicodedata.decimal(char, char))


def _numbers(text: str) -> WrittenTime | None:
    """Return a date in numbers, with or without time of day and offset. Raises ValueError for an impossible one."""
    date = _YEAR_FIRST.match(text) or _YEAR_LAST.match(text)
    if date is None:
        return None
    clock = _CLOCK.match(text, date.end())
    rest = clock.end() if clock else date.end()
    offset = _OFFSET.fullmatch(text, rest)
    if offset is None and rest < len(text):
        return None
    parts = date.groupdict()
    month, day = (parts["month"], parts["day"]) if "month" in parts else _month_and_day(parts)
    start = datetime(int(parts["year"]), int(month), int(day), tzinfo=UTC)
    clock_ms = moment.to_ms(start) + (_since_midnight_ms(clock) if clock else 0)
    return WrittenTime(clock_ms, _offset_ms(offset) if offset else None, clock is None, "one" in parts)


def _month_and_day(parts: dict[str, str]) -> tuple[str, str]:
    """Return month and day of a date that ends with its year. Raises ValueError where both orders are possible."""
    one, two = parts["one"], parts["two"]
    if parts["by"] == "." or int(one) > 12 or int(one) == int(two):
        return two, one
    if int(two) > 12:
        return one, two
    raise ValueError("the order of day and month is not known")


def _since_midnight_ms(clock: re.Match[str]) -> int:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a clock with twelve")
        hour = hour % 12 + (12 if clock["half"].startswith("P") else 0)
    is_time = hour < 24 or (hour == 24 and minute == second == 0)
    if not (is_time and minute < 60 and second <= 60):  # 60 is a leap second
        raise ValueError("no time of day")
    part_ms = int((clock["part"] or "0").ljust(3, "0")[:3])
    return hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + part_ms


def _offset_ms(offset: re.Match[str]) -> int:
    if offset["sign"] is None:
        return 0
    hours, minutes = int(offset["hours"]), int(offset["minutes"] or 0)
    ms = hours * HOUR_MS + minutes * MINUTE_MS
    if ms > _MOST_OFFSET_MS or minutes > 59:
        raise ValueError("no offset of a place on Earth")
    return -ms if offset["sign"] == "-" else ms


def _iso(text: str) -> WrittenTime | None:
    """Return a time in the other forms of ISO 8601, such as 20261127T1800Z."""
    if not re.match(r"\d{4}", text):
        return None
    return _of(datetime.fromisoformat(text), date_only="T" not in text and ":" not in text)


def _mail(text: str) -> WrittenTime | None:
    """Return a time as in mail and RSS: `Fri, 27 Nov 2026 18:00:00 +0530`."""
    return _of(parsedate_to_datetime(text)) if _MAIL.fullmatch(text) else None


def _of(found: datetime, *, date_only: bool = False) -> WrittenTime:
    offset = found.utcoffset()
    if offset is not None and abs(offset) > timedelta(milliseconds=_MOST_OFFSET_MS):
        raise ValueError("no offset of a place on Earth")
    clock_ms = moment.to_ms(found.replace(tzinfo=UTC))
    return WrittenTime(clock_ms, None if offset is None else offset // timedelta(milliseconds=1), date_only)


def _shown(ms: int, offset_ms: int) -> str:
    """Return a moment by the clock it was written with."""
    sign, minutes = "-" if offset_ms < 0 else "+", abs(offset_ms) // MINUTE_MS
    clock = moment.rfc3339(ms + offset_ms).removesuffix("Z").removesuffix(".000")
    return f"{clock}{sign}{minutes // 60:02}:{minutes % 60:02}"
