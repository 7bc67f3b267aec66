"""Sources in the store: what is followed, how it goes, the warnings that came, and layers that are taken back."""

from __future__ import annotations

import itertools
from hashlib import sha256

import pytest
from shapely.geometry import Point

from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, AlertMessage, Info
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth, SourceKind
from crisismap.store.store import Store
from crisismap.store.tables.sources import FETCH_LOG
from tests.store.making import NOW, bodies_of

SOURCE = LayerSource(
    "flooded", "Flooded", "hazard", SourceKind.FEED, "https://a.example/cap", "cap", mapping={"layer": {}}
)
HAZARD = Layer("flooded", "Flooded", Role.HAZARD)


def event(verb: str, subject: str = "flooded") -> EventDraft:
    return EventDraft(verb, subject, "p-1", NOW)


def follow(store: Store, source: LayerSource = SOURCE) -> None:
    store.layers.put_source(source, SourceHealth(due_ms=NOW), event("layer.follow")).result()


def put(store: Store, *names: str, as_of: int | None = None) -> LayerVersion:
    features = tuple(Feature(name, name, "", Point(80, 13), {}) for name in names)
    version = LayerVersion(HAZARD, 0, NOW, features, as_of_ms=as_of)
    return store.layers.put(version, event("layer.put")).result().value


def message(name: str, body: bytes = b"<alert/>") -> AlertMessage:
    alert = Alert("met@example.org", name, NOW, "Actual", "Alert", "Public", infos=(Info(event="Flood"),))
    return AlertMessage(f"https://a.example/{name}", body, alert)


def test_gives_a_source_back_with_how_it_goes(store: Store):
    follow(store)
    assert store.layers.sources() == [FollowedSource(SOURCE, SourceHealth(due_ms=NOW))]
    sick = SourceHealth(NOW, NOW - 5, NOW + 60_000, 2, "answered 500", '"a"', "Wed, 02 Dec 2015 06:30:00 GMT")
    store.layers.set_health("flooded", sick, None).result()
    assert store.layers.sources() == [FollowedSource(SOURCE, sick)]
    other = LayerSource("flooded", "Another", "hazard", SourceKind.FILE, "https://b.example/")
    follow(store, other)
    assert [each.source for each in store.layers.sources()] == [other]


def test_keeps_a_diary_of_the_newest_lines(store: Store):
    follow(store)
    for number in range(FETCH_LOG + 5):
        store.layers.set_health(
            "flooded", SourceHealth(), SourceCheck(NOW + number, "failed", f"try {number}")
        ).result()
    lines = store.layers.fetch_log("flooded")
    assert len(lines) == FETCH_LOG
    assert (lines[0], lines[-1].at_ms) == (SourceCheck(NOW + FETCH_LOG + 4, "failed", f"try {FETCH_LOG + 4}"), NOW + 5)
    assert store.layers.fetch_log("other") == []


@pytest.mark.parametrize("order", list(itertools.permutations([b"one", b"two"])))
def test_keeps_warnings_as_they_came_and_the_same_of_two_alike(store: Store, order: tuple[bytes, ...]):
    follow(store)
    for body in order:
        store.layers.put_alerts("flooded", [message("a", body), message("b")]).result()
    assert len(store.layers.alerts("flooded")) == 2
    stays = max(order, key=lambda body: sha256(body).digest())
    assert sorted(bodies_of(store, "flooded")) == sorted([b"<alert/>", stays])
    assert store.layers.alert_origins("flooded") == {"https://a.example/a", "https://a.example/b"}
    store.layers.put_alerts("flooded", [], [message("a").alert.key]).result()
    assert [alert.identifier for alert in store.layers.alerts("flooded")] == ["b"]


def test_forgets_a_source_with_its_messages_and_keeps_the_layer(store: Store):
    follow(store)
    put(store, "a")
    store.layers.put_alerts("flooded", [message("a")]).result()
    assert store.layers.remove_source("flooded", event("layer.unfollow")).result().value is True
    assert store.layers.remove_source("flooded", event("layer.unfollow")).result().value is False
    assert (store.layers.sources(), store.layers.alerts("flooded")) == ([], [])
    assert [v.layer.id for v in next(store.events.everything()).layers] == ["flooded"]
