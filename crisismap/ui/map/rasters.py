"""Map images on the map: which are drawn, their credits and their age."""

from __future__ import annotations

from collections.abc import Sequence, Set
from html import escape

from crisismap.core.layer.source import FollowedSource
from crisismap.services.layers.rasters import pictures, tiles_of
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import ago
from crisismap.ui.map.base_map import RasterView

_STEP_MS = 300_000  # an open map reloads images this often, or at the layer's fetch interval if that is longer


def drawable() -> list[FollowedSource]:
    """Return the image layers that can be drawn."""
    context = shell.context()
    return [each for each in pictures(context.store, context.views.rasters) if each.health.recipe is not None]


def raster_views(now_ms: int, hidden: Set[str]) -> list[RasterView]:
    """Return all image layers to draw except hidden ones; their URL changes when new images are due."""
    views = []
    for each in drawable():
        source, recipe = each.source, each.health.recipe
        if recipe is not None and source.layer_id not in hidden:
            step = now_ms // max(source.refresh_s * 1000, _STEP_MS)
            address = f"{tiles_of(each)}&t={step}"
            views.append(RasterView(source.layer_id, address, recipe.min_zoom, recipe.max_zoom, recipe.bounds))
    return views


def credits_html(now_ms: int, images: Sequence[RasterView]) -> str:
    """Return the credits and licences of the images on the map, and which are old; "" for none."""
    ids = {each.id for each in images}
    credits = [_credit(each, now_ms) for each in drawable() if each.source.layer_id in ids]
    return f'<p class="cm-credit">Images: {"; ".join(credits)}</p>' if credits else ""


def fetch_age(followed: FollowedSource, now_ms: int) -> str:
    """Return the age of the images, without the error of their server, which is on the Layers page."""
    health = followed.health
    if not health.error:
        return f"fetched {ago(health.good_ms, now_ms)}"
    last = f", last successful fetch {ago(health.good_ms, now_ms)}" if health.good_ms else ""
    return f"the last fetch failed{last}"


def _credit(followed: FollowedSource, now_ms: int) -> str:
    source = followed.source
    credit = " · ".join(escape(each) for each in (source.title, source.attribution, source.licence) if each)
    return credit + (f" ({fetch_age(followed, now_ms)})" if followed.health.error else "")
