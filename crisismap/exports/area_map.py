"""The offline map of one area as one HTML file: its layers and its located requests.

folium runs its input as script (in template literals even after escaping) and renders it as Jinja templates on the
server. So no text of people or layers passes through it: all text is added to the finished page as data, and our own
script inserts it as text. The file's content security policy blocks other scripts and any fetching.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import folium
import msgspec
from branca.element import MacroElement
from folium.template import Template

from crisismap.core.place.place import Extent
from crisismap.core.text.symbols import LIGHT
from crisismap.exports.geojson import geometry_json
from crisismap.settings import ROOT

MEDIA_TYPE = "text/html; charset=utf-8"
FOLDER = Path(__file__).parent
LEAFLET = ROOT / "crisismap" / "web" / "static" / "vendor" / "leaflet"
_HATCH = "url(#hatch)"
# kind: Leaflet's style; drawn in this order, the last on top
STYLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "context": {"color": LIGHT.context, "weight": 1, "fill": False},
        "hazard": {"color": LIGHT.hazard, "weight": 1, "fillColor": _HATCH, "fillOpacity": 0.5},
        "road": {"color": LIGHT.road, "weight": 2, "fill": False},
        "road_closed": {"color": LIGHT.road_closed, "weight": 4, "dashArray": "8 6", "fill": False},
        "area": {"color": LIGHT.area, "weight": 1, "fill": False},
        "here": {"color": LIGHT.choice, "weight": 3, "fill": False},
        "shelter": {"color": LIGHT.shelter, "weight": 1},
    }
)
# kind: from which zoom names are written, in CSS pixels and colours; the first are written first
NAMES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "here": {"from": 3, "size": 14, "weight": 700, "color": LIGHT.label},
        "area": {"from": 10, "size": 13, "weight": 700, "color": LIGHT.label},
        "shelter": {"from": 13, "size": 11, "weight": 600, "color": LIGHT.shelter, "below": 22},
        "context": {"from": 12, "size": 11, "weight": 600, "color": LIGHT.label, "italic": True},
        "road_closed": {"from": 14, "size": 11, "weight": 500, "color": LIGHT.road_closed},
        "road": {"from": 15, "size": 11, "weight": 500, "color": LIGHT.label},
    }
)
# Characters that end a script element or a comment, or a line in old engines.
_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_MEMBERS = ("title", "origin", "made_ms", "made_up", "counts", "care", "places")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PICTURE = re.compile(r"url\((images/[\w.-]+)\)")


@dataclass(frozen=True, slots=True)
class MapName:
    """A name to write on the map, its place in degrees, and how large the feature is: the browser lays them out."""

    text: str
    lon: float
    lat: float
    span: float  # degrees across; 0 for a point


@dataclass(frozen=True, slots=True)
class Outline:
    """One feature of a layer. `kind` is one of STYLES; `symbol` is drawn for a point, if the map has it."""

    kind: str
    geometry: Any  # shapely, in degrees
    title: str
    notes: tuple[str, ...] = ()
    symbol: str = ""
    label: MapName | None = None


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer with its features in and around the area, and notes on licence and age."""

    title: str
    role: str
    notes: tuple[str, ...]
    features: tuple[Outline, ...]


@dataclass(frozen=True, slots=True)
class MapPlace:
    """One request at its published place. `radius_m` is the published cell's, None for a point."""

    lon: float
    lat: float
    symbol: str
    title: str
    text: str
    notes: tuple[str, ...]
    radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class AreaMap:
    """The content of the file. `symbols`: SVG images by the names that places and outlines use."""

    title: str
    origin: str  # time, revision and audience
    made_ms: int
    made_up: bool
    counts: str
    care: str  # the data notice
    box: Extent  # unrolled, as the layers and places are
    layers: tuple[MapLayer, ...]
    places: tuple[MapPlace, ...]
    symbols: Mapping[str, str]


class _Base(folium.Map):
    """folium's map without the libraries it would fetch: the file includes Leaflet."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own name and kind
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class _Frame(MacroElement):
    """The page's template, with placeholders for our own files and the data."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>@@style@@</style>
        <script>@@leaflet@@</script>
        <script>@@script@@</script>
        {% endmacro %}
        {% macro html(this, kwargs) %}
        <header>
          <p id="made-up" role="note" hidden>MADE UP. A demonstration: nothing here has happened, and nobody waits.</p>
          <h1 id="title">Map of an area</h1>
          <p id="origin"></p><p id="age"></p><p id="counts"></p>
          <noscript><p>This map is drawn by script: please allow it for this file. It fetches nothing.</p></noscript>
        </header>
        <aside>
          <h2>Requests</h2><ol id="list"></ol>
          <h2>Layers</h2><ul id="legend"></ul>
          <p id="care" class="note"></p>
        </aside>
        <svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
          <pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <path d="M0 0V8" stroke="{{ this.hatch }}" stroke-width="3"/></pattern></defs></svg>
        <script type="application/json" id="data">@@data@@</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        drawArea({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Frame"
        self.hatch = LIGHT.hazard


def write_area_map(content: AreaMap) -> bytes:
    """Return the file."""
    west, south, east, north = content.box
    base = _Base(location=((south + north) / 2, (west + east) / 2), tiles=None, attribution_control=False)
    _Frame().add_to(base)
    page: str = base.get_root().render()
    for mark, text in _assets().items():
        page = page.replace(f"@@{mark}@@", text, 1)
    page = page.replace("<head>", f"<head>\n{_policy(page)}", 1)
    return page.replace("@@data@@", _data(content), 1).encode()  # last: people's text may contain placeholders too


def _data(content: AreaMap) -> str:
    """Return the script's data as JSON that cannot end its element."""
    west, south, east, north = content.box
    depth = list(STYLES).index
    data = {
        **{name: getattr(content, name) for name in _MEMBERS},
        "bounds": [[south, west], [north, east]],
        "styles": {kind: dict(style) for kind, style in STYLES.items()},
        "land": LIGHT.land,
        "ink": LIGHT.choice,
        "symbols": dict(content.symbols),
        "names": {kind: dict(style) for kind, style in NAMES.items()},
        "layers": [
            replace(each, features=tuple(sorted(each.features, key=lambda outline: depth(outline.kind))))
            for each in content.layers
        ],
    }
    return msgspec.json.encode(data, enc_hook=geometry_json).decode().translate(_UNSAFE)


def _policy(page: str) -> str:
    """Return the content security policy: only the file's own scripts, by hash, and no fetching."""
    hashes = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    rules = f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:"
    content = escape(f"{rules}; base-uri 'none'; form-action 'none'")
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


@cache
def _assets() -> Mapping[str, str]:
    """Return Leaflet, styles and our script by placeholder, read once and without references to other files."""
    leaflet = (LEAFLET / "leaflet.js").read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]
    style = _PICTURE.sub(_inline, _COMMENT.sub("", (LEAFLET / "leaflet.css").read_text(encoding="utf-8")))
    style += (FOLDER / "area_map.css").read_text(encoding="utf-8")
    script = (FOLDER / "area_map.js").read_text(encoding="utf-8")
    return MappingProxyType({"leaflet": leaflet, "style": style, "script": script})


def _inline(match: re.Match[str]) -> str:
    picture = base64.b64encode((LEAFLET / match[1]).read_bytes()).decode()
    return f"url(data:image/png;base64,{picture})"
