"""Names for maps, laid out by us: GeoJSON points of a tile, each with its name as a small picture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.declared import GEOJSON, media_types
from crisismap.api.http.dependencies import person_of
from crisismap.api.http.query import selecting, selection_of
from crisismap.core.errors import Invalid
from crisismap.core.place.mercator import DEEPEST, Tile
from crisismap.core.text.map_label import image
from crisismap.services.lists.read import require_filters
from crisismap.services.runtime.context import audience_of
from crisismap.situation.tiles.labels import LOWEST, STYLES, Label, symbols_around, tile_labels

router = APIRouter(prefix="/api/v1/labels", tags=["tiles"])
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@router.get(
    "/{z}/{x}/{y}.geojson",
    response_class=Response,
    responses=media_types(GEOJSON),
    openapi_extra=selecting("v", "marks"),
)
def get_labels(
    request: Request, z: int, x: int, y: int, *, lang: str = "", theme: str = "light", only: str = ""
) -> Response:
    """Return the names that a tile of 512 pixels shows; `icon` is an image of twice its size on the map.

    `height` is that of the image on a map of zoom 0: a name shrinks with its tile, but none below the lowest.

    `lang` prefers names in a language, as a layer has them in `name:ta`; `only` are ids of layers with commas, all
    without it. With `marks` none lies on a symbol of the reports that match the filters, as the caller may see them.
    """
    if not (z <= DEEPEST and Tile(z, x, y).exists):
        raise Invalid("z", f"{z}/{x}/{y}", "tile_value_out_of_range", least=0, most=DEEPEST)
    context, person = bootstrap.current(), person_of(request)
    views = context.views
    layers = views.caches.labels.of(views.situation.layers.values())
    wanted = frozenset(only.split(",")) if only else None
    shown = [each for each in layers if wanted is None or each.layer in wanted]
    language = lang.lower() if _LANGUAGE.fullmatch(lang.lower()) else ""
    marks, dark = request.query_params.get("marks"), theme == "dark"
    if marks is None:
        return _response(_collection(tile_labels(shown, z, x, y, language), z, dark=dark), "public")
    selection = selection_of(request.query_params, also=("v", "marks", "lang", "theme", "only"))
    require_filters(person, selection)
    audience = audience_of(person)
    index = views.tiles.index(audience, selection, context.clock())

    def lay_out() -> bytes:
        return _collection(tile_labels(shown, z, x, y, language, symbols_around(index, z, x, y)), z, dark=dark)

    state = index.revision, tuple((each.layer.id, each.version) for each in views.situation.layers.values())
    body = views.caches.label_tiles.get((audience, selection, (z, x, y), language, dark, wanted), lay_out, stamp=state)
    return _response(body, "private")


def _collection(labels: Iterable[Label], z: int, *, dark: bool) -> bytes:
    return msgspec.json.encode(
        {"type": "FeatureCollection", "features": [_feature(each, z, dark=dark) for each in labels]}
    )


def _response(body: bytes, whose: str) -> Response:
    return Response(body, 200, {"Cache-Control": f"{whose}, max-age=3600"}, GEOJSON)


def _feature(label: Label, z: int, *, dark: bool) -> dict[str, Any]:
    drawn = image(label.name, STYLES[label.role], dark=dark)
    icon = {"url": "data:image/svg+xml," + quote(drawn.svg), "width": 2 * drawn.width, "height": 2 * drawn.height}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(label.lon, 6), round(label.lat, 6)]},
        "properties": {
            "name": label.name,
            "layer": label.layer,
            "role": str(label.role),
            "right_px": label.right_px,
            "below_px": label.below_px,
            "height_px": drawn.height,
            "height": drawn.height / (1 << z) if drawn.height > LOWEST else 0,
            "icon": icon,
        },
    }
