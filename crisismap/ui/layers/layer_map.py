"""A map of one official layer: a live one from its address, or one just read that only this person sees yet."""

from __future__ import annotations

from typing import Any

import pydeck as pdk
import shapely

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.place.place import Extent
from crisismap.core.text import symbols
from crisismap.ui.map import map as desk_map
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.fit_bounds import aim
from crisismap.ui.map.map import Scene

MAP_PX = 320
WIDTH_PX = 700
_MOST_POINTS = 60_000  # vertices of a preview; it travels to the browser within the page
_PIXEL = 0.5  # a preview may be off by this much of a pixel


def live_map(version: LayerVersion, others: list[LayerVersion], *, dark: bool) -> pdk.Deck:
    """The layer as everybody gets it, over the areas among `others` for orientation."""
    areas = [other for other in others if other.layer.role is Role.AREA and other.layer.id != version.layer.id]
    return _bare(version.bounds(), [*areas, version], dark=dark)


def preview_map(version: LayerVersion, others: list[LayerVersion], *, dark: bool) -> pdk.Deck:
    """What was read, drawn without a word of it: only its shapes are sent."""
    areas = [other for other in others if other.layer.role is Role.AREA and other.layer.id != version.layer.id]
    box = version.bounds()
    made = _bare(box, areas, dark=dark)
    colours = symbols.palette(dark)
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
    made.layers = [[*made.layers[0], shapes]]
    return made


def _bare(box: Extent | None, layers: list[LayerVersion], *, dark: bool) -> pdk.Deck:
    """The desk's map with these layers and without reports."""
    views = [LayerView(each.layer.id, each.layer.role, each.version) for each in layers]
    view = aim(box, width_px=WIDTH_PX, height_px=MAP_PX)
    made = desk_map.deck(Scene(0, view, layers=views, dark=dark))
    made.layers = [[layer for layer in made.layers[0] if layer.id != desk_map.REPORTS]]
    return made


def _shapes(version: LayerVersion, box: Extent | None) -> list[dict[str, Any]]:
    """The geometries as GeoJSON, simplified to what the preview can show, at most _MOST_POINTS vertices."""
    geometries = [feature.geometry for feature in version.features if feature.geometry is not None]
    wide = max(box[2] - box[0], box[3] - box[1], 1e-6) if box else 1.0
    near = shapely.simplify(geometries, wide / WIDTH_PX * _PIXEL)
    found, points = [], 0
    for geometry in near:
        points += int(shapely.get_num_coordinates(geometry))
        if points > _MOST_POINTS:
            break
        found.append({"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(geometry)})
    return found
