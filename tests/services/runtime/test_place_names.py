"""All names of a layer version, in every language, of features that have a place."""

from __future__ import annotations

import json

from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.services.runtime.place_names import place_names


def test_has_every_name_of_a_feature_with_a_place(context: Context) -> None:
    point = {"type": "Point", "coordinates": [80.2, 13.0]}
    named = {"name": "Velachery", "name_ta": "வேளச்சேரி", "name:hi": "वेलाचेरी", "alt_name": "Velachery", "capacity": "60"}
    features = [
        {"type": "Feature", "properties": named, "geometry": point},
        {"type": "Feature", "properties": {"name": "Nowhere"}, "geometry": None},
        {"type": "Feature", "properties": {"name": " "}, "geometry": point},
    ]
    body = json.dumps({"type": "FeatureCollection", "title": "Places", "features": features}).encode()
    put_layer_bytes(context, COMMAND_LINE, "places", "context", body)
    assert context.views.situation.wait(context.store.events.revision())
    version = context.views.situation.layers["places"]
    names = place_names(version)
    assert names.title == "Places"
    assert [name for name, _ in names.features] == ["Velachery", "வேளச்சேரி", "वेलाचेरी"]
    [match] = names.search.find("வேளச்சேரி")
    assert names.features[match.number][1].name == "Velachery"


def test_is_made_once_for_each_version(context: Context) -> None:
    point = {"type": "Point", "coordinates": [80.2, 13.0]}

    def put(layer: str, name: str) -> None:
        feature = {"type": "Feature", "properties": {"name": name}, "geometry": point}
        body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
        put_layer_bytes(context, COMMAND_LINE, layer, "context", body)
        assert context.views.situation.wait(context.store.events.revision())

    put("one", "Adyar")
    put("two", "Velachery")
    cache = context.views.caches.place_names
    one, two = cache.of(context.views.situation.layers.values())
    put("two", "Tambaram")
    again, changed = cache.of(context.views.situation.layers.values())
    assert again is one
    assert changed is not two
