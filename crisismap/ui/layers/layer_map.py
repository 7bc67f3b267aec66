"""A map of one official layer: a published one from its URL, or a preview that only this person sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pydeck as pdk
import shapely

from crisismap.core.layer.layer import LayerVersion, Role, extent_of, geometries
from crisismap.core.place.place import Extent
from crisismap.core.text import symbols
from crisismap.ui.map.base_map import layer_views
from crisismap.ui.map.fit_bounds import fit_bounds
from crisismap.ui.map.map import Scene, deck

MAP_PX = 320
WIDTH_PX, _NARROW_PX = 700, 300  # of a published layer, and of a preview, which is half as wide or on a phone
_MOST_POINTS = 60_000  # vertices of a preview, because it is sent to the browser within the page
_PIXEL = 0.5  # tolerance of a preview in pixels


def live_map(version: LayerVersion, others: list[LayerVersion], *, dark: bool) -> pdk.Deck:
    """Return the map of a published layer, over the areas among `others` for orientation."""
    return deck(_scene(version.bounds(), [*_areas(version, others), version], dark=dark))


def preview_map(version: LayerVersion, others: list[LayerVersion], *, dark: bool, incident: bool = False) -> pdk.Deck:
    """Return the map of a preview, with all of the `incident` in view if it is wanted.

    Only its shapes are sent to the browser, none of its text.
    """
    colours = symbols.palette(dark)
    shown = [version, *(each for each in others if incident and each.layer.id != version.layer.id)]
    box = extent_of(geometries(feature for each in shown for feature in each.features))
    colour = list(symbols.rgb(colours.shelter if version.layer.role is Role.SHELTER else colours.hazard))
    shapes = pdk.Layer(
        "GeoJsonLayer",
        id="preview",
        data={"type": "FeatureCollection", "features": _shapes(version, box)},
        get_fill_color=[*colour, 60],
        get_line_color=[*colour, 230],
        line_width_units="'pixels'",
        get_line_width=1.5,
        point_radius_units="'pixels'",
        get_point_radius=4,
        pickable=False,
    )
    scene = _scene(box, _areas(version, others), dark=dark, width_px=_NARROW_PX)
    return deck(replace(scene, overlays=[shapes]))


def _areas(version: LayerVersion, others: list[LayerVersion]) -> list[LayerVersion]:
    return [other for other in others if other.layer.role is Role.AREA and other.layer.id != version.layer.id]


def _scene(box: Extent | None, layers: list[LayerVersion], *, dark: bool, width_px: int = WIDTH_PX) -> Scene:
    """Return the scene of these layers within a box, without reports."""
    camera = fit_bounds(box, width_px=width_px, height_px=MAP_PX)
    return Scene(None, camera, layers=layer_views(layers), dark=dark)


def _shapes(version: LayerVersion, box: Extent | None) -> list[dict[str, Any]]:
    """Return the geometries as GeoJSON, simplified to the preview's resolution, at most _MOST_POINTS vertices."""
    geometries = [feature.geometry for feature in version.features if feature.geometry is not None]
    width_deg = max((box[2] - box[0]) % 360, box[3] - box[1], 1e-6) if box else 1.0
    simple = shapely.simplify(geometries, width_deg / WIDTH_PX * _PIXEL)
    sent = simple[np.cumsum(shapely.get_num_coordinates(simple)) <= _MOST_POINTS]
    return [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(each)} for each in sent]
