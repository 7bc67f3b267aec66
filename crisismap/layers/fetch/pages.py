"""The pages of a service: requested through the guarded client, decoded, counted, and each feature taken once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from crisismap.core.errors import SAID, CrisismapError, Invalid, Malformed, TooLarge
from crisismap.core.layer.source import LayerSource
from crisismap.layers.fetch.server_message import server_message
from crisismap.layers.formats import esri_json
from crisismap.layers.formats.strict_json import decode

PAGE = 1000  # features per request
MOST_PAGES = 500
_ACCEPT = "application/geo+json, application/json, application/gml+xml;q=0.8, */*;q=0.5"

Get = Callable[[str, str], bytes]  # (URL, Accept) to body
Members = dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True)
class ServicePage:
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


class ServicePages:
    """The pages asked so far, and their features without those that an earlier page had too.

    `read_xml` returns the members of an answer in XML, None where it is no collection of features.
    """

    def __init__(
        self, source: LayerSource, get: Get, read_xml: Callable[[bytes], Members | None] = lambda _: None
    ) -> None:
        self.features: list[msgspec.Raw] = []
        self.system: dict[str, Any] = {}  # the old `crs` member, should a server not return the requested system
        self._source = source
        self._get = get
        self._read_xml = read_xml
        self._asked = 0
        self._seen: set[int] = set()  # hashes of the features of all pages

    def ask(self, address: str) -> Members:
        """Return the members of the object at an address. Raises Malformed with what the server says instead."""
        if self._asked == MOST_PAGES:
            raise TooLarge("too_many_pages", host=urlsplit(address).netloc, most=MOST_PAGES, each=PAGE)
        self._asked += 1
        what = f"{self._source.layer_id}, page {self._asked}"
        body = self._get(address, _ACCEPT).removeprefix(b"\xef\xbb\xbf")
        if body.lstrip().startswith(b"<"):
            found = self._read_xml(body)
            if found is None:
                raise self.refusal(body)
            return found
        try:
            members = msgspec.json.decode(body, type=Members)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            decode(body, what)
            raise self.refusal(body) from None
        if members.get("error", b"null") != b"null":  # ArcGIS returns errors with status 200
            raise self.refusal(body)
        return esri_json.as_geojson(body, what) if esri_json.is_esri(members) else members

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

    def take(self, address: str) -> ServicePage:
        """Return a page after adding its features, except those that an earlier page had."""
        members = self.ask(address)
        try:
            features = msgspec.json.decode(members.get("features", b"null"), type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            raise self.refusal(msgspec.json.encode(members)) from None
        hashes = [hash(bytes(each)) for each in features]
        new = [each for each, number in zip(features, hashes, strict=True) if number not in self._seen]
        page = ServicePage(members, features, bool(features) and not new)
        self._take_system(page)
        self._seen.update(hashes)
        self.features += new
        return page

    def forget(self) -> None:
        """Forget the features, which are going to be asked again."""
        self.features.clear()
        self._seen.clear()

    def _take_system(self, page: ServicePage) -> None:
        """Keep the coordinate system of the first page; all others must have the same one."""
        if not page.features:
            return
        system = {"crs": page.member("crs")} if "crs" in page.members else {}
        if self.features and system != self.system:
            problem = Invalid("crs", f"{self.system.get('crs')}, {system.get('crs')}", "crs_mixed")
            raise Malformed("unreadable", what=self._source.layer_id, problem=problem)
        self.system = system


def with_query(address: str, **parameters: str) -> str:
    """Return the URL with these query parameters, replacing any of the same name."""
    parts = urlsplit(address)
    names = {name.lower() for name in parameters}
    others = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*others, *parameters.items()])))


def query_of(address: str) -> dict[str, str]:
    """Return the query parameters of a URL, by their names in lower case."""
    return {name.lower(): value for name, value in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
