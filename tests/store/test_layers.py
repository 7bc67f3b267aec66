"""store.layers: layers put, taken back and put again, on SQLite and on PostgreSQL."""

from __future__ import annotations

from hashlib import sha256

import pytest
from shapely.geometry import Point
from sqlalchemy import select, update

from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, AlertMessage, Info
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.layer.original import Original
from crisismap.store import schema
from crisismap.store.store import Store
from tests.store.making import NOW

HAZARD = Layer("flooded", "Flooded", Role.HAZARD)


def event(verb: str, subject: str = "flooded") -> EventDraft:
    return EventDraft(verb, subject, "p-1", NOW)


def put(store: Store, *names: str, as_of: int | None = None) -> LayerVersion:
    features = tuple(Feature(name, name, "", Point(80, 13), {}) for name in names)
    version = LayerVersion(HAZARD, 0, NOW, features, as_of_ms=as_of)
    return store.layers.put(version, event("layer.put")).result().value


def test_takes_a_layer_back_and_lets_it_come_again(store: Store):
    put(store, "a")
    known = store.events.revision()
    store.layers.withdraw("flooded", event("layer.withdraw")).result()
    assert next(store.events.everything()).layers == []
    assert (store.events.changes(known).withdrawn, store.events.changes(known).layers) == (["flooded"], [])
    with pytest.raises(NotFound):
        store.layers.withdraw("flooded", event("layer.withdraw")).result()
    again = put(store, "b")
    assert again.version == 2
    changes = store.events.changes(known)
    assert (changes.withdrawn, [v.version for v in changes.layers]) == ([], [2])
    assert store.events.verify().broken_at is None


def test_keeps_versions_with_their_moments_and_prunes_the_oldest(store: Store):
    for number in range(5):
        put(store, *"abcde"[: number + 1], as_of=NOW - number)
    heads = store.layers.versions("flooded")
    assert [(h.version, h.count, h.as_of_ms) for h in heads[:2]] == [(5, 5, NOW - 4), (4, 4, NOW - 3)]
    assert store.layers.version("flooded", 2).moment_ms == NOW - 1
    store.layers.prune("flooded", 3).result()
    assert [h.version for h in store.layers.versions("flooded")] == [5, 4, 3]
    assert [h.version for h in store.layers.versions("flooded", 1)] == [5]
    with pytest.raises(NotFound, match="no version 1"):
        store.layers.version("flooded", 1)


def test_keeps_with_each_version_its_own_metadata(store: Store):
    put(store, "a")
    shelters = Layer("flooded", "Dry ground", Role.SHELTER, "CC0", "City")
    mapping = {"layer": {"name_field": "NAME"}, "status": {"full up": "full"}}
    version = LayerVersion(shelters, 0, NOW, store.layers.version("flooded", 1).features, mapping=mapping)
    store.layers.put(version, event("layer.put")).result()
    first, second = store.layers.version("flooded", 1), store.layers.version("flooded", 2)
    assert (first.layer, first.mapping) == (HAZARD, {})
    assert (second.layer, second.mapping) == (shelters, mapping)
    heads = store.layers.versions("flooded")
    assert [(head.layer, head.mapping) for head in heads] == [(shelters, mapping), (HAZARD, {})]
    assert [each.layer for each in next(store.events.everything()).layers if each.layer.id == "flooded"] == [shelters]


def test_takes_for_a_version_of_an_older_release_what_the_layer_has(store: Store):
    put(store, "a")
    empty = update(schema.layer_version).values(role=None, title=None, licence=None, attribution=None)
    store.layers._writer.write(lambda conn: conn.execute(empty), event("layer.put")).result()
    assert store.layers.version("flooded", 1).layer == HAZARD
    assert store.layers.versions("flooded")[0].layer is None


SIGNED = b'<?xml version="1.0"?>\r\n<alert>\xe9<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></alert>\n'


def original(body: bytes, *, signed: bool = False) -> Original:
    return Original(sha256(body).hexdigest(), "met-1", signed, body)


def put_with(store: Store, *bodies: bytes, layer: Layer = HAZARD) -> LayerVersion:
    originals = tuple(original(body, signed=body == SIGNED) for body in bodies)
    version = LayerVersion(layer, 0, NOW, (), originals=originals)
    return store.layers.put(version, event("layer.put", layer.id)).result().value


def count_originals(store: Store) -> int:
    with store._reader.begin() as conn:
        return len(conn.execute(select(schema.layer_original.c.hash)).all())


def test_gives_original_messages_back_byte_by_byte(store: Store):
    done = put_with(store, SIGNED, b"<alert/>")
    assert [(each.identifier, each.signed, each.body) for each in done.originals] == [
        ("met-1", True, None),
        ("met-1", False, None),
    ]
    assert store.layers.version("flooded", 1).originals == done.originals
    assert next(store.events.everything()).layers[0].originals == done.originals
    assert store.layers.original("flooded", done.originals[0].id) == SIGNED
    for wrong in ("0" * 64, "", "nonsense", done.originals[0].id[:-2], "%"):
        with pytest.raises(NotFound):
            store.layers.original("flooded", wrong)
    with pytest.raises(NotFound):
        store.layers.original("other", done.originals[0].id)


def test_keeps_an_original_once_and_as_long_as_a_version_lists_it(store: Store):
    first = put_with(store, SIGNED)
    put_with(store, SIGNED, b"<alert/>")
    put_with(store, b"<alert/>")
    other = put_with(store, SIGNED, layer=Layer("other", "Other", Role.HAZARD))
    assert count_originals(store) == 3
    store.layers.prune("flooded", 2).result()
    assert store.layers.original("flooded", first.originals[0].id) == SIGNED
    store.layers.prune("flooded", 1).result()
    with pytest.raises(NotFound):
        store.layers.original("flooded", first.originals[0].id)
    assert store.layers.original("other", other.originals[0].id) == SIGNED
    assert count_originals(store) == 2


def test_restoring_a_version_brings_its_originals_back(store: Store):
    put_with(store, SIGNED)
    put_with(store, b"<alert/>")
    old = store.layers.version("flooded", 1)
    store.layers.put(old, event("layer.put")).result()
    store.layers.prune("flooded", 1).result()
    assert store.layers.original("flooded", old.originals[0].id) == SIGNED


@pytest.mark.parametrize(("scope", "offered"), [("Public", True), ("Restricted", False)])
def test_offers_of_received_warnings_those_for_everybody(store: Store, scope: str, offered: bool):
    alert = Alert("met@example.org", "a", NOW, "Actual", "Alert", scope, infos=(Info(event="Flood"),))
    store.layers.put_alerts("flooded", [AlertMessage("https://a.example/a", SIGNED, alert)]).result()
    assert count_originals(store) == 1, "kept in any case: what is in force depends on all of them"
    if offered:
        assert store.layers.original("flooded", sha256(SIGNED).hexdigest()) == SIGNED
    else:
        with pytest.raises(NotFound):
            store.layers.original("flooded", sha256(SIGNED).hexdigest())
    store.layers.put_alerts("flooded", [], [alert.key]).result()
    assert count_originals(store) == 0
