"""Loaded layer versions as a key, for what is made of them once and kept until one of them changes."""

from __future__ import annotations

from crisismap.core.layer.layer import LayerVersion


class Loaded:
    """Equal when the very same objects are loaded: a layer version is never changed, only replaced."""

    def __init__(self, versions: tuple[LayerVersion, ...]) -> None:
        self.versions = versions

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.versions)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loaded) and list(map(id, self.versions)) == list(map(id, other.versions))
