"""Validation of a source: a format of its kind, numbers in range, a valid URL."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.layer.layer import Role, check_layer
from crisismap.core.layer.raster import holes
from crisismap.core.layer.source import FORMATS, LayerSource, SourceKind
from crisismap.core.moment import DAY_S
from crisismap.core.place.mercator import DEEPEST
from crisismap.core.text.storable import check_length, check_no_nul
from crisismap.layers.fetch.address import check_url
from crisismap.layers.fetch.arcgis import is_arcgis_layer
from crisismap.layers.normalise.mapping import parse_layer_mapping

SHORTEST_S = 30  # the least interval between requests to a server
LONGEST_NAME = 500


def check_source(source: LayerSource) -> LayerSource:
    """Return the source if it is valid. Raises Invalid naming the field.

    A file that is a layer of an ArcGIS server is asked as what it is, page by page.
    """
    if source.kind is SourceKind.FILE and not source.format and is_arcgis_layer(source.url):
        source = msgspec.structs.replace(source, kind=SourceKind.SERVICE, format="arcgis")
    check_layer(source.layer_id, source.role)
    formats = FORMATS[source.kind]
    if source.format not in formats:
        raise Invalid(
            "format", source.format, "format_wrong", kind=source.kind, choices=", ".join(formats) or "nothing"
        )
    if not SHORTEST_S <= source.refresh_s <= 30 * DAY_S:
        raise Invalid("refresh_s", source.refresh_s, "seconds_out_of_range", least=SHORTEST_S, most=30 * DAY_S)
    if not 0 < source.validity_h <= 24 * 366:
        raise Invalid("validity_h", source.validity_h, "hours_out_of_range")
    for field in ("title", "licence", "attribution", "name"):
        value: str = getattr(source, field)
        check_length(field, value, LONGEST_NAME)
        check_no_nul(field, value)
    check_url(source.url)
    try:
        parse_layer_mapping(source.mapping, "mapping")
    except Misconfigured as wrong:
        raise Invalid("mapping", source.mapping, "mapping_wrong", problem=wrong) from None
    if source.kind is SourceKind.PICTURE:
        _check_picture(source)
    elif source.bbox is not None:
        raise Invalid("bbox", source.bbox, "only_with_picture")
    if source.kind is SourceKind.SERVICE and source.format != "arcgis" and not source.name:
        raise Invalid("name", "", "collection_not_named")
    return source


def _check_picture(source: LayerSource) -> None:
    if source.role != Role.CONTEXT:
        raise Invalid("role", source.role, "picture_role")
    if source.mapping:
        raise Invalid("mapping", source.mapping, "picture_without_fields")
    if not 0 <= source.min_zoom <= source.max_zoom <= DEEPEST:
        raise Invalid("max_zoom", f"{source.min_zoom} to {source.max_zoom}", "zooms_wrong", most=DEEPEST)
    if source.bbox is not None:
        west, south, east, north = source.bbox
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise Invalid("bbox", source.bbox, "not_a_picture_bbox")
    _check_placeholders(source, holes(source.url))
    if source.format != "xyz" and not holes(source.url) and not source.name:
        raise Invalid("name", "", "picture_not_named")


def _check_placeholders(source: LayerSource, placeholders: set[str]) -> None:
    if placeholders & holes(urlsplit(source.url).netloc):
        raise Invalid("url", source.url, "url_without_host")
    if source.format == "xyz" and placeholders not in ({"z", "x", "y"}, {"z", "x", "-y"}):
        raise Invalid("url", source.url, "url_leaves_open_zxy")
    if source.format == "wmts" and placeholders and placeholders != {"TileMatrix", "TileRow", "TileCol"}:
        raise Invalid("url", source.url, "url_leaves_open_matrix")
    if source.format == "wms" and placeholders:
        raise Invalid("url", source.url, "url_leaves_open")
