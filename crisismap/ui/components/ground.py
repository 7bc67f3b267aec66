"""What lies under the deck: land, borders, and the lines and names of official layers, as a MapLibre style.

MapLibre cuts and simplifies lines for each zoom and writes names that do not collide; the deck draws every corner of
every line anew in each frame. So areas, roads and background lie here, and the deck keeps what is picked or hatched.
Names need no glyph files: without `glyphs` MapLibre draws them with the system's own fonts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crisismap.core import symbols
from crisismap.core.layer import Role

ASSETS = "/assets/vendor"
ROLES = (Role.CONTEXT, Role.AREA, Role.TRANSPORT)  # what is drawn here, in this order
_NAMES_ZOOM = 12  # areas have room for their names from here on
_PLACES_ZOOM = 13.5


@dataclass(frozen=True, slots=True)
class LayerView:
    """An official layer to draw. `version` is in its address, so that a new version is fetched and an old one kept."""

    id: str
    role: Role
    version: int

    @property
    def address(self) -> str:
        """Where its features are."""
        return f"/api/v1/layers/{self.id}.geojson?v={self.version}"


@dataclass(frozen=True, slots=True)
class Basemap:
    """What lies under everything. Without addresses: the world at 1:50 million, from our own files.

    `raster_url` is an XYZ template the operator chose (CRISISMAP_TILE_URL), the only way a third party can ever be
    asked; `vector_url` one of our own tiles out of an imported PMTiles file.
    """

    raster_url: str = ""
    vector_url: str = ""


def style(basemap: Basemap, layers: Sequence[LayerView], *, dark: bool) -> dict[str, Any]:
    """The style: water, the operator's raster tiles or our own land and borders, and the official layers of ROLES."""
    colours = symbols.palette(dark)
    sources: dict[str, Any] = {}
    drawn: list[dict[str, Any]] = [{"id": "water", "type": "background", "paint": {"background-color": colours.water}}]
    if basemap.raster_url:
        sources["raster"] = {"type": "raster", "tiles": [basemap.raster_url], "tileSize": 256, "maxzoom": 19}
        drawn.append({"id": "raster", "type": "raster", "source": "raster"})
    else:
        for name in ("land", "borders"):
            sources[name] = {"type": "geojson", "data": f"{ASSETS}/world/{name}.geojson", "maxzoom": 10}
        # No outline: it would draw the cut at 180 degrees as a coast.
        land = {"fill-color": colours.land, "fill-antialias": False}
        line = {"line-color": colours.border, "line-width": 1.2, "line-dasharray": [3, 2]}
        drawn.append({"id": "land", "type": "fill", "source": "land", "paint": land})
        drawn.append({"id": "borders", "type": "line", "source": "borders", "paint": line})
    names: list[dict[str, Any]] = []
    for role in ROLES:
        for layer in sorted((each for each in layers if each.role is role), key=lambda each: each.id):
            sources[layer.id] = {"type": "geojson", "data": layer.address}
            shapes, words = _official(layer, colours)
            drawn += shapes
            names += words
    return {"version": 8, "sources": sources, "layers": [*drawn, *names]}


def _official(layer: LayerView, colours: symbols.Palette) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shapes, and names to be written over all shapes."""
    if layer.role is Role.AREA:
        outline = {"line-color": colours.area, "line-width": _wider(0.6, 1.2), "line-opacity": 0.55}
        return [_line(layer, "outline", outline)], [_names(layer, _NAMES_ZOOM, colours)]
    if layer.role is Role.TRANSPORT:
        closed = ["==", ["get", "status"], "closed"]
        way = {"line-color": colours.road, "line-width": _wider(0.4, 2.5), "line-opacity": 0.75}
        shut = {"line-color": colours.road_closed, "line-width": _wider(1.6, 4), "line-dasharray": [2, 1.2]}
        return [_line(layer, "open", way, ["!", closed]), _line(layer, "closed", shut, closed)], []
    water = {"fill-color": colours.context, "fill-opacity": 0.18}
    edge = {"line-color": colours.context, "line-width": _wider(0.5, 1.2), "line-opacity": 0.55}
    dot = {"circle-color": colours.context, "circle-radius": _wider(0.8, 3), "circle-opacity": 0.7}
    shapes = [
        _shape(layer, "fill", "fill", water, _is("Polygon")),
        _line(layer, "edge", edge, ["!", _is("Point")]),
        _shape(layer, "dot", "circle", dot, _is("Point")),
    ]
    return shapes, [_names(layer, _PLACES_ZOOM, colours)]


def _line(layer: LayerView, part: str, paint: dict[str, Any], only: list[Any] | None = None) -> dict[str, Any]:
    return _shape(layer, part, "line", paint, only)


def _shape(
    layer: LayerView, part: str, kind: str, paint: dict[str, Any], only: list[Any] | None = None
) -> dict[str, Any]:
    made = {"id": f"{layer.id}-{part}", "type": kind, "source": layer.id, "paint": paint}
    return made | ({"filter": only} if only else {})


def _names(layer: LayerView, from_zoom: float, colours: symbols.Palette) -> dict[str, Any]:
    layout = {"text-field": ["coalesce", ["get", "name"], ""], "text-size": 12, "text-offset": [0, 0.6]}
    paint = {"text-color": colours.area, "text-halo-color": colours.land, "text-halo-width": 1.5}
    made = _shape(layer, "name", "symbol", paint)
    return made | {"layout": layout, "minzoom": from_zoom}


def _is(kind: str) -> list[Any]:
    """Whether a feature is of this kind, one or many."""
    return ["in", ["geometry-type"], ["literal", [kind, f"Multi{kind}"]]]


def _wider(far: float, close: float) -> list[Any]:
    """Pixels that grow from a city seen whole to a street."""
    return ["interpolate", ["linear"], ["zoom"], 10, far, 15, close]
