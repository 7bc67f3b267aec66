"""Feeds of warnings: the same are in force in any order of arrival, and none is lost for want of a place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.core.layer.source import SourceKind
from crisismap.services.layers import publish as layers
from crisismap.services.layers.feeds import follow, take_back, unfollow
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer
from tests.layers.samples import collection, feature, polygon
from tests.people import AGENCY
from tests.services.deployment import opened
from tests.services.feeding import SQUARE, ask, source
from tests.store.making import bodies_of

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


def live(fed: Context) -> set[str]:
    now = fed.clock()
    features = fed.views.situation.layers["flooded"].features
    return {f.id for f in features if f.valid_from_ms <= now <= f.valid_to_ms}


def test_follows_a_feed_of_warnings_and_fetches_each_once(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
    index(feed, "a", "c")
    ask(fed, feed)
    assert live(fed) == {"a", "c"}
    index(feed, *MESSAGES)
    ask(fed, feed)
    assert live(fed) == {"b"}
    paths = [path for path, _ in feed.asked if path.startswith("/cap/")]
    assert len(paths) == len(set(paths)) == len(MESSAGES)
    assert sorted(bodies_of(fed.store, "flooded")) == sorted(MESSAGES.values()), "byte by byte"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(order=st.permutations(sorted(MESSAGES)), cut=st.integers(0, 7))
def test_has_the_same_warnings_in_force_in_any_order_of_arrival(
    tmp_path: Path, clock: FakeClock, feed: FeedServer, order: list[str], cut: int
):
    folder = tmp_path / f"{''.join(order)}{cut}"
    with opened(folder, clock, CRISISMAP_FETCH_HOSTS=feed.host) as fed:
        follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
        for names in (order[:cut], order[cut:]):  # what was listed before is listed no more
            index(feed, *names)
            ask(fed, feed)
        assert live(fed) == {"b"}


def test_takes_an_index_without_entries_for_a_calm_day(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
    index(feed)
    assert ask(fed, feed).health.error == ""
    assert fed.views.situation.layers["flooded"].features == ()


def test_has_the_good_messages_of_a_feed_and_tries_the_others_again(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
    index(feed, "a", "c")
    feed.pages["/cap/c"] = MESSAGES["c"][:-40]
    sick = ask(fed, feed)
    assert "1 of its messages" in sick.health.error
    assert live(fed) == {"a"}
    feed.pages["/cap/c"] = MESSAGES["c"]
    assert ask(fed, feed).health.error == ""
    assert live(fed) == {"a", "c"}


def test_follows_a_single_message(fed: Context, feed: FeedServer):
    feed.pages["/latest"] = MESSAGES["a"]
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/latest", kind=SourceKind.FEED, format="cap"))
    ask(fed, feed)
    feed.pages["/latest"] = MESSAGES["b"]
    ask(fed, feed)
    assert live(fed) == {"b"}


def test_says_that_a_web_page_is_no_feed(fed: Context, feed: FeedServer):
    for form in ("cap", "nws", "gdacs", "georss"):
        follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format=form))
        feed.mood = "page"
        assert "web page" in ask(fed, feed).health.error


def test_keeps_the_originals_of_a_feed_with_its_version_and_offers_those_for_everybody(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
    index(feed, *MESSAGES)
    ask(fed, feed)
    originals = {each.identifier: each for each in fed.views.situation.layers["flooded"].originals}
    assert sorted(originals) == ["a", "b", "c", "d", "g"], "neither the exercise nor the test"
    for name, original in originals.items():
        assert fed.store.layers.original("flooded", original.id) == MESSAGES[name]
    by_feature = {f.id: f.properties["original"] for f in fed.views.situation.layers["flooded"].features}
    assert by_feature == {name: originals[name].id for name in by_feature}
    unfollow(fed.store, fed.views.rasters, fed.clock(), AGENCY, "flooded")
    assert fed.store.layers.original("flooded", originals["a"].id) == MESSAGES["a"], "the version is kept"


def test_one_bad_time_drops_no_message_of_a_feed(fed: Context, feed: FeedServer, clock: FakeClock):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/index", kind=SourceKind.FEED, format="cap"))
    index(feed, "a", "c")
    sent = f"<sent>{when(700)}</sent>".encode()
    feed.pages["/cap/c"] = MESSAGES["c"].replace(sent, b"<sent>yesterday</sent>")
    assert ask(fed, feed).health.error == ""
    assert live(fed) == {"a", "c"}
    (warning,) = fed.views.situation.layers["flooded"].warnings
    assert warning.startswith("c: sent 'yesterday' cannot be read")
    began = {f.id: f.valid_from_ms for f in fed.views.situation.layers["flooded"].features}["c"]
    clock.advance(minutes=5)
    index(feed, "a", "c", "d")
    feed.pages["/cap/c"] = MESSAGES["c"].replace(sent, b"<sent>yesterday</sent>")
    ask(fed, feed)
    assert live(fed) == {"a"}, "the cancel names it by its sender and identifier"
    ended = {f.id: f for f in fed.views.situation.layers["flooded"].features}
    assert "c" not in ended or ended["c"].valid_from_ms == began


@pytest.mark.parametrize(
    "broken",
    [
        "<polygon>13,80.2 13,80.3</polygon>",
        "<circle>13.05,80.25 wide</circle>",
        "<polygon>north of the river</polygon><circle>13.05</circle>",
        "<polygon>113,80.2 13,80.3 13.1,80.3 113,80.2</polygon>",
        "",
    ],
)
def test_a_bad_area_is_placed_by_its_code_beside_the_good_one(fed: Context, feed: FeedServer, broken: str):
    area = (
        f"<area><areaDesc>Guindy</areaDesc>{broken}<geocode><valueName>P</valueName><value>G1</value></geocode></area>"
    )
    feed.pages["/latest"] = MESSAGES["a"].replace(b"</info>", f"{area}</info>".encode())
    square = [[80.5, 13.5], [80.6, 13.5], [80.6, 13.6], [80.5, 13.6], [80.5, 13.5]]
    wards = collection(feature(polygon(SQUARE), "A1", name="Adyar"), feature(polygon(square), "G1", name="Guindy"))
    layers.put_layer_bytes(fed, AGENCY, "wards", "area", wards)
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/latest", kind=SourceKind.FEED, format="cap"))
    assert ask(fed, feed).health.error == ""
    assert live(fed) == {"a", "a~named"}
    version = fed.views.situation.layers["flooded"]
    by_id = {f.id: f.geometry.bounds for f in version.features if f.geometry is not None}
    assert by_id == {"a": (80.2, 13.0, 80.3, 13.1), "a~named": (80.5, 13.5, 80.6, 13.6)}
    assert any("area 'Guindy'" in note for note in version.notes) is bool(broken)


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
    fed: Context, feed: FeedServer, clock: FakeClock
):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/nws", kind=SourceKind.FEED, format="nws"))
    feed.pages["/nws"] = nws("one", "two")
    ask(fed, feed)
    assert fed.views.situation.layers["flooded"].unlocated == 2
    layers.put_layer_bytes(
        fed, AGENCY, "counties", "area", collection(feature(polygon(SQUARE), "48201", name="Harris"))
    )
    placed = fed.views.situation.layers["flooded"]
    assert (placed.unlocated, placed.version) == (0, 2)
    clock.advance(minutes=10)
    feed.pages["/nws"] = nws("two")
    ask(fed, feed)
    assert live(fed) == {"two"}
    assert {f.id for f in fed.views.situation.layers["flooded"].features} == {"one", "two"}
    feed.pages["/nws"] = collection()
    clock.advance(minutes=1)
    ask(fed, feed)
    assert live(fed) == set()
    take_back(fed.store, fed.views, fed.clock(), AGENCY, "counties")
    assert fed.views.situation.layers["flooded"].unlocated == 2
