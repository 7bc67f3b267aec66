"""A small folium map on which a person clicks a place, with our own files only.

folium writes its input into a script, so reported text would run as code: no text that a person wrote, not even a
layer's name, goes into this map. The browser fetches layers from their own URLs and draws them as outlines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import folium
import streamlit as st
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium

from crisismap.core.layer.layer import Role
from crisismap.core.text import symbols
from crisismap.files import asset
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.map import Camera

Place = tuple[float, float]  # lon, lat
MAP_ROLES = (Role.AREA, Role.HAZARD, Role.SHELTER)  # what helps to find a place


class OfflineMap(folium.Map):
    """folium's map with Leaflet from our own files, without the other libraries that folium would fetch."""

    default_js = [("leaflet", "/assets/vendor/leaflet/leaflet.js")]  # noqa: RUF012 - folium's own name and kind
    default_css = [("leaflet_css", "/assets/vendor/leaflet/leaflet.css")]  # noqa: RUF012


class RemoteLayer(MacroElement):
    """GeoJSON that the browser fetches from our own server, drawn in one style and not clickable."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        fetch({{ this.url|tojson }}).then(function (answer) { return answer.json(); }).then(function (data) {
            var style = {{ this.style|tojson }};
            L.geoJSON(data, {
                style: style,
                interactive: false,
                pointToLayer: function (feature, place) { return L.circleMarker(place, style); }
            }).addTo({{ this._parent.get_name() }});
        });
        {% endmacro %}
        """
    )

    def __init__(self, url: str, style: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Remote"
        self.url = url
        self.style = {"interactive": False, **style}


class WaterBackground(MacroElement):
    """The map's background, in the colour of water."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.getContainer().style.background = {{ this.colour|tojson }};
        {% endmacro %}
        """
    )

    def __init__(self, colour: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Sheet"
        self.colour = colour


def base(camera: Camera, *, layers: Sequence[LayerView] = (), dark: bool = False) -> OfflineMap:
    """Return the map without the marker: land, borders and the outlines of `layers`."""
    colours = symbols.palette(dark)
    leaflet = OfflineMap(
        location=(camera.lat, camera.lon),
        zoom_start=round(camera.zoom) + 1,  # Leaflet zooms are for 256 pixel tiles, ours for 512
        tiles=None,
        min_zoom=2,
        max_zoom=20,
        control_scale=True,
        attribution_control=False,
    )
    WaterBackground(colours.water).add_to(leaflet)
    # The tile pane stays under the vector pane even when the land arrives last.
    land = {"weight": 0, "fillColor": colours.land, "fillOpacity": 1, "pane": "tilePane"}
    RemoteLayer(asset("vendor/world/land.geojson"), land).add_to(leaflet)
    RemoteLayer(
        asset("vendor/world/borders.geojson"), {"color": colours.border, "weight": 1, "pane": "tilePane"}
    ).add_to(leaflet)
    for layer in layers:
        RemoteLayer(f"/api/v1/layers/{layer.id}.geojson?v={layer.version}", _style(layer.role, colours)).add_to(leaflet)
    return leaflet


def mark(place: Place | None, *, dark: bool = False) -> folium.FeatureGroup:
    """Return the selected place as a ring with a dot; an empty group for None."""
    colours = symbols.palette(dark)
    group = folium.FeatureGroup()
    if place is not None:
        at, fill_colour = (place[1], place[0]), colours.priority[1]
        folium.CircleMarker(at, radius=13, color=colours.choice, weight=3, fill=False).add_to(group)
        folium.CircleMarker(
            at, radius=6, color=colours.surface, weight=2, fill=True, fill_color=fill_colour, fill_opacity=1
        ).add_to(group)
    return group


def place_picker(
    camera: Camera,
    *,
    layers: Sequence[LayerView] = (),
    dark: bool = False,
    height: int = 360,
    key: str = "place",
) -> Place | None:
    """Show the map and return the place last clicked on it, if any.

    Keep `view` the same from run to run: a changed map is redrawn. The marker is not part of the map.
    """
    previous = clicked_place(st.session_state.get(key))
    answer = st_folium(
        base(camera, layers=layers, dark=dark),
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=["last_clicked"],
        feature_group_to_add=mark(previous, dark=dark),
    )
    return clicked_place(answer) or previous


def clicked_place(response: object) -> Place | None:
    """Return longitude and latitude of st_folium's answer, longitude wrapped to ±180; None without a valid click."""
    point = response.get("last_clicked") if isinstance(response, Mapping) else None
    if not isinstance(point, Mapping):
        return None
    lon, lat = point.get("lng"), point.get("lat")
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat) and -90 <= lat <= 90):
        return None
    return round((lon + 180) % 360 - 180, 6), round(float(lat), 6)


def _style(role: Role, colours: symbols.Palette) -> dict[str, Any]:
    colour = {
        Role.AREA: colours.area,
        Role.HAZARD: colours.hazard,
        Role.SHELTER: colours.shelter,
        Role.TRANSPORT: colours.road,
    }.get(role, colours.context)
    fill = 0.15 if role is Role.HAZARD else 0.0
    return {"color": colour, "weight": 1.2, "opacity": 0.8, "fillColor": colour, "fillOpacity": fill, "radius": 4}
