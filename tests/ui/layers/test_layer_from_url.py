"""The Layers page follows layers at addresses: looked at first, with their health, versions and a way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely.geometry import box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceHealth, SourceKind
from crisismap.core.privacy import Audience
from crisismap.services.layers.feeds import fetch_now, follow
from crisismap.services.layers.publish import put_layer
from crisismap.services.runtime.context import Context
from crisismap.ui.frame.notices import notices
from crisismap.ui.layers.layer_lifecycle import source_html, unlocated_html
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import collection, feature, polygon
from tests.people import AGENCY, VOLUNTEER
from tests.services.deployment import ask
from tests.ui.open_desk import HOSTILE, html, markdown, opened, page

RING = [[80.2, 13.0], [80.3, 13.0], [80.3, 13.1], [80.2, 13.1], [80.2, 13.0]]


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    with feed_server() as one:
        one.pages["/flood"] = collection(feature(polygon(RING), 1, name="Low ground"))
        yield one


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, feed: FeedServer) -> Iterator[Context]:
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=feed.host) as context:
        yield context


def press(test, label: str):
    next(b for b in test.button if b.label == label).click().run()
    assert not test.exception, test.exception
    return test


def fill(test, **said: str):
    for name, value in said.items():
        next(w for w in test.text_input if w.key.startswith(f"source-{name}-")).set_value(value)
    if (role := role_of(test)) is not None:  # a picture has none
        role.set_value(Role.HAZARD)
    return test


def role_of(test):
    return next((w for w in test.selectbox if (w.key or "").startswith("source-role-")), None)


def source(feed: FeedServer, path: str = "/flood") -> LayerSource:
    return LayerSource("flooded", "Flooded", "hazard", SourceKind.FILE, feed.url(path))


def test_chooses_no_role_by_itself(desk: Context, feed: FeedServer, monkeypatch) -> None:
    test = fill(page("layers", AGENCY, monkeypatch), url=feed.url("/flood"), id="flooded", title="Flooded")
    role_of(test).set_value(None)
    press(test, "Fetch and preview")
    assert "role: must be one of area, hazard, shelter, transport, context" in html(test)


def test_names_what_a_source_would_lose(desk: Context, feed: FeedServer, monkeypatch) -> None:
    features = tuple(Feature(str(n), f"Old {n}", "", box(80, 13, 80.1, 13.1), {}) for n in range(5))
    old = LayerVersion(Layer("flooded", "Flooded", Role.HAZARD), 0, desk.clock(), features)
    put_layer(desk.store, desk.views, desk.clock(), AGENCY, old)
    test = fill(page("layers", AGENCY, monkeypatch), url=feed.url("/flood"), id="flooded", title="Flooded")
    press(test, "Fetch and preview")
    assert "4 of 5 features would be gone: Old 0, Old 2" in html(test)
    press(test, "Publish and keep fetching")
    assert "Nothing was changed: type flooded" in html(test)
    assert len(desk.views.situation.layers["flooded"].features) == 5
    next(w for w in test.text_input if w.label == "Type flooded to confirm").set_value("flooded")
    press(test, "Publish and keep fetching")
    assert [f.name for f in desk.views.situation.layers["flooded"].features] == ["Low ground"]


def test_shows_what_comes_before_it_is_followed(desk: Context, feed: FeedServer, monkeypatch) -> None:
    test = fill(page("layers", AGENCY, monkeypatch), url=feed.url("/flood"), id="flooded", title="Flooded")
    press(test, "Fetch and preview")
    assert "New layer with 1 feature" in html(test) and "Low ground" in html(test)
    assert desk.views.situation.layers == {} and desk.store.layers.sources() == []
    press(test, "Publish and keep fetching")
    assert desk.views.situation.layers["flooded"].version == 1
    assert "is published and fetched automatically." in html(test)
    assert f"File at {feed.url('/flood')}, every 5 min" in html(test)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("file:///etc/passwd", "url: must begin with http"),
        ("http://169.254.169.254/latest/", "not a public one"),
        ("{feed}/none", "answered 404"),
    ],
)
def test_says_why_nothing_comes(desk: Context, feed: FeedServer, url: str, sentence: str, monkeypatch) -> None:
    test = fill(page("layers", AGENCY, monkeypatch), url=url.format(feed=feed.url("")), id="flooded")
    press(test, "Fetch and preview")
    assert "Nothing was changed." in html(test) and sentence in html(test)
    assert desk.store.layers.sources() == []


def test_tells_the_last_error_and_that_the_last_good_version_stays(
    desk: Context, feed: FeedServer, clock: FakeClock, monkeypatch
) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    clock.advance(minutes=7)
    feed.mood = "error"
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    seen = html(page("layers", VOLUNTEER, monkeypatch))
    assert "last successful fetch 7 min ago" in seen
    assert "answered 500 Internal Server Error" in seen and "The last good version stays in use." in seen
    assert feed.host not in seen, "the address is the agencies' affair"
    assert "its server: answered 500" in seen
    assert "“broken”" not in seen, "nor what the server says"
    assert "Its server says: “broken”." in html(page("layers", AGENCY, monkeypatch))


def test_brings_a_line_on_every_page_when_a_layer_fails_again_and_again(
    desk: Context, feed: FeedServer, clock: FakeClock
) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    clock.advance(hours=30)
    assert any(
        "was loaded 1 d 6 h" in notice.text
        for notice in notices(desk.store, desk.views, desk.guards.clock, desk.clock, Audience.AGENCY)
    )
    fetch_now(
        desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded"
    )  # 304: nothing new, and that is news
    clock.advance(seconds=10)
    assert notices(desk.store, desk.views, desk.guards.clock, desk.clock, Audience.AGENCY) == []
    feed.mood = "error"
    for _ in range(3):
        fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    clock.advance(minutes=5)
    (notice,) = notices(desk.store, desk.views, desk.guards.clock, desk.clock, Audience.AGENCY)
    assert "“Flooded” could not be fetched for 5 min: " in notice.text and "answered 500" in notice.text


def test_lists_what_is_followed_and_has_not_come(desk: Context, feed: FeedServer, monkeypatch) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed, "/none"))
    assert "no successful fetch yet" in html(page("layers", AGENCY, monkeypatch))


def test_goes_back_stops_and_takes_back(desk: Context, feed: FeedServer, monkeypatch) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    feed.pages["/flood"] = collection(*[feature(polygon(RING), n, name=f"f{n}") for n in range(3)])
    test = press(page("layers", AGENCY, monkeypatch), "Show layer")
    press(test, "Fetch now")
    assert desk.views.situation.layers["flooded"].version == 2
    # Three places became one: the page names the loss and asks for a word.
    assert "2 of 3 features would be gone: f0, f2." in html(test)
    press(test, "Restore version 1")
    assert desk.views.situation.layers["flooded"].version == 2
    next(w for w in test.text_input if w.label == "Type flooded to confirm").set_value("flooded")
    press(test, "Restore version 1")
    assert [f.name for f in desk.views.situation.layers["flooded"].features] == ["Low ground"]
    press(test, "Stop fetching")
    assert desk.store.layers.sources() == []
    assert "Remove layer" not in [b.label for b in test.button]
    next(c for c in test.checkbox if c.key == "layer-sure-flooded").check().run()
    press(test, "Remove layer")
    assert desk.views.situation.layers == {}


def test_tells_who_said_it_first(desk: Context, feed: FeedServer, clock: FakeClock, monkeypatch) -> None:
    ask(desk, category="flooding")
    clock.advance(minutes=42)
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    test = press(page("layers", AGENCY, monkeypatch), "Show layer")
    next(t for t in test.get("toggle") if t.key == "layer-first-flooded").set_value(True).run()
    assert "1 of 1 place had a report before this layer showed them" in html(test)
    assert "people, 42 min earlier" in html(test)


def test_lets_others_look_only(desk: Context, feed: FeedServer, monkeypatch) -> None:
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    test = press(page("layers", VOLUNTEER, monkeypatch), "Show layer")
    labels = {b.label for b in test.button}
    assert not labels & {"Fetch now", "Remove layer", "Stop fetching", "Fetch and preview"}
    assert "1 version kept" in html(test) and "Fetch log" not in html(test)


def test_shows_hostile_words_as_words() -> None:
    said = LayerSource("x", HOSTILE, "hazard", SourceKind.FEED, f"https://a.example/{HOSTILE}", "cap")
    shown = source_html(FollowedSource(said, SourceHealth(error=HOSTILE, failures=2)), 0, AGENCY)
    named = Feature("1", HOSTILE, "", None, {"area": HOSTILE, "geocodes": {"x": [HOSTILE]}})
    shown += unlocated_html(LayerVersion(Layer("x", "x", Role.HAZARD), 1, 0, (named,)))
    assert "<img" not in shown and "<script" not in shown and "&lt;" in shown


def test_marks_down_nothing_of_what_a_server_says(desk: Context, feed: FeedServer, monkeypatch) -> None:
    feed.pages["/flood"] = collection(feature(polygon(RING), 1, name=HOSTILE))
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(feed))
    fetch_now(desk.store, desk.views, desk.guards.stopping, desk.settings, desk.clock, AGENCY, "flooded")
    test = press(page("layers", AGENCY, monkeypatch), "Show layer")
    assert "<img src=x" not in html(test)
    assert "evil.example" not in markdown(test)


def test_estimates_how_many_people_live_in_each_feature(desk: Context, clock: FakeClock, monkeypatch) -> None:
    def put(layer_id: str, role: Role, *features: Feature) -> None:
        put_layer(
            desk.store,
            desk.views,
            desk.clock(),
            AGENCY,
            LayerVersion(Layer(layer_id, layer_id.title(), role), 0, clock(), features),
        )

    put("flooded", Role.HAZARD, Feature("a", "Adyar <b>reach</b>", "", box(80, 13, 80.5, 14), {}))
    test = press(page("layers", VOLUNTEER, monkeypatch), "Show layer")
    next(t for t in test.get("toggle") if t.key == "layer-people-flooded").set_value(True).run()
    assert "No population figures for this layer" in html(test)
    put("wards", Role.AREA, Feature("w", "Ward", "", box(80, 13, 81, 14), {"population": 24_690}))
    clock.advance(hours=3)
    seen = html(test.run())
    assert "1 feature in force with an estimate" in seen and "about 12,000" in seen and "100 %" in seen
    assert "Wards, loaded 3 h ago" in seen and "Adyar &lt;b&gt;reach" in seen
