"""nearby: own claims first, then by distance or urgency, at the place that the person's audience knows."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import distance_m
from crisismap.services.lists import nearby, read
from crisismap.services.lists.nearby import PAGE, NearbyQuery, place_of
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask


def ids(context: Context, wish: NearbyQuery, person: Person = RESPONDER) -> list[str]:
    page = nearby.requests(context.views, context.rules, context.clock(), person, wish)
    return [each.record.id for each in page.items]


def checks(context: Context, wish: NearbyQuery) -> list[str]:
    return [each.record.id for each in nearby.checks(context.views, context.clock(), VOLUNTEER, wish).items]


def test_goes_by_distance_with_those_without_a_place_last(context: Context) -> None:
    nowhere, _ = ask(context, lon=None, lat=None, text="trapped")
    far, _ = ask(context, lon=80.3, lat=13.05)
    near, _ = ask(context, lon=80.251, lat=13.05)
    here = place_of(context.views, "13.05, 80.25")
    assert ids(context, NearbyQuery(here)) == [near, far, nowhere]
    assert ids(context, NearbyQuery(here, urgent=True)) == [nowhere, far, near]
    assert ids(context, NearbyQuery()) == [nowhere, far, near]
    found = nearby.requests(context.views, context.rules, context.clock(), RESPONDER, NearbyQuery(here)).items
    assert found[0].metres == pytest.approx(distance_m(80.25, 13.05, 80.251, 13.05), abs=0.01)
    assert found[2].metres is None


def test_measures_a_volunteers_distance_to_the_published_cell(context: Context) -> None:
    ask(context, lon=80.2512, lat=13.0512)
    [seen] = nearby.requests(
        context.views,
        context.rules,
        context.clock(),
        VOLUNTEER,
        NearbyQuery(place_of(context.views, "13.0512, 80.2512")),
    ).items
    assert seen.record.place_kind == "cell"
    assert seen.metres == pytest.approx(distance_m(80.2512, 13.0512, seen.record.lon, seen.record.lat), abs=0.01)
    assert seen.metres > 1


def test_holds_own_claims_apart_the_one_that_ends_first_on_top(context: Context) -> None:
    one, two, other = (ask(context)[0] for _ in range(3))
    for number, minutes in ((one, 60), (two, 10)):
        done = acts.claim(context, RESPONDER, number, None, minutes=minutes).result()
    assert context.views.situation.wait(done.revision)
    assert [each.record.id for each in nearby.own_claims(context.views, context.rules, context.clock(), RESPONDER)] == [
        two,
        one,
    ]
    assert ids(context, NearbyQuery()) == [other]
    assert nearby.own_claims(context.views, context.rules, context.clock(), STRANGER) == ()
    assert sorted(ids(context, NearbyQuery(), VOLUNTEER)) == sorted([one, two, other])


def test_shows_each_of_many_on_one_page(context: Context) -> None:
    sent = [ask(context, lat=13.0 + n / 1000)[0] for n in range(PAGE + 3)]
    here = place_of(context.views, "13.0, 80.25")
    first, second = (
        nearby.requests(context.views, context.rules, context.clock(), RESPONDER, NearbyQuery(here, page=page))
        for page in (1, 2)
    )
    assert [f.record.id for f in first.items + second.items] == sent
    assert (first.total, first.more, second.more) == (PAGE + 3, True, False)
    assert ids(context, NearbyQuery(here, page=9)) == []


def test_lists_what_is_to_be_checked_again(context: Context, clock: FakeClock) -> None:
    older, _ = ask(context, category="transport", text="bridge closed")
    clock.advance(minutes=30)
    newer, _ = ask(context, category="transport", text="road closed")
    clock.advance(hours=3)
    assert checks(context, NearbyQuery()) == [older, newer]
    done = acts.reconfirm(context, VOLUNTEER, older, None).result()
    assert context.views.situation.wait(done.revision)
    assert checks(context, NearbyQuery()) == [newer]
    with pytest.raises(Invalid):
        checks(context, NearbyQuery(area="nowhere"))
    assert read.record(context.store, context.views, context.clock, VOLUNTEER, older).stale is False


@pytest.mark.parametrize("typed", ["nowhere", "95, 200", "x" * 501, "13.05"])
def test_refuses_what_is_no_place(context: Context, typed: str) -> None:
    with pytest.raises(Invalid):
        place_of(context.views, typed)


def test_takes_nothing_for_no_place(context: Context) -> None:
    assert place_of(context.views, "  ") is None
