"""The map of the desk: a pydeck deck over our own tiles, layers and basemap, and the selection on it.

`deck` is pure. It relies on behaviour found by experiment with Streamlit 1.67 (deck.gl 9.4):
- Streamlit dims layers and remembers the selection of layers at the top level of the list. The layers are therefore
  in a nested list: nothing is dimmed, and every selection counts as a new one.
- A changed `?v=` replaces the tiles in place. `initial_view_state` moves the camera only if its numbers changed, so an
  equal one leaves the user's panning alone; `Camera.move` makes an equal target differ by a negligible amount.
- While tiles load, deck.gl may show those of another zoom in their place. When `?v=` changes meanwhile it forgets to
  take these away, and clusters stay that are counted twice: nothing stands in for a tile (`refinement_strategy`).
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

from crisismap.core.place.mercator import WORLD_PX, common_units
from crisismap.core.place.place import cell_place
from crisismap.core.privacy import PrivacyRules
from crisismap.core.text import map_symbols, symbols
from crisismap.files import asset
from crisismap.situation.tiles.labels import FIRST_ZOOM, HIGHEST, LOWEST, STYLES
from crisismap.situation.tiles.tiles import DEEPEST_MEMBERS
from crisismap.ui.map import base_map, official_layers
from crisismap.ui.map.base_map import BasemapLayers, LayerView, RasterView
from crisismap.ui.map.map_expressions import address, chain, constant, constant_chain, rgb_list

TILES_URL = "/api/v1/tiles/{z}/{x}/{y}.mvt"
LABELS_URL = "/api/v1/labels/{z}/{x}/{y}.geojson"
REPORTS = "reports"

_MAX_ZOOM = 19
_MAX_TILE_ZOOM = DEEPEST_MEMBERS  # at higher zooms tiles are stretched, not fetched
_FULL_SIZE_ZOOM = 14.5  # a report's symbol is 40 pixels there
_NEGLIGIBLE = 1e-7
_RING_PX = 24  # radius of the ring around the open report, where its accuracy is less


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

    The ring is as large on the ground as the location is inaccurate, `accuracy_m`; None where that is not told.
    `route` is the route's line (lon, lat), empty for none; `by_road` is false for a straight line, drawn dashed.
    """

    lon: float
    lat: float
    route: tuple[tuple[float, float], ...] = ()
    by_road: bool = False
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the map shows.

    `revision` is that of the reports, None for a map without them. `filters_query` is an encoded query string of the
    tiles, without `?` and `v`; `shapes` is category to shape, the `icon` of its file; `privacy` says how large the
    published cells are; `overlays` are further layers of the deck; names are in `language` where a layer has it, and
    keep clear of the reports as they are at revision `names_at`.
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
    language: str = ""
    names_at: int | None = None


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
    below = [
        *official_layers.vector_basemap(
            scene.basemap, filled=not scene.pictures, dark=scene.dark
        ),  # areas would hide the images below
        *official_layers.official(scene.layers, scene.basemap, dark=scene.dark),
        *_route_layer(scene),
    ]
    chart = copy(_empty_deck())
    chart.layers = [[*below, *_names(scene), *reports, *_highlight(scene), *scene.overlays]]
    chart.initial_view_state = pdk.ViewState(
        longitude=camera.lon + step, latitude=camera.lat + step, zoom=camera.zoom + step, max_zoom=_MAX_ZOOM, min_zoom=0
    )
    drawn_below = official_layers.below(scene.layers, scene.basemap)
    # Streamlit ignores a bare style object, and without a style it would contact a public host: hence a list of one.
    chart.map_style = [base_map.style(scene.basemap, drawn_below, dark=scene.dark, pictures=scene.pictures)]
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
    # In common units (the world is 512) a size follows the zoom between its limits; clusters sit at the upper one.
    report_size = 40 / 2**_FULL_SIZE_ZOOM
    return pdk.Layer(
        "MVTLayer",
        id=REPORTS,
        data=address(scene.tiles_url, f"v={scene.revision}", scene.filters_query),
        load_options={"mvt": {"workerUrl": asset("vendor/mvt-worker.js")}},
        max_zoom=_MAX_TILE_ZOOM,
        refinement_strategy=constant("never"),
        pickable=True,
        point_type=constant("circle+icon+text"),
        point_radius_units=constant("common"),
        get_point_radius=f"properties.place_kind == 'cell' ? {_cell_radius(scene)} : 0",
        stroked=True,
        get_line_width=1,
        line_width_units=constant("pixels"),
        filled=False,
        # The outline of a cell, and the line from a place to a symbol that is drawn beside it.
        get_line_color=f"properties.layerName == 'legs' ? {_faint(colours, 220)} : {_faint(colours, 70)}",
        _subLayerProps={"points-circle": {"pickable": False}},
        icon_atlas=constant(asset(f"vendor/symbols/{theme}.svg")),
        icon_mapping=constant(asset("vendor/symbols/symbols.json")),
        get_icon=_icon(cluster, scene.shapes),
        get_icon_size=f"{cluster} ? 64 : {report_size:.9f}",
        icon_size_units=constant("common"),
        icon_size_min_pixels=26,
        icon_size_max_pixels=48,
        get_icon_color=f"[0, 0, 0, properties.stale ? {round(255 * symbols.STALE_OPACITY)} : 255]",
        get_text=f"{cluster} ? properties.label : ''",
        get_text_size=f"{cluster} && properties.unanswered ? 13 : 11",
        get_text_color=f"properties.unanswered ? {rgb_list(colours.choice)} : {rgb_list(colours.priority[0])}",
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
    return f"{cluster} ? '{map_symbols.cluster_key('')}' + (properties.ring || '') : {report}"


def _names(scene: Scene) -> list[pdk.Layer]:
    """Return the names of what the official layers show, laid out by the server: see situation.tiles.labels."""
    named = [each for each in scene.layers if each.role in STYLES]
    if not named:
        return []
    state = "-".join(f"{each.id}.{each.version}" for each in named)
    theme = "dark" if scene.dark else "light"
    only = ",".join(sorted(each.id for each in named))
    marks = [f"marks={scene.names_at}", scene.filters_query] if scene.names_at is not None else []
    return [
        pdk.Layer(
            "TileLayer",
            id="names",
            min_zoom=FIRST_ZOOM,
            data=address(LABELS_URL, f"v={state}", f"theme={theme}", f"lang={scene.language}", f"only={only}", *marks),
            max_zoom=_MAX_TILE_ZOOM,
            refinement_strategy=constant("never"),
            tile_size=WORLD_PX,
            pickable=False,
            point_type=constant("icon"),
            get_icon="properties.icon",
            get_icon_size="properties.height",
            get_icon_pixel_offset="[properties.right_px, properties.below_px]",
            icon_size_units=constant("common"),
            icon_size_min_pixels=LOWEST,
            icon_size_max_pixels=HIGHEST,
        )
    ]


def _route_layer(scene: Scene) -> list[pdk.Layer]:
    """Return the route from the open report to a shelter, under the reports."""
    highlight = scene.highlight
    if highlight is None or not highlight.route:
        return []
    dashed: dict[str, Any] = {
        "extensions": [{"@@type": "PathStyleExtension", "dash": True}],
        "get_dash_array": [2, 2],
    }
    more = {"cap_rounded": True} | ({} if highlight.by_road else dashed)
    return haloed_lines("way", [[list(point) for point in highlight.route]], (8, 4), dark=scene.dark, **more)


def haloed_lines(
    name: str, paths: Sequence[Sequence[Sequence[float]]], widths_px: tuple[int, int], *, dark: bool, **more: Any
) -> list[pdk.Layer]:
    """Return lines of (lon, lat) in the colour of what is chosen, on a halo; `widths_px`: of halo and line."""
    colours = symbols.palette(dark)
    return [
        pdk.Layer(
            "PathLayer",
            id=f"{name}-{width}",
            data=[{"path": path} for path in paths],
            get_path="path",
            get_color=rgb_list(colour),
            get_width=width,
            width_units=constant("pixels"),
            joint_rounded=True,
            pickable=False,
            **more,
        )
        for width, colour in zip(widths_px, (colours.surface, colours.choice), strict=True)
    ]


def _highlight(scene: Scene) -> list[pdk.Layer]:
    if scene.highlight is None:
        return []
    colours = symbols.palette(scene.dark)
    rings = [(7, colours.surface, 0), (3, colours.choice, 20)]
    return [
        pdk.Layer(
            "ScatterplotLayer",
            id=f"chosen-{width}",
            data=[{"place": [scene.highlight.lon, scene.highlight.lat]}],
            get_position="place",
            get_radius=scene.highlight.accuracy_m or 0,
            radius_units=constant("meters"),
            radius_min_pixels=_RING_PX,
            filled=bool(fill),
            get_fill_color=[*rgb_list(colour), fill],
            stroked=True,
            get_line_color=rgb_list(colour),
            get_line_width=width,
            line_width_units=constant("pixels"),
            pickable=False,
        )
        for width, colour, fill in rings
    ]


def _faint(colours: symbols.Palette, opacity: int) -> list[int]:
    return [*symbols.rgb(colours.priority[0]), opacity]
