"""The numbers: per area, per category, and the small ones that the public is not told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crisismap.core.layer.layer import Role
from crisismap.core.privacy import Audience
from crisismap.situation.board import counts
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def by_category(here: Crisis, audience: Audience) -> dict[str, dict[str, Any]]:
    board = here.board(audience)
    found = counts.by_category(here.context.views.situation, audience, board, here.clock())
    return {group.pop("category"): group for group in found}


def by_area(here: Crisis) -> list[tuple[Any, ...]]:
    found = counts.by_area(here.context.views.situation, here.board(), here.clock())
    return [(a["code"], a["name"], a["reports"], a["unanswered"]) for a in found]


def test_has_every_category_in_its_order_even_without_reports(here: Crisis):
    found = by_category(here, Audience.AGENCY)
    assert list(found) == list(here.context.rules.categories)
    nothing = {"listed": True, "reports": 0, "requests": 0, "unanswered": 0, "overdue": 0}
    assert all(group == nothing for group in found.values())


@pytest.mark.parametrize(("count", "shown"), [(0, None), (1, None), (4, None), (5, 5), (6, 6)])
def test_tells_the_public_no_small_number_of_sensitive_requests(here: Crisis, count: int, shown: int | None):
    ids = [here.post("medical", text="trapped", **HERE) for _ in range(count)]
    for one in ids[:2]:
        acts.answer(here.context, RESPONDER, one, None, note="done").result()
    here.clock.advance(minutes=31)
    public = by_category(here, Audience.PUBLIC)["medical"]
    assert (public["listed"], public["reports"], public["requests"]) == (False, shown, shown)
    left = count - len(ids[:2])
    assert (public["unanswered"], public["overdue"]) == (left if left >= 5 else None, left if left >= 5 else None)
    assert by_category(here, Audience.AGENCY)["medical"]["unanswered"] == left
    assert counts.totals(here.context.views.situation, here.board(Audience.PUBLIC), here.clock())["reports"] == 0


def test_tells_the_public_small_numbers_of_ordinary_requests(here: Crisis):
    here.post("rescue")
    assert by_category(here, Audience.PUBLIC)["rescue"]["unanswered"] == 1


def test_orders_areas_by_what_is_unanswered_and_puts_no_area_last(here: Crisis):
    here.put("wards", Role.AREA, ward(1, 80.0, 13.0), ward(2, 80.2, 13.0), ward(3, 80.4, 13.0), ward(4, 80.6, 13.0))
    here.post("flooding", lon=80.05, lat=13.05)
    here.post("rescue", lon=80.25, lat=13.05)
    here.post("flooding", lon=80.45, lat=13.05)
    here.post("flooding", lon=80.45, lat=13.05)
    for _ in range(5):
        here.post("rescue")
    assert by_area(here) == [
        ("W2", "Ward 2", 1, 1),
        ("W3", "Ward 3", 2, 0),
        ("W1", "Ward 1", 1, 0),
        (None, None, 5, 5),
    ]


def test_counts_areas_of_two_layers_with_one_code_and_name_as_one(here: Crisis):
    here.put("wards-2011", Role.AREA, ward(1, 80.0, 13.0))
    here.put("wards-2015", Role.AREA, ward(1, 80.2, 13.0))
    here.post("rescue", lon=80.05, lat=13.05)
    here.post("rescue", lon=80.25, lat=13.05)
    assert by_area(here) == [("W1", "Ward 1", 2, 2)]
    assert len(here.items(area=("W1",))) == 2


def test_adds_up(here: Crisis):
    here.post("rescue", text="trapped", **HERE)
    here.post("rescue")
    here.post("flooding", **HERE)
    here.clock.advance(minutes=31)
    totals = counts.totals(here.context.views.situation, here.board(), here.clock())
    revision = here.context.store.events.revision()
    assert totals == {
        "revision": revision,
        "reports": 3,
        "requests": 2,
        "unanswered": 2,
        "overdue": 1,
        "unplaced": 1,
        "urgent": 1,
    }
