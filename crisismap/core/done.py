"""The result of a committed write, with the revision from which it is visible."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from crisismap.core.errors import Unavailable

T = TypeVar("T")
PATIENCE_S = 10.0  # longest wait of a person for a write


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """A committed write: the revision that shows it, and its result (None when it has none)."""

    revision: int
    value: T = cast("Any", None)


def wait_for(pending: Future[Done[T]], seconds: float = PATIENCE_S) -> Done[T]:
    """Return the result of a write, or raise its error. Raises Unavailable after `seconds`.

    The write is not cancelled then: a slow disk may still commit it.
    """
    try:
        return pending.result(seconds)
    except TimeoutError:
        raise Unavailable("write_not_answered") from None
