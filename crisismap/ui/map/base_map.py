"""What lies under the deck: land, borders, and the lines of official layers, as a MapLibre style.

MapLibre cuts and simplifies lines for each zoom; the deck draws every corner of every line anew in each frame, which
takes a second where there is no graphics card. So areas, roads, background and the outlines of hazards lie here, and
the deck keeps what is picked or hatched. No names: the MapLibre of Streamlit 1.67 needs glyph files for them and leaves
out, without a word, the whole layer beside names that it cannot write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crisismap.core.layer.layer import Role
from crisismap.core.place.place import Extent
from crisismap.core.text import symbols
from crisismap.ui.map import severity

ASSETS = "/assets/vendor"
PICTURE_OPACITY = 0.75  # streets and coasts of the ground stay to be seen
ROLES = (Role.CONTEXT, Role.HAZARD, Role.AREA, Role.TRANSPORT)  # what is drawn here, in this order


@dataclass(frozen=True, slots=True)
class LayerView:
    """An official layer to draw. `version` is in its address, so that a new version is fetched and an old one kept."""

    id: str
    role: Role
    version: int
    at: str = ""  # a moment (RFC 3339): only what counts then is drawn; "" for layers without dates
    kept: bool = False  # this very version, though a newer one may be there

    @property
    def address(self) -> str:
        """Where its features are."""
        at = f"&at={self.at}" if self.at else ""
        return f"/api/v1/layers/{self.id}.geojson?v={self.version}{at}{f'&version={self.version}' if self.kept else ''}"


@dataclass(frozen=True, slots=True)
class RasterView:
    """Map pictures of another server to draw; `address` is where its tiles are here, as XYZ."""

    id: str
    address: str
    min_zoom: int
    max_zoom: int
    bounds: Extent


@dataclass(frozen=True, slots=True)
class BasemapLayers:
    """What lies under everything. Without addresses: the world at 1:50 million, from our own files.

    `raster_url` is an XYZ template the operator chose (CRISISMAP_TILE_URL), the only way a third party can ever be
    asked; `vector_url` one of our own tiles out of an imported PMTiles file.
    """

    raster_url: str = ""
    vector_url: str = ""


def style(
    basemap: BasemapLayers, layers: Sequence[LayerView], *, dark: bool, pictures: Sequence[RasterView] = ()
) -> dict[str, Any]:
    """The style: water, the operator's raster tiles or our own land and borders, pictures, official layers of ROLES."""
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
    for picture in pictures:
        name = f"picture-{picture.id}"
        zooms = {"minzoom": picture.min_zoom, "maxzoom": picture.max_zoom}
        tiles = {"tiles": [picture.address], "tileSize": 256, "bounds": list(picture.bounds)}
        sources[name] = {"type": "raster", **tiles, **zooms}
        drawn.append({"id": name, "type": "raster", "source": name, "paint": {"raster-opacity": PICTURE_OPACITY}})
    for role in ROLES:
        for layer in sorted((each for each in layers if each.role is role), key=lambda each: each.id):
            sources[layer.id] = {"type": "geojson", "data": layer.address}
            drawn += _official(layer, colours)
    return {"version": 8, "sources": sources, "layers": drawn}


def _official(layer: LayerView, colours: symbols.Palette) -> list[dict[str, Any]]:
    if layer.role is Role.HAZARD:  # its hatching is the deck's: a pattern would need a sprite of the whole address
        width = _wider(severity.line(0.6), severity.line(1.2))
        return [_line(layer, "outline", {"line-color": colours.hazard, "line-width": width})]
    if layer.role is Role.AREA:
        return [_line(layer, "outline", {"line-color": colours.area, "line-width": _wider(0.6, 1.2), **_faint(0.55)})]
    if layer.role is Role.TRANSPORT:
        closed = ["==", ["get", "status"], "closed"]
        way = {"line-color": colours.road, "line-width": _wider(0.4, 2.5), **_faint(0.75)}
        shut = {"line-color": colours.road_closed, "line-width": _wider(1.6, 4), "line-dasharray": [2, 1.2]}
        return [_line(layer, "open", way, ["!", closed]), _line(layer, "closed", shut, closed)]
    edge = {"line-color": colours.context, "line-width": _wider(0.5, 1.2), **_faint(0.55)}
    dot = {"circle-color": colours.context, "circle-radius": _wider(0.8, 3), "circle-opacity": 0.7}
    return [
        _shape(layer, "fill", "fill", {"fill-color": colours.context, "fill-opacity": 0.18}, _is("Polygon")),
        _line(layer, "edge", edge, ["!", _is("Point")]),
        _shape(layer, "dot", "circle", dot, _is("Point")),
    ]


def _line(layer: LayerView, part: str, paint: dict[str, Any], only: list[Any] | None = None) -> dict[str, Any]:
    return _shape(layer, part, "line", paint, only)


def _shape(
    layer: LayerView, part: str, kind: str, paint: dict[str, Any], only: list[Any] | None = None
) -> dict[str, Any]:
    made = {"id": f"{layer.id}-{part}", "type": kind, "source": layer.id, "paint": paint}
    return made | ({"filter": only} if only else {})


def _faint(opacity: float) -> dict[str, float]:
    return {"line-opacity": opacity}


def _is(kind: str) -> list[Any]:
    """Whether a feature is of this kind, one or many."""
    return ["in", ["geometry-type"], ["literal", [kind, f"Multi{kind}"]]]


def _wider(far: float | list[Any], close: float | list[Any]) -> list[Any]:
    """Pixels that grow from a city seen whole to a street."""
    return ["interpolate", ["linear"], ["zoom"], 10, far, 15, close]
