"""Lookup of a field by its name: exact, then case-insensitive; from a mapping, or from common names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crisismap.core.errors import Invalid


def find(names: Sequence[str], wanted: str, guesses: Iterable[str] = ()) -> str | None:
    """Return the file's own spelling of `wanted`; without one, of the first guess that exists; else None.

    Raises Invalid when the mapping's `wanted` does not exist, listing the fields that do.
    """
    if wanted:
        found = _spelling(names, wanted)
        if found is None:
            raise Invalid("mapping", wanted, "no_field", known=", ".join(names) or "none")
        return found
    for guess in guesses:
        found = _spelling(names, guess)
        if found is not None:
            return found
    return None


def _spelling(names: Sequence[str], wanted: str) -> str | None:
    if wanted in names:
        return wanted
    folded = wanted.strip().casefold()
    return next((name for name in names if name.strip().casefold() == folded), None)
