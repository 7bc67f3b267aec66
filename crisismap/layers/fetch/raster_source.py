"""How to request the tiles of a raster layer: from the capabilities of a WMS or WMTS, or from an XYZ URL template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crisismap.core.errors import Invalid, Malformed, Unreachable, shorten
from crisismap.core.layer.raster import Recipe, holes
from crisismap.core.layer.source import LayerSource, SourceHealth
from crisismap.core.place.mercator import DEEPEST, HALF_WORLD_M, WORLD
from crisismap.core.place.place import Extent
from crisismap.layers.fetch.client import FetchClient, FetchedBody
from crisismap.layers.fetch.pages import with_query
from crisismap.layers.sandbox import sandbox
from crisismap.layers.sandbox.raster import RasterImage

SIDE = 256  # pixels of a tile
ACCEPT = "image/png, image/webp, image/jpeg"
# Statuses for a tile without content; any other response that is no image is a failure.
NOTHING_THERE = frozenset({204, 400, 404, 410})
_TYPES = ("image/png", "image/webp", "image/jpeg")  # in order of preference
_MERCATOR = ("EPSG:3857", "EPSG:900913", "EPSG:102100", "EPSG:102113")  # EPSG:3857 and its older names
_WHOLE_SCALE = 559_082_264.028_717_9  # scale denominator of zoom 0 with pixels of 0.28 mm, as WMTS defines it
# The WMTS template variables, and our placeholders: the matrix by its name, or by its zoom where none is known.
_TEMPLATE_VARIABLES = {"TileMatrix": "matrix", "TileRow": "y", "TileCol": "x"}


class _RasterLayer(msgspec.Struct, frozen=True):
    title: str
    systems: list[str] = []
    formats: list[str] = []
    style: str = ""
    sets: list[str] = []
    templates: list[dict[str, str]] = []
    bounds: Extent | None = None


class _Matrix(msgspec.Struct, frozen=True):
    name: str
    scale: float
    corner: list[float]
    size: list[int]


class _MatrixSet(msgspec.Struct, frozen=True):
    system: str
    matrices: list[_Matrix]


class _Capabilities(msgspec.Struct, frozen=True):
    layers: dict[str, _RasterLayer]
    url: str = ""
    version: str = ""
    formats: list[str] = []
    sets: dict[str, _MatrixSet] = {}


def inspect_source(
    source: LayerSource, client: FetchClient, health: SourceHealth, decode: Callable[[bytes], RasterImage]
) -> tuple[FetchedBody, Recipe, RasterImage | None]:
    """Return the response, the recipe and one tile of a source; `decode` decodes images and refuses anything else.

    A layer that was fetched before may have no tile in its centre.

    Raises Unreachable, TooLarge, Malformed, Invalid: then the layer must stay unchanged.
    """
    answer, recipe = _recipe(source, client, health)
    try:
        return answer, recipe, sample(recipe, client, decode)
    except Unreachable as refusal:
        if health.good_ms and refusal.details.get("answered") in NOTHING_THERE:
            return answer, recipe, None
        raise


def sample(recipe: Recipe, client: FetchClient, decode: Callable[[bytes], RasterImage]) -> RasterImage:
    """Return one tile from the centre, to verify that tiles are served."""
    tile = recipe.middle()
    try:
        return decode(client.get(recipe.address(tile), accept=ACCEPT).body)
    except (Unreachable, Malformed) as refusal:
        where = f"tile {tile.z}/{tile.x}/{tile.y}"
        details = {name: refusal.details[name] for name in ("answered",) if name in refusal.details}
        raise type(refusal)("tile_in_middle_failed", problem=refusal, tile=where, **details) from None


def _recipe(source: LayerSource, client: FetchClient, health: SourceHealth) -> tuple[FetchedBody, Recipe]:
    if source.format == "xyz" or holes(source.url):
        return FetchedBody(source.url, b""), _template_recipe(source)
    service = source.format.upper()
    url = with_query(source.url, service=service, request="GetCapabilities")
    if source.format == "wmts" and urlsplit(source.url).path.lower().endswith(".xml"):
        url = source.url  # the document itself
    previous = health.recipe
    answer = client.get(
        url,
        etag=health.etag if previous else "",
        last_modified=health.last_modified if previous else "",
        accept="application/xml, text/xml",
    )
    if answer.unchanged and previous is not None:
        return answer, previous
    offer = sandbox.parse_one(source.format, answer.body, _Capabilities, f"layer {source.layer_id}")
    return answer, (_wms_recipe if source.format == "wms" else _wmts_recipe)(source, offer)


def _template_recipe(source: LayerSource) -> Recipe:
    url = source.url
    for theirs, ours in (_TEMPLATE_VARIABLES | {"TileMatrix": "z"}).items():
        url = url.replace(f"{{{theirs}}}", f"{{{ours}}}")
    return Recipe(url, source.min_zoom, source.max_zoom, source.bbox or WORLD)


def _wms_recipe(source: LayerSource, offer: _Capabilities) -> Recipe:
    names = [name.strip() for name in source.name.split(",")]
    layers = [_layer_by_name(offer, name) for name in names]
    systems = [{code.strip().upper() for code in one.systems} for one in layers]
    system = next((code for code in _MERCATOR if all(code in codes for codes in systems)), "")
    if not system:
        raise Invalid("name", source.name, "picture_not_mercator")
    query = {
        "SERVICE": "WMS",
        "VERSION": offer.version,
        "REQUEST": "GetMap",
        "LAYERS": ",".join(names),
        "STYLES": "," * (len(names) - 1),
        "SRS" if offer.version == "1.1.1" else "CRS": system,
        "FORMAT": _format(source, offer.formats),
        "TRANSPARENT": "TRUE",
        "WIDTH": str(SIDE),
        "HEIGHT": str(SIDE),
    }
    # The box comes last and unencoded, as it is a placeholder. In Web Mercator both versions have east before north.
    base = with_query(_request_url(source.url, offer.url), **query)
    return _with_bounds(source, Recipe(f"{base}&BBOX={{bbox}}", source.min_zoom, source.max_zoom), layers)


def _request_url(source_url: str, server_url: str) -> str:
    """Return the URL that the server names, unless its host differs: many name an internal host."""
    if server_url and urlsplit(server_url).netloc == urlsplit(source_url).netloc:
        return urlsplit(server_url)._replace(scheme=urlsplit(source_url).scheme).geturl()
    parts = urlsplit(source_url)
    asking = ("service", "request", "version")
    parameters = [each for each in parts.query.split("&") if each and each.partition("=")[0].lower() not in asking]
    return parts._replace(query="&".join(parameters)).geturl()


def _wmts_recipe(source: LayerSource, offer: _Capabilities) -> Recipe:
    picture = _layer_by_name(offer, source.name)
    for name in picture.sets:
        matrix_set = offer.sets.get(name)
        zooms = _zooms(matrix_set) if matrix_set is not None else {}
        run = _contiguous_zooms(zooms, source.min_zoom, source.max_zoom)
        if run:
            url = _tile_url(source, offer, picture, name)
            recipe = Recipe(url, run[0], run[-1], matrices=tuple(zooms[zoom] for zoom in run))
            return _with_bounds(source, recipe, [picture])
    raise Invalid(
        "name",
        source.name,
        "no_tile_set",
        side=SIDE,
        least=source.min_zoom,
        most=source.max_zoom,
        known=", ".join(picture.sets) or "none",
    )


def _zooms(matrices: _MatrixSet) -> dict[int, str]:
    """Return zoom to matrix name, for the matrices of the usual web map tiling."""
    if not any(matrices.system.upper().endswith(code.rpartition(":")[2]) for code in _MERCATOR):
        return {}
    found = {}
    for one in matrices.matrices:
        whole = abs(one.corner[0] + HALF_WORLD_M) < 1 and abs(one.corner[1] - HALF_WORLD_M) < 1
        for zoom in range(DEEPEST + 1):
            if whole and one.size == [SIDE, SIDE] and abs(one.scale * (1 << zoom) / _WHOLE_SCALE - 1) < 1e-4:
                found[zoom] = one.name
    return found


def _contiguous_zooms(zooms: dict[int, str], least: int, most: int) -> list[int]:
    """Return the zooms from the first one on without a gap."""
    wanted = [zoom for zoom in sorted(zooms) if least <= zoom <= most]
    return [zoom for at, zoom in enumerate(wanted) if zoom == wanted[0] + at]


def _tile_url(source: LayerSource, offer: _Capabilities, picture: _RasterLayer, matrix_set: str) -> str:
    image_type = _format(source, [each["format"] for each in picture.templates] or picture.formats)
    values = {"TileMatrixSet": matrix_set, "Style": picture.style, "style": picture.style}
    for each in picture.templates:
        if each["format"] == image_type:
            url = each["url"]
            for variable, value in [*values.items(), *((k, f"{{{v}}}") for k, v in _TEMPLATE_VARIABLES.items())]:
                url = url.replace(f"{{{variable}}}", value)
            if unknown := holes(url) - set(_TEMPLATE_VARIABLES.values()):
                raise Invalid("name", source.name, "address_asks_more", keys=sorted(unknown))
            return url
    query = {
        "SERVICE": "WMTS",
        "VERSION": "1.0.0",
        "REQUEST": "GetTile",
        "LAYER": source.name,
        "STYLE": picture.style,
        "FORMAT": image_type,
        "TILEMATRIXSET": matrix_set,
    }
    base = with_query(_request_url(source.url, offer.url), **query)
    return f"{base}&TILEMATRIX={{matrix}}&TILEROW={{y}}&TILECOL={{x}}"


def _layer_by_name(offer: _Capabilities, name: str) -> _RasterLayer:
    if name in offer.layers:
        return offer.layers[name]
    available = ", ".join(offer.layers) or "none"
    raise Invalid("name", name, "picture_name_unknown", known=shorten(available, 300))


def _format(source: LayerSource, formats: Sequence[str]) -> str:
    """Return the image type to request, as the server names it; never SVG, never a document."""
    for image_type in _TYPES:
        for each in sorted(formats, key=len):
            if each.partition(";")[0].strip().lower() == image_type:
                return each
    raise Invalid("name", source.name, "picture_kind_unread", known=shorten(", ".join(formats) or "nothing", 120))


def _with_bounds(source: LayerSource, recipe: Recipe, pictures: Sequence[_RasterLayer]) -> Recipe:
    """Return the recipe with the bounds of all layers together, no wider than those of the source."""
    boxes: list[Any] = [each.bounds for each in pictures]
    box = WORLD
    if all(boxes):
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    box = intersection(box, source.bbox or WORLD)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise Invalid("bbox", source.bbox, "bbox_outside")
    return msgspec.structs.replace(recipe, bounds=box)


def intersection(box: Extent, to: Extent) -> Extent:
    """Return the intersection of two boxes and the Web Mercator world; it may be empty."""
    west, south, east, north = zip(box, to, WORLD, strict=True)
    return max(west), max(south), min(east), min(north)
