"""Map images from a URL: their additional fields, and a sample before they are published."""

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
from crisismap.ui.frame.wording import age

Seen = tuple[Recipe, RasterImage]
_BOX, _ZOOMS = "box", "zooms"


def fields(prefix: str) -> None:
    """Draw the fields for bounds and zoom levels; their keys begin with `prefix`."""
    left, right = st.columns(2)
    with left:
        st.text_input(
            "Bounds: west, south, east, north",
            key=f"{prefix}-{_BOX}",
            placeholder="79.9, 12.7, 80.5, 13.4",
            help="In degrees. XYZ tiles need them, unless they cover the world; a WMS or WMTS states its own.",
        )
    with right:
        st.slider("Zoom levels", 0, DEEPEST, (0, 19), key=f"{prefix}-{_ZOOMS}")


def raster_entries(prefix: str) -> tuple[Extent | None, int, int]:
    """Return the entered bounds and zoom levels. Raise Invalid for bounds that cannot be read."""
    text = str(st.session_state.get(f"{prefix}-{_BOX}") or "").strip()
    least, most = st.session_state.get(f"{prefix}-{_ZOOMS}") or (0, 19)
    return (read_bbox(text) if text else None), int(least), int(most)


def fetch_sample(
    rasters: RasterFetcher, stopping: Event, settings: Settings, person: Person, source: LayerSource
) -> Seen:
    """Fetch one tile. Raise the error of the fetch."""
    return preview(rasters, stopping, settings, person, source)


def show(source: LayerSource, seen: Seen) -> None:
    """Draw the sample tile and what is known about the images."""
    recipe, picture = seen
    tile = recipe.middle()
    box = ", ".join(f"{value:.3f}" for value in recipe.bounds)
    stylesheet.note(
        f"Map images, zoom {recipe.min_zoom} to {recipe.max_zoom}, west, south, east, north: {box}. They are drawn "
        f"under the reports and not compared with them. A tile is fetched when someone views it, and again after "
        f"{age(source.refresh_s)}."
    )
    st.image(picture.body, caption=f"Tile {tile.z}/{tile.x}/{tile.y}, in the middle of the bounds", width=256)
