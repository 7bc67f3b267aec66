"""It reads the real warnings: CAP 1.1 and 1.2, the US weather service, GDACS, and p-codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core import moment
from crisismap.core.errors import Invalid, Malformed
from crisismap.core.layer.alert import Alert
from crisismap.core.layer.layer import Layer, Role
from crisismap.layers.normalise.locate import BY_CODE, locate
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.normalise.warnings import WarningBatch, version
from crisismap.layers.read import read_layer, read_layer_bytes
from crisismap.layers.sandbox import sandbox
from tests.layers.samples import LAYER, read
from tests.layers.topology import features

WARNINGS = Layer("warnings", "Warnings", Role.HAZARD)
CAPTURED = moment.parse("2026-07-15T20:00:44Z")[0]


@pytest.fixture(scope="module")
def nws(shared_data: Path) -> Path:
    return shared_data / "nws_alerts" / "nws_active_2026-07-15.geojson"


def test_lists_or_places_each_nws_alert_without_geometry(nws: Path, shared_data: Path):
    alerts = read_layer(nws, layer=WARNINGS, now_ms=CAPTURED)
    assert (len(alerts.features), alerts.refused) == (396, 0)
    assert sum(f.geometry is None for f in alerts.features) == 325
    assert all(f.valid_from_ms <= CAPTURED <= f.valid_to_ms for f in alerts.features)
    counties = read(features(shared_data / "basemap" / "us-atlas_counties-10m.json", "counties"))
    placed = locate(alerts, [counties])
    by_code = sum(BY_CODE in f.properties for f in placed.features)
    listed = sum(f.geometry is None for f in placed.features)
    assert by_code + listed == 325
    assert (by_code, listed) == (242, 83)
    # What is left are waters, and no county has them; counted without our reader: 242 name a county that there is.
    left = {code[:3] for f in placed.features if f.geometry is None for code in f.properties["geocodes"]["SAME"]}
    assert left == {"057", "058", "073", "091", "092", "093", "094"}
    assert len(placed.features) == 396


def test_reads_21_gdacs_events_longitude_first(shared_data: Path):
    path = shared_data / "gdacs" / "gdacs-rss-24h_2019-12-30.xml"
    gdacs = read_layer(path, layer=LAYER, mapping=LayerMapping(valid_from="gdacs_fromdate"), now_ms=0)
    assert (len(gdacs.features), gdacs.refused) == (21, 0)
    first = next(f for f in gdacs.features if f.id == "DR1012728")
    assert (first.geometry.x, first.geometry.y) == (22.348, -22.932)
    assert first.valid_from_ms == moment.parse("2018-10-21T00:00:00Z")[0]
    west, east, south, north = map(float, first.properties["gdacs_bbox"].split())
    assert west <= first.geometry.x <= east and south <= first.geometry.y <= north


@pytest.mark.parametrize(
    ("name", "at", "names", "unlocated"),
    [
        ("thunderstorm.cap", "2003-06-17T14:57:01-07:00", ["SEVERE THUNDERSTORM"], 0),
        ("weather.cap", "2010-08-30T05:00:00-06:00", ["Flash Flood Watch"], 1),
        ("canada.cap", "2012-05-02T23:30:00+00:00", ["thunderstorm"], 0),
        ("australia.cap", "2011-10-06T12:00:00+00:00", ["Fire", "Fire"], 0),
        ("no_optional_fields.cap", "2010-08-31T06:00:00+00:00", [], 0),
    ],
)
def test_reads_real_cap_messages(shared_data: Path, name: str, at: str, names: list[str], unlocated: int):
    now = moment.parse(at)[0]
    made = read_layer(shared_data / "cap_alerts" / name, layer=WARNINGS, now_ms=now)
    live = [f for f in made.features if f.valid_from_ms <= now <= f.valid_to_ms]
    assert [f.name for f in live] == names
    assert sum(f.geometry is None for f in live) == unlocated


def test_reads_polygons_of_canada_in_canada_in_both_languages(shared_data: Path):
    now = moment.parse("2012-05-02T23:30:00Z")[0]
    (feature,) = read_layer(shared_data / "cap_alerts" / "canada.cap", layer=WARNINGS, now_ms=now).features
    west, south, east, north = feature.geometry.bounds
    assert -84 < west < east < -81 and 41 < south < north < 44
    assert feature.properties["other_languages"]["fr-CA"]["event"] == "orages"


def test_the_times_of_real_messages_need_no_warning_and_their_bytes_are_kept(shared_data: Path):
    for path in sorted((shared_data / "cap_alerts").glob("*.cap")):
        if path.name == "invalid.cap":
            continue
        made = read_layer(path, layer=WARNINGS, now_ms=CAPTURED)
        assert made.warnings == ()
        assert [each.body for each in made.originals] == [path.read_bytes()]
        assert [each.signed for each in made.originals] == [False]


def test_archived_nws_alerts_count_at_their_own_time_and_are_counted_where_left_out(nws: Path):
    later = CAPTURED + 400 * 86_400_000
    then = read_layer(nws, layer=WARNINGS, now_ms=later, as_of_ms=CAPTURED)
    assert (len(then.features), len(then.at(CAPTURED).features), then.warnings) == (396, 396, ())
    late = read_layer(nws, layer=WARNINGS, now_ms=later)
    assert late.features == ()
    assert "ended more than 7 days before, left out: 396" in late.notes


@pytest.mark.parametrize(
    ("name", "at", "until"),
    [
        ("thunderstorm.cap", "2003-06-17T14:57:01-07:00", "2003-06-17T23:00:00+00:00"),
        ("canada.cap", "2012-05-02T23:30:00+00:00", "2012-05-03T00:20:00+00:00"),
        ("australia.cap", "2011-10-06T12:00:00+00:00", "2011-10-06T13:04:00+00:00"),
    ],
)
def test_an_archived_message_counts_at_its_own_time(shared_data: Path, name: str, at: str, until: str):
    moment_ms, until_ms = moment.parse(at)[0], moment.parse(until)[0]
    path = shared_data / "cap_alerts" / name
    then = read_layer(path, layer=WARNINGS, now_ms=CAPTURED, as_of_ms=moment_ms)
    assert then.at(moment_ms).features != ()
    assert then.at(until_ms + 60_000).features == ()
    late = read_layer(path, layer=WARNINGS, now_ms=CAPTURED)
    assert late.features == () and any(note.startswith("ended more than 7 days before") for note in late.notes)


def test_refuses_a_message_without_scope(shared_data: Path):
    with pytest.raises(Malformed, match="scope"):
        read_layer(shared_data / "cap_alerts" / "invalid.cap", layer=WARNINGS, now_ms=0)


@pytest.fixture(scope="module")
def told(shared_data: Path) -> Callable[[], WarningBatch]:
    messages = [path.read_bytes() for path in sorted((shared_data / "cap_alerts").glob("*.cap"))]
    # What the Canadian update replaces, made from it: its earlier self, sent before.
    earlier = next(m for m in messages if b"a3f342a4" in m)
    earlier = earlier.replace(b"2.49.0.1.124.6bddbc91.2012", b"2.49.0.1.124.a3f342a4.2012")
    earlier = earlier.replace(b"<sent>2012-05-02T23:21:04-00:00", b"<sent>2012-05-02T21:45:05-00:00")
    earlier = earlier.replace(b"<effective>2012-05-02T23:20:00", b"<effective>2012-05-02T21:45:00")
    parsed = sandbox.parse("cap", [*messages, earlier], Alert, "messages")
    read = WarningBatch([alert for alert in parsed if isinstance(alert, Alert)])
    assert len(read.alerts) == 7
    return lambda: read


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_gives_the_same_live_set_in_any_order(told: Callable[[], WarningBatch], data: st.DataObject):
    read = told()
    order = data.draw(st.permutations(list(read.alerts)))
    made = version(WarningBatch(order), WARNINGS, now_ms=moment.parse("2012-05-02T23:30:00Z")[0])

    def live(at: str) -> list[str]:
        now = moment.parse(at)[0]
        return sorted(f.id for f in made.features if f.valid_from_ms <= now <= f.valid_to_ms)

    assert live("2012-05-02T22:00:00Z") == ["2.49.0.1.124.a3f342a4.2012"]
    # The repository's message with errors says the same identifier again: both are there, neither the replaced one.
    assert "2.49.0.1.124.a3f342a4.2012" not in live("2012-05-02T23:30:00Z")
    assert "2.49.0.1.124.6bddbc91.2012" in live("2012-05-02T23:30:00Z")


def test_keeps_p_codes_as_text(shared_data: Path):
    path = shared_data / "pcodes" / "pcodes_IDN_NPL_LKA_PHL.csv"
    codes = read_layer(path, layer=LAYER, now_ms=0)
    assert (len(codes.features), codes.refused) == (779, 0)
    assert all(isinstance(f.code, str) and f.code == f.properties["P-Code"] for f in codes.features)
    assert codes.features[0].code == "ID11"


def test_says_why_hxl_sheets_without_a_place_are_refused(shared_data: Path):
    for name in ("input-multiple-headers.csv", "input-valid-latin1.csv"):
        with pytest.raises(Invalid, match="coordinates"):
            read_layer_bytes((shared_data / "hxl_samples" / name).read_bytes(), layer=LAYER, now_ms=0)
