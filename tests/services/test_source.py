"""Layers come in by themselves: the last good version stays, whatever the other side does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.errors import CrisismapError, Forbidden, Invalid, Malformed, NotFound, NotSignedIn, Unreachable
from crisismap.core.person import STRANGER
from crisismap.core.source import Followed, Kind, Source
from crisismap.jobs.feeds import refresh_feeds
from crisismap.layers.fetch import Bounds, Client
from crisismap.services import layer as layers
from crisismap.services.context import Context
from crisismap.services.source import follow, go_back, preview, refresh, take_back, unfollow
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import collection, feature, point, polygon
from tests.people import AGENCY, RESPONDER
from tests.services.deployment import opened

SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]
FLOODED = collection(feature(polygon(SQUARE), 1, name="Adyar"))
MORE = collection(feature(polygon(SQUARE), 1, name="Adyar"), feature(point(80.1, 13.2), 2, name="Mudichur"))
QUICK = Bounds(total_s=1.0, connect_s=0.5, silence_s=0.5)


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.pages["/flood.geojson"] = FLOODED
        yield one


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock, feed: FeedServer) -> Iterator[Context]:
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=feed.host) as one:
        yield one


def source(feed: FeedServer, path: str = "/flood.geojson", **more: object) -> Source:
    said = {"kind": Kind.FILE, "title": "Flooded", "role": "hazard", "licence": "CC0", "refresh_s": 60} | more
    return Source(layer_id="flooded", url=feed.url(path), **said)


def ask(context: Context, feed: FeedServer) -> Followed:
    """Ask the one source now, whether it is due or not; how it stands then."""
    (followed,) = context.store.followed()
    refresh(context, followed, Client(frozenset({feed.host}), QUICK))
    (followed,) = context.store.followed()
    return followed


def version(context: Context) -> int:
    held = context.situation.layers.get("flooded")
    return held.version if held else 0


def test_comes_in_at_once_and_again_when_it_is_due(context: Context, feed: FeedServer, clock: FakeClock):
    follow(context, AGENCY, source(feed))
    refresh_feeds(context)
    assert version(context) == 1
    feed.pages["/flood.geojson"] = MORE
    refresh_feeds(context)
    assert (version(context), len(feed.asked)) == (1, 1), "not due yet"
    clock.advance(seconds=60)
    refresh_feeds(context)
    assert version(context) == 2
    assert [check.outcome for check in context.store.diary("flooded")] == ["new", "new"]


def test_makes_no_version_of_what_has_not_changed(context: Context, feed: FeedServer, clock: FakeClock):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    clock.advance(minutes=5)
    now = ask(context, feed)
    assert feed.asked[-1][1]["if-none-match"] == now.health.etag != ""
    assert (version(context), now.health.good_ms) == (1, clock())


@pytest.mark.parametrize(
    ("mood", "named", "outcome"),
    [
        ("error", "answered 500", "failed"),
        ("page", "web page", "refused"),
        ("half", "connection failed", "failed"),
        ("short", "ends in the middle", "refused"),
        ("drip", "in time", "failed"),
        ("redirect", "not a public one", "failed"),
    ],
)
def test_keeps_the_last_good_version_and_says_why(
    context: Context, feed: FeedServer, clock: FakeClock, mood: str, named: str, outcome: str
):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    loaded = clock()
    clock.advance(minutes=5)
    with feed_server() as inside:
        feed.mood, feed.location = mood, inside.url("/flood.geojson")
        sick = ask(context, feed)
        assert inside.asked == []
    assert named in sick.health.error
    assert (sick.health.failures, sick.health.good_ms, sick.health.checked_ms) == (1, loaded, clock())
    assert context.store.diary("flooded")[0].outcome == outcome
    assert version(context) == 1
    # Again and again the same is one line, and it is asked more and more seldom.
    waits = []
    for _ in range(8):
        sick = ask(context, feed)
        waits.append(sick.health.due_ms - clock())
    assert len(context.store.diary("flooded")) == 2
    assert waits == sorted(waits) and waits[-1] == 3_600_000
    feed.mood = ""
    well = ask(context, feed)
    assert (well.health.error, well.health.failures, version(context)) == ("", 0, 1)
    assert context.store.diary("flooded")[0].outcome == "good"


def test_refuses_a_version_of_which_most_is_bad_with_counts_and_reasons(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    bad = [feature(None, n) for n in range(3)]
    feed.pages["/flood.geojson"] = collection(feature(point(80.1, 13.1), 9), *bad)
    assert "3 of 4 features cannot be used" in ask(context, feed).health.error
    assert "no geometry" in context.store.diary("flooded")[0].detail
    assert version(context) == 1
    feed.pages["/flood.geojson"] = collection(*[feature(point(80.1, 13.1), n) for n in range(7)], *bad)
    ask(context, feed)
    assert context.situation.layers["flooded"].refused == 3


@pytest.mark.parametrize(
    "body",
    [
        collection(),
        b"",
        b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>',
        collection(feature(point(500_000, 1_400_000), 1)),
    ],
)
def test_refuses_what_is_no_layer(context: Context, feed: FeedServer, body: bytes):
    follow(context, AGENCY, source(feed))
    feed.pages["/flood.geojson"] = body
    assert ask(context, feed).health.error
    assert version(context) == 0


def test_lets_a_source_that_fails_stop_no_other(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed, "/none"))
    feed.pages["/b"] = FLOODED
    other = Source(layer_id="other", title="Other", role="hazard", kind=Kind.FILE, url=feed.url("/b"))
    follow(context, AGENCY, other)
    refresh_feeds(context)
    assert set(context.situation.layers) == {"other"}


def test_shows_before_anything_is_kept(context: Context, feed: FeedServer):
    shown = preview(context, AGENCY, source(feed))
    assert [f.name for f in shown.features] == ["Adyar"]
    assert context.store.followed() == [] and context.situation.layers == {}
    with pytest.raises(Unreachable):
        preview(context, AGENCY, source(feed, "/none"))
    with pytest.raises(Malformed):
        feed.mood = "page"
        preview(context, AGENCY, source(feed))


def test_takes_a_layer_back(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    take_back(context, AGENCY, "flooded")
    assert context.situation.layers == {} and context.store.followed() == []
    assert [head.version for head in context.store.layer_versions("flooded")] == [1]
    with pytest.raises(NotFound):
        take_back(context, AGENCY, "flooded")
    assert go_back(context, AGENCY, "flooded", 1).version == 2
    assert set(context.situation.layers) == {"flooded"}


def test_takes_a_layer_back_that_never_came(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed, "/none"))
    take_back(context, AGENCY, "flooded")
    assert context.store.followed() == []


def test_goes_back_to_a_version(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    feed.pages["/flood.geojson"] = MORE
    ask(context, feed)
    again = go_back(context, AGENCY, "flooded", 1)
    assert (again.version, [f.name for f in again.features], again.notes) == (3, ["Adyar"], ("version 1 again",))
    assert [head.count for head in context.store.layer_versions("flooded")] == [1, 2, 1]
    with pytest.raises(NotFound):
        go_back(context, AGENCY, "flooded", 9)


def test_stops_asking(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed))
    ask(context, feed)
    unfollow(context, AGENCY, "flooded")
    assert context.store.followed() == [] and version(context) == 1
    with pytest.raises(NotFound):
        unfollow(context, AGENCY, "flooded")


@pytest.mark.parametrize(("person", "kind"), [(STRANGER, NotSignedIn), (RESPONDER, Forbidden)])
def test_is_for_agencies_only(context: Context, feed: FeedServer, person, kind: type[CrisismapError]):
    for act in (
        lambda: preview(context, person, source(feed)),
        lambda: follow(context, person, source(feed)),
        lambda: unfollow(context, person, "flooded"),
        lambda: take_back(context, person, "flooded"),
        lambda: go_back(context, person, "flooded", 1),
    ):
        with pytest.raises(kind):
            act()
    assert feed.asked == []


def test_refuses_a_source_that_is_none(context: Context, feed: FeedServer):
    with pytest.raises(Invalid, match="url"):
        follow(context, AGENCY, Source("x", "X", "hazard", Kind.FILE, "file:///etc/passwd"))
    with pytest.raises(Invalid, match="role"):
        follow(context, AGENCY, source(feed, role="park"))


# Warnings


def cap(name: str, sent_s: int, kind: str = "Alert", *ends: tuple[str, int], status: str = "Actual") -> bytes:
    """A message of the day of the fixtures' clock, sent so many seconds before it, in force for an hour."""
    references = " ".join(f"met@example.org,{other},{when(other_s)}" for other, other_s in ends)
    info = (
        f"<info><event>Flood</event><expires>{when(sent_s - 3600)}</expires><area><areaDesc>Adyar</areaDesc>"
        "<polygon>13,80.2 13,80.3 13.1,80.3 13,80.2</polygon></area></info>"
    )
    return (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{name}</identifier><sender>met@example.org</sender><sent>{when(sent_s)}</sent>"
        f"<status>{status}</status><msgType>{kind}</msgType><scope>Public</scope>"
        f"<references>{references}</references>{info if kind != 'Cancel' else ''}</alert>"
    ).encode()


def when(before_s: int) -> str:
    return datetime.fromtimestamp(1_449_037_800 - before_s, UTC).isoformat()


MESSAGES = {
    "a": cap("a", 900),
    "b": cap("b", 600, "Update", ("a", 900)),
    "c": cap("c", 700),
    "d": cap("d", 300, "Cancel", ("c", 700)),
    "e": cap("e", 200, status="Exercise"),
    "f": cap("f", 100, "Cancel", ("b", 600), status="Test"),
    "g": cap("g", 7200),
}


def index(feed: FeedServer, *names: str) -> None:
    """The feed lists these."""
    entries = "".join(
        f'<entry><id>{name}</id><title>{name}</title><link type="application/cap+xml" href="/cap/{name}"/></entry>'
        for name in names
    )
    feed.pages["/index"] = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>w</title>{entries}</feed>'.encode()
    feed.pages |= {f"/cap/{name}": MESSAGES[name] for name in names}


def live(context: Context) -> set[str]:
    now = context.clock()
    features = context.situation.layers["flooded"].features
    return {f.id for f in features if f.valid_from_ms <= now <= f.valid_to_ms}


def test_follows_a_feed_of_warnings_and_fetches_each_once(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed, "/index", kind=Kind.FEED, format="cap"))
    index(feed, "a", "c")
    ask(context, feed)
    assert live(context) == {"a", "c"}
    index(feed, *MESSAGES)
    ask(context, feed)
    assert live(context) == {"b"}
    paths = [path for path, _ in feed.asked if path.startswith("/cap/")]
    assert len(paths) == len(set(paths)) == len(MESSAGES)
    assert sorted(context.store.alert_bodies("flooded")) == sorted(MESSAGES.values()), "byte by byte"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations(sorted(MESSAGES)), cut=st.integers(0, 7))
def test_has_the_same_warnings_in_force_in_any_order_of_arrival(
    tmp_path: Path, clock: FakeClock, feed: FeedServer, order: list[str], cut: int
):
    folder = tmp_path / f"{''.join(order)}{cut}"
    with opened(folder, clock, CRISISMAP_FETCH_HOSTS=feed.host) as context:
        follow(context, AGENCY, source(feed, "/index", kind=Kind.FEED, format="cap"))
        for names in (order[:cut], order[cut:]):  # what was listed before is listed no more
            index(feed, *names)
            ask(context, feed)
        assert live(context) == {"b"}


def test_takes_an_index_without_entries_for_a_calm_day(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed, "/index", kind=Kind.FEED, format="cap"))
    index(feed)
    assert ask(context, feed).health.error == ""
    assert context.situation.layers["flooded"].features == ()


def test_has_the_good_messages_of_a_feed_and_tries_the_others_again(context: Context, feed: FeedServer):
    follow(context, AGENCY, source(feed, "/index", kind=Kind.FEED, format="cap"))
    index(feed, "a", "c")
    feed.pages["/cap/c"] = MESSAGES["c"][:-40]
    sick = ask(context, feed)
    assert "1 of its messages" in sick.health.error
    assert live(context) == {"a"}
    feed.pages["/cap/c"] = MESSAGES["c"]
    assert ask(context, feed).health.error == ""
    assert live(context) == {"a", "c"}


def test_follows_a_single_message(context: Context, feed: FeedServer):
    feed.pages["/latest"] = MESSAGES["a"]
    follow(context, AGENCY, source(feed, "/latest", kind=Kind.FEED, format="cap"))
    ask(context, feed)
    feed.pages["/latest"] = MESSAGES["b"]
    ask(context, feed)
    assert live(context) == {"b"}


# By code


def nws(*names: str) -> bytes:
    said = {
        "messageType": "Alert",
        "references": [],
        "status": "Actual",
        "scope": "Public",
        "sender": "w",
        "event": "Flood Warning",
        "sent": when(60),
        "effective": when(60),
        "expires": when(-3600),
        "geocode": {"SAME": ["048201"], "UGC": []},
    }
    return collection(*[feature(None, name, id=name, areaDesc="Harris", **said) for name in names])


def test_places_by_code_when_the_areas_come_and_ends_what_is_told_no_more(
    context: Context, feed: FeedServer, clock: FakeClock
):
    follow(context, AGENCY, source(feed, "/nws", kind=Kind.FEED, format="nws"))
    feed.pages["/nws"] = nws("one", "two")
    ask(context, feed)
    assert context.situation.layers["flooded"].unlocated == 2
    layers.put_layer_bytes(
        context, AGENCY, "counties", "area", collection(feature(polygon(SQUARE), "48201", name="Harris"))
    )
    placed = context.situation.layers["flooded"]
    assert (placed.unlocated, placed.version) == (0, 2)
    clock.advance(minutes=10)
    feed.pages["/nws"] = nws("two")
    ask(context, feed)
    assert live(context) == {"two"}
    assert {f.id for f in context.situation.layers["flooded"].features} == {"one", "two"}
    feed.pages["/nws"] = collection()
    clock.advance(minutes=1)
    ask(context, feed)
    assert live(context) == set()
    take_back(context, AGENCY, "counties")
    assert context.situation.layers["flooded"].unlocated == 2


# Services


def test_reads_all_pages_of_ogc_api_features(context: Context, feed: FeedServer):
    items = "/collections/flood%20zones/items"
    first = json.loads(collection(feature(point(80.1, 13.1), 1))) | {
        "links": [{"rel": "next", "href": items + "?page=2"}]
    }
    feed.pages[items] = json.dumps(first).encode()
    feed.pages[items + "?page=2"] = collection(feature(point(80.2, 13.1), 2))
    follow(context, AGENCY, source(feed, "", kind=Kind.SERVICE, format="ogc", name="flood zones"))
    ask(context, feed)
    assert [f.id for f in context.situation.layers["flooded"].features] == ["1", "2"]
    assert "limit=1000" in feed.asked[0][0]


def test_reads_a_wfs_in_longitude_latitude(context: Context, feed: FeedServer):
    page = json.loads(collection(feature(point(80.1, 13.1), 1))) | {"numberMatched": 2}
    feed.pages["/wfs"] = json.dumps(page).encode()
    follow(context, AGENCY, source(feed, "/wfs?map=x", kind=Kind.SERVICE, format="wfs", name="city:flood"))
    ask(context, feed)
    first, second = (path for path, _ in feed.asked)
    assert "map=x" in first and "typeNames=city%3Aflood" in first and "CRS84" in first and "startIndex=0" in first
    assert "startIndex=1" in second
    assert len(context.situation.layers["flooded"].features) == 2


def test_reads_an_arcgis_feature_server_and_its_errors(context: Context, feed: FeedServer):
    feed.pages["/FeatureServer/0/query"] = json.dumps({"error": {"code": 400, "message": "Invalid query"}}).encode()
    follow(context, AGENCY, source(feed, "/FeatureServer", kind=Kind.SERVICE, format="arcgis", name="0"))
    assert "Invalid query" in ask(context, feed).health.error
    page = json.loads(collection(feature(point(80.1, 13.1), 1))) | {"exceededTransferLimit": False}
    feed.pages["/FeatureServer/0/query"] = json.dumps(page).encode()
    assert ask(context, feed).health.error == ""
    assert "outSR=4326" in feed.asked[-1][0]


def test_goes_round_in_no_circle(context: Context, feed: FeedServer):
    items = "/collections/x/items"
    page = json.loads(collection(feature(point(80.1, 13.1), 1))) | {"links": [{"rel": "next", "href": items + "?p=2"}]}
    feed.pages[items] = json.dumps(page).encode()
    follow(context, AGENCY, source(feed, "", kind=Kind.SERVICE, format="ogc", name="x"))
    assert "follows on itself" in ask(context, feed).health.error
