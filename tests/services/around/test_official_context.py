"""surroundings: what the official map says round a report, to each audience from the place that it knows."""

from __future__ import annotations

from typing import Any

import pytest
from pyproj import Geod
from shapely.geometry import LineString, Point, box

from crisismap.core.layer.alert import Alert, AlertArea, Info
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.moment import rfc3339
from crisismap.core.people.person import STRANGER, Person
from crisismap.layers.normalise import warnings
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.services.around.gauges import nearest_gauge
from crisismap.services.around.official_context import Surroundings, official_context, official_json
from crisismap.services.layers.feeds import take_back
from crisismap.services.layers.publish import put_layer, put_layer_bytes
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context, audience_of
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.services.deployment import ask

LON, LAT = 80.25, 13.05
MINUTE_MS = 60_000
EARTH = Geod(ellps="WGS84")


def put(context: Context, layer_id: str, role: Role, *features: Feature) -> None:
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        LayerVersion(Layer(layer_id, layer_id.title(), role), 0, context.clock(), features),
    )


def put_level(context: Context, level: float, *, metres: float = 500, **said: Any) -> None:
    x, y, _ = EARTH.fwd(LON, LAT, 90.0, metres)
    said = {"water_level": level, "warning_level": 3.5, "danger_level": 4.2, **said}
    put(context, "gauges", Role.CONTEXT, Feature("g", "Adyar bridge", "", Point(x, y), said))


def around(context: Context, report_id: str, person: Person = RESPONDER) -> Surroundings:
    return official_context(
        context.store,
        context.views,
        context.rules,
        context.clock(),
        audience_of(person),
        read.record(context.store, context.views, context.clock, person, report_id),
    )


def told(context: Context, report_id: str, person: Person = RESPONDER) -> dict[str, Any]:
    record = read.record(context.store, context.views, context.clock, person, report_id)
    return official_json(around(context, report_id, person), record, context.clock())


def test_tells_the_level_and_the_trend_of_the_kept_versions(context: Context, clock: FakeClock):
    for minutes, level in ((0, 3.0), (60, 4.19), (45, 4.20), (15, 4.31)):
        clock.advance(minutes=minutes)
        put_level(context, level, measured_at=rfc3339(clock() - 5 * MINUTE_MS))
    clock.advance(minutes=30)
    report, _ = ask(context)
    assert told(context, report)["gauge"] == {
        "layer": "gauges",
        "feature": "g",
        "name": "Adyar bridge",
        "distance_m": 500,
        "level": 4.31,
        "unit": "m",
        "warning_level": 3.5,
        "danger_level": 4.2,
        "state": "danger",
        "trend": "rising",
        "per_hour": 0.12,  # from the version of an hour before, neither the oldest nor the one just before
        "trend_over_s": 3600,
        "measured_at": rfc3339(clock() - 35 * MINUTE_MS),
        "measured_said": True,
        "age_s": 35 * 60,
        "old": False,
    }


def test_believes_what_the_layer_says_was_before(context: Context, clock: FakeClock):
    hour_ago = rfc3339(clock() - 60 * MINUTE_MS)
    put_level(context, 4.0, measured_at=rfc3339(clock()), previous_level=4.5, previous_at=hour_ago)
    found = nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock())
    assert found is not None and found.trend is not None and found.trend.wording("m") == "falling 50 cm/h"


def test_takes_the_time_of_the_version_where_the_layer_says_none(context: Context, clock: FakeClock):
    put_level(context, 4.0)
    clock.advance(minutes=60)
    put_level(context, 3.9)
    found = nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock())
    assert found is not None and not found.time_from_layer and found.measured_ms == clock()
    assert found.trend is not None and found.trend.wording("m") == "falling 10 cm/h"


@pytest.mark.parametrize(
    ("minutes", "before"),
    [
        (5, {"water_level": 3.0}),  # too short before
        (400, {"water_level": 3.0}),  # too long before
        (60, {"water_level": 300, "unit": "cm"}),  # another unit
        (60, {"water_level": -9999}),  # no value then
    ],
)
def test_tells_no_trend_from_what_does_not_fit(
    context: Context, clock: FakeClock, minutes: int, before: dict[str, Any]
):
    put_level(context, **{"level": before["water_level"], **{k: v for k, v in before.items() if k != "water_level"}})
    clock.advance(minutes=minutes)
    put_level(context, 4.0)
    found = nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock())
    assert found is not None and found.trend is None


def test_says_when_a_level_is_too_old_and_none_that_is_too_far(context: Context, clock: FakeClock):
    put_level(context, 4.0, measured_at=rfc3339(clock()))
    clock.advance(minutes=181)
    found = nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock())
    assert found is not None and found.old
    put_level(context, 4.0, metres=20_100)
    assert nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock()) is None
    put_level(context, 4.0, metres=19_900)
    assert nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock()) is not None
    take_back(context.store, context.views, context.clock(), AGENCY, "gauges")
    assert nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock()) is None


def test_reads_gauges_by_the_names_that_makers_use(context: Context, clock: FakeClock):
    body = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","id":"g","geometry":{"type":"Point","coordinates":'
        '[80.25,13.05]},"properties":{"river_level":9.5,"units":"feet","obs_time":"2015-12-02T06:00:00Z"}}]}'
    )
    put_layer_bytes(context, AGENCY, "stages", "context", body.encode())
    found = nearest_gauge(context.store, context.views, context.rules, LON, LAT, clock())
    assert found is not None and (found.gauge.unit, found.measured_ms) == ("ft", clock() - 30 * MINUTE_MS)


def test_tells_the_public_of_the_gauge_at_the_cell_and_of_no_road(context: Context, clock: FakeClock):
    put_level(context, 4.0)
    put(context, "roads", Role.TRANSPORT, road(20, "closed"))
    report, _ = ask(context)
    seen, cell = (
        told(context, report, STRANGER),
        read.record(context.store, context.views, context.clock, STRANGER, report),
    )
    assert cell.place_kind == "cell" and seen["road"] is None
    gauge = nearest_gauge(context.store, context.views, context.rules, cell.lon, cell.lat, clock())
    assert gauge is not None and seen["gauge"]["distance_m"] == round(gauge.distance_m) != 500
    assert told(context, report)["road"]["distance_m"] == 20


def road(metres: float, status: str, name: str = "Anna Salai") -> Feature:
    x = EARTH.fwd(LON, LAT, 90.0, metres)[0]
    return Feature(name, name, "", LineString([(x, LAT - 0.02), (x, LAT + 0.02)]), {}, status)


def test_tells_of_the_nearest_road_and_what_people_say_of_it(context: Context, clock: FakeClock):
    put(context, "roads", Role.TRANSPORT, road(30, "Open "), road(-90, "closed", "Beach Road"))

    def said(status: str, *, east: float = 30, north: float = 100, **more: Any) -> None:
        x, y, _ = EARTH.fwd(LON, LAT, 90.0, east)
        x, y, _ = EARTH.fwd(x, y, 0.0, north)
        ask(context, category="transport", text=None, fields={"status": status}, lon=x, lat=y, **more)

    said("blocked", observed_at=rfc3339(clock() - 60 * MINUTE_MS))
    said("flooded", observed_at=rfc3339(clock() - 10 * MINUTE_MS))
    said("open", observed_at=rfc3339(clock() - 20 * MINUTE_MS))
    said("blocked", east=95)  # beside another road
    said("blocked", north=600)  # too far along this one
    said("blocked", observed_at=rfc3339(clock() - 25 * 60 * MINUTE_MS))  # yesterday
    report, _ = ask(context)
    seen = told(context, report)["road"]
    assert (seen["name"], seen["distance_m"], seen["status"], seen["age_s"]) == ("Anna Salai", 30, "open", 0)
    assert seen["reported_blocked"] == {"reports": 2, "last_at": rfc3339(clock() - 10 * MINUTE_MS)}
    assert seen["reported_passable"] == {"reports": 1, "last_at": rfc3339(clock() - 20 * MINUTE_MS)}


def test_tells_no_road_where_the_place_is_too_vague_or_none_is_near(context: Context):
    put(context, "roads", Role.TRANSPORT, road(30, ""))
    vague, _ = ask(context, accuracy_m=151)
    away, _ = ask(context, lon=LON + 0.01)
    unplaced, _ = ask(context, lon=None, lat=None, place="by the river")
    for report in (vague, away, unplaced):
        assert told(context, report)["road"] is None
    exact, _ = ask(context, accuracy_m=150)
    assert told(context, exact)["road"]["status"] is None


def test_leaves_a_report_out_of_what_people_say_of_its_own_road(context: Context):
    put(context, "roads", Role.TRANSPORT, road(10, "open"))
    report, _ = ask(context, category="transport", text=None, fields={"status": "blocked"})
    assert told(context, report)["road"]["reported_blocked"] == {"reports": 0, "last_at": None}


def test_tells_warnings_at_the_time_of_the_report_from_flood_zones(context: Context, clock: FakeClock):
    square, start = box(80.2, 13.0, 80.3, 13.1), clock()
    warns = {"severity": "Severe", "certainty": "Likely", "urgency": "Immediate"}
    put(
        context,
        "warnings",
        Role.HAZARD,
        Feature("w", "Flood Warning", "", square, warns, "", start - MINUTE_MS, start + 60 * MINUTE_MS),
        Feature("later", "Flood Watch", "", square, warns, "", start + MINUTE_MS, None),
    )
    put(context, "zones", Role.HAZARD, Feature("z", "Adyar reach 3", "", square, {"level": "severe"}, "flooded"))
    report, _ = ask(context)
    clock.advance(minutes=90)
    seen = told(context, report)
    assert seen["warnings"] == [
        {
            "layer": "warnings",
            "feature": "w",
            "name": "Flood Warning",
            "severity": "Severe",
            "certainty": "Likely",
            "urgency": "Immediate",
            "from": rfc3339(start - MINUTE_MS),
            "until": rfc3339(start + 60 * MINUTE_MS),
            "in_force": False,
        }
    ]
    assert [(z["name"], z["level"], z["status"], z["in_force"]) for z in seen["flood_zones"]] == [
        ("Adyar reach 3", "severe", "flooded", True)
    ]
    put(context, "wards", Role.AREA, Feature("1", "Ward 1", "TN-001", square, {}))
    assert told(context, report)["area"] == {"code": "TN-001", "name": "Ward 1"}


def test_tells_a_warning_in_every_language_in_force_and_until_the_last_ends(context: Context, clock: FakeClock):
    square, start = box(80.2, 13.0, 80.3, 13.1), clock()
    ends = [start + hours * 60 * MINUTE_MS for hours in (1, 3)]
    area = (AlertArea("Adyar", polygons=(tuple(square.exterior.coords),)),)
    infos = (
        Info("ta", "வெள்ளம்", urgency="Immediate", expires_ms=ends[0], areas=area),
        Info("en", "Flood", urgency="Immediate", expires_ms=ends[1], areas=area),
    )
    alert = Alert("m@example.org", "w", start - MINUTE_MS, "Actual", "Alert", "Public", infos=infos)
    version = warnings.version(WarningBatch([alert]), Layer("w", "W", Role.HAZARD), now_ms=start)
    put(context, "warnings", Role.HAZARD, *version.features)
    report, _ = ask(context)
    clock.advance(minutes=90)
    (seen,) = told(context, report)["warnings"]
    assert (seen["name"], seen["names"]) == ("வெள்ளம்", {"ta": "வெள்ளம்", "en": "Flood"})
    assert (seen["from"], seen["until"], seen["in_force"]) == (rfc3339(alert.sent_ms), rfc3339(ends[1]), True)
    later, _ = ask(context)
    (seen,) = told(context, later)["warnings"]
    assert (seen["name"], seen["names"], seen["until"]) == ("Flood", {"en": "Flood"}, rfc3339(ends[1]))
    clock.advance(minutes=100)
    assert told(context, report)["warnings"][0]["in_force"] is False
