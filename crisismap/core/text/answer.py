"""Yes and no as programs and people write them in cells; the words of other languages are in `i18n.answers`; pure."""

from __future__ import annotations

_YES = frozenset({"true", "yes", "y", "1", "1.0", "x"})
_NO = frozenset({"false", "no", "n", "0", "0.0"})


def read_truth(text: str) -> bool | None:
    """Return whether a text means yes or no; None when it means neither."""
    plain = text.strip().casefold()
    return True if plain in _YES else False if plain in _NO else None
