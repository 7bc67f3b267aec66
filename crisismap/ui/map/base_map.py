"""The MapLibre style under the deck: land, borders and the lines of official layers.

The deck draws every vertex of every line in each frame, which takes a second without a graphics card; MapLibre clips
and simplifies lines for each zoom. So areas, roads, background and hazard outlines are drawn here, and the deck keeps
what can be selected or is hatched. There are no names: the MapLibre of Streamlit 1.67 needs glyph files for them and
silently leaves out the whole layer when they are missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.place.place import Extent
from crisismap.core.text import symbols
from crisismap.files import asset
from crisismap.ui.map import severity

PICTURE_OPACITY = 0.75  # streets and coasts under an image must stay visible
ROLES = (Role.CONTEXT, Role.HAZARD, Role.AREA, Role.TRANSPORT)  # the roles drawn here, in drawing order


@dataclass(frozen=True, slots=True)
class LayerView:
    """An official layer to draw. `version` is in its URL, so that browsers cache each version."""

    id: str
    role: Role
    version: int
    at: str = ""  # a time (RFC 3339): only features in force then are drawn; "" for layers without dates
    pinned: bool = False  # exactly this version, even if there is a newer one

    @property
    def address(self) -> str:
        """Return the URL of its features."""
        query = (f"&at={self.at}" if self.at else "") + (f"&version={self.version}" if self.pinned else "")
        return f"/api/v1/layers/{self.id}.geojson?v={self.version}{query}"


def layer_views(versions: Iterable[LayerVersion], roles: Collection[Role] = tuple(Role)) -> list[LayerView]:
    """Return the views of those versions that have one of the roles."""
    return [LayerView(v.layer.id, v.layer.role, v.version) for v in versions if v.layer.role in roles]


@dataclass(frozen=True, slots=True)
class RasterView:
    """Map images of another server to draw; `address` is the XYZ URL of its tiles on this server."""

    id: str
    address: str
    min_zoom: int
    max_zoom: int
    bounds: Extent


@dataclass(frozen=True, slots=True)
class BasemapLayers:
    """The basemap. Without URLs: the world at 1:50 million, from our own files.

    `raster_url` is an XYZ template set by the operator (CRISISMAP_TILE_URL), the only third party a browser ever
    contacts; `vector_url` is the template of our own tiles from an imported PMTiles file.
    """

    raster_url: str = ""
    vector_url: str = ""


def style(
    basemap: BasemapLayers, layers: Sequence[LayerView], *, dark: bool, pictures: Sequence[RasterView] = ()
) -> dict[str, Any]:
    """Return the style: water, raster tiles or land and borders, map images, and the official layers of ROLES."""
    colours = symbols.palette(dark)
    sources: dict[str, Any] = {}
    result: list[dict[str, Any]] = [{"id": "water", "type": "background", "paint": {"background-color": colours.water}}]
    if basemap.raster_url:
        sources["raster"] = {"type": "raster", "tiles": [basemap.raster_url], "tileSize": 256, "maxzoom": 19}
        result.append({"id": "raster", "type": "raster", "source": "raster"})
    else:
        for name in ("land", "borders"):
            sources[name] = {"type": "geojson", "data": asset(f"vendor/world/{name}.geojson"), "maxzoom": 10}
        # An outline would draw the cut at 180 degrees as a coast.
        land = {"fill-color": colours.land, "fill-antialias": False}
        line = {"line-color": colours.border, "line-width": 1.2, "line-dasharray": [3, 2]}
        result.append({"id": "land", "type": "fill", "source": "land", "paint": land})
        result.append({"id": "borders", "type": "line", "source": "borders", "paint": line})
    for picture in pictures:
        name = f"picture-{picture.id}"
        zooms = {"minzoom": picture.min_zoom, "maxzoom": picture.max_zoom}
        tiles = {"tiles": [picture.address], "tileSize": 256, "bounds": list(picture.bounds)}
        sources[name] = {"type": "raster", **tiles, **zooms}
        result.append({"id": name, "type": "raster", "source": name, "paint": {"raster-opacity": PICTURE_OPACITY}})
    for role in ROLES:
        for layer in sorted((each for each in layers if each.role is role), key=lambda each: each.id):
            sources[layer.id] = {"type": "geojson", "data": layer.address}
            result += _official(layer, colours)
    return {"version": 8, "sources": sources, "layers": result}


def _official(layer: LayerView, colours: symbols.Palette) -> list[dict[str, Any]]:
    if layer.role is Role.HAZARD:  # the deck draws the hatching: a pattern would need a sprite with an absolute URL
        width = _zoom_width(severity.line(0.6), severity.line(1.2))
        return [_shape(layer, "outline", {"line-color": colours.hazard, "line-width": width})]
    if layer.role is Role.AREA:
        outline = {"line-color": colours.area, "line-width": _zoom_width(0.6, 1.2), "line-opacity": 0.55}
        return [_shape(layer, "outline", outline)]
    if layer.role is Role.TRANSPORT:
        closed = ["==", ["get", "status"], "closed"]
        road = {"line-color": colours.road, "line-width": _zoom_width(0.4, 2.5), "line-opacity": 0.75}
        closed_road = {"line-color": colours.road_closed, "line-width": _zoom_width(1.6, 4), "line-dasharray": [2, 1.2]}
        return [_shape(layer, "open", road, ["!", closed]), _shape(layer, "closed", closed_road, closed)]
    edge = {"line-color": colours.context, "line-width": _zoom_width(0.5, 1.2), "line-opacity": 0.55}
    fill = {"fill-color": colours.context, "fill-opacity": 0.18}
    dot = {"circle-color": colours.context, "circle-radius": _zoom_width(0.8, 3), "circle-opacity": 0.7}
    return [
        _shape(layer, "fill", fill, _has_geometry("Polygon"), kind="fill"),
        _shape(layer, "edge", edge, ["!", _has_geometry("Point")]),
        _shape(layer, "dot", dot, _has_geometry("Point"), kind="circle"),
    ]


def _shape(
    layer: LayerView, part: str, paint: dict[str, Any], condition: list[Any] | None = None, *, kind: str = "line"
) -> dict[str, Any]:
    style_layer = {"id": f"{layer.id}-{part}", "type": kind, "source": layer.id, "paint": paint}
    return style_layer | ({"filter": condition} if condition else {})


def _has_geometry(kind: str) -> list[Any]:
    """Return the expression that tests for a geometry type, single or multi."""
    return ["in", ["geometry-type"], ["literal", [kind, f"Multi{kind}"]]]


def _zoom_width(far: float | list[Any], close: float | list[Any]) -> list[Any]:
    """Return a size in pixels that grows from zoom 10 (a city) to zoom 15 (a street)."""
    return ["interpolate", ["linear"], ["zoom"], 10, far, 15, close]
