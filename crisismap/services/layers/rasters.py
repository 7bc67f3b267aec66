"""picture: map pictures of other servers are looked at, drawn, and given out tile by tile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event

import msgspec

from crisismap.core.errors import CrisismapError, Invalid, NotFound
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth, SourceKind
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import Person
from crisismap.core.place.mercator import DEEPEST, Tile
from crisismap.core.ports import Store
from crisismap.layers.fetch.raster_cache import Kept
from crisismap.layers.fetch.raster_source import inspect_source
from crisismap.layers.fetch.source_check import checked
from crisismap.layers.sandbox.raster import RasterImage
from crisismap.services.layers.feeds import client
from crisismap.services.runtime.context import require
from crisismap.services.runtime.raster_fetcher import RasterFetcher, TileRequest, mark
from crisismap.settings import Settings

PATH = "/api/v1/layers/{id}/picture"
_GOOD_MS = MINUTE_MS  # so often is written down that pictures come
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RasterTile:
    """A tile to show: what is kept, whether it is as fresh as wanted, and the fetch of a newer one."""

    kept: Kept | None
    fresh_s: int  # it, or the newer one that is coming, may be shown so long without asking again
    coming: Future[Kept | CrisismapError] | None = None
    why: CrisismapError | None = None  # nothing newer can be had now


def preview(
    rasters: RasterFetcher, stopping: Event, settings: Settings, person: Person, source: LayerSource
) -> tuple[Recipe, RasterImage]:
    """What following a picture would show: how it is asked for, and a tile of its middle. Raises what is wrong."""
    require(person, "layer.put")
    source = checked(source)
    _, recipe, picture = inspect_source(source, client(stopping, settings), SourceHealth(), rasters.reader.read)
    if picture is None:
        raise NotFound("picture_without_middle")
    return recipe, picture


def pictures(store: Store, rasters: RasterFetcher) -> list[FollowedSource]:
    """The picture layers, also those that have not answered yet."""
    return [each for each in rasters.known(store.layers.sources) if is_one(each)]


def is_one(followed: FollowedSource) -> bool:
    """Whether a source is of pictures."""
    return followed.source.kind is SourceKind.PICTURE


def is_picture(store: Store, rasters: RasterFetcher, layer_id: str) -> bool:
    """Whether this id is a picture's."""
    return any(each.source.layer_id == layer_id for each in pictures(store, rasters))


def tiles_of(followed: FollowedSource) -> str:
    """Where its tiles are here, as XYZ; "" while it has not answered. Another recipe, another address."""
    source, recipe = followed.source, followed.health.recipe
    if recipe is None:
        return ""
    return f"{PATH.format(id=source.layer_id)}/{{z}}/{{x}}/{{y}}?v={mark(source, recipe)}"


def tile(store: Store, rasters: RasterFetcher, clock: Callable[[], int], layer_id: str, asked: Tile) -> RasterTile:
    """One tile of a picture layer; may wait for the disk, never for its server. Raises NotFound, Invalid."""
    if asked.z > DEEPEST or not asked.exists:
        raise Invalid("z", f"{asked.z}/{asked.x}/{asked.y}", "no_tile", most=DEEPEST)
    followed = next((each for each in pictures(store, rasters) if each.source.layer_id == layer_id), None)
    if followed is None or followed.health.recipe is None:
        raise NotFound("no_picture_layer")
    source, recipe = followed.source, followed.health.recipe
    if not recipe.covers(asked):
        return RasterTile(Kept(b"", "", clock()), source.refresh_s)
    wanted = TileRequest(source, recipe, asked)
    kept = rasters.held(wanted)
    if kept is not None:
        fresh_s = source.refresh_s - (clock() - kept.fetched_ms) // 1000
        if 0 < fresh_s <= source.refresh_s:  # more: the clock was set back, and nobody knows
            return RasterTile(kept, fresh_s)
    try:
        coming = rasters.fetch(wanted, kept, lambda error: _record_health(store, rasters, clock(), layer_id, error))
    except CrisismapError as refusal:
        return RasterTile(kept, 0, why=refusal)
    return RasterTile(kept, source.refresh_s, coming)


def _record_health(store: Store, rasters: RasterFetcher, now_ms: int, layer_id: str, error: str) -> None:
    """Write down how fetching goes, when that is news; the job that looks at it now and then stays due as it was."""
    try:
        found = [each for each in store.layers.sources() if each.source.layer_id == layer_id]
        for health in (each.health for each in found):
            now = now_ms
            if error == health.error and (error or now - health.good_ms < _GOOD_MS):
                continue
            failures, good_ms = (health.failures + 1, health.good_ms) if error else (0, now)
            new = msgspec.structs.replace(health, checked_ms=now, good_ms=good_ms, failures=failures, error=error)
            said = SourceCheck(now, "failed", error) if error else SourceCheck(now, "good", "answers again")
            store.layers.set_health(layer_id, new, said if error != health.error else None).result()
            rasters.changed()
    except CrisismapError:
        log.warning("how fetching the picture %s goes could not be kept", layer_id)
