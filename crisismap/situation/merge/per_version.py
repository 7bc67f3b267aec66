"""A cache of something computed from each layer version, kept as long as that version is current."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from crisismap.core.layer.layer import LayerVersion

T = TypeVar("T")


class PerVersion(Generic[T]):
    """Thread-safe; each value is computed once."""

    def __init__(self, make: Callable[[LayerVersion], T]) -> None:
        self._make = make
        self._cache: dict[str, tuple[LayerVersion, T]] = {}
        self._lock = threading.Lock()

    def of(self, versions: Iterable[LayerVersion]) -> list[T]:
        """Return the values of these versions, in their order; those of all other versions are dropped."""
        with self._lock:
            fresh: dict[str, tuple[LayerVersion, T]] = {}
            for version in versions:
                cached = self._cache.get(version.layer.id)
                same = cached is not None and cached[0] is version
                fresh[version.layer.id] = cached if cached and same else (version, self._make(version))
            self._cache = fresh
            return [value for _, value in fresh.values()]
