"""Layers come in by themselves: the last good version stays, whatever the other side does."""

from __future__ import annotations

import json

import pytest

from crisismap.core.errors import CrisismapError, Forbidden, Invalid, Malformed, NotFound, NotSignedIn, Unreachable
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.people.person import STRANGER
from crisismap.jobs.feeds import refresh_feeds
from crisismap.services.layers.feeds import follow, go_back, preview, public_error, server_message, take_back, unfollow
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import SQUARE, collection, feature, point, polygon
from tests.people import AGENCY, RESPONDER
from tests.services.feeding import FLOODED, MORE, ask, source, version


def test_comes_in_at_once_and_again_when_it_is_due(fed: Context, feed: FeedServer, clock: FakeClock):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    refresh_feeds(fed)
    assert version(fed) == 1
    feed.pages["/flood.geojson"] = MORE
    refresh_feeds(fed)
    assert (version(fed), len(feed.asked)) == (1, 1), "not due yet"
    clock.advance(seconds=60)
    refresh_feeds(fed)
    assert version(fed) == 2
    assert [check.outcome for check in fed.store.layers.fetch_log("flooded")] == ["new", "new"]


def test_makes_no_version_of_what_has_not_changed(fed: Context, feed: FeedServer, clock: FakeClock):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    clock.advance(minutes=5)
    now = ask(fed, feed)
    assert feed.asked[-1][1]["if-none-match"] == now.health.etag != ""
    assert (version(fed), now.health.good_ms) == (1, clock())


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
    fed: Context, feed: FeedServer, clock: FakeClock, mood: str, named: str, outcome: str
):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    loaded = clock()
    clock.advance(minutes=5)
    with feed_server() as inside:
        feed.mood, feed.location = mood, inside.url("/flood.geojson")
        sick = ask(fed, feed)
        assert inside.asked == []
    assert named in sick.health.error
    assert (sick.health.failures, sick.health.good_ms, sick.health.checked_ms) == (1, loaded, clock())
    assert fed.store.layers.fetch_log("flooded")[0].outcome == outcome
    assert version(fed) == 1
    # Again and again the same is one line, and it is asked more and more seldom.
    waits = []
    for _ in range(8):
        sick = ask(fed, feed)
        waits.append(sick.health.due_ms - clock())
    assert len(fed.store.layers.fetch_log("flooded")) == 2
    assert waits == sorted(waits) and waits[-1] == 3_600_000
    feed.mood = ""
    well = ask(fed, feed)
    assert (well.health.error, well.health.failures, version(fed)) == ("", 0, 1)
    assert fed.store.layers.fetch_log("flooded")[0].outcome == "good"


def test_waits_from_the_end_of_a_fetch_that_failed(fed: Context, feed: FeedServer, clock: FakeClock):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    began = clock()

    def slow(_path: str) -> None:
        clock.advance(minutes=5)

    feed.answers = slow
    health = ask(fed, feed).health
    assert (health.failures, health.checked_ms) == (1, clock())
    assert clock() > began
    assert health.due_ms > clock(), "asked again at once, it would keep the other sources waiting"


def test_refuses_a_version_of_which_most_is_bad_with_counts_and_reasons(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    bad = [feature(None, n) for n in range(3)]
    feed.pages["/flood.geojson"] = collection(feature(point(80.1, 13.1), 9), *bad)
    assert "3 of 4 features cannot be used" in ask(fed, feed).health.error
    assert "no geometry" in fed.store.layers.fetch_log("flooded")[0].detail
    assert version(fed) == 1
    feed.pages["/flood.geojson"] = collection(*[feature(point(80.1, 13.1), n) for n in range(7)], *bad)
    ask(fed, feed)
    assert fed.views.situation.layers["flooded"].refused == 3


@pytest.mark.parametrize(
    "body",
    [
        collection(),
        b"",
        b"<OGRVRTDataSource><OGRVRTLayer><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        b'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>',
        collection(feature(point(500_000, 1_400_000), 1)),
    ],
)
def test_refuses_what_is_no_layer(fed: Context, feed: FeedServer, body: bytes):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    feed.pages["/flood.geojson"] = body
    assert ask(fed, feed).health.error
    assert version(fed) == 0


def test_lets_a_source_that_fails_stop_no_other(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/none"))
    feed.pages["/b"] = FLOODED
    other = LayerSource(layer_id="other", title="Other", role="hazard", kind=SourceKind.FILE, url=feed.url("/b"))
    follow(fed.store, fed.views, fed.clock(), AGENCY, other)
    refresh_feeds(fed)
    assert set(fed.views.situation.layers) == {"other"}


def test_shows_before_anything_is_kept(fed: Context, feed: FeedServer):
    shown = preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), AGENCY, source(feed))
    assert [f.name for f in shown.features] == ["Adyar"]
    assert fed.store.layers.sources() == [] and fed.views.situation.layers == {}
    with pytest.raises(Unreachable):
        preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), AGENCY, source(feed, "/none"))
    with pytest.raises(Malformed):
        feed.mood = "page"
        preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), AGENCY, source(feed))


def test_takes_a_layer_back(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    take_back(fed.store, fed.views, fed.clock(), AGENCY, "flooded")
    assert fed.views.situation.layers == {} and fed.store.layers.sources() == []
    assert [head.version for head in fed.store.layers.versions("flooded")] == [1]
    with pytest.raises(NotFound):
        take_back(fed.store, fed.views, fed.clock(), AGENCY, "flooded")
    assert go_back(fed.store, fed.views.situation, fed.clock(), AGENCY, "flooded", 1).version == 2
    assert set(fed.views.situation.layers) == {"flooded"}


def test_takes_a_layer_back_that_never_came(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/none"))
    take_back(fed.store, fed.views, fed.clock(), AGENCY, "flooded")
    assert fed.store.layers.sources() == []


def test_goes_back_to_a_version(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    feed.pages["/flood.geojson"] = MORE
    ask(fed, feed)
    again = go_back(fed.store, fed.views.situation, fed.clock(), AGENCY, "flooded", 1)
    assert (again.version, [f.name for f in again.features], again.notes) == (3, ["Adyar"], ("version 1 again",))
    assert [head.count for head in fed.store.layers.versions("flooded")] == [1, 2, 1]
    with pytest.raises(NotFound):
        go_back(fed.store, fed.views.situation, fed.clock(), AGENCY, "flooded", 9)


def test_stops_asking(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    ask(fed, feed)
    unfollow(fed.store, fed.views.rasters, fed.clock(), AGENCY, "flooded")
    assert fed.store.layers.sources() == [] and version(fed) == 1
    with pytest.raises(NotFound):
        unfollow(fed.store, fed.views.rasters, fed.clock(), AGENCY, "flooded")


@pytest.mark.parametrize(("person", "kind"), [(STRANGER, NotSignedIn), (RESPONDER, Forbidden)])
def test_is_for_agencies_only(fed: Context, feed: FeedServer, person, kind: type[CrisismapError]):
    for act in (
        lambda: preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), person, source(feed)),
        lambda: follow(fed.store, fed.views, fed.clock(), person, source(feed)),
        lambda: unfollow(fed.store, fed.views.rasters, fed.clock(), person, "flooded"),
        lambda: take_back(fed.store, fed.views, fed.clock(), person, "flooded"),
        lambda: go_back(fed.store, fed.views.situation, fed.clock(), person, "flooded", 1),
    ):
        with pytest.raises(kind):
            act()
    assert feed.asked == []


def test_refuses_a_source_that_is_none(fed: Context, feed: FeedServer):
    with pytest.raises(Invalid, match="url"):
        follow(
            fed.store,
            fed.views,
            fed.clock(),
            AGENCY,
            LayerSource("x", "X", "hazard", SourceKind.FILE, "file:///etc/passwd"),
        )
    with pytest.raises(Invalid, match="role"):
        follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, role="park"))


# Services


def test_reads_all_pages_of_ogc_api_features(fed: Context, feed: FeedServer):
    items = "/collections/flood%20zones/items"
    first = json.loads(collection(feature(point(80.1, 13.1), 1))) | {
        "links": [{"rel": "next", "href": items + "?page=2"}]
    }
    feed.pages[items] = json.dumps(first).encode()
    feed.pages[items + "?page=2"] = collection(feature(point(80.2, 13.1), 2))
    follow(
        fed.store,
        fed.views,
        fed.clock(),
        AGENCY,
        source(feed, "", kind=SourceKind.SERVICE, format="ogc", name="flood zones"),
    )
    ask(fed, feed)
    assert [f.id for f in fed.views.situation.layers["flooded"].features] == ["1", "2"]
    assert "limit=1000" in feed.asked[0][0]


def test_reads_a_wfs_in_longitude_latitude(fed: Context, feed: FeedServer):
    feed.answers = lambda path: collection(feature(point(80.1, 13.1), path[-1]), numberMatched=2)
    follow(
        fed.store,
        fed.views,
        fed.clock(),
        AGENCY,
        source(feed, "/wfs?map=x", kind=SourceKind.SERVICE, format="wfs", name="city:flood"),
    )
    ask(fed, feed)
    first, second = (path for path, _ in feed.asked)
    assert "map=x" in first and "typeNames=city%3Aflood" in first and "CRS84" in first and "startIndex=0" in first
    assert "startIndex=1" in second
    assert len(fed.views.situation.layers["flooded"].features) == 2


def test_reads_an_arcgis_feature_server_and_its_errors(fed: Context, feed: FeedServer):
    feed.pages["/FeatureServer/0/query"] = json.dumps({"error": {"code": 400, "message": "Invalid query"}}).encode()
    follow(
        fed.store,
        fed.views,
        fed.clock(),
        AGENCY,
        source(feed, "/FeatureServer", kind=SourceKind.SERVICE, format="arcgis", name="0"),
    )
    assert "Invalid query" in ask(fed, feed).health.server_message
    page = json.loads(collection(feature(point(80.1, 13.1), 1))) | {"exceededTransferLimit": False}
    feed.pages["/FeatureServer/0/query"] = json.dumps(page).encode()
    assert ask(fed, feed).health.error == ""
    assert any("outSR=4326" in path for path, _ in feed.asked)


def test_goes_round_in_no_circle(fed: Context, feed: FeedServer):
    items = "/collections/x/items"
    page = json.loads(collection(feature(point(80.1, 13.1), 1))) | {"links": [{"rel": "next", "href": items + "?p=2"}]}
    feed.pages[items] = json.dumps(page).encode()
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "", kind=SourceKind.SERVICE, format="ogc", name="x"))
    assert "follows on itself" in ask(fed, feed).health.error


def test_an_incomplete_answer_never_replaces_more_than_it_has(fed: Context, feed: FeedServer, clock: FakeClock):
    numbers = {"claimed": 3, "sent": 3}

    def answers(path: str) -> bytes:
        if "returnCountOnly" in path:
            return json.dumps({"count": numbers["claimed"]}).encode()
        return collection(*(feature(point(80.0, 13.0 + n / 10), n) for n in range(numbers["sent"])))

    feed.answers = answers
    one = source(feed, "/service", kind=SourceKind.SERVICE, format="arcgis")
    follow(fed.store, fed.views, fed.clock(), AGENCY, one)
    assert ask(fed, feed).health.error == ""
    numbers["sent"] = 2
    clock.advance(minutes=5)
    assert "has 3 features, 2 came" in ask(fed, feed).health.error
    assert (version(fed), len(fed.views.situation.layers["flooded"].features)) == (1, 3)
    numbers["claimed"] = 2
    clock.advance(minutes=5)
    assert ask(fed, feed).health.error == ""
    assert len(fed.views.situation.layers["flooded"].features) == 2, "the server has fewer now"


def test_a_first_incomplete_answer_is_used_and_says_what_is_missing(fed: Context, feed: FeedServer):
    feed.answers = lambda path: json.dumps({"count": 9}).encode() if "CountOnly" in path else FLOODED
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/s", kind=SourceKind.SERVICE, format="arcgis"))
    assert "the server has 9 features" in ask(fed, feed).health.error
    assert version(fed) == 1


def test_the_public_reads_no_words_of_a_server(fed: Context, feed: FeedServer):
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed))
    feed.mood = "error"
    followed = ask(fed, feed)
    assert public_error(followed, AGENCY) == f"{feed.host}: answered 500 Internal Server Error"
    assert server_message(followed, AGENCY) == "broken"
    assert public_error(followed, STRANGER) == "its server: answered 500 Internal Server Error"
    assert server_message(followed, STRANGER) == ""
    assert "says “broken”" in fed.store.layers.fetch_log("flooded")[0].detail, "which people who manage layers read"


@pytest.mark.parametrize(
    ("form", "body", "words"),
    [
        (
            "arcgis",
            b'{"error": {"code": 498, "message": "Token says \xe2\x80\x9cno\xe2\x80\x9d today"}}',
            "Token says no today",
        ),
        ("wfs", b"<ServiceException>Call <b>0800</b> now</ServiceException>", "Call 0800 now"),
        (
            "ogc",
            b'{"title": "Gone", "detail": "and says [x](http://evil.example)"}',
            "and says x (http://evil.example)",
        ),
        ("ogc", b'{"description": "' + b"x" * 3000 + b'"}', "x" * 159),
    ],
)
def test_words_of_a_service_are_stored_apart_from_the_error(
    fed: Context, feed: FeedServer, form: str, body: bytes, words: str
):
    feed.answers = lambda _: body
    follow(
        fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/s", kind=SourceKind.SERVICE, format=form, name="x")
    )
    health = ask(fed, feed).health
    assert health.server_message.startswith(words.partition(" (")[0]), health.server_message
    assert words[:8] not in health.error
    feed.answers = lambda path: b'{"count": 1}' if "CountOnly" in path else FLOODED
    assert ask(fed, feed).health.server_message == ""


def test_stops_a_source_whose_layer_is_misplaced(fed: Context, feed: FeedServer, clock: FakeClock):
    put_layer_bytes(fed, AGENCY, "wards", "area", collection(feature(polygon(SQUARE))))
    feed.pages["/b"] = collection(feature(point(80.05, 13.05), name="A"))
    followed = LayerSource(layer_id="b", title="B", role="shelter", kind=SourceKind.FILE, url=feed.url("/b"))
    follow(fed.store, fed.views, fed.clock(), AGENCY, followed)
    refresh_feeds(fed)
    feed.pages["/b"] = collection(feature(point(13.05, 80.05), name="A"))
    with pytest.raises(Invalid) as refused:
        preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), AGENCY, followed)
    assert refused.value.code == "layer_swapped"
    clock.advance(hours=2)
    refresh_feeds(fed)
    assert fed.views.situation.layers["b"].version == 1
    (health,) = [each.health for each in fed.store.layers.sources() if each.source.layer_id == "b"]
    assert "longitude and latitude look swapped" in health.error


def test_stops_a_warning_whose_coordinates_are_swapped_but_not_one_far_away(fed: Context, feed: FeedServer):
    put_layer_bytes(fed, AGENCY, "wards", "area", collection(feature(polygon(SQUARE))))
    for layer_id, place in (("right", "13.05 80.05"), ("swapped", "80.05 13.05"), ("far", "1.5 2.5")):
        feed.pages[f"/{layer_id}"] = (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"><title>W</title>'
            f"<entry><id>1</id><title>Flood</title><georss:point>{place}</georss:point></entry></feed>"
        ).encode()
        url, kind = feed.url(f"/{layer_id}"), SourceKind.FEED
        each = LayerSource(layer_id=layer_id, title="W", role="hazard", kind=kind, format="georss", url=url)
        follow(fed.store, fed.views, fed.clock(), AGENCY, each)
    refresh_feeds(fed)
    assert set(fed.views.situation.layers) == {"wards", "right", "far"}
