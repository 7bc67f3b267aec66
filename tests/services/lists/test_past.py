"""An earlier moment is told in numbers and layers as it was known then."""

from __future__ import annotations

from crisismap.core.layer.layer import Feature, Role
from crisismap.core.moment import MINUTE_MS, rfc3339
from crisismap.core.privacy import Audience
from crisismap.services.lists.past import layers_at, numbers, span
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.services.around.test_official_context import put
from tests.services.deployment import ask


def test_spans_from_the_first_report_to_the_last(context: Context, clock: FakeClock) -> None:
    situation = context.views.situation
    assert span(situation, Audience.AGENCY) is None
    start = clock()
    ask(context)
    clock.advance(minutes=30)
    ask(context)
    assert span(situation, Audience.AGENCY) == (start, start + 30 * MINUTE_MS)


def test_counts_what_was_known_then(context: Context, clock: FakeClock) -> None:
    ask(context)
    then = clock()
    clock.advance(minutes=30)
    ask(context)
    early = numbers(context.store, context.views, Audience.AGENCY, then)
    now = numbers(context.store, context.views, Audience.AGENCY, clock())
    assert early["at"] == rfc3339(then)
    assert [sum(each["reports"] for each in said["by_category"]) for said in (early, now)] == [1, 2]


def test_shows_each_layer_in_the_version_of_then(context: Context, clock: FakeClock) -> None:
    before = clock()
    clock.advance(minutes=1)
    put(context, "wards", Role.AREA, Feature("a", "Adyar", "W-1", None, {}))
    first = clock()
    clock.advance(minutes=10)
    put(context, "wards", Role.AREA, Feature("a", "Adyar", "W-1", None, {}), Feature("b", "Guindy", "W-2", None, {}))
    heads = [layers_at(context.store, context.views.situation, at)[0].head for at in (before, first, clock())]
    assert [head and head.version for head in heads] == [None, 1, 2]
    [told] = numbers(context.store, context.views, Audience.AGENCY, first)["layers"]
    assert (told["id"], told["version"], told["features"]) == ("wards", 1, 1)
