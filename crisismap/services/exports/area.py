"""Official areas by name or code, and the features near them, for print sheets and offline maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import Feature, LayerVersion, Role, extent_of
from crisismap.core.place.place import Extent, unrolled
from crisismap.core.text.map_label import told_apart
from crisismap.situation.board.selection import find_area
from crisismap.situation.merge.shelters import OPEN
from crisismap.situation.situation import Situation

MARGIN = 0.15  # share of the box, for features around it


def features_of(situation: Situation, area: str) -> list[Feature]:
    """Return the features of an area, by code or name as people write it. Raises Invalid if there is none."""
    features = [feature for version in situation.layers_of(Role.AREA) for feature in version.features]
    return [features[place] for place in find_area(area, [(each.code, each.name) for each in features])]


def area_title(area: Feature) -> str:
    """Return the area's name, with its code where that adds something."""
    return f"{area.name} ({area.code})" if area.name and area.code not in ("", area.name) else area.name or area.code


def map_names(version: LayerVersion) -> list[str]:
    """Return the name of each feature on a map; areas that share one are told apart by their codes."""
    names = [feature.name for feature in version.features]
    return told_apart(names, [each.code for each in version.features]) if version.layer.role is Role.AREA else names


def box_of(shapes: NDArray[np.object_]) -> Extent | None:
    """Return the unrolled extent of an area's geometries; None if it has none."""
    found = extent_of(shapes)
    return None if found is None else unrolled(found)


def margin_around(box: Extent) -> float:
    """Return the map's margin around the box in degrees."""
    return MARGIN * max(box[2] - box[0], box[3] - box[1], 0.01)


def is_near(feature: Feature, box: Extent, margin: float) -> bool:
    """Return whether a feature lies in the unrolled box or within `margin` degrees of it."""
    geometry = feature.geometry
    if geometry is None or geometry.is_empty:
        return False
    west, south, east, north = geometry.bounds
    if south > box[3] + margin or north < box[1] - margin:
        return False
    return any(west + turn <= box[2] + margin and east + turn >= box[0] - margin for turn in (-360.0, 0.0, 360.0))


def kind_of(role: Role, feature: Feature, here: bool) -> tuple[str, str]:
    """Return how to draw a feature, and a shelter's status: open, full or closed. `here`: it is the area itself."""
    status = feature.status.strip().lower()
    if role is Role.AREA:
        return ("here" if here else "area"), ""
    if role is Role.TRANSPORT:
        return ("road_closed" if status == "closed" else "road"), ""
    if role is Role.SHELTER:
        return "shelter", "open" if status in OPEN else "full" if status == "full" else "closed"
    return ("hazard" if role is Role.HAZARD else "context"), ""
