"""It knows which infos say one event, and in which languages an event is in force at a moment."""

from __future__ import annotations

import pytest

from crisismap.core.layer.alert import ALL_CLEAR, Alert, AlertArea, Info
from crisismap.core.layer.alert_phases import Phase, areas_of, events, phases, run_of

HOUR = 3_600_000
RING = ((80.0, 13.0), (80.1, 13.0), (80.1, 13.1), (80.0, 13.0))
HERE = (AlertArea("Adyar", polygons=(RING,)),)
THERE = (AlertArea("Velachery", geocodes=(("P-CODE", "IN33"),)),)
NOWHERE = (AlertArea("அடையாறு"),)


def info(language: str, event: str = "flood", areas: tuple[AlertArea, ...] = HERE, **more: object) -> Info:
    return Info(language=language, event=event, areas=areas, **more)  # type: ignore[arg-type]


def told(*infos: Info) -> list[list[str]]:
    return [[f"{each.language} {each.event}" for each in event] for event in events(infos)]


@pytest.mark.parametrize(
    ("infos", "expected"),
    [
        ([], []),
        ([info("en"), info("ta"), info("hi")], [["en flood", "ta flood", "hi flood"]]),
        ([info("en"), info("EN", "wind")], [["en flood"], ["EN wind"]]),
        # Several events of one language, in the same order in the other.
        (
            [info("en", "rain"), info("en", "wind"), info("fr", "pluie"), info("fr", "vent")],
            [["en rain", "fr pluie"], ["en wind", "fr vent"]],
        ),
        # Another order: the places tell.
        (
            [info("en", "a"), info("en", "b", THERE), info("fr", "B", THERE), info("fr", "A")],
            [["en a", "fr A"], ["en b", "fr B"]],
        ),
        # Other places or another severity: no translation, so that neither place is lost.
        ([info("en", "a"), info("fr", "B", THERE)], [["en a"], ["fr B"]]),
        ([info("en", severity="Severe"), info("fr", severity="Minor")], [["en flood"], ["fr flood"]]),
        ([info("en"), info("fr", responses=(ALL_CLEAR,))], [["en flood"], ["fr flood"]]),
        # One language says the place for both.
        ([info("en"), info("ta", areas=NOWHERE)], [["en flood", "ta flood"]]),
        ([info("en", areas=NOWHERE), info("ta")], [["en flood", "ta flood"]]),
        # One event of two is translated: the only one that fits; of two that fit, none is guessed.
        ([info("en", "a"), info("en", "b", THERE), info("fr", "B", THERE)], [["en a"], ["en b", "fr B"]]),
        ([info("en", "rain"), info("en", "wind"), info("fr", "pluie")], [["en rain"], ["en wind"], ["fr pluie"]]),
        # What only the second language says is found again by the third.
        (
            [info("en"), info("fr"), info("fr", "b", THERE), info("es", "b", THERE)],
            [["en flood", "fr flood"], ["fr b", "es b"]],
        ),
    ],
)
def test_knows_which_infos_are_of_one_event(infos: list[Info], expected: list[list[str]]):
    assert told(*infos) == expected


def test_no_info_is_lost_or_counted_twice():
    infos = [info(lang, event, areas) for lang in ("en", "ta", "hi") for event in "abc" for areas in (HERE, THERE)]
    found = [each for event in events(infos) for each in event]
    assert sorted(map(id, found)) == sorted(map(id, infos))


def test_takes_the_place_from_the_language_that_says_it():
    (event,) = events([info("en", areas=NOWHERE), info("ta")])
    assert areas_of(event) == HERE
    assert areas_of([info("en", areas=NOWHERE)]) == NOWHERE


def message(*infos: Info) -> Alert:
    return Alert("m@example.org", "a", HOUR, "Actual", "Alert", "Public", infos=infos)


def said(*infos: Info, ended_ms: int | None = None) -> list[tuple[float, float, list[str]]]:
    found = phases(message(*infos), infos, ended_ms, 24 * HOUR)
    return [(p.start_ms / HOUR, (p.end_ms + 1) / HOUR, [each.language for each in p.infos]) for p in found]


def until(language: str, end_h: float, start_h: float | None = None) -> Info:
    start = None if start_h is None else round(start_h * HOUR)
    return info(language, expires_ms=round(end_h * HOUR) - 1, effective_ms=start)


@pytest.mark.parametrize(
    ("infos", "expected"),
    [
        ([until("en", 6), until("ta", 6)], [(1, 6, ["en", "ta"])]),
        ([until("en", 6), until("ta", 9)], [(1, 6, ["en", "ta"]), (6, 9, ["ta"])]),
        ([until("en", 9), until("ta", 6)], [(1, 6, ["en", "ta"]), (6, 9, ["en"])]),
        ([until("en", 6), until("ta", 9, 4)], [(1, 4, ["en"]), (4, 6, ["en", "ta"]), (6, 9, ["ta"])]),
        ([until("en", 3), until("ta", 9, 5)], [(1, 3, ["en"]), (5, 9, ["ta"])]),
        ([until("en", 6), info("ta")], [(1, 6, ["en", "ta"]), (6, 25 + 1 / HOUR, ["ta"])]),
        ([until("en", 0.5), until("ta", 9)], [(1, 9, ["ta"])]),
        ([until("en", 0.5)], []),
    ],
)
def test_is_in_force_while_any_of_its_languages_is(infos: list[Info], expected: list[tuple[float, float, list[str]]]):
    assert said(*infos) == expected


@pytest.mark.parametrize(
    ("ended_h", "expected"),
    [
        (4, [(1, 4, ["en", "ta"])]),
        (7, [(1, 6, ["en", "ta"]), (6, 7, ["ta"])]),
        (6, [(1, 6, ["en", "ta"])]),
        (10, [(1, 6, ["en", "ta"]), (6, 9, ["ta"])]),
        (1, []),
    ],
)
def test_an_update_or_a_cancel_ends_every_language(ended_h: int, expected: list[tuple[float, float, list[str]]]):
    assert said(until("en", 6), until("ta", 9), ended_ms=ended_h * HOUR) == expected


def test_tells_how_long_an_event_holds_without_a_break():
    one, two, three = Phase(0, 9, ()), Phase(10, 19, ()), Phase(30, 39, ())
    event = [one, two, three]
    assert [run_of(each, event) for each in event] == [(0, 19), (0, 19), (30, 39)]
