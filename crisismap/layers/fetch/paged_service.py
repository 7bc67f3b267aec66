"""Paged services: OGC API Features, WFS and ArcGIS servers.

Each is explicitly asked for longitude/latitude, and for the number of features that it has, which is compared with
those that came. A client library for these protocols would make its own requests, bypassing the guarded client; only a
few URLs and the link to the next page are needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from crisismap.core.errors import Unreachable
from crisismap.core.layer.source import LayerSource
from crisismap.layers.fetch.arcgis import arcgis
from crisismap.layers.fetch.pages import PAGE, Get, ServicePage, ServicePages, with_query
from crisismap.layers.fetch.wfs import gml_members, wfs


@dataclass(frozen=True, slots=True)
class ServiceFeatures:
    """All features of a service as one FeatureCollection; `claimed` is how many it says it has, None if it does not."""

    body: bytes
    came: int
    claimed: int | None

    @property
    def note(self) -> str:
        """Return both numbers as a phrase."""
        claim = "does not say how many features it has" if self.claimed is None else f"has {self.claimed} features"
        return f"the server {claim}, {self.came} came"

    @property
    def is_complete(self) -> bool:
        """Return whether as many features came as the server says it has."""
        return self.claimed is None or self.came >= self.claimed


def collect(source: LayerSource, get: Get) -> ServiceFeatures:
    """Return all features of a service. Raises what `get` raises, Malformed, TooLarge, Unreachable, Invalid."""
    pages = ServicePages(source, get, lambda body: gml_members(body, source))
    claimed = _SERVICES[source.format](pages, source)
    body = msgspec.json.encode({"type": "FeatureCollection", **pages.system, "features": pages.features})
    return ServiceFeatures(body, len(pages.features), claimed)


def _ogc(pages: ServicePages, source: LayerSource) -> int | None:
    first = with_query(
        f"{source.url.rstrip('/')}/collections/{quote(source.name, safe='')}/items", f="json", limit=str(PAGE)
    )
    address: str | None = first
    visited: set[str] = set()
    claimed: int | None = None
    page: ServicePage | None = None
    while address:
        if address in visited or (page is not None and page.repeated and claimed is None):
            raise Unreachable("page_loops", host=urlsplit(address).netloc)
        visited.add(address)
        page = pages.take(address)
        claimed = page.claimed if claimed is None else claimed
        if page.repeated and claimed is not None:
            break
        address = _next_link(address, page)
        if address is None and page.features and claimed is not None and len(pages.features) < claimed:
            # Not in the standard's core, but most servers that know how many there are can go on from a number.
            address = with_query(first, offset=str(len(pages.features)))
    return claimed


def _next_link(address: str, page: ServicePage) -> str | None:
    links = page.member("links")
    for link in links if isinstance(links, list) else ():
        href = link.get("href") if isinstance(link, dict) and link.get("rel") == "next" else None
        if isinstance(href, str):
            return urljoin(address, href)
    return None


_SERVICES: dict[str, Callable[[ServicePages, LayerSource], int | None]] = {"ogc": _ogc, "wfs": wfs, "arcgis": arcgis}
