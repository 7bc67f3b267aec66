"""Names for maps, laid out by us: GeoJSON points of a tile, each with its name as a small picture."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import GEOJSON, media_types
from crisismap.core.errors import Invalid
from crisismap.core.place.mercator import DEEPEST, Tile
from crisismap.core.text.map_label import image
from crisismap.situation.tiles.labels import STYLES, Label, tile_labels

router = APIRouter(prefix="/api/v1/labels", tags=["tiles"])
_CACHE_HEADERS = {"Cache-Control": "public, max-age=3600"}
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@router.get("/{z}/{x}/{y}.geojson", response_class=Response, responses=media_types(GEOJSON))
def get_labels(
    z: int, x: int, y: int, *, lang: str = "", theme: str = "light", only: str = "", v: str = ""
) -> Response:
    """Return the names that a tile of 512 pixels shows; `icon` is an image of twice its size on the map.

    `lang` prefers names in a language, as a layer has them in `name:ta`; `only` are ids of layers with commas, all
    without it; `v` only tells one state of the layers from the next for caches.
    """
    if not (z <= DEEPEST and Tile(z, x, y).exists):
        raise Invalid("z", f"{z}/{x}/{y}", "tile_value_out_of_range", least=0, most=DEEPEST)
    views = bootstrap.current().views
    layers = views.caches.labels.of(views.situation.layers.values())
    wanted = frozenset(only.split(",")) if only else None
    shown = [each for each in layers if wanted is None or each.layer in wanted]
    language = lang.lower() if _LANGUAGE.fullmatch(lang.lower()) else ""
    found = tile_labels(shown, z, x, y, language)
    features = [_feature(each, dark=theme == "dark") for each in found]
    body = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    return Response(body, 200, _CACHE_HEADERS, GEOJSON)


def _feature(label: Label, *, dark: bool) -> dict[str, Any]:
    drawn = image(label.name, STYLES[label.role], dark=dark)
    icon = {"url": "data:image/svg+xml," + quote(drawn.svg), "width": 2 * drawn.width, "height": 2 * drawn.height}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(label.lon, 6), round(label.lat, 6)]},
        "properties": {
            "name": label.name,
            "layer": label.layer,
            "role": str(label.role),
            "below_px": label.below_px,
            "height_px": drawn.height,
            "icon": icon,
        },
    }
