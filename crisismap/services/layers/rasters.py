"""Raster layers of other map servers: preview and tiles."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event

import msgspec

from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, Invalid, NotFound, server_words, shorten
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth, SourceKind
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import Person
from crisismap.core.place.mercator import DEEPEST, Tile
from crisismap.core.ports import Store
from crisismap.layers.fetch.raster_cache import CachedTile
from crisismap.layers.fetch.raster_source import inspect_source
from crisismap.layers.fetch.source_check import check_source
from crisismap.layers.sandbox.raster import RasterImage
from crisismap.problems import sentence
from crisismap.services.layers.feeds import client
from crisismap.services.runtime.context import require
from crisismap.services.runtime.raster_fetcher import RasterFetcher, TileRequest, mark
from crisismap.settings import Settings

PATH = "/api/v1/layers/{id}/picture"
_SUCCESS_INTERVAL_MS = MINUTE_MS  # minimum interval between records of success
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RasterTile:
    """A tile to show: the stored one, whether it is fresh, and the fetch of a newer one."""

    stored: CachedTile | None
    fresh_s: int  # how long browsers may show it, or the newer one, without asking again
    pending: Future[CachedTile | CrisismapError] | None = None
    why: CrisismapError | None = None  # why nothing newer is available


def preview(
    rasters: RasterFetcher, stopping: Event, settings: Settings, person: Person, source: LayerSource
) -> tuple[Recipe, RasterImage]:
    """Return a raster source's recipe and a tile of its centre. Raises the source's errors."""
    require(person, "layer.put")
    source = check_source(source)
    _, recipe, picture = inspect_source(source, client(stopping, settings), SourceHealth(), rasters.reader.read)
    if picture is None:
        raise NotFound("picture_without_middle")
    return recipe, picture


def pictures(store: Store, rasters: RasterFetcher) -> list[FollowedSource]:
    """Return all raster layers, including those that have not answered yet."""
    return [each for each in rasters.sources(store.layers.sources) if each.source.kind is SourceKind.PICTURE]


def is_picture(store: Store, rasters: RasterFetcher, layer_id: str) -> bool:
    """Return whether this id is a raster layer's."""
    return any(each.source.layer_id == layer_id for each in pictures(store, rasters))


def tiles_of(followed: FollowedSource) -> str:
    """Return our XYZ tile URL, "" while the source has not answered. It changes with the recipe."""
    source, recipe = followed.source, followed.health.recipe
    if recipe is None:
        return ""
    return f"{PATH.format(id=source.layer_id)}/{{z}}/{{x}}/{{y}}?v={mark(source, recipe)}"


def tile(store: Store, rasters: RasterFetcher, clock: Clock, layer_id: str, address: Tile) -> RasterTile:
    """Return one tile of a raster layer; may wait for the disk, never for its server. Raises NotFound, Invalid."""
    if address.z > DEEPEST or not address.exists:
        raise Invalid("z", f"{address.z}/{address.x}/{address.y}", "no_tile", most=DEEPEST)
    followed = next((each for each in pictures(store, rasters) if each.source.layer_id == layer_id), None)
    if followed is None or followed.health.recipe is None:
        raise NotFound("no_picture_layer")
    source, recipe = followed.source, followed.health.recipe
    if not recipe.covers(address):
        return RasterTile(CachedTile(b"", "", clock()), source.refresh_s)
    request = TileRequest(source, recipe, address)
    stored = rasters.stored(request)
    if stored is not None:
        fresh_s = source.refresh_s - (clock() - stored.fetched_ms) // 1000
        if 0 < fresh_s <= source.refresh_s:  # a larger value means that the clock was set back
            return RasterTile(stored, fresh_s)
    try:
        coming = rasters.fetch(request, stored, lambda error: _record_health(store, rasters, clock(), layer_id, error))
    except CrisismapError as refusal:
        return RasterTile(stored, 0, why=refusal)
    return RasterTile(stored, source.refresh_s, coming)


def _record_health(
    store: Store, rasters: RasterFetcher, now_ms: int, layer_id: str, refusal: CrisismapError | None
) -> None:
    """Record a change in the source's health without changing when the job is next due."""
    error = shorten(sentence(refusal, with_server_words=False), 500) if refusal else ""
    try:
        health = next((each.health for each in store.layers.sources() if each.source.layer_id == layer_id), None)
        if health is None or (error == health.error and (error or now_ms - health.good_ms < _SUCCESS_INTERVAL_MS)):
            return
        failures, good_ms = (health.failures + 1, health.good_ms) if error else (0, now_ms)
        new = msgspec.structs.replace(health, checked_ms=now_ms, good_ms=good_ms, failures=failures, error=error)
        new = msgspec.structs.replace(new, server_message=server_words(refusal) if refusal else "")
        check = (
            SourceCheck(now_ms, "failed", shorten(sentence(refusal), 500))
            if refusal
            else SourceCheck(now_ms, "good", "answers again")
        )
        store.layers.set_health(layer_id, new, check if error != health.error else None).result()
        rasters.forget_sources()
    except CrisismapError:
        log.warning("the health of the raster layer %s could not be stored", layer_id)
