"""Which points of a tile are drawn as one mark, so that no mark hides another, and how a few of them are fanned out.

A mark that could lie on one of the next tile is drawn MARGIN away from the edge between them.

Lengths are in tile coordinates: 4096 across a tile, which is 512 pixels wide at its own zoom. Maps also draw it up to
1.4 times smaller, therefore marks of 40 pixels are kept 60 apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from crisismap.core.text.map_symbols import RING_PARTS

Positions = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]

PIXEL = 8
APART = 60 * PIXEL
MARGIN = APART // 2  # from a mark to its tile's edge, behind which another tile may draw one
FAN = 8  # at most so many points are fanned out around their place
_PETAL = 21 * PIXEL  # half the way from one fanned point to the next
_EXTENT = 4096


def merged(x: Counts, y: Counts, weight: Counts, radius: Counts | None = None) -> Positions:
    """Return for each of n marks the one that it is drawn with: the heaviest within reach, which itself stays.

    Those that stay are as far from each other as their radii together, or at least APART without any. `x`, `y`,
    `weight`, `radius` [n]; of equal weights the first one wins.
    """
    with_ = np.full(len(x), -1, np.intp)
    for at in np.argsort(-weight, kind="stable").tolist():
        if with_[at] < 0:
            reach = APART if radius is None else radius + radius[at]
            near = (x - x[at]) ** 2 + (y - y[at]) ** 2 < reach * reach
            near[at] = True
            with_[near & (with_ < 0)] = at
    return with_


def radii(count: Counts) -> Counts:
    """Return how far from its middle each mark of `count` points [n] reaches when up to FAN of them are fanned out."""
    fan = (count > 1) & (count <= FAN)
    return np.where(fan, np.rint(fan_radius(np.where(fan, count, 2))).astype(np.int64) + _PETAL, APART // 2)


def margins(count: Counts) -> Counts:
    """Return how far the middle of each mark of `count` points [n] stays from the edges of its tile."""
    return np.where((count > 1) & (count <= FAN), radii(count) - _PETAL, 0) + MARGIN


def reaches(x: Counts, y: Counts, rectangles: Counts) -> npt.NDArray[np.bool_]:
    """Return which of n points have one of `rectangles` [4, m] (left, top, right, bottom) nearer than APART."""
    left, top, right, bottom = rectangles[:, None]
    across = np.maximum(np.maximum(left - x[:, None], x[:, None] - right), 0)
    down = np.maximum(np.maximum(top - y[:, None], y[:, None] - bottom), 0)
    found: npt.NDArray[np.bool_] = (across**2 + down**2 < APART * APART).any(axis=1)
    return found


def inside(coordinates: Counts, margin: int | Counts = MARGIN) -> Counts:
    """Return coordinates moved to at least `margin` from the tile's edges."""
    return np.clip(coordinates, margin, _EXTENT - 1 - margin)


def fanned(count: Counts, rank: Counts) -> tuple[Counts, Counts]:
    """Return how far to the right and down the point number `rank` of `count` (2 .. FAN) is drawn from their middle."""
    angle = 2 * np.pi * rank / count - np.pi / 2
    radius = fan_radius(count)
    return np.rint(radius * np.cos(angle)).astype(np.int64), np.rint(radius * np.sin(angle)).astype(np.int64)


def fan_radius(count: Counts) -> npt.NDArray[np.float64]:
    """Return the radius of the circle on which `count` points are drawn beside each other."""
    radius: npt.NDArray[np.float64] = _PETAL / np.sin(np.pi / count)
    return radius


def ring(counts: tuple[int, ...]) -> str:
    """Return the shares of each priority in parts of RING_PARTS, as digits such as "1403"; each there is has a part.

    `counts` are those of P1 to P4, not all 0.
    """
    total = sum(counts)
    exact = [RING_PARTS * each / total for each in counts]
    parts = [max(int(share), 1 if each else 0) for share, each in zip(exact, counts, strict=True)]
    while sum(parts) != RING_PARTS:
        step = 1 if sum(parts) < RING_PARTS else -1
        parts[_furthest(parts, exact, step)] += step
    return "".join(map(str, parts))


def _furthest(parts: Sequence[int], exact: Sequence[float], step: int) -> int:
    """Return which part gains most by one step; none falls below one."""
    able = [at for at, part in enumerate(parts) if (exact[at] > 0 if step > 0 else part > 1)]
    return max(able, key=lambda at: step * (exact[at] - parts[at]))
