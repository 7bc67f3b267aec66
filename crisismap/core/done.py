"""The answer of a write: it is on disk, and from which revision on everybody can see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A committed write: the revision that shows it, and its result (None when it has none)."""

    revision: int
    value: T = cast("Any", None)
