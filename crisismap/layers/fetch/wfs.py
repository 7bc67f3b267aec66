"""Web Feature Services: version 2.0, 1.1 or 1.0, in GeoJSON or in GML, whatever the server has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import shapely

from crisismap.core.errors import CrisismapError, Invalid, Malformed, Unreachable
from crisismap.core.layer.source import LayerSource
from crisismap.layers.fetch.pages import PAGE, Members, ServicePages, query_of, with_query
from crisismap.layers.formats.raw import RawFeature
from crisismap.layers.formats.sniff import HEAD, FileKind, sniff
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_gml

_VERSIONS = ("2.0.0", "1.1.0", "1.0.0")
_LON_LAT = "urn:ogc:def:crs:OGC:1.3:CRS84"
# Answers after which the same server is not asked in another way.
_FINAL = frozenset({401, 403, 404, 407, 408, 429, 503})
_COUNT = re.compile(rb"(numberMatched|numberOfFeatures)\s*=\s*[\"'](\d+)[\"']")
_MEMBER = re.compile(rb"<([\w.-]+:)?(member|featureMembers?)[\s>]")


def wfs(pages: ServicePages, source: LayerSource) -> int | None:
    """Take all features of a type; return how many there are, None if the server does not say.

    A server that refuses a request is asked in the next way that servers know.
    """
    refusal: CrisismapError | None = None
    for parameters in _requests(source):
        try:
            return _all(pages, source.url, parameters)
        except (Malformed, Unreachable) as problem:
            if pages.features or not _may_know_another_way(problem):
                raise
            refusal = refusal or problem
    raise refusal or Malformed("service_without_features", said="")


def _requests(source: LayerSource) -> Iterator[dict[str, str]]:
    """Yield the parameters of each way to ask; what the URL has of them is left as it is."""
    given = query_of(source.url)
    is_written = "outputformat" in given
    for version in (given["version"],) if given.get("version") else _VERSIONS:
        is_paged = version.startswith("2")
        asked = {"service": "WFS", "version": version, "request": "GetFeature"}
        asked["typeNames" if is_paged else "typeName"] = source.name
        if is_paged:
            asked["count"] = str(PAGE)
        if version != "1.0.0" and not is_written:
            system = {} if "srsname" in given or not is_paged else {"srsName": _LON_LAT}
            yield {**asked, "outputFormat": "application/json", **system}
        yield asked


def _may_know_another_way(problem: CrisismapError) -> bool:
    return isinstance(problem, Malformed) or (
        problem.code == "answered_otherwise" and problem.details.get("answered") not in _FINAL
    )


def _all(pages: ServicePages, url: str, parameters: dict[str, str]) -> int | None:
    first, is_paged = with_query(url, **parameters), "count" in parameters
    page = pages.take(with_query(first, startIndex="0") if is_paged and "outputFormat" in parameters else first)
    claimed, start = page.claimed, len(page.features)
    if claimed is None and parameters["version"] == "1.1.0":
        claimed = pages.number(with_query(first, resultType="hits"), "numberOfFeatures")
    while page.features and not page.repeated and (is_paged if claimed is None else start < claimed):
        try:
            page = pages.take(with_query(first, startIndex=str(start)))
        except (Malformed, Unreachable):
            if claimed is None and start % PAGE > 0:
                return None  # the page before was not full, so this one was asked to be sure only
            raise
        claimed, start = claimed if page.claimed is None else page.claimed, start + len(page.features)
    if page.repeated and is_paged and claimed is not None and len(pages.features) < claimed:
        whole = {name: value for name, value in parameters.items() if name != "count"}
        pages.take(with_query(url, **whole))  # the server cannot page
    return claimed


def gml_members(body: bytes, source: LayerSource) -> Members | None:
    """Return an answer in GML as the members of a FeatureCollection in its own system; None if it is something else.

    Raises Malformed, TooLarge, and Invalid where several types came that the source does not choose from.
    """
    what = f"layer {source.layer_id}"
    try:
        if sniff(body[:HEAD], what) is not FileKind.GML:
            return None
    except Malformed:
        return None
    members: dict[str, object] = {name.decode(): int(number) for name, number in _COUNT.findall(body[:HEAD])}
    features: list[msgspec.Raw] = []
    if _MEMBER.search(body):
        name = str(source.mapping.get("layer", {}).get("source_layer", "")) or source.name.rpartition(":")[2]
        try:
            raw = read_gml(body, LayerMapping(), what)
        except Invalid as refusal:
            if refusal.code != "source_layer_not_named":
                raise
            raw = read_gml(body, LayerMapping(source_layer=name), what)
        features = [_feature(each) for each in raw.features]
        members["crs"] = None if raw.crs is None else {"type": "name", "properties": {"name": raw.crs}}
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in (members | {"features": features}).items()}


def _feature(feature: RawFeature) -> msgspec.Raw:
    shape = b"null" if feature.geometry is None else shapely.to_geojson(feature.geometry).encode()
    fields = {"type": "Feature", "geometry": msgspec.Raw(shape), "properties": feature.properties}
    return msgspec.Raw(msgspec.json.encode(fields))
