"""What was known when: for whom, bounded, following what must not be shown any more; and Jakarta hour by hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box

from crisismap import bootstrap
from crisismap.channels.file.mapping import load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.core import moment
from crisismap.core.errors import Invalid, NotFound, Unavailable
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.layers.read import read_layer
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.layers.publish import put_layer
from crisismap.services.lists import read as lists
from crisismap.services.lists.past import layers_at, numbers
from crisismap.services.reporter import erasure
from crisismap.services.runtime import time_travel
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.settings import ROOT
from crisismap.situation.board.selection import ALL, Selection
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.planted import Planted, inside
from tests.services.deployment import ask
from tests.situation import vector_tile

MINUTE = 60_000
HAZARD = Layer("flooded", "Flooded", Role.HAZARD)
JAKARTA = timezone(timedelta(hours=7))


def feature(id: str) -> Feature:
    return Feature(id, f"name {id}", "", box(80.2, 13.0, 80.3, 13.1), {})


def put(context: Context, *features: Feature, as_of_ms: int | None = None) -> LayerVersion:
    version = put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        LayerVersion(HAZARD, 0, context.clock(), features, as_of_ms=as_of_ms),
    )
    assert context.views.situation.wait(context.store.events.revision())
    return version


def test_counts_what_was_known_as_it_stood(context: Context, clock: FakeClock) -> None:
    began = clock()
    one, _ = ask(context)
    clock.advance(minutes=30)
    acts.claim(context, RESPONDER, one, None).result()
    ask(context, category="water_food")
    clock.advance(minutes=30)
    acts.answer(context, RESPONDER, one, None, note="done").result()
    assert context.views.situation.wait(context.store.events.revision())
    found = [numbers(context.store, context.views, Audience.AGENCY, began + at * MINUTE) for at in (-1, 0, 30, 60)]
    assert [(each["reports"], each["requests"], each["unanswered"]) for each in found] == [
        (0, 0, 0),
        (1, 1, 1),
        (2, 2, 2),
        (2, 2, 1),
    ]
    assert found[1]["at"] == moment.rfc3339(began)
    now = lists.situation(context.views, context.clock(), RESPONDER)
    for name in ("reports", "requests", "unanswered", "overdue", "unplaced", "by_area", "by_category", "layers"):
        assert found[-1][name] == now[name], name
    assert found[-1].keys() == {*now, "at"}


def test_tells_the_public_no_more_than_its_ten_minutes(context: Context, clock: FakeClock) -> None:
    began = clock.advance(minutes=3)
    ask(context, text="on the roof at Gandhi Street")
    ask(context, category="medical")
    clock.advance(minutes=30)
    whole = [context.views.history.at(Audience.AGENCY, began + at * MINUTE).board.n for at in range(-4, 9)]
    public = [context.views.history.at(Audience.PUBLIC, began + at * MINUTE).board.n for at in range(-4, 9)]
    assert whole == [0] * 4 + [2] * 9
    assert public == [0] * 11 + [1] * 2  # known at 06:33, told from 06:40 on
    told = context.views.history.at(Audience.PUBLIC, clock()).board
    assert (told["lon"][0], told["lat"][0]) != (80.25, 13.05)
    categories = {
        each["category"]: each
        for each in numbers(context.store, context.views, Audience.PUBLIC, clock())["by_category"]
    }
    assert categories["medical"]["reports"] is None


def test_has_each_layer_in_the_version_that_was_known(context: Context, clock: FakeClock) -> None:
    began = clock()
    assert layers_at(context.store, context.views.situation, began) == []
    put(context, feature("a"))
    clock.advance(minutes=10)
    put(context, feature("a"), feature("b"))
    put(context, feature("c"), as_of_ms=began - 60 * MINUTE)  # comes late, and shows what was known an hour before
    found = {}
    for at in (-61, -60, -1, 0, 9, 10, 20):
        [then] = layers_at(context.store, context.views.situation, began + at * MINUTE)
        found[at] = then.head.version if then.head else None
    assert found == {-61: None, -60: 3, -1: 3, 0: 1, 9: 1, 10: 2, 20: 2}
    assert [each.id for each in context.views.history.version("flooded", 1).features] == ["a"]
    shown = numbers(context.store, context.views, Audience.AGENCY, began + 5 * MINUTE)["layers"]
    assert shown == [{"id": "flooded", "role": "hazard", "age_s": 300, "version": 1, "features": 1}]
    with pytest.raises(NotFound):
        context.views.history.version("flooded", 9)
    context.store.layers.prune("flooded", 1).result()
    [then] = layers_at(context.store, context.views.situation, began)
    assert (then.head is not None, then.pruned) == (True, True)


def test_shows_nothing_any_more_that_was_erased(context: Context, clock: FakeClock) -> None:
    began = clock()
    one, code = ask(context)
    ask(context)
    clock.advance(minutes=30)
    assert [context.views.history.at(audience, clock()).board.n for audience in Audience] == [2, 2]
    erasure.erase_by_code(context.store, context.views, context.settings, context.clock(), COMMAND_LINE, code)
    assert context.views.situation.wait(context.store.events.revision())
    for audience in Audience:
        for at_ms in (began + 10 * MINUTE, clock()):
            board = context.views.history.at(audience, at_ms).board
            assert board.has_place.tolist() == [False, True]  # that there was one is still counted
            assert board.row_of_id(bytes.fromhex(one.replace("-", ""))) == 0


def test_makes_a_moment_once_while_nothing_of_it_changes(context: Context, clock: FakeClock) -> None:
    began = clock()
    one, _ = ask(context)
    clock.advance(minutes=1)
    first = context.views.history.at(Audience.AGENCY, began)
    assert context.views.history.at(Audience.AGENCY, began + 59_000) is first  # a minute is one moment
    index = context.views.history.index(first, ALL)
    ask(context)
    assert context.views.history.at(Audience.AGENCY, began) is first
    assert context.views.history.index(first, ALL) is index
    assert index.count == 1
    clock.advance(seconds=11)
    acts.claim(context, RESPONDER, one, None).result()
    assert context.views.situation.wait(context.store.events.revision())
    assert context.views.history.at(Audience.AGENCY, began) is first  # made again, and come out alike
    assert context.views.history.index(first, Selection(state=("claimed",))).count == 0
    acts.place(context, RESPONDER, one, None, Placement(80.3, 13.1, None, "call")).result()
    assert context.views.situation.wait(context.store.events.revision())
    again = context.views.history.at(Audience.AGENCY, began)
    assert (again.board.n, again.serial > first.serial) == (1, True)
    assert context.views.history.index(again, ALL).count == 0


def test_holds_a_bounded_number_of_moments(context: Context, clock: FakeClock, monkeypatch) -> None:
    ask(context)
    clock.advance(hours=2)
    for minutes in range(2 * time_travel.MOST_MOMENTS):
        context.views.history.at(Audience.AGENCY, clock() - minutes * MINUTE)
    assert len(context.views.history._moments) == time_travel.MOST_MOMENTS
    monkeypatch.setattr(time_travel, "MOST_ROWS", 3)
    newest = context.views.history.at(Audience.AGENCY, clock())
    assert list(context.views.history._moments.values())[-1] is newest
    assert len(context.views.history._moments) == 3
    for category in ("rescue", "medical", "other", "shelter", "flooding", "transport"):
        context.views.history.index(newest, Selection(category=(category,)))
    assert len(newest._indexes) == time_travel.MOST_INDEXES


def test_says_when_it_cannot(context: Context, clock: FakeClock, monkeypatch) -> None:
    with pytest.raises(Invalid, match="at: lies in the future"):
        context.views.history.at(Audience.AGENCY, clock() + MINUTE)
    monkeypatch.setattr(context.views.history._turn, "_patience_s", 0.01)
    with context.views.history._turn.turn(), pytest.raises(Unavailable, match="the live map goes on"):
        context.views.history.at(Audience.AGENCY, clock())


# Jakarta, February 2017: 1,204 reports and seven official versions, as they are published.


@pytest.fixture(scope="module")
def jakarta(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Planted, Path]]:
    """The real set behind the real program, loaded at once; its own times say what was known when."""
    folder = shared_data / "petabencana_jakarta_2017"
    with inside(tmp_path_factory.mktemp("jakarta") / "data") as held:
        context = bootstrap.current()
        mapping = load_mapping(ROOT / "data" / "mappings" / "petabencana.toml")
        for file in sorted(folder.glob("reports_*.geojson")):
            rows = [row for row in read_reports(file, mapping) if row.problem is None]
            sent = [ImportRow(r.body, r.lang, r.source or "", r.asks, mapping.bbox) for r in rows]
            keep_rows(context.intake, context.store, context.views, COMMAND_LINE, sent)
        for file in sorted(folder.glob("bpbd_*.geojson"), reverse=True):
            read = read_layer(file, layer=HAZARD, now_ms=context.clock())
            shows = moment.to_ms(hour_of(file))
            put_layer(
                context.store,
                context.views,
                context.clock(),
                AGENCY,
                LayerVersion(HAZARD, 0, context.clock(), read.features, as_of_ms=shows),
                confirm=HAZARD.id,
            )
        assert context.views.situation.wait(context.store.events.revision())
        yield held, folder


def hour_of(file: Path) -> datetime:
    """The hours in the names are Jakarta's, as the times in the reports are."""
    return datetime.strptime(file.stem.removeprefix("bpbd_flooded_areas_"), "%Y-%m-%dT%H").replace(tzinfo=JAKARTA)


def members(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text())["features"])


@pytest.mark.parametrize("audience", list(Audience))
def test_replays_jakarta_hour_by_hour(jakarta: tuple[Planted, Path], audience: Audience) -> None:
    """At each hour the reports of by then, and the areas of the official version of then, as the files say."""
    held, folder = jakarta
    created = sorted(
        datetime.fromisoformat(each["properties"]["created_at"]).replace(tzinfo=JAKARTA)
        for file in folder.glob("reports_*.geojson")
        for each in members(file)
    )
    official = {
        hour_of(file): [str(m["properties"]["geom_id"]) for m in members(file)] for file in folder.glob("bpbd_*")
    }
    hour = created[0].replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    end = max(created[-1], *official) + timedelta(hours=2)
    seen, different = 0, set()
    with held.client(held.admin if audience is Audience.AGENCY else None) as client:
        while hour < end:
            at = hour.astimezone(UTC).isoformat()
            found = client.get("/api/v1/situation", params={"at": at}).json()
            # What the public is told of a minute begins with its ten minutes: the very moment is not over for it.
            known = sum(each < hour or (each == hour and audience is Audience.AGENCY) for each in created)
            assert found["reports"] == known, hour
            tile = client.get("/api/v1/tiles/0/0/0.mvt", params={"at": at}).content
            assert drawn(tile) == known, hour
            newest = max((each for each in official if each <= hour), default=None)
            shown: list[str] = []
            for layer in found["layers"]:
                path = f"/api/v1/layers/{layer['id']}.geojson"
                body = client.get(path, params={"version": layer["version"], "at": at}).json()
                shown = [each["id"] for each in body["features"]]
                assert layer["age_s"] == (hour - newest).total_seconds() if newest else False
            assert sorted(shown) == sorted(official[newest] if newest else []), hour
            seen, hour = seen + 1, hour + timedelta(hours=1)
            different.add(newest)
    assert (seen > 50, len(official), len(different)) == (True, 7, 8)  # the seven, and none before the first


def drawn(tile: bytes) -> int:
    """How many reports a tile of the whole world draws or counts."""
    layers = vector_tile.read(tile)
    clusters = sum(each.properties["count"] for each in layers.get("clusters", []))
    return len(layers.get("reports", [])) + int(clusters)
