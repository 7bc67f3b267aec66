"""Pictures at an address: what more has to be said of them, and what they look like before they are drawn."""

from __future__ import annotations

from threading import Event

import streamlit as st

from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import LayerSource
from crisismap.core.people.person import Person
from crisismap.core.place.mercator import DEEPEST
from crisismap.core.place.place import Extent, read_bbox
from crisismap.layers.sandbox.raster import RasterImage
from crisismap.services.layers.rasters import preview
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.settings import Settings
from crisismap.ui.frame import stylesheet

Seen = tuple[Recipe, RasterImage]
_BOX, _ZOOMS = "box", "zooms"


def fields(prefix: str) -> None:
    """Bounds and zooms; keys begin with `prefix`."""
    left, right = st.columns(2)
    with left:
        st.text_input(
            "Bounds: west, south, east, north",
            key=f"{prefix}-{_BOX}",
            placeholder="79.9, 12.7, 80.5, 13.4",
            help="In degrees. XYZ tiles need them, unless they cover the world; a WMS or WMTS says its own.",
        )
    with right:
        st.slider("Zooms it has", 0, DEEPEST, (0, 19), key=f"{prefix}-{_ZOOMS}")


def raster_entries(prefix: str) -> tuple[Extent | None, int, int]:
    """What was put in. Raises Invalid."""
    text = str(st.session_state.get(f"{prefix}-{_BOX}") or "").strip()
    least, most = st.session_state.get(f"{prefix}-{_ZOOMS}") or (0, 19)
    return (read_bbox(text) if text else None), int(least), int(most)


def fetch_sample(
    rasters: RasterFetcher, stopping: Event, settings: Settings, person: Person, source: LayerSource
) -> Seen:
    """Ask for one tile. Raises what is wrong."""
    return preview(rasters, stopping, settings, person, source)


def show(source: LayerSource, seen: Seen) -> None:
    """The tile in the middle, and what is known."""
    recipe, picture = seen
    tile = recipe.middle()
    box = ", ".join(f"{value:.3f}" for value in recipe.bounds)
    stylesheet.note(
        f"A picture, zoom {recipe.min_zoom} to {recipe.max_zoom}, west, south, east, north: {box}. It is drawn under "
        f"the reports and compared with none. A tile is fetched when somebody looks at it, and again after "
        f"{source.refresh_s} s."
    )
    st.image(picture.body, caption=f"Tile {tile.z}/{tile.x}/{tile.y}, in the middle of its bounds", width=256)
