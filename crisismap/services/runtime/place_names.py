"""The names of a layer version's features, in every language that the layer has, to be searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.text.name_search import NameSearch
from crisismap.layers.normalise.column_words import is_other_name


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """`features`: each name with its feature, by its number in `search`; `title` of the layer."""

    title: str
    search: NameSearch
    features: tuple[tuple[str, Feature], ...]


def place_names(version: LayerVersion) -> PlaceNames:
    """Return the names of a version, without those of features that have no place."""
    features = tuple(_features(version))
    return PlaceNames(version.layer.title, NameSearch([name for name, _ in features]), features)


def _features(version: LayerVersion) -> Iterator[tuple[str, Feature]]:
    for feature in version.features:
        if feature.geometry is None or feature.geometry.is_empty:
            continue
        others = (value for key, value in feature.properties.items() if is_other_name(key))
        for name in dict.fromkeys([feature.name, *(other for other in others if isinstance(other, str))]):
            if name.strip():
                yield name, feature
