"""Whether a layer lies where the incident is: coordinates in the wrong order, or of another part of the world; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.errors import Invalid, shorten
from crisismap.core.layer.layer import WARNING, LayerVersion, geometries
from crisismap.core.place.geodesy import distances_m
from crisismap.core.place.place import FAR_AWAY_DEGREES, Extent

_MOST = 0.9  # share of the features that must be at the incident when swapped, for the whole layer to be refused
_FEW = 0.1  # share that may be there as they are
_MARGIN = 0.05  # degrees around the incident that still count as in it
_NAMED = 5

Masks = tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]


def checked(
    version: LayerVersion,
    references: Sequence[Extent],
    areas: Sequence[LayerVersion],
    *,
    may_be_far: bool = False,
    confirmed: bool = False,
) -> LayerVersion:
    """Return the version, with warnings of single features that lie far away or look swapped.

    `references`: boxes of the incident; without any nothing is known. `areas`: the loaded areas, which tell the order
    where both are in the box. `may_be_far`: for warnings, which are often of a whole country.

    Raises Invalid (`layer_swapped`, `layer_far_away`) for a layer that is misplaced as a whole, unless a person has
    `confirmed` it; its `away_km` is the distance of the nearest feature to the middle of the first reference.
    """
    shapes = geometries(version.features)
    located = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if not references or not len(located):
        return version
    boxes = shapely.bounds(shapes[located])
    inside, inside_swapped, near = _masks(boxes, references)
    if inside.all() and inside_swapped.all() and areas:
        inside, inside_swapped = _within_areas(boxes, areas)
    looks = inside_swapped & ~inside
    if not confirmed:
        is_turned = looks.mean() >= _MOST and inside.mean() <= _FEW
        is_far = not near.any() and not may_be_far
        is_turned |= is_far and version.turned is not None and _reaches(version.turned, references)
        where = box_text(shapely.total_bounds(shapes[located]))
        if is_turned:
            raise Invalid("layer", where, "layer_swapped", **_distance(boxes, references[0]))
        if is_far:
            raise Invalid("layer", where, "layer_far_away", **_distance(boxes, references[0]))
    names = [version.features[at].name or version.features[at].id for at in located]
    notes = [_note("longitude and latitude look swapped, left as they are", names, looks & ~near)]
    if not may_be_far:
        notes.append(_note("far from the incident", names, ~near & ~looks))
    found = tuple(note for note in notes if note and note not in version.notes)
    return replace(version, notes=(*version.notes, *found)) if found else version


def _distance(boxes: NDArray[np.float64], extent: Extent) -> dict[str, int]:
    west, south, east, north = extent
    east += 360.0 if west > east else 0.0
    lons, lats = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    metres = float(distances_m((west + east) / 2, (south + north) / 2, lons, lats).min())
    return {"count": len(boxes), "away_km": round(metres / 1000)}


def _masks(boxes: NDArray[np.float64], references: Sequence[Extent]) -> Masks:
    """Return for each box whether it touches the incident, whether it does when swapped, and whether it is near it."""
    swapped = boxes[:, [1, 0, 3, 2]]
    inside, inside_swapped, near = (np.zeros(len(boxes), bool) for _ in range(3))
    for extent in references:
        inside |= touches(boxes, extent, _MARGIN)
        inside_swapped |= touches(swapped, extent, _MARGIN) & (np.abs(swapped[:, [1, 3]]) <= 90).all(axis=1)
        near |= touches(boxes, extent, FAR_AWAY_DEGREES)
    return inside, inside_swapped, near


def _reaches(box: Extent, references: Sequence[Extent]) -> bool:
    return any(touches(np.array([box]), extent, _MARGIN)[0] for extent in references)


def touches(boxes: NDArray[np.float64], extent: Extent, margin: float) -> NDArray[np.bool_]:
    """Return for each box whether it touches the extent, widened by a margin; with west > east it crosses 180."""
    west, south, east, north = extent
    if west > east:
        east += 360.0
    across = (boxes[:, 1] <= north + margin) & (boxes[:, 3] >= south - margin)
    along = np.zeros(len(boxes), bool)
    for turn in (-360.0, 0.0, 360.0):
        along |= (boxes[:, 0] + turn <= east + margin) & (boxes[:, 2] + turn >= west - margin)
    return across & along


def _within_areas(
    boxes: NDArray[np.float64], areas: Sequence[LayerVersion]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each box whether its centre is in some area as it is, and when swapped."""
    shapes = np.concatenate([geometries(area.features) for area in areas])
    tree = shapely.STRtree(shapes[~shapely.is_missing(shapes)])
    lon, lat = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    found = []
    for points in (shapely.points(lon, lat), shapely.points(lat, lon)):
        mask = np.zeros(len(boxes), bool)
        mask[tree.query(points, predicate="intersects")[0]] = True
        found.append(mask)
    return found[0], found[1]


def _note(what: str, names: Sequence[str], rows: NDArray[np.bool_]) -> str:
    chosen = [shorten(names[at], 60) for at in np.flatnonzero(rows).tolist()]
    if not chosen:
        return ""
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    return f"{WARNING}{what}: {len(chosen)} of {len(names)} features ({', '.join(chosen[:_NAMED])}{more})"


def box_text(box: NDArray[np.float64]) -> str:
    """Return a box as text."""
    west, south, east, north = box
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"
