"""It knows which warnings are in force, in whatever order the messages came."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.layer.alert import NO_TIME, Alert, Info, Key, end_times, in_force, in_language, span

HOUR = 3_600_000
DAY = 24 * HOUR


def alert(name: str, sent_h: float, kind: str = "Alert", *ends: Alert, **more) -> Alert:
    """A message sent at an hour of the day, in force for six hours."""
    sent = round(sent_h * HOUR)
    made = {"status": "Actual", "scope": "Public", "infos": (Info(event="Flood", expires_ms=sent + 6 * HOUR),)}
    made |= {"references": tuple(other.key for other in ends)} | more
    return Alert("met@example.org", name, sent, kind=kind, **made)


FIRST = alert("first", 1)
UPDATE = alert("update", 3, "Update", FIRST)
CANCEL = alert("cancel", 4, "Cancel", UPDATE)
OTHER = alert("other", 2)
EXERCISE = alert("exercise", 5, "Cancel", OTHER, status="Exercise")
DAY_OF_MESSAGES = [FIRST, UPDATE, CANCEL, OTHER, EXERCISE, alert("test", 2, status="Test")]


def names(keys: set[Key]) -> set[str]:
    return {identifier for _, identifier, _ in keys}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (0.5, set()),
        (1.5, {"first"}),
        (2.5, {"first", "other"}),
        (3, {"update", "other"}),
        (4, {"other"}),
        (6, {"other"}),
        (8, {"other"}),
        (8.1, set()),
    ],
)
def test_has_in_force_what_nothing_has_replaced_cancelled_or_outlived(hour: float, expected: set[str]):
    assert names(in_force(DAY_OF_MESSAGES, round(hour * HOUR), DAY)) == expected


@given(st.permutations(DAY_OF_MESSAGES), st.integers(0, 12 * HOUR))
def test_gives_the_same_for_any_order_of_arrival(order: list[Alert], now: int):
    assert in_force(order, now, DAY) == in_force(DAY_OF_MESSAGES, now, DAY)


messages = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["Alert", "Update", "Cancel", "Ack"])), max_size=8)


@given(messages, st.data())
def test_gives_the_same_for_any_order_of_any_messages(drawn: list[tuple[int, str]], data: st.DataObject):
    made: list[Alert] = []
    for number, (hour, kind) in enumerate(drawn):
        ends = data.draw(st.lists(st.sampled_from(made), max_size=2)) if made else []
        made.append(alert(f"m{number}", hour, kind, *ends))
    order = data.draw(st.permutations(made))
    now = data.draw(st.integers(0, 16 * HOUR))
    found = in_force(order, now, DAY)
    assert found == in_force(made, now, DAY)
    # Whatever the order, nothing that a known message has ended by now is in force.
    for one in made:
        if one.kind in ("Update", "Cancel") and one.sent_ms <= now:
            assert not (set(one.references) - {one.key}) & found


def test_lets_a_cancel_that_came_first_end_what_it_names():
    assert names(in_force([CANCEL], 5 * HOUR, DAY)) == set()
    assert names(in_force([CANCEL, UPDATE], 5 * HOUR, DAY)) == set()


def test_lets_no_exercise_end_anything():
    assert OTHER.key not in end_times([EXERCISE, OTHER])


def test_a_message_is_in_force_while_any_of_its_infos_is():
    infos = (Info(language="en", expires_ms=2 * HOUR), Info(language="ta", expires_ms=5 * HOUR))
    two = alert("two", 1, infos=infos)
    assert [names(in_force([two], round(hour * HOUR), DAY)) for hour in (0.5, 1.5, 3, 5.1)] == [
        set(),
        {"two"},
        {"two"},
        set(),
    ]
    assert names(in_force([two, alert("stop", 4, "Cancel", two)], round(4.5 * HOUR), DAY)) == set()


@pytest.mark.parametrize(
    ("ended", "reference", "ends"),
    [
        ({}, ("met@example.org", "x", HOUR), True),
        ({}, ("met@example.org", "x", NO_TIME), True),
        ({}, ("met@example.org", "x", 2 * HOUR), False),
        ({"sent_is_exact": False}, ("met@example.org", "x", 2 * HOUR), True),
        ({"sent_is_exact": False}, ("met@example.org", "y", 2 * HOUR), False),
        ({}, ("other@example.org", "x", NO_TIME), False),
    ],
)
def test_finds_what_an_inexact_reference_means_by_its_name(ended: dict, reference: Key, ends: bool):
    first = alert("x", 1, **ended)
    cancel = alert("c", 3, "Cancel", references=(reference,))
    assert (first.key in end_times([cancel, first])) is ends
    assert names(in_force([first, cancel], 4 * HOUR, DAY)) == (set() if ends else {"x"})


def test_an_update_without_a_time_ends_another_when_it_begins_or_came_and_never_itself():
    first, infos = alert("x", 1), (Info(effective_ms=3 * HOUR),)
    update = alert("x", 0, "Update", references=(("met@example.org", "x", NO_TIME),), infos=infos)
    update = msgspec.structs.replace(update, sent_ms=NO_TIME, sent_is_exact=False)
    assert end_times([first, update]) == {first.key: 3 * HOUR}
    came = msgspec.structs.replace(update, infos=()).received(9)
    assert (came.since_ms, end_times([first, came])[first.key]) == (9, 9)
    assert first.received(9) is first


def test_says_a_warning_in_a_language_in_which_it_is_in_force():
    others = {"ta-IN": {"event": "வெள்ளம்", "headline": "", "area": "அடையாறு"}}
    said = {"name": "flood", "language": "en-GB", "headline": "River", "other_languages": others}
    tamil = in_language(said, "ta")
    assert (tamil["name"], tamil["area"], tamil["headline"]) == ("வெள்ளம்", "அடையாறு", "River")
    assert tamil["language"] == "ta-IN"
    assert in_language(said, "en") is said
    assert in_language(said, "hi") is said
    assert in_language({"name": "zone"}, "en") == {"name": "zone"}


@pytest.mark.parametrize("more", [{"status": "Test"}, {"status": "Draft"}, {"scope": "Private"}, {"infos": ()}])
def test_shows_nothing_that_is_not_said_to_all_in_earnest(more: dict):
    assert in_force([alert("x", 1, **more)], 2 * HOUR, DAY) == set()


def test_lets_a_warning_without_an_end_last_as_long_as_it_is_told():
    endless = alert("endless", 1, infos=(Info(event="Flood"),))
    assert names(in_force([endless], 24 * HOUR, DAY)) == {"endless"}
    assert names(in_force([endless], 25 * HOUR + 1, DAY)) == set()


def test_holds_until_the_event_ends_where_that_is_said_beside_the_message():
    info = Info(event="Flood", expires_ms=2 * HOUR, ends_ms=9 * HOUR)
    assert span(alert("x", 1), info, None, DAY) == (HOUR, 9 * HOUR)
