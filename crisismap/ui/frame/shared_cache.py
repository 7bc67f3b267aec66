"""What all desks show alike is worked out once: kept while its stamp is the same, forgotten with its situation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from crisismap.situation.situation import Situation

T = TypeVar("T")


class Shared(Generic[T]):
    """Values by key, at most `size` per situation. Two threads may make the same one; both are right."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: WeakKeyDictionary[Situation, OrderedDict[Hashable, tuple[object, T]]] = WeakKeyDictionary()

    def get(self, situation: Situation, key: Hashable, stamp: object, make: Callable[[], T]) -> T:
        """The value made at this stamp."""
        held = self._held.setdefault(situation, OrderedDict())
        found = held.get(key)
        if found is not None and found[0] == stamp:
            return found[1]
        value = make()
        held[key] = (stamp, value)
        while len(held) > self._size:
            held.popitem(last=False)
        return value
