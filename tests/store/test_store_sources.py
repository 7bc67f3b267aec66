"""Sources in the store: what is followed, how it goes, the warnings that came, and layers that are taken back."""

from __future__ import annotations

import itertools
from hashlib import sha256

import pytest
from shapely.geometry import Point

from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, Info
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth, SourceKind
from crisismap.store.sources import DIARY, Message
from crisismap.store.store import Store
from tests.store.making import NOW, bodies_of

SOURCE = LayerSource(
    "flooded", "Flooded", "hazard", SourceKind.FEED, "https://a.example/cap", "cap", mapping={"layer": {}}
)
HAZARD = Layer("flooded", "Flooded", Role.HAZARD)


def event(verb: str, subject: str = "flooded") -> EventDraft:
    return EventDraft(verb, subject, "p-1", NOW)


def follow(store: Store, source: LayerSource = SOURCE) -> None:
    store.catalogue.follow(source, SourceHealth(due_ms=NOW), event("layer.follow")).result()


def put(store: Store, *names: str, as_of: int | None = None) -> LayerVersion:
    features = tuple(Feature(name, name, "", Point(80, 13), {}) for name in names)
    version = LayerVersion(HAZARD, 0, NOW, features, as_of_ms=as_of)
    return store.put_layer(version, event("layer.put")).result().value


def message(name: str, body: bytes = b"<alert/>") -> Message:
    alert = Alert("met@example.org", name, NOW, "Actual", "Alert", "Public", infos=(Info(event="Flood"),))
    return Message(f"https://a.example/{name}", body, alert)


def test_gives_a_source_back_with_how_it_goes(store: Store):
    follow(store)
    assert store.catalogue.followed() == [FollowedSource(SOURCE, SourceHealth(due_ms=NOW))]
    sick = SourceHealth(NOW, NOW - 5, NOW + 60_000, 2, "answered 500", '"a"', "Wed, 02 Dec 2015 06:30:00 GMT")
    store.catalogue.keep_checked("flooded", sick, None).result()
    assert store.catalogue.followed() == [FollowedSource(SOURCE, sick)]
    other = LayerSource("flooded", "Another", "hazard", SourceKind.FILE, "https://b.example/")
    follow(store, other)
    assert [each.source for each in store.catalogue.followed()] == [other]


def test_keeps_a_diary_of_the_newest_lines(store: Store):
    follow(store)
    for number in range(DIARY + 5):
        store.catalogue.keep_checked(
            "flooded", SourceHealth(), SourceCheck(NOW + number, "failed", f"try {number}")
        ).result()
    lines = store.catalogue.diary("flooded")
    assert len(lines) == DIARY
    assert (lines[0], lines[-1].at_ms) == (SourceCheck(NOW + DIARY + 4, "failed", f"try {DIARY + 4}"), NOW + 5)
    assert store.catalogue.diary("other") == []


@pytest.mark.parametrize("order", list(itertools.permutations([b"one", b"two"])))
def test_keeps_warnings_as_they_came_and_the_same_of_two_alike(store: Store, order: tuple[bytes, ...]):
    follow(store)
    for body in order:
        store.catalogue.keep_messages("flooded", [message("a", body), message("b")]).result()
    assert len(store.catalogue.alerts("flooded")) == 2
    stays = max(order, key=lambda body: sha256(body).digest())
    assert sorted(bodies_of(store, "flooded")) == sorted([b"<alert/>", stays])
    assert store.catalogue.alert_origins("flooded") == {"https://a.example/a", "https://a.example/b"}
    store.catalogue.keep_messages("flooded", [], [message("a").alert.key]).result()
    assert [alert.identifier for alert in store.catalogue.alerts("flooded")] == ["b"]


def test_forgets_a_source_with_its_messages_and_keeps_the_layer(store: Store):
    follow(store)
    put(store, "a")
    store.catalogue.keep_messages("flooded", [message("a")]).result()
    assert store.catalogue.unfollow("flooded", event("layer.unfollow")).result().value is True
    assert store.catalogue.unfollow("flooded", event("layer.unfollow")).result().value is False
    assert (store.catalogue.followed(), store.catalogue.alerts("flooded")) == ([], [])
    assert [v.layer.id for v in next(store.everything()).layers] == ["flooded"]


def test_takes_a_layer_back_and_lets_it_come_again(store: Store):
    put(store, "a")
    known = store.revision()
    store.catalogue.withdraw("flooded", event("layer.withdraw")).result()
    assert next(store.everything()).layers == []
    assert (store.changes(known).gone, store.changes(known).layers) == (["flooded"], [])
    with pytest.raises(NotFound):
        store.catalogue.withdraw("flooded", event("layer.withdraw")).result()
    again = put(store, "b")
    assert again.version == 2
    changes = store.changes(known)
    assert (changes.gone, [v.version for v in changes.layers]) == ([], [2])
    assert store.first_break() is None


def test_keeps_versions_with_their_moments_and_prunes_the_oldest(store: Store):
    for number in range(5):
        put(store, *"abcde"[: number + 1], as_of=NOW - number)
    heads = store.catalogue.versions("flooded")
    assert [(h.version, h.count, h.as_of_ms) for h in heads[:2]] == [(5, 5, NOW - 4), (4, 4, NOW - 3)]
    assert store.catalogue.version("flooded", 2).moment_ms == NOW - 1
    store.catalogue.prune("flooded", 3).result()
    assert [h.version for h in store.catalogue.versions("flooded")] == [5, 4, 3]
    assert [h.version for h in store.catalogue.versions("flooded", 1)] == [5]
    with pytest.raises(NotFound, match="no version 1"):
        store.catalogue.version("flooded", 1)
