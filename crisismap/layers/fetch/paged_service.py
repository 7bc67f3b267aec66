"""Paged GeoJSON services: OGC API Features, WFS 2 and ArcGIS FeatureServer.

Each is explicitly asked for longitude/latitude, and for the number of features that it has, which is compared with
those that came. A client library for these protocols would make its own requests, bypassing the guarded client; only a
few URLs and the link to the next page are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from crisismap.core.errors import SAID, CrisismapError, Malformed, TooLarge, Unreachable
from crisismap.core.layer.source import LayerSource
from crisismap.layers.fetch.server_message import server_message
from crisismap.layers.formats.strict_json import decode

PAGE = 1000  # features per request
MOST_PAGES = 500
_ID_BATCH = 100  # object ids per request: some servers take no longer URL
_MOST_EMPTY = 4  # pages without a feature that say that more follow
_ACCEPT = "application/geo+json, application/json"

Get = Callable[[str, str], bytes]  # (URL, Accept) to body


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
    """Return all features of a service. Raises what `get` raises, Malformed, TooLarge, Unreachable."""
    pages = _Pages(source, get)
    claimed = _SERVICES[source.format](pages, source)
    body = msgspec.json.encode({"type": "FeatureCollection", **pages.system, "features": pages.features})
    return ServiceFeatures(body, len(pages.features), claimed)


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer with features: its other members, its features, and whether earlier pages had all of them."""

    members: Mapping[str, msgspec.Raw]
    features: list[msgspec.Raw]
    repeated: bool

    @property
    def claimed(self) -> int | None:
        """Return the number of all features by OGC API and WFS, None if it is unknown."""
        numbers = (self.member(name) for name in ("numberMatched", "totalFeatures"))
        return next((each for each in numbers if isinstance(each, int) and not isinstance(each, bool)), None)

    @property
    def has_more(self) -> bool:
        """Return whether ArcGIS says that it did not send everything, in JSON or in GeoJSON."""
        properties = self.member("properties")
        inside = isinstance(properties, dict) and properties.get("exceededTransferLimit")
        return bool(self.member("exceededTransferLimit") or inside)

    def member(self, name: str) -> Any:
        """Return a member's value, None without it."""
        return msgspec.json.decode(self.members[name]) if name in self.members else None


class _Pages:
    """The pages asked so far, and their features without those that an earlier page had too."""

    def __init__(self, source: LayerSource, get: Get) -> None:
        self.features: list[msgspec.Raw] = []
        self.system: dict[str, Any] = {}  # the old `crs` member, should a server not return the requested system
        self._source = source
        self._get = get
        self._asked = 0
        self._seen: set[int] = set()  # hashes of the features of all pages

    def ask(self, address: str) -> dict[str, msgspec.Raw]:
        """Return the members of the object at an address. Raises Malformed with what the server says instead."""
        if self._asked == MOST_PAGES:
            raise TooLarge("too_many_pages", host=urlsplit(address).netloc, most=MOST_PAGES, each=PAGE)
        self._asked += 1
        what = f"{self._source.layer_id}, page {self._asked}"
        body = self._get(address, _ACCEPT)
        try:
            members = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            if not body.lstrip().startswith(b"<"):
                decode(body, what)
            raise self.refusal(body) from None
        if members.get("error", b"null") != b"null":  # ArcGIS returns errors with status 200
            raise self.refusal(body)
        return members

    def refusal(self, body: bytes) -> Malformed:
        """Return the error for an answer without features."""
        problem = Malformed("service_without_features", **{SAID: server_message(body)})
        return Malformed("unreadable", what=self._source.layer_id, problem=problem)

    def number(self, address: str, name: str) -> int | None:
        """Return a number that a service may not have; None without it."""
        value = self.optional(address).get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def optional(self, address: str) -> dict[str, Any]:
        """Return what an address answers, {} if it answers with an error: not every service has it."""
        try:
            return {name: msgspec.json.decode(value) for name, value in self.ask(address).items()}
        except TooLarge:
            raise
        except (CrisismapError, msgspec.MsgspecError):
            return {}

    def take(self, address: str) -> _Page:
        """Return a page after adding its features, except those that an earlier page had."""
        members = self.ask(address)
        try:
            features = msgspec.json.decode(members.get("features", b"null"), type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            raise self.refusal(msgspec.json.encode(members)) from None
        hashes = [hash(bytes(each)) for each in features]
        new = [each for each, number in zip(features, hashes, strict=True) if number not in self._seen]
        self._seen.update(hashes)
        self.features += new
        page = _Page(members, features, bool(features) and not new)
        if not self.system and "crs" in members:
            self.system = {"crs": page.member("crs")}
        return page


def _ogc(pages: _Pages, source: LayerSource) -> int | None:
    first = with_query(
        f"{source.url.rstrip('/')}/collections/{quote(source.name, safe='')}/items", f="json", limit=str(PAGE)
    )
    address: str | None = first
    visited: set[str] = set()
    claimed: int | None = None
    page: _Page | None = None
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


def _next_link(address: str, page: _Page) -> str | None:
    links = page.member("links")
    for link in links if isinstance(links, list) else ():
        href = link.get("href") if isinstance(link, dict) and link.get("rel") == "next" else None
        if isinstance(href, str):
            return urljoin(address, href)
    return None


def _wfs(pages: _Pages, source: LayerSource) -> int | None:
    first = with_query(
        source.url,
        service="WFS",
        version="2.0.0",
        request="GetFeature",
        typeNames=source.name,
        outputFormat="application/json",
        srsName="urn:ogc:def:crs:OGC:1.3:CRS84",
        count=str(PAGE),
    )
    start, claimed = 0, None
    while True:
        try:
            page = pages.take(with_query(first, startIndex=str(start)))
        except (Malformed, Unreachable):
            if claimed is None and start % PAGE > 0:
                return None  # the page before was not full, so this one was asked to be sure only
            raise
        claimed = page.claimed
        start += len(page.features)
        if not page.features or page.repeated or (claimed is not None and start >= claimed):
            return claimed


def _arcgis(pages: _Pages, source: LayerSource) -> int | None:
    """Page by number as long as there is more; then ask by object id for what has not come."""
    layer = source.url.rstrip("/") + (f"/{quote(source.name, safe='')}" if source.name else "")
    query = with_query(f"{layer}/query", outFields="*", outSR="4326", f="geojson")
    everything = with_query(f"{layer}/query", where="1=1", f="json")
    claimed = pages.number(with_query(everything, returnCountOnly="true"), "count")
    refusal: CrisismapError | None = None
    try:
        ended_well = _arcgis_by_offset(pages, with_query(query, where="1=1"), claimed)
    except (Malformed, Unreachable) as problem:
        ended_well, refusal = False, problem
    if ended_well and claimed is not None and len(pages.features) >= claimed:
        return claimed
    listed = pages.optional(with_query(everything, returnIdsOnly="true"))
    ids, field = listed.get("objectIds"), str(listed.get("objectIdFieldName") or "OBJECTID")
    if isinstance(ids, list) and all(isinstance(each, int) for each in ids):
        _arcgis_by_ids(pages, query, list(dict.fromkeys(ids)), field)
        return max(claimed or 0, len(ids))
    if refusal is not None:
        raise refusal
    return claimed


def _arcgis_by_offset(pages: _Pages, query: str, claimed: int | None) -> bool:
    """Take pages until the server has no more; return whether it came to its end by itself."""
    start = longest = empty = 0
    while True:
        page = pages.take(with_query(query, resultRecordCount=str(PAGE), resultOffset=str(start)))
        if page.repeated:  # the server ignores the offset
            return False
        came = len(page.features)
        if not page.has_more and (came == 0 or claimed is None or start + came >= claimed):
            return True
        if came == 0:
            # A server may filter after it has counted a page: ask once more, then go on behind it.
            empty += 1
            if empty == _MOST_EMPTY:
                return False
            came = (longest or PAGE) if empty > 1 else 0
        start, longest = start + came, max(longest, came)


def _arcgis_by_ids(pages: _Pages, query: str, ids: list[int], field: str) -> None:
    """Take the features that have not come, in batches; smaller ones while nothing comes."""
    present = _object_ids(pages.features, field)
    if present is None:  # which have come cannot be told
        pages.features.clear()
        present = set()
    missing = [each for each in ids if each not in present]
    size, fruitless = _ID_BATCH, 0
    while missing and fruitless < _MOST_EMPTY:
        batch = missing[:size]
        page = pages.take(with_query(query, objectIds=",".join(map(str, batch))))
        came = _object_ids(page.features, field) or set()
        left = [each for each in batch if each not in came]
        if len(left) < len(batch):
            missing = [*missing[len(batch) :], *left]
        elif size > 1:
            size = max(1, size // 4)
        else:
            missing, fruitless = missing[1:], fruitless + 1  # deleted meanwhile, or not for us


def _object_ids(features: Collection[msgspec.Raw], field: str) -> set[int] | None:
    """Return the object ids of features, by their GeoJSON id or the field; None if one has neither."""
    found = set()
    for each in features:
        feature = msgspec.json.decode(each)
        number = feature.get("id") if isinstance(feature, dict) else None
        if not isinstance(number, int):
            properties = feature.get("properties") if isinstance(feature, dict) else None
            number = properties.get(field) if isinstance(properties, dict) else None
        if not isinstance(number, int):
            return None
        found.add(number)
    return found


def with_query(address: str, **parameters: str) -> str:
    """Return the URL with these query parameters, replacing any of the same name."""
    parts = urlsplit(address)
    names = {name.lower() for name in parameters}
    others = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*others, *parameters.items()])))


_SERVICES: dict[str, Callable[[_Pages, LayerSource], int | None]] = {"ogc": _ogc, "wfs": _wfs, "arcgis": _arcgis}
