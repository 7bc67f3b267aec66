"""A server that says one order of axes and sends the other: refused with the likely cause, turned by one setting."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.layer.source import SourceKind
from crisismap.services.layers.feeds import follow, preview
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import Context
from tests.layers.feed_server import FeedServer
from tests.layers.gml import gml, in_system, place_in
from tests.layers.samples import collection, feature, point, polygon
from tests.people import AGENCY
from tests.services.feeding import ask, source

TURNED = {"layer": {"axes": "swapped"}}


def around(code: int) -> bytes:
    """An area around the place where a system is used."""
    lon, lat = place_in(code)
    ring = [[lon - 0.2, lat - 0.2], [lon + 0.2, lat - 0.2], [lon + 0.2, lat + 0.2], [lon - 0.2, lat - 0.2]]
    return collection(feature(polygon(ring), code="01"))


def answer(form: str, code: int) -> bytes:
    """What a server sends whose coordinates are not in the order that its answer means."""
    east, north = in_system(code, northing_first=False)
    if form == "json":
        members = {} if code == 4326 else {"crs": {"type": "name", "properties": {"name": f"EPSG:{code}"}}}
        return collection(feature(point(north, east), "1", name="A"), numberMatched=1, **members)
    if form == "urn":
        return gml("3.2", f"urn:ogc:def:crs:EPSG::{code}", (east, north), numberMatched=1)
    return gml("3", f"EPSG:{code}", (north, east))


@pytest.mark.parametrize(
    ("form", "code"),
    [("json", 4326), ("urn", 4326), ("plain", 4326), ("urn", 31468), ("urn", 3035), ("json", 3857), ("plain", 3035)],
)
def test_refuses_the_other_order_and_takes_it_with_the_setting(fed: Context, feed: FeedServer, form: str, code: int):
    put_layer_bytes(fed, AGENCY, "wards", "area", around(code))
    feed.answers = lambda _: answer(form, code)
    kind = {"kind": SourceKind.SERVICE, "format": "wfs", "name": "app:ward", "role": "shelter"}
    with pytest.raises(Invalid) as refused:
        preview(fed.views, fed.guards.stopping, fed.settings, fed.clock(), AGENCY, source(feed, "/wfs", **kind))
    assert refused.value.code == "layer_swapped"
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/wfs", **kind))
    error = ask(fed, feed).health.error
    assert "longitude and latitude look swapped" in error and 'axes = "swapped"' in error
    assert "flooded" not in fed.views.situation.layers
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/wfs", **kind, mapping=TURNED))
    assert ask(fed, feed).health.error == ""
    [one] = fed.views.situation.layers["flooded"].features
    assert one.geometry is not None
    assert (one.geometry.x, one.geometry.y) == pytest.approx(place_in(code), abs=1e-6)


def test_refuses_a_file_of_the_right_order_with_the_setting(fed: Context, feed: FeedServer):
    put_layer_bytes(fed, AGENCY, "wards", "area", around(4326))
    feed.pages["/a"] = collection(feature(point(*place_in(4326)), name="A"))
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/a", role="shelter", mapping=TURNED))
    assert "look swapped" in ask(fed, feed).health.error


def test_still_says_far_away_where_no_order_helps(fed: Context, feed: FeedServer):
    put_layer_bytes(fed, AGENCY, "wards", "area", around(4326))
    feed.pages["/a"] = gml("3.2", "urn:ogc:def:crs:EPSG::3035", in_system(3035, northing_first=True))
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/a", role="shelter"))
    assert "far from the incident" in ask(fed, feed).health.error


def test_follows_the_plain_address_of_an_arcgis_layer(fed: Context, feed: FeedServer):
    body = collection(*(feature(point(80.1, 13.1 + n / 100), n) for n in range(3)))
    feed.answers = lambda path: b'{"count": 3}' if "CountOnly" in path else body
    follow(fed.store, fed.views, fed.clock(), AGENCY, source(feed, "/x/MapServer/3"))
    followed = ask(fed, feed)
    assert (followed.source.kind, followed.source.format, followed.health.error) == (SourceKind.SERVICE, "arcgis", "")
    assert "the server has 3 features, 3 came" in fed.views.situation.layers["flooded"].notes
