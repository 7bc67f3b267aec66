"""silence: areas with people and no reports, whatever the layer calls the number of people."""

from __future__ import annotations

import json
from typing import Any

from crisismap.core.privacy import Audience
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.lists.silence import SilentArea, silence
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.services.deployment import ask

HOUR_MS = 3_600_000


def square(west: float, south: float, side: float = 0.1) -> dict[str, Any]:
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def put(context: Context, layer: str, role: str, *features: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """A layer of (geometry, properties)."""
    made = [{"type": "Feature", "geometry": geometry, "properties": properties} for geometry, properties in features]
    body = json.dumps({"type": "FeatureCollection", "title": layer.title(), "features": made})
    put_layer_bytes(context, COMMAND_LINE, layer, role, body.encode())
    assert context.views.situation.wait(context.store.events.revision())


def wards(context: Context, **people: int) -> None:
    put(
        context,
        "wards",
        "area",
        *((square(80.2 + 0.1 * n, 13.0), {"name": name, "code": f"W{n}", "population": number})
          for n, (name, number) in enumerate(people.items())),
    )  # fmt: skip


def test_lists_areas_without_a_report_by_how_many_live_there(context: Context, clock: FakeClock) -> None:
    wards(context, adyar=900, beach=100, camp=5000, dunes=0)
    ask(context, lon=80.25, lat=13.05)
    found = silence(context.views.situation, Audience.AGENCY, clock() - HOUR_MS)
    assert found.quiet == (SilentArea("camp", "W2", 5000), SilentArea("beach", "W1", 100))
    assert (found.source, found.areas, found.people, found.nowhere) == ("Wards", 3, 5100, 0)


def test_hears_only_what_came_within_the_time(context: Context, clock: FakeClock) -> None:
    wards(context, adyar=900)
    ask(context, lon=80.25, lat=13.05)
    clock.advance(hours=4)
    assert silence(context.views.situation, Audience.AGENCY, clock() - 3 * HOUR_MS).people == 900
    assert silence(context.views.situation, Audience.AGENCY, clock() - 5 * HOUR_MS).people == 0
    ask(context, lon=None, lat=None, place="somewhere")
    assert silence(context.views.situation, Audience.AGENCY, clock() - 3 * HOUR_MS).nowhere == 1


def test_does_not_tell_the_public_of_what_it_may_not_know(context: Context, clock: FakeClock) -> None:
    wards(context, adyar=900)
    ask(context, category="medical", lon=80.25, lat=13.05)
    assert silence(context.views.situation, Audience.AGENCY, clock() - HOUR_MS).quiet == ()
    assert [each.name for each in silence(context.views.situation, Audience.PUBLIC, clock() - HOUR_MS).quiet] == [
        "adyar"
    ]


def test_counts_the_people_of_a_context_layer_in_each_area(context: Context, clock: FakeClock) -> None:
    put(context, "wards", "area", (square(80.2, 13.0), {"name": "a"}), (square(80.3, 13.0), {"name": "b"}))
    places = ({"type": "Point", "coordinates": [80.25 + n / 100, 13.05]} for n in (0, 1, 9, 30))
    put(context, "towns", "context", *((place, {"name": "t", "TOT_P": "1,000"}) for place in places))
    found = silence(context.views.situation, Audience.AGENCY, clock() - HOUR_MS)
    assert (found.source, [(each.name, each.people) for each in found.quiet]) == ("Towns", [("a", 2000), ("b", 1000)])


def test_says_when_no_layer_knows_of_people(context: Context, clock: FakeClock) -> None:
    assert silence(context.views.situation, Audience.AGENCY, clock()).source == ""
    put(context, "wards", "area", (square(80.2, 13.0), {"name": "a", "population": "unknown"}))
    put(context, "towns", "context", (square(80.2, 13.0), {"name": "a"}))
    assert silence(context.views.situation, Audience.AGENCY, clock()).source == ""
