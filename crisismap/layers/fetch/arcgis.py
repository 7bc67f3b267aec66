"""Layers of ArcGIS servers: the URL of a FeatureServer, a MapServer, one of their layers or a query."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec

from crisismap.core.errors import CrisismapError, Invalid, Malformed, Unreachable
from crisismap.core.layer.source import LayerSource
from crisismap.layers.fetch.pages import PAGE, ServicePages, query_of, with_query

_ID_BATCH = 100  # object ids per request: some servers take no longer URL
_MOST_EMPTY = 4  # pages without a feature that say that more follow
_FORMS = ("geojson", "json")  # older servers have only the second
_PATH = re.compile(r"(?P<service>.*/(?:Feature|Map)Server)(?:/(?P<number>\d+))?(?:/query)?/*", re.IGNORECASE)
# What this program decides; anything else of a query, such as `where` and `token`, stays.
_OURS = frozenset(
    {"f", "outfields", "outsr", "resultoffset", "resultrecordcount", "objectids", "orderbyfields"}
    | {"returncountonly", "returnidsonly", "returngeometry", "returnextentonly", "returndistinctvalues", "callback"}
)


def is_arcgis_layer(url: str) -> bool:
    """Return whether a URL is that of a layer of an ArcGIS server, or of a query of it."""
    match = _PATH.fullmatch(urlsplit(url).path)
    return match is not None and match["number"] is not None


def arcgis(pages: ServicePages, source: LayerSource) -> int | None:
    """Take all features of a layer; return how many it has, None if it does not say.

    Pages are taken by number as long as there is more; then what has not come is asked by object id.
    """
    address = _query_address(pages, source)
    chosen = query_of(address).get("where") or "1=1"
    everything = with_query(address, where=chosen, f="json")
    claimed = pages.number(with_query(everything, returnCountOnly="true"), "count")
    features = with_query(address, outFields="*", outSR="4326")
    ended_well, form, refusal = False, _FORMS[0], None
    for form in _FORMS:
        try:
            ended_well = _by_offset(pages, with_query(features, where=chosen, f=form), claimed)
            break
        except (Malformed, Unreachable) as problem:
            refusal = refusal or problem
            if pages.features:
                break
    if ended_well and claimed is not None and len(pages.features) >= claimed:
        return claimed
    listed = pages.optional(with_query(everything, returnIdsOnly="true"))
    ids, field = listed.get("objectIds"), str(listed.get("objectIdFieldName") or "OBJECTID")
    if isinstance(ids, list) and all(isinstance(each, int) for each in ids):
        forms = (form,) if pages.features else _FORMS
        _by_ids_in_a_form(pages, [with_query(features, f=each) for each in forms], list(dict.fromkeys(ids)), field)
        return max(claimed or 0, len(ids))
    if refusal is not None and not ended_well:
        raise refusal
    return claimed


def _query_address(pages: ServicePages, source: LayerSource) -> str:
    """Return the URL of the layer's query with the parameters that a person gave."""
    parts = urlsplit(source.url)
    kept = {name: value for name, value in query_of(source.url).items() if name not in _OURS}
    match = _PATH.fullmatch(parts.path)
    path = parts.path.rstrip("/")
    if match is not None and match["number"] is not None:
        path = f"{match['service']}/{match['number']}"
    elif source.name:
        path = f"{match['service'] if match else path}/{quote(source.name, safe='')}"
    elif match is not None:
        base = urlunsplit(parts._replace(path=match["service"], query=urlencode(kept)))
        path = f"{match['service']}/{_only_layer(pages.ask(with_query(base, f='json')))}"
    return urlunsplit(parts._replace(path=f"{path}/query", query=urlencode(kept)))


def _only_layer(members: dict[str, msgspec.Raw]) -> int:
    """Return the number of the one layer of a service. Raises Invalid naming the layers where there are several."""
    listed: Any = msgspec.json.decode(members.get("layers", b"[]"))
    layers = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    layers = [each for each in layers if isinstance(each.get("id"), int) and not each.get("subLayerIds")]
    if len(layers) != 1:
        names = ", ".join(f"{each['id']} {each.get('name', '')}".strip() for each in layers) or "none"
        raise Invalid("name", names, "arcgis_layer_not_named")
    return int(layers[0]["id"])


def _by_offset(pages: ServicePages, query: str, claimed: int | None) -> bool:
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


def _by_ids_in_a_form(pages: ServicePages, queries: list[str], ids: list[int], field: str) -> None:
    """Take the features that have not come by the first of the queries that is answered."""
    refusal: CrisismapError | None = None
    for query in queries:
        try:
            _by_ids(pages, query, ids, field)
        except (Malformed, Unreachable) as problem:
            refusal = refusal or problem
            continue
        return
    if refusal is not None:
        raise refusal


def _by_ids(pages: ServicePages, query: str, ids: list[int], field: str) -> None:
    """Take the features that have not come, in batches; smaller ones while nothing comes."""
    present = _object_ids(pages.features, field)
    if present is None:  # which have come cannot be told
        pages.forget()
        present = set()
    missing = [each for each in ids if each not in present]
    size, fruitless = _ID_BATCH, 0
    while missing and fruitless < _MOST_EMPTY:
        batch = missing[:size]
        page = pages.take(with_query(query, objectIds=",".join(map(str, batch))))
        came = _object_ids(page.features, field)
        left = [] if came is None else [each for each in batch if each not in came]
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
