"""What the numbers of the situation say, as sentences that can be read aloud. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crisismap.core.moment import MINUTE_MS
from crisismap.core.text.symbols import letter
from crisismap.services.lists.silence import SilenceReport
from crisismap.services.lists.trends import Trend, Wait
from crisismap.ui.frame.wording import age, count_phrase, number

FEW = 5  # fewer requests than this are named, but no half of them


def waiting(wait: Wait, *, rounded_ms: int = 0) -> str:
    """How long requests of one priority waited. `rounded_ms`: what their moments were rounded down to."""
    name = f"{letter(wait.key)} requests"
    if wait.half_ms is not None and wait.asked >= FEW:
        return f"Half of the {number(wait.asked)} {name} were answered within {_took(wait.half_ms, rounded_ms)}"
    if not wait.answered:
        if wait.asked == 1:
            return f"The one {letter(wait.key)} request has not been answered yet"
        return f"None of the {number(wait.asked)} {name} has been answered yet"
    share = round(100 * wait.answered / wait.asked)
    return f"{number(wait.answered)} of {number(wait.asked)} {name} ({share} %) have been answered"


def worst_wait(waits: Sequence[Wait], *, rounded_ms: int = 0) -> str:
    """The finding about the most urgent priority there is."""
    return waiting(waits[0], rounded_ms=rounded_ms) if waits else "Nobody has asked for help yet"


def took(wait: Wait, *, rounded_ms: int = 0) -> str:
    """The median wait of the answered ones, for a table."""
    return "-" if wait.median_ms is None else _took(wait.median_ms, rounded_ms)


def ninety(wait: Wait, *, rounded_ms: int = 0) -> str:
    """Within which time nine of ten of the answered ones were answered; of few it says nothing."""
    if wait.ninety_ms is None or wait.answered < FEW:
        return "-"
    return _took(wait.ninety_ms, rounded_ms)


def slowest(waits: Sequence[tuple[str, Wait]], *, rounded_ms: int = 0) -> str:
    """Where people wait longest for the first answer; judged where enough were answered."""
    known = [(name, wait) for name, wait in waits if wait.median_ms is not None and wait.answered >= FEW]
    if not known:
        answered = sum(wait.answered for _, wait in waits)
        return f"Too few answers to compare yet: {number(answered)}"
    name, wait = max(known, key=lambda each: each[1].ninety_ms or 0)
    return f"{name} waits longest: 9 of 10 answers came within {_took(wait.ninety_ms or 0, rounded_ms)}"


def confirming(answered: int, confirmed: int) -> str:
    """How many of the answered ones the requesters call solved."""
    if not answered:
        return "No request stands as answered"
    return f"{count_phrase(answered, 'request')} answered, {number(confirmed)} of them confirmed by the one who asked"


def silent(found: SilenceReport, hours: int) -> str:
    """How many areas sent nothing."""
    if not found.quiet:
        return f"Every area with people has sent a report in the last {hours} h"
    have = "has" if len(found.quiet) == 1 else "have"
    return (
        f"{number(len(found.quiet))} of {count_phrase(found.areas, 'area')} with people {have} sent nothing "
        f"in the last {hours} h: {number(found.people)} people live there"
    )


def growing(grown: int, unanswered: int, window: str = "in the last hour") -> str:
    """How the unanswered requests moved."""
    if not unanswered and not grown:
        return "No request is waiting"
    if grown > 0:
        return f"Unanswered requests grew by {number(grown)} {window}, to {number(unanswered)}"
    if grown < 0:
        return f"Unanswered requests fell by {number(-grown)} {window}, to {number(unanswered)}"
    return f"{count_phrase(unanswered, 'request')} unanswered, as many as an hour ago"


def arriving(trend: Trend, last_hour: int) -> str:
    """When most reports came."""
    if not sum(trend.reports):
        return "No report within this time"
    return f"{count_phrase(last_hour, 'report')} arrived in the last hour"


def peaking(trend: Trend, labels: Sequence[str], per: str) -> str:
    """In which interval most was seen."""
    most = max(trend.reports, default=0)
    if not most:
        return "No report within this time"
    return f"Most was seen from {labels[trend.reports.index(most)]}: {count_phrase(most, 'report')} in one {per}"


def fullest_area(areas: Sequence[Mapping[str, Any]]) -> str:
    """Which area has the most unanswered requests; `areas` as in the situation, the most unanswered first."""
    named = [area for area in areas if area["name"] is not None and area["unanswered"]]
    if not named:
        return "No area has an unanswered request"
    first = named[0]["unanswered"]
    tied = [area for area in named if area["unanswered"] == first]
    if len(tied) > 1:
        return f"{count_phrase(len(tied), 'area')} have {number(first)} unanswered each, the most of all"
    return f"{named[0]['name']} has the most unanswered: {number(first)}"


def leading_category(categories: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> str:
    """Which category waits most; counts may be None where the public must not know them."""
    known = [each for each in categories if each["unanswered"]]
    if not known:
        return "No request of any category is waiting"
    most = max(known, key=lambda each: int(each["unanswered"]))
    total = sum(int(each["unanswered"]) for each in known)
    share = round(100 * int(most["unanswered"]) / total)
    return f"{labels[most['category']]} makes up {share} % of what is unanswered: {number(most['unanswered'])}"


def crowded(counts: Sequence[int]) -> str:
    """How close together the unanswered requests lie; `counts` per cell, the fullest first."""
    total = sum(counts)
    if not total:
        return "No unanswered request has a place on the map"
    half, cells = 0, 0
    while half * 2 < total:
        half, cells = half + counts[cells], cells + 1
    return f"Half of the unanswered requests lie in {count_phrase(cells, 'cell')} of {number(len(counts))}"


def _took(ms: int, rounded_ms: int) -> str:
    # What was rounded down on both ends may have taken up to one step longer.
    if rounded_ms:
        return f"{age((ms + rounded_ms) / 1000)}"
    return "a minute" if ms < MINUTE_MS else age(ms / 1000)
