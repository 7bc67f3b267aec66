"""Pictures on the map: which are drawn, whose they are, and how old."""

from __future__ import annotations

from collections.abc import Sequence, Set
from html import escape

from crisismap.core.layer.source import FollowedSource
from crisismap.core.ports import Store
from crisismap.services.layers.rasters import pictures, tiles_of
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.ui.frame.wording import ago
from crisismap.ui.map.base_map import RasterView

_STEP_MS = 300_000  # an open map asks for pictures anew so often, or as seldom as their server is asked


def answered(store: Store, rasters: RasterFetcher) -> list[FollowedSource]:
    """The picture layers that can be drawn."""
    return [each for each in pictures(store, rasters) if each.health.recipe is not None]


def views(store: Store, rasters: RasterFetcher, now_ms: int, hidden: Set[str]) -> list[RasterView]:
    """All that can be drawn but the hidden ones; their address moves on when new pictures are due."""
    found = []
    for each in answered(store, rasters):
        source, recipe = each.source, each.health.recipe
        if recipe is not None and source.layer_id not in hidden:
            step = now_ms // max(source.refresh_s * 1000, _STEP_MS)
            address = f"{tiles_of(each)}&t={step}"
            found.append(RasterView(source.layer_id, address, recipe.min_zoom, recipe.max_zoom, recipe.bounds))
    return found


def credits_html(store: Store, rasters: RasterFetcher, now_ms: int, drawn: Sequence[RasterView]) -> str:
    """Whose the pictures on the map are, by what licence, and which are old; "" for none."""
    ids = {each.id for each in drawn}
    said = [_credit(each, now_ms) for each in answered(store, rasters) if each.source.layer_id in ids]
    return f'<p class="cm-credit">Pictures: {"; ".join(said)}</p>' if said else ""


def fetched(followed: FollowedSource, now_ms: int) -> str:
    """How old the pictures are, without the words of their server: those are on the Layers page."""
    health = followed.health
    if not health.error:
        return f"fetched {ago(health.good_ms, now_ms)}"
    last = f", last good answer {ago(health.good_ms, now_ms)}" if health.good_ms else ""
    return f"its server does not answer well{last}"


def _credit(followed: FollowedSource, now_ms: int) -> str:
    source = followed.source
    whose = " · ".join(escape(each) for each in (source.title, source.attribution, source.licence) if each)
    return whose + (f" ({fetched(followed, now_ms)})" if followed.health.error else "")
