"""Sources are asked when they are due; one that fails stops none, and the end of the process stops all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.core.event import EventDraft
from crisismap.core.layer.source import LayerSource, SourceHealth, SourceKind
from crisismap.jobs.feeds import refresh_feeds
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import collection, feature, point
from tests.services.deployment import opened


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.pages["/a"] = collection(feature(point(80, 13), "x"))
        yield one


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock, feed: FeedServer) -> Iterator[Context]:
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=feed.host) as one:
        yield one


def follow(context: Context, feed: FeedServer, layer_id: str, path: str, due_ms: int) -> None:
    source = LayerSource(layer_id, layer_id, "context", SourceKind.FILE, feed.url(path))
    event = EventDraft("layer.follow", layer_id, "p-1", context.clock())
    context.store.layers.put_source(source, SourceHealth(due_ms=due_ms), event).result()


def layers(context: Context) -> set[str]:
    return {version.layer.id for version in next(context.store.events.everything()).layers}


def test_asks_a_source_when_it_is_due(context: Context, feed: FeedServer, clock: FakeClock) -> None:
    follow(context, feed, "one", "/a", clock() + 60_000)
    refresh_feeds(context)
    assert feed.asked == []
    clock.advance(minutes=1)
    refresh_feeds(context)
    assert layers(context) == {"one"}
    asked = len(feed.asked)
    refresh_feeds(context)
    assert len(feed.asked) == asked, "it is due again after its own time"


def test_goes_on_with_the_others_when_one_fails(context: Context, feed: FeedServer, clock: FakeClock) -> None:
    follow(context, feed, "gone", "/gone", clock())
    follow(context, feed, "one", "/a", clock())
    refresh_feeds(context)
    assert layers(context) == {"one"}
    health = {each.source.layer_id: each.health for each in context.store.layers.sources()}
    assert (health["gone"].failures, health["one"].failures) == (1, 0)


def test_asks_nobody_once_the_process_is_to_end(context: Context, feed: FeedServer, clock: FakeClock) -> None:
    follow(context, feed, "one", "/a", clock())
    context.guards.stopping.set()
    refresh_feeds(context)
    assert feed.asked == []
