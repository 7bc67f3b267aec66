"""The answer of a write: it is on disk, and from which revision on everybody can see it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from crisismap.core.errors import Unavailable

T = TypeVar("T")
PATIENCE_S = 10.0  # a person waits no longer for a write


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A committed write: the revision that shows it, and its result (None when it has none)."""

    revision: int
    value: T = cast("Any", None)


def wait_for(pending: Future[Done[T]], seconds: float = PATIENCE_S) -> Done[T]:
    """Return what a write answers, or raise what it raises. Raises Unavailable when it takes too long.

    The write is not taken back then: a disk that answers late may still keep it.
    """
    try:
        return pending.result(seconds)
    except TimeoutError:
        raise Unavailable("write_not_answered") from None
