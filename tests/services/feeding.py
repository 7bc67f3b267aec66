"""A source that the tests follow, and asking it now."""

from __future__ import annotations

from crisismap.core.layer.source import FollowedSource, LayerSource, SourceKind
from crisismap.layers.fetch.client import FetchClient, FetchLimits
from crisismap.services.layers.feeds import refresh
from crisismap.services.runtime.context import Context
from tests.layers.feed_server import FeedServer
from tests.layers.samples import collection, feature, point, polygon

SQUARE = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]
FLOODED = collection(feature(polygon(SQUARE), 1, name="Adyar"))
MORE = collection(feature(polygon(SQUARE), 1, name="Adyar"), feature(point(80.1, 13.2), 2, name="Mudichur"))
QUICK = FetchLimits(total_s=1.0, connect_s=0.5, silence_s=0.5)


def source(feed: FeedServer, path: str = "/flood.geojson", **more: object) -> LayerSource:
    said = {"kind": SourceKind.FILE, "title": "Flooded", "role": "hazard", "licence": "CC0", "refresh_s": 60} | more
    return LayerSource(layer_id="flooded", url=feed.url(path), **said)


def ask(context: Context, feed: FeedServer) -> FollowedSource:
    """Ask the one source now, whether it is due or not; how it stands then."""
    (followed,) = context.store.layers.sources()
    refresh(context.store, context.views, context.clock, followed, FetchClient(frozenset({feed.host}), QUICK))
    (followed,) = context.store.layers.sources()
    return followed


def version(context: Context) -> int:
    held = context.views.situation.layers.get("flooded")
    return held.version if held else 0
