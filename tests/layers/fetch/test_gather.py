"""What a source has now: whole documents, and messages not yet had; most of it broken is none of it used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crisismap.core.errors import Malformed
from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.layer.source import LayerSource, SourceHealth, SourceKind
from crisismap.layers.fetch.client import FetchClient, FetchLimits
from crisismap.layers.fetch.gather import SourceUpdate, acceptable, gather, lasts_ms, layer_of
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import collection, feature, point

NOW = 1_449_037_800_000
CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{0}</identifier>
<sender>met@example.org</sender><sent>2015-12-02T06:30:00+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Observed</certainty><area><areaDesc>Adyar</areaDesc></area></info></alert>"""


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        yield one


def source(feed: FeedServer, path: str, kind: SourceKind = SourceKind.FILE, form: str = "") -> LayerSource:
    return LayerSource("flood", "Flood", "hazard", kind, feed.url(path), form, licence="CC0", validity_h=1.5)


def ask(
    feed: FeedServer, one: LayerSource, health: SourceHealth | None = None, known: frozenset[str] = frozenset()
) -> SourceUpdate:
    client = FetchClient(frozenset({feed.host}), FetchLimits(total_s=5))
    return gather(one, client, health=health or SourceHealth(), known_origins=known, now_ms=NOW)


def atom(feed: FeedServer, *names: str) -> bytes:
    updated = "<updated>2015-12-02T06:30:00Z</updated>"
    entries = "".join(
        f'<entry><id>{n}</id><title>{n}</title>{updated}<link href="{feed.url("/" + n)}"/></entry>' for n in names
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{entries}</feed>'.encode()


def test_reads_a_document_and_asks_again_only_for_what_is_new(feed: FeedServer) -> None:
    feed.pages["/a.geojson"] = collection(feature(point(80, 13), "x"))
    one = source(feed, "/a.geojson")
    first = ask(feed, one)
    assert first.version is not None and [f.id for f in first.version.features] == ["x"]
    assert not first.answer.unchanged
    again = ask(feed, one, SourceHealth(etag=first.answer.etag))
    assert again.answer.unchanged and again.version is None


def test_says_what_came_instead_of_a_feed(feed: FeedServer) -> None:
    feed.pages["/feed"] = b"<!DOCTYPE html><p>Down for maintenance"
    for form in ("cap", "georss"):
        with pytest.raises(Malformed, match="web page"):
            ask(feed, source(feed, "/feed", SourceKind.FEED, form))


def test_fetches_messages_that_are_not_known_yet(feed: FeedServer) -> None:
    for name in "ab":
        feed.pages[f"/{name}"] = CAP.format(name).encode()
    feed.pages["/feed"] = atom(feed, "a", "b")
    one = source(feed, "/feed", SourceKind.FEED, "cap")
    first = ask(feed, one)
    assert [each.alert.identifier for each in first.messages] == ["a", "b"]
    assert first.problems == ()
    later = ask(feed, one, known=frozenset({first.messages[0].origin}))
    assert [each.alert.identifier for each in later.messages] == ["b"]


def test_uses_the_good_messages_and_tries_the_others_again(feed: FeedServer) -> None:
    feed.pages["/a"] = CAP.format("a").encode()
    feed.pages["/feed"] = atom(feed, "a", "gone")
    found = ask(feed, source(feed, "/feed", SourceKind.FEED, "cap"))
    assert [each.alert.identifier for each in found.messages] == ["a"]
    assert len(found.problems) == 1 and "404" in found.problems[0]
    assert found.answer.etag == "", "asked without conditions the next time"


def test_refuses_a_feed_none_of_whose_messages_can_be_read(feed: FeedServer) -> None:
    feed.pages["/feed"] = atom(feed, "gone", "away")
    with pytest.raises(Malformed):
        ask(feed, source(feed, "/feed", SourceKind.FEED, "cap"))


def test_refuses_a_version_most_of_which_is_refused(feed: FeedServer) -> None:
    version = LayerVersion(layer_of(source(feed, "/")), 1, NOW, (Feature("1", "", "", None, {}),), refused=1)
    assert acceptable(version) is version, "half of it is good"
    with pytest.raises(Malformed, match="outside"):
        acceptable(replace(version, refused=2, notes=("refused, outside: rows 1, 2",)))


def test_takes_title_and_licence_from_the_source(feed: FeedServer) -> None:
    one = source(feed, "/")
    layer = layer_of(one)
    assert (layer.id, layer.title, layer.role, layer.licence) == ("flood", "Flood", "hazard", "CC0")
    assert lasts_ms(one) == 5_400_000


def test_says_how_many_features_a_service_has_and_how_many_came(feed: FeedServer) -> None:
    one = source(feed, "/service", SourceKind.SERVICE, "arcgis")
    body = {"type": "FeatureCollection", "features": [feature(point(80, 13), 1), feature(point(80, 13), 2)]}

    def answers(path: str) -> bytes:
        return json.dumps({"count": claimed} if "returnCountOnly" in path else body).encode()

    feed.answers = answers
    claimed = 2
    found = ask(feed, one)
    assert found.version is not None
    assert (found.version.notes, found.incomplete) == (("the server has 2 features, 2 came",), "")
    claimed = 5
    assert ask(feed, one).incomplete == "the server has 5 features, 2 came"
