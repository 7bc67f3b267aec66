"""Repeatable random streams, one per purpose, and time-ordered ids drawn from them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping

import numpy as np

Dice = random.Random


def dice(seed: int, purpose: str) -> Dice:
    """Return the random stream of a purpose; separate streams keep a change in one part from altering others."""
    return random.Random(f"crisismap-demo/{seed}/{purpose}")  # noqa: S311 - repeatable on purpose, guards nothing


def numpy_dice(seed: int, purpose: str) -> np.random.Generator:
    """Return the stream as a generator of arrays."""
    return np.random.default_rng(dice(seed, purpose).getrandbits(64))


def weighted(rng: Dice, weights: Mapping[str, float]) -> str:
    """Return one of the keys with the probability of its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def uuid7(rng: Dice, at_ms: int) -> str:
    """Return a time-ordered UUID (version 7, RFC 9562) of this moment."""
    number = (at_ms & ((1 << 48) - 1)) << 80 | rng.getrandbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=number))
