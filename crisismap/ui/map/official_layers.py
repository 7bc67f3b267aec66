"""The deck's layers of official data and of an imported basemap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pydeck as pdk

from crisismap.core.layer.layer import Role
from crisismap.core.text import symbols
from crisismap.ui.map import base_map
from crisismap.ui.map.base_map import ASSETS, BasemapLayers, LayerView
from crisismap.ui.map.map_expressions import address, constant, constant_chain, rgb_list
from crisismap.ui.map.severity import density, width

_SHELTERS_FULL_SIZE_ZOOM = 13.3  # further away they are dots that leave room


def below(layers: Sequence[LayerView], basemap: BasemapLayers) -> list[LayerView]:
    """Return the layers drawn under the deck; none where the deck's own basemap would cover them."""
    return [] if basemap.vector_url else [each for each in layers if each.role in base_map.ROLES]


def official(layers: Sequence[LayerView], basemap: BasemapLayers, *, dark: bool) -> list[pdk.Layer]:
    """Return the official layers in drawing order: context, hazards and areas, then roads, then shelters."""
    order = {Role.CONTEXT: 0, Role.HAZARD: 1, Role.AREA: 2, Role.TRANSPORT: 3, Role.SHELTER: 4}
    drawn_below = below(layers, basemap)
    drawn = [each for each in layers if each.role is Role.HAZARD or each not in drawn_below]
    drawn.sort(key=lambda each: (order[each.role], each.id))
    return [_official_layer(each, basemap, dark=dark) for each in drawn]


def _official_layer(layer: LayerView, basemap: BasemapLayers, *, dark: bool) -> pdk.Layer:
    colours = symbols.palette(dark)
    common: dict[str, Any] = {
        "id": f"layer-{layer.id}",
        "data": layer.address,
        "line_width_units": constant("pixels"),
        "get_line_width": 1,
        "pickable": layer.role in (Role.SHELTER, Role.HAZARD),
    }
    if layer.role is Role.HAZARD:
        common |= {
            # A more severe warning has denser hatching and a wider outline; an all-clear has an outline only.
            "get_fill_color": f"[{', '.join(map(str, symbols.rgb(colours.hazard)))}, {density()}]",
            "get_line_color": [*symbols.rgb(colours.hazard), 200],
            "stroked": bool(basemap.vector_url),
            "get_line_width": width(),
            "extensions": [{"@@type": "FillStyleExtension", "pattern": True}],
            "fill_pattern_atlas": constant(f"{ASSETS}/symbols/hatch.svg"),
            "fill_pattern_mapping": {"hatch": {"x": 0, "y": 0, "width": 64, "height": 64, "mask": True}},
            "fill_pattern_size_units": constant("pixels"),
            "get_fill_pattern": constant("hatch"),
            "get_fill_pattern_scale": 0.25,
        }
    elif layer.role is Role.AREA:
        common |= {"filled": False, "get_line_color": [*symbols.rgb(colours.area), 150]}
    elif layer.role is Role.TRANSPORT:
        closed = f"properties.status == 'closed' ? {[*symbols.rgb(colours.road_closed), 255]}"
        common |= {
            "filled": False,
            "get_line_color": f"{closed} : {[*symbols.rgb(colours.road), 200]}",
            "get_line_width": "properties.status == 'closed' ? 3 : 1.5",
            "extensions": [{"@@type": "PathStyleExtension", "dash": True}],
            "get_dash_array": "properties.status == 'closed' ? [3, 2] : [0, 0]",
        }
    elif layer.role is Role.SHELTER:
        theme = "dark" if dark else "light"
        status = constant_chain("properties.status", {each: each for each in symbols.SHELTER_STATUSES}, "open")
        common |= {
            "get_fill_color": [*symbols.rgb(colours.shelter), 50],
            "get_line_color": [*symbols.rgb(colours.shelter), 220],
            "point_type": constant("icon"),
            "icon_atlas": constant(f"{ASSETS}/symbols/{theme}.svg"),
            "icon_mapping": constant(f"{ASSETS}/symbols/symbols.json"),
            "get_icon": f"'official-shelter-' + {status}",
            "get_icon_size": f"{34 / 2**_SHELTERS_FULL_SIZE_ZOOM:.9f}",
            "icon_size_units": constant("common"),
            "icon_size_min_pixels": 14,
            "icon_size_max_pixels": 34,
        }
    else:
        common |= {
            "get_fill_color": [*symbols.rgb(colours.context), 40],
            "get_line_color": [*symbols.rgb(colours.context), 140],
            "get_point_radius": 3,
            "point_radius_units": constant("pixels"),
        }
    return pdk.Layer("GeoJsonLayer", **common)


def vector_basemap(basemap: BasemapLayers, *, filled: bool, dark: bool) -> list[pdk.Layer]:
    """Return the imported vector basemap, coloured by its layer names; areas only if `filled`."""
    url = basemap.vector_url
    if not url:
        return []
    colours = symbols.palette(dark)
    name = "properties.layerName"
    # The layer names of the two common street tile schemas.
    water = f"{name} == 'water' ? {rgb_list(colours.water)}"
    street = " || ".join(f"{name} == '{layer}'" for layer in ("roads", "transportation", "road"))
    return [
        pdk.Layer(
            "MVTLayer",
            id="basemap",
            data=address(url),
            load_options={"mvt": {"workerUrl": f"{ASSETS}/mvt-worker.js"}},
            max_zoom=15,
            pickable=False,
            stroked=False,
            filled=filled,
            get_fill_color=f"{water} : {rgb_list(colours.land)}",
            get_line_color=f"{street} ? {rgb_list(colours.context)} : {rgb_list(colours.border)}",
            line_width_units=constant("pixels"),
            get_line_width=f"{street} ? 1.5 : 0.5",
            point_type=constant("circle"),
            get_point_radius=0,
        )
    ]
