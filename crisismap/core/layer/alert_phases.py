"""Events of a warning and their phases: which of its infos are in force when.

A message says one event in several infos, one a language, and several events, each with infos of its own. Every info
counts to its own end, so an event is in force while any of its infos is, in the languages that are in force then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from crisismap.core.layer.alert import ALL_CLEAR, Alert, AlertArea, Info, span


@dataclass(frozen=True, slots=True)
class Phase:
    """The infos of one event that are in force from `start_ms` to `end_ms`, both inclusive, in message order."""

    start_ms: int
    end_ms: int
    infos: tuple[Info, ...]


def events(infos: Sequence[Info]) -> list[list[Info]]:
    """Return the events of a message, each as its infos in different languages, in message order.

    Infos of one language are events of their own. An info of another language is a translation when it says the same
    severity, certainty, urgency and place: by its position where the languages have as many infos, else where only one
    event fits. Any other is an event of its own.
    """
    by_language: dict[str, list[Info]] = {}
    for info in infos:
        by_language.setdefault(info.language.casefold(), []).append(info)
    found: list[list[Info]] = []
    for same_language in by_language.values():
        _add(found, same_language)
    return found


def phases(alert: Alert, event: Sequence[Info], ended_ms: int | None, lasts_ms: int) -> list[Phase]:
    """Return the phases of one event in order, without those in which none of its infos is in force."""
    spans = [(*span(alert, info, ended_ms, lasts_ms), info) for info in event]
    cuts = sorted({cut for start, end, _ in spans if start <= end for cut in (start, end + 1)})
    found = []
    for start, after in pairwise(cuts):
        infos = tuple(info for first, last, info in spans if first <= start and after - 1 <= last)
        if infos:
            found.append(Phase(start, after - 1, infos))
    return found


def run_of(phase: Phase, event: Sequence[Phase]) -> tuple[int, int]:
    """Return start and end of the time around a phase in which its event is in force without a break."""
    start_ms, end_ms = phase.start_ms, phase.end_ms
    for earlier in reversed(event):
        if earlier.end_ms == start_ms - 1:
            start_ms = earlier.start_ms
    for later in event:
        if later.start_ms == end_ms + 1:
            end_ms = later.end_ms
    return start_ms, end_ms


def areas_of(event: Sequence[Info]) -> tuple[AlertArea, ...]:
    """Return the areas of an event: those of the first info that says a place."""
    return next((info.areas for info in event if _places(info)), event[0].areas)


def _add(found: list[list[Info]], same_language: Sequence[Info]) -> None:
    """Add the infos of one more language to the events they translate, or as events of their own."""
    known, taken = list(found), set[int]()
    for position, info in enumerate(same_language):
        fitting = [n for n, event in enumerate(known) if n not in taken and _translates(info, event)]
        if len(known) == len(same_language) and position in fitting:
            fitting = [position]
        if len(fitting) == 1:
            taken.add(fitting[0])
            known[fitting[0]].append(info)
        else:
            found.append([info])


def _translates(info: Info, event: Sequence[Info]) -> bool:
    first = event[0]
    alike = [(each.severity, each.certainty, each.urgency, ALL_CLEAR in each.responses) for each in (first, info)]
    places = [_places(info), next(filter(None, map(_places, event)), [])]
    return alike[0] == alike[1] and (places[0] == places[1] or not all(places))


def _places(info: Info) -> Sequence[object]:
    """Return what an info says of its place, without names, which are translated."""
    return sorted((each.polygons, each.circles, sorted(each.geocodes)) for each in info.areas if _has_place(each))


def _has_place(area: AlertArea) -> bool:
    return bool(area.polygons or area.circles or area.geocodes)
