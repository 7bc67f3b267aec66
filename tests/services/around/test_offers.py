"""Offers of help near a request: nearest first, for those who dispatch, never for the public."""

from __future__ import annotations

import pytest

from crisismap.core.errors import NotFound
from crisismap.services.around.offers import MOST, nearby_offers
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.services.deployment import ask

BOAT = "We have a boat and two people, where are we needed?"


def offer(context: Context, **more: float | None) -> str:
    return ask(context, category="other", text=BOAT, **more)[0]


def seen(context: Context, person, report: str) -> list[str]:
    return [each.record.id for each in nearby_offers(context.store, context.views, context.clock, person, report)]


def test_shows_the_nearest_first_and_those_without_a_place_last(context: Context, clock: FakeClock) -> None:
    request = ask(context)[0]
    nowhere, far, near = offer(context, lon=None, lat=None), offer(context, lat=13.3), offer(context, lat=13.06)
    assert seen(context, AGENCY, request) == [near, far, nowhere]
    found = nearby_offers(context.store, context.views, context.clock, AGENCY, request)
    assert round(found[0].distance_m or 0) in range(1000, 1300)
    assert found[-1].distance_m is None
    assert found[0].record.text == BOAT
    for _ in range(MOST):
        offer(context)
    assert len(seen(context, AGENCY, request)) == MOST


def test_forgets_what_was_offered_yesterday(context: Context, clock: FakeClock) -> None:
    offer(context)
    clock.advance(minutes=25 * 60)
    assert seen(context, AGENCY, ask(context)[0]) == []


def test_tells_the_public_nothing(context: Context, clock: FakeClock) -> None:
    request = ask(context, category="rescue")[0]
    offer(context)
    assert seen(context, STRANGER, request) == []
    with pytest.raises(NotFound):
        seen(context, STRANGER, "01512345-0000-8000-8000-00000000ffff")
