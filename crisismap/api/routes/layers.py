"""Official layers: list and health, one layer as GeoJSON, new versions, and sources that are followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any
from zlib import crc32

import msgspec
from fastapi import APIRouter, Request
from isal import igzip
from starlette.datastructures import QueryParams
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.answers import LayerInfo
from crisismap.api.http.body import read_body
from crisismap.api.http.declared import GEOJSON, UNCHANGED, answers, media_types, refusals, takes
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.query import number_of, parameters
from crisismap.api.http.responses import PRIVATE, accepts_gzip, json_response, not_modified
from crisismap.core import moment
from crisismap.core.errors import Invalid, Malformed, NotFound
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.layer.original import MEDIA_TYPE
from crisismap.core.layer.source import FollowedSource, LayerSource
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import Person
from crisismap.exports.geojson import layer_geojson
from crisismap.services.layers import feeds as sources
from crisismap.services.layers.affected import affected
from crisismap.services.layers.first_reported import crowd_of, first_reports
from crisismap.services.layers.publish import as_of_ms, put_layer_bytes, put_packed
from crisismap.services.layers.rasters import tiles_of
from crisismap.services.runtime.context import audience_of, require

MAX_LAYER = 512 << 20  # bytes
PACKED = "application/x-crisismap-layer"
SUFFIX, XML = ".geojson", ".xml"
MAX_SOURCE = 64 << 10  # bytes
_OBJECT = {"type": "object"}
_METADATA = ("role", "title", "licence", "attribution")

router = APIRouter(prefix="/api/v1/layers", tags=["layers"])


@router.get("", responses=answers(list[LayerInfo]))
def get_layers(person: Caller) -> Response:
    """Return all layers without their features, including raster layers and those not fetched yet (version 0)."""
    context = bootstrap.current()
    followed = {each.source.layer_id: each for each in context.store.layers.sources()}
    versions = context.views.situation.layers
    items = [
        _layer_json(context.views.made_up, context.clock(), version, followed.get(layer_id), person)
        for layer_id, version in versions.items()
    ]
    items += [
        _source_json(each, context.views.made_up, context.clock(), person)
        for layer_id, each in followed.items()
        if layer_id not in versions
    ]
    return json_response(items, PRIVATE)


@router.get("/{name}", response_class=Response, responses=media_types(GEOJSON) | UNCHANGED)
def get_layer(
    name: str,
    request: Request,
    params: Annotated[QueryParams, parameters("at", "version", others=True)],
) -> Response:
    """Return one layer as GeoJSON (RFC 7946), at `{id}.geojson`; with `at` (a time, or now) only features valid then.

    `version`: an older version in place of the newest; the situation at a time says which version was current.
    """
    context = bootstrap.current()
    layer_id, number = name.removesuffix(SUFFIX), number_of("version", params)
    version = context.views.situation.layers.get(layer_id)
    if version is not None and number is not None:
        version = context.views.history.version(layer_id, number)
    if version is None or not name.endswith(SUFFIX):
        raise NotFound("no_layer_at_address")
    tag = f"{version.layer.id}-{version.version}-{version.loaded_at_ms}"
    if at := params.get("at"):
        version = version.at(_moment(at, context.clock()))
        tag += f"-{crc32(chr(0).join(feature.id for feature in version.features).encode()):x}"
    gzipped = accepts_gzip(request)
    headers = {
        "ETag": f'"{tag}{"-gzip" if gzipped else ""}"',
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    body = layer_geojson(version, context.views.made_up)
    return Response(igzip.compress(body, 1) if gzipped else body, 200, headers, "application/geo+json")


@router.get("/{layer_id}/versions")
def get_versions(layer_id: str, person: Caller) -> Response:
    """Return the stored versions of a layer, newest first; for those who manage layers also its source's log."""
    context = bootstrap.current()
    context.views.situation.layer(layer_id)  # raises NotFound
    body = {
        "versions": [
            {
                "version": head.version,
                "loaded_at": moment.rfc3339(head.loaded_at_ms),
                "as_of": moment.rfc3339(head.moment_ms),
                "features": head.count,
                "refused": head.refused,
                "repaired": head.repaired,
                "notes": list(head.notes),
                **{name: None if head.layer is None else str(getattr(head.layer, name)) for name in _METADATA},
                "mapping": head.mapping,
            }
            for head in context.store.layers.versions(layer_id)
        ],
        "checks": [
            {"at": moment.rfc3339(check.at_ms), "outcome": check.outcome, "detail": check.detail}
            for check in (context.store.layers.fetch_log(layer_id) if person.may("layer.put") else ())
        ],
    }
    return json_response(body, PRIVATE)


@router.get("/{layer_id}/originals")
def get_originals(layer_id: str, _person: Caller, params: Annotated[QueryParams, parameters("version")]) -> Response:
    """Return the original messages that a layer of warnings was read from, newest first; `version`: of an older one.

    `signed` says whether a message contains an XML signature. The signature is not verified.
    """
    context = bootstrap.current()
    version, number = context.views.situation.layer(layer_id), number_of("version", params)
    if number is not None:
        version = context.views.history.version(layer_id, number)
    items = [
        {
            "id": each.id,
            "identifier": each.identifier,
            "signed": each.signed,
            "url": f"/api/v1/layers/{layer_id}/originals/{each.id}{XML}",
        }
        for each in version.originals
    ]
    return json_response({"version": version.version, "originals": items}, PRIVATE)


@router.get("/{layer_id}/originals/{name}", response_class=Response, responses=media_types(MEDIA_TYPE) | UNCHANGED)
def get_original(layer_id: str, name: str, request: Request) -> Response:
    """Return an original message byte by byte, at `{id}.xml`."""
    context = bootstrap.current()
    context.views.situation.layer(layer_id)  # raises NotFound
    original_id = name.removesuffix(XML)
    if not name.endswith(XML):
        raise NotFound("no_original")
    body = context.store.layers.original(layer_id, original_id)
    headers = {
        "ETag": f'"{original_id}"',
        "Cache-Control": "no-cache",  # a layer that was withdrawn is no longer here
        "Content-Disposition": f'attachment; filename="{layer_id}-{original_id[:12]}{XML}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, MEDIA_TYPE)


@router.post("/{layer_id}/versions/{version}", responses=answers(LayerInfo))
def restore_version(layer_id: str, version: int, person: Caller) -> Response:
    """Publish an older version again, as a new one, with its role, title, licence, attribution and mapping."""
    context = bootstrap.current()
    context.views.situation.layer(layer_id)  # raises NotFound
    restored = sources.go_back(context.store, context.views.situation, context.clock(), person, layer_id, version)
    return json_response(_layer_json(context.views.made_up, context.clock(), restored, None, person))


@router.get("/{layer_id}/crowd")
def get_crowd(layer_id: str, person: Caller) -> Response:
    """Return what people reported at each feature of a layer: how many, since when, agreeing and contradicting."""
    context = bootstrap.current()
    rows = [
        {
            "feature": each.feature,
            "name": each.name,
            "reports": each.reports,
            "first_at": moment.rfc3339(each.first_ms),
            "last_at": moment.rfc3339(each.last_ms),
            "agree": each.agree,
            "contradict": each.contradict,
        }
        for each in crowd_of(context.views.situation, audience_of(person), layer_id)
    ]
    return json_response(rows, PRIVATE)


@router.get("/{layer_id}/first")
def get_first_reported(layer_id: str, person: Caller) -> Response:
    """Return each place a hazard layer ever showed with the first report of flooding in it."""
    context = bootstrap.current()
    found = first_reports(context.store, context.views.situation, audience_of(person), layer_id)
    body = {
        "layer": found.layer,
        "versions": found.versions,
        "places": len(found.places),
        "reported": found.reported,
        "people_first": found.people_first,
        "items": [
            {
                "feature": place.feature,
                "name": place.name,
                "official_at": moment.rfc3339(place.official_ms),
                "reported_at": None if place.reported_ms is None else moment.rfc3339(place.reported_ms),
                "ahead_min": None if place.ahead_ms is None else round(place.ahead_ms / MINUTE_MS, 1),
                "reports": place.reports,
            }
            for place in found.places
        ],
    }
    return json_response(body, PRIVATE)


@router.get("/{layer_id}/people")
def get_people(
    layer_id: str, _person: Caller, params: Annotated[QueryParams, parameters("at", others=True)]
) -> Response:
    """Return an estimate of the people in each feature of a hazard layer valid now, or `at` a time."""
    context = bootstrap.current()
    found = affected(context.views, layer_id, _moment(params.get("at") or "now", context.clock()))
    body = {
        "items": [
            {
                "feature": each.feature,
                "name": each.name,
                "people": each.people,
                "covered": round(each.covered, 3),
                "source": _source(context.clock(), each.source),
            }
            for each in found.features
        ],
        "unknown": found.unknown,
        "left_out": found.left_out,
    }
    return json_response(body, PRIVATE)


def _moment(at: str, now_ms: int) -> int:
    return now_ms if at == "now" else as_of_ms(at) or 0


def _source(now_ms: int, version: LayerVersion) -> dict[str, Any]:
    """Return the source of an estimate and its age."""
    return {
        "layer": version.layer.id,
        "title": version.layer.title,
        "attribution": version.layer.attribution,
        "version": version.version,
        "as_of": moment.rfc3339(version.moment_ms),
        "age_s": max(0, now_ms - version.moment_ms) // 1000,
    }


@router.put("/{layer_id}/source", openapi_extra=takes(_OBJECT))
async def put_source(layer_id: str, request: Request, person: Caller) -> Response:
    """Fetch a layer from a URL from now on; the body has kind, url, title, role and further options."""
    context = bootstrap.current()
    require(person, "layer.put")
    body = await read_body(request, MAX_SOURCE)
    try:
        members = msgspec.json.decode(body, type=dict[str, Any])
        source = msgspec.convert({"title": layer_id, **members, "layer_id": layer_id}, LayerSource)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise Malformed("not_a_source", problem=str(problem)) from None
    await asyncio.to_thread(sources.follow, context.store, context.views, context.clock(), person, source)
    return json_response(source)


@router.delete("/{layer_id}/source", status_code=204)
def delete_source(layer_id: str, person: Caller) -> Response:
    """Stop fetching a layer; its current version stays."""
    context = bootstrap.current()
    sources.unfollow(context.store, context.views.rasters, context.clock(), person, layer_id)
    return Response(status_code=204)


@router.delete("/{layer_id}", status_code=204)
def delete_layer(layer_id: str, person: Caller) -> Response:
    """Withdraw a layer from every map, list and report; its versions are kept."""
    context = bootstrap.current()
    sources.take_back(context.store, context.views, context.clock(), person, layer_id)
    return Response(status_code=204)


@router.put(
    "/{layer_id}",
    responses=refusals(409, 413) | answers(LayerInfo, created="The first version of a new layer"),
    # Not as arguments of the handler, so that permission is checked before missing parameters are reported.
    openapi_extra=takes(
        _OBJECT,
        GEOJSON,
        parameters=[
            {"name": "role", "in": "query", "required": True, "schema": {"type": "string"}},
            {"name": "as_of", "in": "query", "required": False, "schema": {"type": "string", "format": "date-time"}},
            {
                "name": "confirm",
                "in": "query",
                "required": False,
                "description": "the id: also if it is far from the incident, changes the role, or loses most features",
                "schema": {"type": "string"},
            },
        ],
    ),
)
async def put_layer(layer_id: str, request: Request, person: Caller) -> Response:
    """Publish a new version of a layer; answers what was read, repaired and refused.

    Unless `confirm` is its id, a layer that is far from the incident, or whose coordinates look swapped, is refused,
    and one that would change the layer's role or lose more than half of its features is a 409 `would-lose`.
    """
    context = bootstrap.current()
    require(person, "layer.put")
    params = request.query_params
    if "role" not in params:
        raise Invalid("role", None, "role_not_named")
    role, confirm = params["role"], params.get("confirm")
    body = await read_body(request, MAX_LAYER)
    read: Callable[..., LayerVersion] = put_packed
    if request.headers.get("content-type") != PACKED:
        read = partial(put_layer_bytes, as_of=params.get("as_of", ""))
    version = await asyncio.to_thread(read, context, person, layer_id, role, body, confirm=confirm)
    await asyncio.to_thread(context.views.situation.wait, context.store.events.revision())
    published = _layer_json(context.views.made_up, context.clock(), version, None, person)
    return json_response(published, status=201 if version.version == 1 else 200)


def _layer_json(
    made_up: bool, now_ms: int, version: LayerVersion, followed: FollowedSource | None, person: Person
) -> dict[str, Any]:
    layer = version.layer
    return {
        "id": layer.id,
        "title": layer.title,
        "role": str(layer.role),
        "version": version.version,
        "loaded_at": moment.rfc3339(version.loaded_at_ms),
        "as_of": moment.rfc3339(version.moment_ms),
        "age_s": max(0, now_ms - version.loaded_at_ms) // 1000,
        "features": len(version.features),
        "unlocated": version.unlocated,
        "refused": version.refused,
        "repaired": version.repaired,
        "notes": list(version.notes),
        "warnings": list(version.warnings),
        "licence": layer.licence,
        "attribution": layer.attribution,
        "made_up": made_up,
        "bbox": version.bounds(),
        **_health(now_ms, followed, person),
    }


def _raster_json(followed: FollowedSource) -> dict[str, Any]:
    """Return a raster layer's members: tile URL and description."""
    recipe = followed.health.recipe
    if recipe is None:
        return {}
    zooms = {"min_zoom": recipe.min_zoom, "max_zoom": recipe.max_zoom}
    return {"tiles": tiles_of(followed), **zooms, "bbox": recipe.bounds}


def _source_json(followed: FollowedSource, made_up: bool, now_ms: int, person: Person) -> dict[str, Any]:
    """Return a followed layer without features: a raster layer, or one not fetched yet."""
    source = followed.source
    empty: dict[str, Any] = dict.fromkeys(("loaded_at", "as_of", "age_s", "bbox"))
    counts = dict.fromkeys(("version", "features", "unlocated", "refused", "repaired"), 0)
    credits = {"licence": source.licence, "attribution": source.attribution, "made_up": made_up}
    head = {"id": source.layer_id, "title": source.title, "role": source.role, "notes": [], "warnings": []}
    return {**head, **empty, **counts, **credits, **_health(now_ms, followed, person), **_raster_json(followed)}


def _health(now_ms: int, followed: FollowedSource | None, person: Person) -> dict[str, Any]:
    """Return a layer's health: only kind `file` if it was put here; the URL is for agencies only."""
    if followed is None:
        empty = {"format": "", "refresh_s": None, "checked_age_s": None, "last_error": "", "server_message": ""}
        return {"kind": "file", **empty, "failures": 0}
    source, health = followed.source, followed.health
    good = None if health.good_ms == 0 else max(0, now_ms - health.good_ms) // 1000
    return {
        "kind": str(source.kind),
        "format": source.format,
        "refresh_s": source.refresh_s,
        "checked_age_s": good,
        "last_error": sources.public_error(followed, person),
        "server_message": sources.server_message(followed, person),
        "failures": health.failures,
    }
