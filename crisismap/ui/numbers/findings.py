"""Findings from the numbers of the situation, one sentence each. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crisismap.core.moment import MINUTE_MS
from crisismap.core.text.symbols import letter
from crisismap.services.lists.silence import SilenceReport
from crisismap.services.lists.trends import Trend, Wait
from crisismap.ui.frame.wording import age, count_phrase, number

FEW = 5  # a median of fewer requests would say too little
_NEVER = 1 << 62  # ms, of a share that is not reached


def priority_wait(wait: Wait, *, rounded_ms: int = 0) -> str:
    """Return how long requests of one priority waited. `rounded_ms`: the step that their times were rounded down to."""
    name = f"{letter(wait.key)} requests"
    if wait.median_ms is not None and wait.total >= FEW:
        return f"Half of the {number(wait.total)} {name} are answered within {_duration(wait.median_ms, rounded_ms)}"
    if not wait.answered:
        if wait.total == 1:
            return f"The one {letter(wait.key)} request has not been answered yet"
        return f"None of the {number(wait.total)} {name} has been answered yet"
    share = round(100 * wait.answered / wait.total)
    return f"{number(wait.answered)} of {number(wait.total)} {name} ({share} %) have been answered"


def median_wait(wait: Wait, *, rounded_ms: int = 0) -> str:
    """Return the wait within which half are answered, for a table; "not yet" while fewer are."""
    return "not yet" if wait.median_ms is None else _duration(wait.median_ms, rounded_ms)


def nine_in_ten_wait(wait: Wait, *, rounded_ms: int = 0) -> str:
    """Return the wait within which 9 of 10 are answered; "not yet" while fewer are, "-" for too few to say."""
    if wait.total < FEW:
        return "-"
    if wait.ninety_ms is None:
        return "not yet"
    return _duration(wait.ninety_ms, rounded_ms)


def longest_wait(waits: Sequence[tuple[str, Wait]], *, rounded_ms: int = 0) -> str:
    """Return where people wait longest for the first answer, among names with enough answers."""
    comparable = [(name, wait) for name, wait in waits if wait.answered >= FEW]
    if not comparable:
        answered = sum(wait.answered for _, wait in waits)
        return f"Too few answers to compare yet: {number(answered)}"
    name, wait = max(comparable, key=lambda each: tuple(_NEVER if ms is None else ms for ms in _waits(each[1])))
    if wait.ninety_ms is not None:
        return f"{name} waits longest: 9 of 10 requests are answered within {_duration(wait.ninety_ms, rounded_ms)}"
    if wait.median_ms is not None:
        half = _duration(wait.median_ms, rounded_ms)
        return f"{name} waits longest: half of the requests are answered within {half}, fewer than 9 of 10 at all"
    return f"{name} waits longest: fewer than half of the requests are answered"


def _waits(wait: Wait) -> tuple[int | None, int | None]:
    return wait.ninety_ms, wait.median_ms


def confirmations(answered: int, confirmed: int) -> str:
    """Return how many of the answered requests the requesters confirmed."""
    if not answered:
        return "No request is marked as answered"
    return f"{count_phrase(answered, 'request')} answered, {number(confirmed)} of them confirmed by the requester"


def silence(found: SilenceReport, hours: int) -> str:
    """Return how many populated areas are without reports."""
    if not found.quiet:
        return f"Every populated area has a report in the last {hours} h"
    verb = "is" if len(found.quiet) == 1 else "are"
    return (
        f"{number(len(found.quiet))} of {count_phrase(found.areas, 'populated area')} {verb} without reports "
        f"in the last {hours} h: {number(found.people)} people live there"
    )


def growth(change: int, unanswered: int) -> str:
    """Return how the number of unanswered requests changed."""
    if not unanswered and not change:
        return "No request is waiting"
    if change > 0:
        return f"Unanswered requests grew by {number(change)} in the last hour, to {number(unanswered)}"
    if change < 0:
        return f"Unanswered requests fell by {number(-change)} in the last hour, to {number(unanswered)}"
    return f"{count_phrase(unanswered, 'request')} unanswered, as many as an hour ago"


def arrivals(trend: Trend, last_hour: int) -> str:
    """Return how many reports arrived in the last hour."""
    if not sum(trend.reports):
        return "No report in this period"
    return f"{count_phrase(last_hour, 'report')} arrived in the last hour"


def peak_interval(trend: Trend, labels: Sequence[str], per: str) -> str:
    """Return the interval in which most reports were observed."""
    most = max(trend.reports, default=0)
    if not most:
        return "No report in this period"
    peak = trend.reports.index(most)
    return f"Most reports were observed from {labels[peak]}: {count_phrase(most, 'report')} in one {per}"


def fullest_area(areas: Sequence[Mapping[str, Any]]) -> str:
    """Return the area with the most unanswered requests; `areas` with the most unanswered first."""
    busiest = [area for area in areas if area["name"] is not None and area["unanswered"]]
    if not busiest:
        return "No area has an unanswered request"
    first = busiest[0]["unanswered"]
    leaders = [area for area in busiest if area["unanswered"] == first]
    if len(leaders) > 1:
        return f"{count_phrase(len(leaders), 'area')} have the most unanswered requests: {number(first)} each"
    return f"{busiest[0]['name']} has the most unanswered requests: {number(first)}"


def leading_category(categories: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    """Return the category with the most unanswered requests; counts are None where the public may not see them."""
    waiting = [each for each in categories if each["unanswered"]]
    if not waiting:
        return "No request of any category is waiting"
    most = max(waiting, key=lambda each: int(each["unanswered"]))
    total = sum(int(each["unanswered"]) for each in waiting)
    share = round(100 * int(most["unanswered"]) / total)
    return f"{labels[most['category']]} makes up {share} % of unanswered requests: {number(most['unanswered'])}"


def concentration(counts: Sequence[int]) -> str:
    """Return how concentrated the unanswered requests are; `counts` per cell, the highest first."""
    total = sum(counts)
    if not total:
        return "No unanswered request has a location"
    half, cells = 0, 0
    while half * 2 < total:
        half, cells = half + counts[cells], cells + 1
    return f"Half of the unanswered requests are in {number(cells)} of {count_phrase(len(counts), 'cell')}"


def _duration(ms: int, rounded_ms: int) -> str:
    # Both ends are rounded down, so the true wait may be up to one step longer.
    if rounded_ms:
        return f"{age((ms + rounded_ms) / 1000)}"
    return "a minute" if ms < MINUTE_MS else age(ms / 1000)
