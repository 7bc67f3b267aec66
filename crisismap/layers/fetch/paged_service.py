"""Paged GeoJSON services: OGC API Features, WFS 2 and ArcGIS FeatureServer.

Each is explicitly asked for longitude/latitude. A client library for these protocols would make its own requests,
bypassing the guarded client; only a few URLs and the link to the next page are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from crisismap.core.errors import Malformed, TooLarge, Unreachable
from crisismap.core.layer.source import LayerSource
from crisismap.layers.formats.strict_json import decode

PAGE = 1000  # features per request
MOST_PAGES = 500
_ACCEPT = "application/geo+json, application/json"

Get = Callable[[str, str], bytes]  # (URL, Accept) to body


def collect(source: LayerSource, get: Get) -> bytes:
    """Return all features of a service as one FeatureCollection. Raises what `get` raises, Malformed, TooLarge."""
    first, following = _SERVICES[source.format]
    address: str | None = first(source)
    features: list[Any] = []
    system: dict[str, Any] = {}  # the old `crs` member, should a server not return the requested system
    visited: set[str] = set()
    while address:
        if address in visited:
            raise Unreachable("page_loops", host=urlsplit(address).netloc)
        if len(visited) == MOST_PAGES:
            raise TooLarge("too_many_pages", host=urlsplit(address).netloc, most=MOST_PAGES, each=PAGE)
        visited.add(address)
        page = decode(get(address, _ACCEPT), f"{source.layer_id}, page {len(visited)}")
        page_features = page.get("features") if isinstance(page, dict) else None
        if not isinstance(page_features, list):
            raise Malformed("unreadable", what=source.layer_id, problem=_error_text(page))
        features += page_features
        system = system or ({"crs": page["crs"]} if "crs" in page else {})
        address = following(address, page, len(page_features))
    return msgspec.json.encode({"type": "FeatureCollection", **system, "features": features})


def _error_text(page: Any) -> str:
    error = page.get("error") if isinstance(page, dict) else None
    if isinstance(error, dict) and "message" in error:  # ArcGIS returns errors with status 200
        return f"the service says {str(error['message'])[:100]!r}"
    return "the service did not answer with a FeatureCollection"


def _ogc_first(source: LayerSource) -> str:
    return with_query(
        f"{source.url.rstrip('/')}/collections/{quote(source.name, safe='')}/items", f="json", limit=str(PAGE)
    )


def _ogc_next(address: str, page: dict[str, Any], count: int) -> str | None:
    links = page.get("links")
    for link in links if isinstance(links, list) else ():
        href = link.get("href") if isinstance(link, dict) and link.get("rel") == "next" else None
        if isinstance(href, str):
            return urljoin(address, href)
    return None


def _wfs_first(source: LayerSource) -> str:
    return with_query(
        source.url,
        service="WFS",
        version="2.0.0",
        request="GetFeature",
        typeNames=source.name,
        outputFormat="application/json",
        srsName="urn:ogc:def:crs:OGC:1.3:CRS84",
        count=str(PAGE),
        startIndex="0",
    )


def _wfs_next(address: str, page: dict[str, Any], count: int) -> str | None:
    start = int(dict(parse_qsl(urlsplit(address).query))["startIndex"]) + count
    total = page.get("numberMatched", page.get("totalFeatures"))
    if count == 0 or (isinstance(total, int) and start >= total) or (not isinstance(total, int) and count < PAGE):
        return None
    return with_query(address, startIndex=str(start))


def _arcgis_first(source: LayerSource) -> str:
    layer = source.url.rstrip("/") + (f"/{quote(source.name, safe='')}" if source.name else "")
    return with_query(
        f"{layer}/query",
        where="1=1",
        outFields="*",
        outSR="4326",
        f="geojson",
        resultRecordCount=str(PAGE),
        resultOffset="0",
    )


def _arcgis_next(address: str, page: dict[str, Any], count: int) -> str | None:
    properties = page.get("properties")
    has_more = page.get("exceededTransferLimit") or (
        isinstance(properties, dict) and properties.get("exceededTransferLimit")
    )
    if not has_more or count == 0:
        return None
    start = int(dict(parse_qsl(urlsplit(address).query))["resultOffset"]) + count
    return with_query(address, resultOffset=str(start))


def with_query(address: str, **parameters: str) -> str:
    """Return the URL with these query parameters, replacing any of the same name."""
    parts = urlsplit(address)
    names = {name.lower() for name in parameters}
    others = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*others, *parameters.items()])))


_SERVICES: dict[str, tuple[Callable[[LayerSource], str], Callable[[str, dict[str, Any], int], str | None]]] = {
    "ogc": (_ogc_first, _ogc_next),
    "wfs": (_wfs_first, _wfs_next),
    "arcgis": (_arcgis_first, _arcgis_next),
}
