"""Layers in the store: every version kept whole, the newest current."""

from __future__ import annotations

import pytest
from shapely.geometry import Point, box

from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.store.store import Store
from crisismap.store.tables import layers
from tests.store.making import NOW

SHELTERS = Layer("shelters", "Shelters", Role.SHELTER, "CC BY 4.0", "City Relief Office", True)
FEATURES = (
    Feature(
        "7", "Corporation School", "W-07", Point(80.25, 13.05), {"beds": 120, "note": "மேல் மாடி"}, "open", NOW, None
    ),
    Feature("8", "Ward", "", box(80.0, 13.0, 80.1, 13.1), {}, "full", None, NOW + 1),
    Feature("9", "Nowhere yet", "", None, {"list": [1, None, {"a": 1.5}]}),
)


def put(store: Store, version: LayerVersion) -> LayerVersion:
    return store.layers.put(version, EventDraft("layer.put", version.layer.id, "p-1", NOW)).result().value


def test_gives_a_layer_back_as_it_was(store: Store) -> None:
    sent = LayerVersion(SHELTERS, 0, NOW, FEATURES, refused=2, repaired=1, notes=("one was empty",))
    first = put(store, sent)
    assert first.version == 1
    assert next(store.events.everything()).layers == [first]
    assert first.features == FEATURES
    assert (first.refused, first.repaired, first.notes) == (2, 1, ("one was empty",))


def test_counts_versions_and_tells_which_layer_changed(store: Store) -> None:
    put(store, LayerVersion(SHELTERS, 0, NOW, FEATURES))
    put(store, LayerVersion(Layer("wards", "Wards", Role.AREA), 0, NOW, FEATURES[1:2]))
    second = put(store, LayerVersion(SHELTERS, 0, NOW + 5, FEATURES[:1]))
    assert second.version == 2
    assert store.events.changes(2).layers == [second]
    assert [(v.layer.id, v.version) for v in store.events.changes(0).layers] == [("shelters", 2), ("wards", 1)]
    with store._reader.begin() as conn, pytest.raises(NotFound):
        layers.one(conn, "none")
