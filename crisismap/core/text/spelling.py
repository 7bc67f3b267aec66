"""The spelling alphabet of ICAO, for reading out a tracking code on the telephone."""

from __future__ import annotations

_LETTERS = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike "
    "November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)
_DIGITS = "zero one two three four five six seven eight nine"
_WORDS = {word[0]: word for word in _LETTERS.split()} | {str(n): word for n, word in enumerate(_DIGITS.split())}


def spelled(code: str) -> tuple[str, ...]:
    """Return the groups of a code in words: `7K2M-...` gives `seven Kilo two Mike` first. Other characters stay."""
    return tuple(" ".join(_WORDS.get(each, each) for each in group) for group in code.upper().split("-"))
