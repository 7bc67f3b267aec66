"""Far moves of a location: a proposal until a second person confirms it, put back in one step, and no way around it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crisismap.core.errors import Misconfigured, WrongState
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.moves import (
    MOST_PLACES,
    Moved,
    MoveRules,
    Moving,
    Places,
    before,
    can_put_back,
    confirm,
    move,
    move_rules_from,
    put_back,
    reviewable,
)
from crisismap.core.place.place import Placement, PlacementStatus

FAR, PROPOSED, SET, NEAR, CONFIRMED, DECLINED = (
    PlacementStatus[name] for name in ("FAR", "PROPOSED", "SET", "NEAR", "CONFIRMED", "DECLINED")
)
EXTENT = (80.0, 12.5, 80.5, 13.5)
SENT = Placement(80.25, 13.05, 20.0, "")
M = 1 / 111_195  # degrees of latitude in a metre


def moving(*, may_far: bool, sent: Placement | None = SENT, extent=EXTENT) -> Moving:
    return Moving(sent, extent, MoveRules(far_m=1_000.0), lambda place: place, may_far)


def at(metres: float, by: str = "v", accuracy: float | None = None) -> Placement:
    """A place so many metres north of the one that was sent."""
    return Placement(80.25, 13.05 + metres * M, accuracy, "map", by)


def now_at(places: Places, sent: Placement | None = SENT) -> Placement | None:
    return next((each for each in reversed(places) if each.counts), sent)


def statuses(places: Places) -> list[PlacementStatus]:
    return [each.status for each in places]


VOLUNTEER, RESPONDER = moving(may_far=False), moving(may_far=True)
ABROAD = Placement(2.35, 48.85, 1.0, "map", "v")


@pytest.mark.parametrize(
    ("place", "sent", "status"),
    [
        (at(900), SENT, NEAR),
        (at(1100), SENT, PROPOSED),
        (ABROAD, SENT, PROPOSED),
        (replace(ABROAD, accuracy_m=0.0), SENT, PROPOSED),  # it may claim to be exact
        (replace(ABROAD, accuracy_m=10_000_000.0), SENT, PROPOSED),  # or to be anywhere
        (ABROAD, None, PROPOSED),  # out of the incident, from no place at all
        (at(0), None, NEAR),
        (Placement(0.0, 0.0, None, "map", "v"), SENT, PROPOSED),
        (Placement(13.05, 80.25, None, "map", "v"), None, PROPOSED),  # swapped
        (at(4000), replace(SENT, accuracy_m=5000.0), NEAR),
        (at(30_000), replace(SENT, accuracy_m=10_000_000.0), PROPOSED),  # a claimed accuracy counts for 20 km at most
    ],
)
def test_keeps_a_far_move_of_a_volunteer_as_a_proposal(place: Placement, sent, status: PlacementStatus) -> None:
    moved = move((), place, moving(may_far=False, sent=sent))
    assert moved.status is status
    assert moved.places == (replace(place, status=status),), "it is not lost"
    assert now_at(moved.places, sent) == (sent if status is PROPOSED else moved.places[0])
    assert bool(moved.facts) == (status is PROPOSED)


def test_makes_a_far_move_of_a_responder_with_a_flag_and_puts_it_back_in_one_step() -> None:
    moved = move((), at(50_000, "r"), RESPONDER)
    assert (moved.status, moved.facts) == (FAR, {"far": True, "moved_m": 50_000})
    assert before(moved.places, 0, SENT) == SENT
    assert reviewable(moved.places) == [1]
    assert now_at(put_back(moved.places, None)) == SENT
    with pytest.raises(WrongState):
        confirm(moved.places, None, "r", RESPONDER)
    confirmed = confirm(moved.places, None, "r2", RESPONDER).places
    assert (statuses(confirmed), reviewable(confirmed)) == ([CONFIRMED], [])
    assert now_at(put_back(confirmed, None)) == SENT, "also later"


def test_adds_small_steps_up() -> None:
    places: Places = ()
    for step in range(1, 60):
        places = move(places, at(step * 100, f"v{step % 3}"), VOLUNTEER).places
    here = now_at(places)
    assert here is not None
    assert distance_m(SENT.lon, SENT.lat, here.lon, here.lat) <= 1000
    assert PROPOSED in statuses(places)


def test_would_follow_small_steps_anywhere_if_it_measured_from_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr("crisismap.core.place.moves._origin", lambda places, sent, _mover: now_at(places, sent))
    test = pytest.raises(AssertionError)
    with test:
        test_adds_small_steps_up()


def test_flags_small_steps_of_one_responder() -> None:
    places: Places = ()
    for step in range(1, 30):
        places = move(places, at(step * 100, "r"), RESPONDER).places
    assert statuses(places)[-1] is FAR
    back = now_at(put_back(places, None))
    assert back is not None
    assert back.lat < 13.05 + 1001 * M


def test_lets_a_second_volunteer_confirm_but_not_the_same() -> None:
    places = move((), at(5000, "v1"), VOLUNTEER).places
    with pytest.raises(WrongState, match="Somebody else"):
        confirm(places, None, "v1", VOLUNTEER)
    moved = confirm(places, None, "v2", VOLUNTEER)
    assert (statuses(moved.places), now_at(moved.places)) == ([FAR], moved.places[0])
    with pytest.raises(WrongState):
        confirm(moved.places, None, "v3", VOLUNTEER)  # a responder has the last word
    assert statuses(confirm(moved.places, None, "r", RESPONDER).places) == [CONFIRMED]


def test_keeps_a_proposal_of_each_person_and_the_newest_of_one() -> None:
    places: Places = ()
    for place in (at(5000, "v1"), at(9000, "v2"), at(6000, "v1")):
        places = move(places, place, VOLUNTEER).places
    assert [each.by for each in places] == ["v2", "v1"]
    declined = put_back(places, 1)
    assert statuses(declined) == [DECLINED, PROPOSED]
    assert statuses(confirm(declined, 2, "r", RESPONDER).places) == [DECLINED, CONFIRMED]
    with pytest.raises(WrongState):
        confirm(declined, 1, "r", RESPONDER)


def test_settles_what_a_responder_did_by_hand() -> None:
    proposed = move((), at(5000, "v1"), VOLUNTEER).places
    by_hand = move(proposed, at(5100, "r"), RESPONDER)
    assert statuses(by_hand.places) == [FAR], "the proposal is done"
    other = move(by_hand.places, at(100, "r2"), RESPONDER)
    assert (statuses(other.places), now_at(other.places)) == ([DECLINED, SET], other.places[1]), "it is where it was"
    near = move(by_hand.places, at(5200, "r2"), RESPONDER)
    assert statuses(near.places) == [CONFIRMED, SET]


def test_measures_for_those_who_see_a_cell_from_the_cell() -> None:
    """The answer must not tell in which corner of its cell the place is."""
    cell = Placement(80.26, 13.06, 1400.0, "")
    blind = replace(VOLUNTEER, seen=lambda _: cell)
    for sent in (SENT, replace(SENT, lat=13.07), replace(SENT, lon=80.27)):
        there = replace(blind, sent=sent)
        assert move((), at(2000), there).status is move((), at(2000), blind).status
        assert move((), at(3000), there).status is PROPOSED


STEPS = st.sampled_from([-60_000, -3000, -900, -100, 0, 100, 900, 3000, 60_000])


class Life(RuleBasedStateMachine):
    """Two volunteers and two responders move, confirm and put back."""

    def __init__(self) -> None:
        super().__init__()
        self.places: Places = ()
        self.confirmed = 0

    @rule(metres=STEPS, who=st.sampled_from(["v1", "v2", "r1", "r2"]), accuracy=st.sampled_from([None, 1.0, 1e7]))
    def move(self, metres: float, who: str, accuracy: float | None) -> None:
        was = now_at(self.places)
        moved: Moved = move(self.places, at(metres, who, accuracy), moving(may_far=who[0] == "r"))
        self.places = moved.places
        assert moved.status in ((NEAR, PROPOSED) if who[0] == "v" else (SET, FAR))
        if moved.status is PROPOSED:
            assert now_at(self.places) == was

    @rule(who=st.sampled_from(["v1", "v2", "r1", "r2"]))
    def confirm(self, who: str) -> None:
        before_it = self.places
        try:
            self.places = confirm(self.places, None, who, moving(may_far=who[0] == "r")).places
        except WrongState:
            assert self.places == before_it
            return
        assert any(each.by != who and each.status in (PROPOSED, FAR) for each in before_it)

    @rule()
    def put_back(self) -> None:
        if can_put_back(self.places):
            waiting = sum(each.status in (PROPOSED, FAR, CONFIRMED) for each in self.places)
            self.places = put_back(self.places, None)
            assert sum(each.status in (PROPOSED, FAR, CONFIRMED) for each in self.places) < waiting
        else:
            with pytest.raises(WrongState):
                put_back(self.places, None)

    @invariant()
    def holds(self) -> None:
        assert len(self.places) <= MOST_PLACES
        numbers = reviewable(self.places)
        assert {self.places[n - 1].status for n in numbers} <= {FAR, PROPOSED}
        assert (FAR in statuses(self.places)) == any(self.places[n - 1].status is FAR for n in numbers)
        proposers = [each.by for each in self.places if each.status is PROPOSED]
        assert len(proposers) == len(set(proposers))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(st.tuples(STEPS, st.sampled_from(["v1", "v2", "v3"])), max_size=60))
def test_never_lets_volunteers_alone_move_a_place_far(steps: list[tuple[float, str]]) -> None:
    places: Places = ()
    for metres, who in steps:
        places = move(places, at(metres, who, 1e7), VOLUNTEER).places
        here = now_at(places)
        assert here is not None
        assert distance_m(SENT.lon, SENT.lat, here.lon, here.lat) <= 1000


@pytest.mark.parametrize("wrong", [{"far_m": 0}, {"far_m": True}, {"accuracy_most_m": "1"}])
def test_refuses_rules_that_are_no_distances(wrong: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=r"moves\.toml"):
        move_rules_from(wrong, "moves.toml")
