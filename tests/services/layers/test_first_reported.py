"""It says who said it first, people or the official layer, and what people say of each official feature."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Point, box

from crisismap.channels.file.mapping import load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.privacy import Audience
from crisismap.layers.read import read_layer
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.layers.first_reported import compare, crowd_of, first_reports
from crisismap.services.layers.publish import put_layer
from crisismap.services.runtime.context import Context
from crisismap.settings import ROOT
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY
from tests.services.deployment import ask

HAZARD = Layer("flooded", "Flooded", Role.HAZARD)
SQUARE, OTHER = box(80.2, 13.0, 80.3, 13.1), box(80.3, 13.0, 80.4, 13.1)
NOW = 1_449_037_800_000


def version(as_of: int, *features: Feature, layer: Layer = HAZARD) -> LayerVersion:
    return LayerVersion(layer, 1, NOW, features, as_of_ms=as_of)


def feature(id: str, geometry=SQUARE, **more) -> Feature:
    return Feature(id, f"name {id}", "", geometry, {}, **more)


def test_takes_the_first_version_that_shows_a_place_whatever_their_order():
    versions = [version(30, feature("a"), feature("b", OTHER)), version(10, feature("a")), version(20)]
    found = compare(versions, np.array([80.25, 80.25, 80.35]), np.array([13.05] * 3), np.array([8, 5, 40]))
    assert {p.feature: (p.official_ms, p.reported_ms, p.ahead_ms, p.reports) for p in found.places} == {
        "a": (10, 5, 5, 2),
        "b": (30, 40, -10, 1),
    }
    assert (found.people_first, found.reported, len(found.places)) == (1, 2, 2)


def test_calls_nobody_first_at_the_same_moment_and_where_nobody_reported():
    found = compare(
        [version(10, feature("a"), feature("b", OTHER))], np.array([80.25]), np.array([13.05]), np.array([10])
    )
    assert (found.people_first, found.reported) == (0, 1)
    assert compare([], np.empty(0), np.empty(0), np.empty(0, np.int64)).places == ()


def test_is_asked_of_hazards_only(context: Context):
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        version(1, feature("a"), layer=Layer("wards", "Wards", Role.AREA)),
    )
    with pytest.raises(Invalid):
        first_reports(context.store, context.views.situation, Audience.AGENCY, "wards")


def test_gives_each_hazard_its_reports_while_it_counted(context: Context, clock: FakeClock):
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        version(1, feature("a", valid_from_ms=NOW - 60_000), feature("b", OTHER)),
    )
    ask(context, category="flooding", lon=80.25, lat=13.05, observed_at=moment.rfc3339(NOW - 120_000))
    ask(context, category="flooding", lon=80.25, lat=13.05, observed_at=moment.rfc3339(NOW - 30_000))
    ask(context, category="rescue", lon=80.25, lat=13.05, observed_at=moment.rfc3339(NOW))
    (found,) = crowd_of(context.views.situation, Audience.AGENCY, "flooded")
    assert (found.feature, found.reports, found.agree, found.contradict) == ("a", 2, 1, 0)
    assert (found.first_ms, found.last_ms) == (NOW - 30_000, NOW)


def test_says_who_agrees_with_a_shelter_and_who_does_not(context: Context):
    layer = Layer("shelters", "Shelters", Role.SHELTER)
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        version(1, feature("s", Point(80.25, 13.05), status="open"), layer=layer),
    )
    for status in ("open", "full", "full"):
        ask(context, category="shelter", lon=80.25, lat=13.0501, fields={"status": status})
    ask(context, category="rescue", lon=80.25, lat=13.0501)
    (found,) = crowd_of(context.views.situation, Audience.AGENCY, "shelters")
    assert (found.reports, found.agree, found.contradict) == (4, 1, 2)


def test_counts_reports_in_areas_which_claim_nothing(context: Context):
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        version(1, feature("w"), layer=Layer("wards", "Wards", Role.AREA)),
    )
    ask(context, lon=80.25, lat=13.05)
    (found,) = crowd_of(context.views.situation, Audience.AGENCY, "wards")
    assert (found.reports, found.agree, found.contradict) == (1, None, 0)


@pytest.fixture(scope="module")
def jakarta(shared_data: Path) -> Path:
    return shared_data / "petabencana_jakarta_2017"


@pytest.mark.parametrize("audience", list(Audience))
def test_finds_people_first_in_210_of_291_neighbourhoods_of_jakarta(
    context: Context, clock: FakeClock, jakarta: Path, audience: Audience
):
    clock.set(moment.parse("2017-02-23T00:00:00+07:00")[0])
    mapping = load_mapping(ROOT / "data" / "mappings" / "petabencana.toml")
    for file in sorted(jakarta.glob("reports_*.geojson")):
        rows = [row for row in read_reports(file, mapping) if row.problem is None]
        sent = [ImportRow(r.body, r.lang, r.source or "", r.asks, mapping.bbox) for r in rows]
        keep_rows(context.intake, context.store, context.views, ADMIN, sent)
    # The hours in the names are Jakarta's, as the times in the reports are.
    for file in sorted(jakarta.glob("bpbd_*.geojson"), reverse=True):
        hour = moment.parse(file.stem.removeprefix("bpbd_flooded_areas_") + ":00:00+07:00")[0]
        read = read_layer(file, layer=HAZARD, now_ms=clock())
        put_layer(
            context.store,
            context.views,
            context.clock(),
            AGENCY,
            LayerVersion(HAZARD, 0, clock(), read.features, as_of_ms=hour),
            confirm=HAZARD.id,  # the flood goes down: most of its places are gone in the end
        )
    context.views.situation.wait(context.store.events.revision())
    assert context.views.situation.board(audience).n == sum(
        len(json.loads(file.read_text())["features"]) for file in jakarta.glob("reports_*.geojson")
    )
    found = first_reports(context.store, context.views.situation, audience, "flooded")
    assert (found.versions, len(found.places)) == (7, 291)
    # Two reports leave doubt, so the public knows their cells only.
    assert (found.people_first, found.reported) == ((207, 213) if audience is Audience.PUBLIC else (210, 216))
    ahead = [place.ahead_ms for place in found.places if place.ahead_ms is not None]
    assert ahead == sorted(ahead, reverse=True)
    assert max(ahead) < timedelta(days=3) / timedelta(milliseconds=1)
