"""The map of the desk: a pydeck deck over our own tiles, layers and basemap, and the selection on it.

`deck` is pure. It relies on behaviour found by experiment with Streamlit 1.67 (deck.gl 9.4):
- Streamlit dims layers and remembers the selection of layers at the top level of the list. The layers are therefore
  in a nested list: nothing is dimmed, and every selection counts as a new one.
- A changed `?v=` replaces the tiles in place. `initial_view_state` moves the camera only if its numbers changed, so an
  equal one leaves the user's panning alone; `Camera.move` makes an equal target differ by a negligible amount.
- Accessors are expressions of deck.gl's JSON; constant strings have to be quoted twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import pydeck as pdk
import streamlit as st

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Role
from crisismap.core.place.mercator import common_units
from crisismap.core.place.place import cell_place
from crisismap.core.privacy import PrivacyRules
from crisismap.core.text import symbols
from crisismap.ui.map import base_map
from crisismap.ui.map.base_map import ASSETS, BasemapLayers, LayerView, RasterView
from crisismap.ui.map.map_expressions import chain, constant, constant_chain
from crisismap.ui.map.severity import density, width

TILES_URL = "/api/v1/tiles/{z}/{x}/{y}.mvt"
REPORTS = "reports"

_MAX_ZOOM = 19
_MAX_TILE_ZOOM = 16  # at higher zooms tiles are stretched, not fetched
_FULL_SIZE_ZOOM = 14.5  # a report's symbol is 40 pixels there
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True, slots=True)
class Camera:
    """The map's centre in degrees WGS 84 and its zoom for 512 pixel tiles. A changed `move` moves the map again."""

    lon: float
    lat: float
    zoom: float
    move: int = 0

    def moved_to(self, lon: float, lat: float, zoom: float) -> Camera:
        """Return the next camera; the map moves there even if it was sent to the same place before."""
        return Camera(lon, lat, zoom, self.move + 1)


@dataclass(frozen=True, slots=True)
class Highlight:
    """The location of the open report, with a ring on the map, and the route from it to the nearest open shelter.

    `route` is the route's line (lon, lat), empty for none; `by_road` is false for a straight line, drawn dashed.
    """

    lon: float
    lat: float
    route: tuple[tuple[float, float], ...] = ()
    by_road: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the map shows.

    `revision` is that of the reports, None for a map without them. `filters_query` is an encoded query string of the
    tiles, without `?` and `v`; `shapes` is category to shape, the `icon` of its file; `privacy` says how large the
    published cells are; `overlays` are further layers of the deck.
    """

    revision: int | None
    camera: Camera
    layers: Sequence[LayerView] = ()
    highlight: Highlight | None = None
    filters_query: str = ""
    dark: bool = False
    basemap: BasemapLayers = BasemapLayers()
    pictures: Sequence[RasterView] = ()
    tiles_url: str = TILES_URL
    shapes: Mapping[str, str] = field(default_factory=lambda: symbols.CATEGORY_SHAPES)
    privacy: PrivacyRules = PrivacyRules()
    overlays: Sequence[pdk.Layer] = ()


@dataclass(frozen=True, slots=True)
class MapEvent:
    """A selection on the map: a report or cluster by its tile id (the row on the board), or a layer's feature."""

    kind: Literal["report", "cluster", "layer"]
    id: int | str | None
    layer: str
    properties: Mapping[str, Any]

    @property
    def count(self) -> int:
        """Return the number of reports of a cluster; 0 where the browser sent none."""
        count = self.properties.get("count")
        return count if isinstance(count, int) else 0


def deck(scene: Scene) -> pdk.Deck:
    """Return the deck of a scene. Raise Invalid for a query that could break out of the URL."""
    camera = scene.camera
    step = _NEGLIGIBLE * (camera.move % 2)
    reports = [_reports(scene)] if scene.revision is not None else []
    below = [*_vector_basemap(scene), *_official(scene), *_route_layer(scene)]
    chart = copy(_empty_deck())
    chart.layers = [[*below, *reports, *_highlight(scene), *scene.overlays]]
    chart.initial_view_state = pdk.ViewState(
        longitude=camera.lon + step, latitude=camera.lat + step, zoom=camera.zoom + step, max_zoom=_MAX_ZOOM, min_zoom=0
    )
    # Streamlit ignores a bare style object, and without a style it would contact a public host: hence a list of one.
    chart.map_style = [base_map.style(scene.basemap, _below(scene), dark=scene.dark, pictures=scene.pictures)]
    return chart


@cache
def _empty_deck() -> pdk.Deck:
    """Return a deck to copy: creating one searches for Jupyter five times, longer than the rest of a refresh."""
    return pdk.Deck(map_provider="maplibre", tooltip=False)


def show(chart: pdk.Deck, *, height: int | Literal["stretch"], key: str = "map", alt: str = "") -> None:
    """Draw the deck. Call `take_selection` with the same key before building it, so that one run shows the response."""
    st.pydeck_chart(chart, height=height, on_select="rerun", selection_mode="single-object", key=key, alt=alt or None)


def full_height(rest_rem: float, *, key: str = "map") -> str:
    """Return CSS for `st.html` that stretches the map to the window's height minus `rest_rem`."""
    height = f"max(20rem, calc(100dvh - {rest_rem:g}rem))"
    return (
        f"<style>.st-key-{key}{{flex:0 0 auto !important;height:{height} !important}}"
        f".st-key-{key} [data-testid=stDeckGlJsonChart]{{height:{height} !important}}</style>"
    )


def take_selection(key: str = "map") -> MapEvent | None:
    """Return the selection since the last run, once; None if there is none."""
    state = st.session_state.get(key)
    now = json.dumps(state["selection"]["objects"], sort_keys=True, default=str) if state else "{}"
    seen_key = f"{key}-seen"
    if st.session_state.get(seen_key, "{}") == now:
        return None
    st.session_state[seen_key] = now
    return event_from(json.loads(now))


def event_from(objects: Mapping[str, Sequence[Any]]) -> MapEvent | None:
    """Return the event of a selection `{layer id: [feature]}`; None if empty or malformed (it is browser input)."""
    for layer, features in objects.items():
        if not features or not isinstance(features[0], dict):
            continue
        feature = features[0]
        properties = feature.get("properties")
        facts = properties if isinstance(properties, dict) else {}
        number = feature.get("id")
        if layer != REPORTS:
            return MapEvent("layer", number if isinstance(number, int | str) else None, layer, facts)
        if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
            return MapEvent("cluster" if facts.get("layerName") == "clusters" else "report", number, layer, facts)
    return None


def _reports(scene: Scene) -> pdk.Layer:
    colours = symbols.palette(scene.dark)
    theme = "dark" if scene.dark else "light"
    cluster = "properties.layerName == 'clusters'"
    stack = "properties.layerName == 'stacks'"
    beside = f"{stack} ? [13, 13] : [0, 0]"  # below right, because the priority letter is above right
    # In common units (the world is 512) a size follows the zoom between its limits; clusters sit at the upper one.
    report_size = 40 / 2**_FULL_SIZE_ZOOM
    return pdk.Layer(
        "MVTLayer",
        id=REPORTS,
        data=_address(scene.tiles_url, f"v={scene.revision}", scene.filters_query),
        load_options={"mvt": {"workerUrl": f"{ASSETS}/mvt-worker.js"}},
        max_zoom=_MAX_TILE_ZOOM,
        pickable=True,
        point_type=constant("circle+icon+text"),
        point_radius_units=constant("common"),
        get_point_radius=f"properties.place_kind == 'cell' ? {_cell_radius(scene)} : 0",
        stroked=True,
        get_line_width=1,
        line_width_units=constant("pixels"),
        filled=False,
        get_line_color=[*symbols.rgb(colours.priority[0]), 70],
        _subLayerProps={"points-circle": {"pickable": False}},
        icon_atlas=constant(f"{ASSETS}/symbols/{theme}.svg"),
        icon_mapping=constant(f"{ASSETS}/symbols/symbols.json"),
        get_icon=f"{stack} ? '{symbols.STACK}' : {_icon(cluster, scene.shapes)}",
        get_icon_pixel_offset=beside,
        get_icon_size=f"{cluster} || {stack} ? 64 : {report_size:.9f}",
        icon_size_units=constant("common"),
        icon_size_min_pixels=26,
        icon_size_max_pixels=48,
        get_icon_color=f"[0, 0, 0, properties.stale ? {round(255 * symbols.STALE_OPACITY)} : 255]",
        get_text=f"{cluster} || {stack} ? properties.label : ''",
        get_text_pixel_offset=beside,
        get_text_size=12,
        get_text_color=f"properties.urgency ? {_list(colours.ink)} : {_list(colours.priority[0])}",
        text_font_family=constant("system-ui, sans-serif"),
        text_font_weight=700,
    )


def _cell_radius(scene: Scene) -> str:
    """Return the expression of the radius of a feature's cell, in common units, near the middle of the map."""

    def radius(resolution: int) -> str:
        metres = cell_place(scene.camera.lon, scene.camera.lat, resolution)[2]
        return f"{common_units(metres, scene.camera.lat):.9f}"

    radii = {category: radius(resolution) for category, resolution in scene.privacy.by_category.items()}
    return chain("properties.category", radii, radius(scene.privacy.cell_resolution))


def _icon(cluster: str, shapes: Mapping[str, str]) -> str:
    """Return the expression of a feature's key in the icon atlas."""
    icons = {category: symbols.shape_of(category, shapes) for category in shapes}
    shape = constant_chain("properties.category", icons, "dot")
    fill = constant_chain("properties.state", symbols.LOOKS, "none")
    outline = constant_chain("properties.verification", symbols.OUTLINES, "solid")
    unanswered = "(properties.state == 'open' || properties.state == 'claimed')"
    report = (
        f"{shape} + '-' + (properties.state && properties.priority || 'P0') + '-' + {fill}"
        f" + (properties.overdue && {unanswered} ? '-late-' : '-due-') + {outline}"
    )
    step = "(properties.count < 10 ? 0 : properties.count < 100 ? 1 : properties.count < 1000 ? 2 : 3)"
    return f"{cluster} ? 'cluster-' + (properties.urgency || 0) + '-' + {step} : {report}"


def _below(scene: Scene) -> list[LayerView]:
    """Return the layers drawn under the deck; none where the deck's own basemap would cover them."""
    return [] if scene.basemap.vector_url else [each for each in scene.layers if each.role in base_map.ROLES]


def _official(scene: Scene) -> list[pdk.Layer]:
    """Return the official layers in drawing order: context, hazards and areas, then roads, then shelters."""
    order = {Role.CONTEXT: 0, Role.HAZARD: 1, Role.AREA: 2, Role.TRANSPORT: 3, Role.SHELTER: 4}
    below = _below(scene)
    layers = [each for each in scene.layers if each.role is Role.HAZARD or each not in below]
    layers.sort(key=lambda each: (order[each.role], each.id))
    return [_official_layer(each, scene) for each in layers]


def _official_layer(layer: LayerView, scene: Scene) -> pdk.Layer:
    colours = symbols.palette(scene.dark)
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
            "stroked": bool(scene.basemap.vector_url),
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
        theme = "dark" if scene.dark else "light"
        status = constant_chain("properties.status", {each: each for each in symbols.SHELTER_STATUSES}, "open")
        common |= {
            "get_fill_color": [*symbols.rgb(colours.shelter), 50],
            "get_line_color": [*symbols.rgb(colours.shelter), 220],
            "point_type": constant("icon"),
            "icon_atlas": constant(f"{ASSETS}/symbols/{theme}.svg"),
            "icon_mapping": constant(f"{ASSETS}/symbols/symbols.json"),
            "get_icon": f"'official-shelter-' + {status}",
            "get_icon_size": 34,
        }
    else:
        common |= {
            "get_fill_color": [*symbols.rgb(colours.context), 40],
            "get_line_color": [*symbols.rgb(colours.context), 140],
            "get_point_radius": 3,
            "point_radius_units": constant("pixels"),
        }
    return pdk.Layer("GeoJsonLayer", **common)


def _vector_basemap(scene: Scene) -> list[pdk.Layer]:
    """Return the imported vector basemap, coloured by the layer names in its tiles."""
    url = scene.basemap.vector_url
    if not url:
        return []
    colours = symbols.palette(scene.dark)
    name = "properties.layerName"
    # The layer names of the two common street tile schemas.
    water = f"{name} == 'water' ? {_list(colours.water)}"
    street = " || ".join(f"{name} == '{layer}'" for layer in ("roads", "transportation", "road"))
    return [
        pdk.Layer(
            "MVTLayer",
            id="basemap",
            data=_address(url),
            load_options={"mvt": {"workerUrl": f"{ASSETS}/mvt-worker.js"}},
            max_zoom=15,
            pickable=False,
            stroked=False,
            filled=not scene.pictures,  # map images lie below, and filled areas would hide them
            get_fill_color=f"{water} : {_list(colours.land)}",
            get_line_color=f"{street} ? {_list(colours.context)} : {_list(colours.border)}",
            line_width_units=constant("pixels"),
            get_line_width=f"{street} ? 1.5 : 0.5",
            point_type=constant("circle"),
            get_point_radius=0,
        )
    ]


def _route_layer(scene: Scene) -> list[pdk.Layer]:
    """Return the route from the open report to a shelter, under the reports."""
    highlight = scene.highlight
    if highlight is None or not highlight.route:
        return []
    colours = symbols.palette(scene.dark)
    dashed: dict[str, Any] = {
        "extensions": [{"@@type": "PathStyleExtension", "dash": True}],
        "get_dash_array": [2, 2],
    }
    return [
        pdk.Layer(
            "PathLayer",
            id=f"way-{width}",
            data=[{"path": [list(point) for point in highlight.route]}],
            get_path="path",
            get_color=_list(colour),
            get_width=width,
            width_units=constant("pixels"),
            cap_rounded=True,
            joint_rounded=True,
            pickable=False,
            **({} if highlight.by_road else dashed),
        )
        for width, colour in ((8, colours.surface), (4, colours.choice))
    ]


def _highlight(scene: Scene) -> list[pdk.Layer]:
    if scene.highlight is None:
        return []
    colours = symbols.palette(scene.dark)
    rings = [(24, 7, colours.surface), (24, 3, colours.choice)]
    return [
        pdk.Layer(
            "ScatterplotLayer",
            id=f"chosen-{width}",
            data=[{"place": [scene.highlight.lon, scene.highlight.lat]}],
            get_position="place",
            get_radius=radius,
            radius_units=constant("pixels"),
            filled=False,
            stroked=True,
            get_line_color=_list(colour),
            get_line_width=width,
            line_width_units=constant("pixels"),
            pickable=False,
        )
        for radius, width, colour in rings
    ]


def _address(url: str, *queries: str) -> str:
    query = "&".join(each for each in queries if each)
    if set(query) & set("{}'\"<>\\ #"):
        raise Invalid("filters_query", query, "not_a_query")
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _list(colour: str) -> list[int]:
    return list(symbols.rgb(colour))
