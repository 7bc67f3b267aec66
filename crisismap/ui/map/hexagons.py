"""A map of unanswered requests: one hexagon per cell with its count, over the basemap."""

from __future__ import annotations

from collections.abc import Sequence

import h3
import numpy as np
import pydeck as pdk

from crisismap.core.layer.layer import Role
from crisismap.core.place.place import Extent, across_180
from crisismap.core.text import symbols
from crisismap.services.lists.cells import CellCount
from crisismap.services.operations import incident
from crisismap.services.runtime.views import Views
from crisismap.ui.map.base_map import layer_views
from crisismap.ui.map.fit_bounds import fit_bounds
from crisismap.ui.map.map import Scene, deck

MAP_PX = 520
WIDTH_PX = 700
# One hue from light to dark: the order must be visible without colour vision and in print.
STEPS_LIGHT = ("#FBE3C5", "#F5B878", "#E07B2E", "#B3470F", "#6E2405")
STEPS_DARK = ("#4A2A12", "#7A4215", "#B3611C", "#E88D3C", "#FFC68A")
_ALPHA = 215


def steps(counts: Sequence[int]) -> list[int]:
    """Return the upper ends of at most five classes with about the same number of cells, ascending, unique."""
    sorted_counts = sorted(counts)
    if not sorted_counts:
        return []
    ends = {sorted_counts[min(len(sorted_counts) - 1, (len(sorted_counts) * part) // 5)] for part in range(1, 5)}
    return sorted(ends | {sorted_counts[-1]})


def class_of(count: int, ends: Sequence[int]) -> int:
    """Return the class of a count, 0 for the lowest."""
    return next((at for at, end in enumerate(ends) if count <= end), len(ends) - 1)


def colours_of(ends: Sequence[int], *, dark: bool) -> list[str]:
    """Return a colour for each class; fewer classes use the darkest colours."""
    palette = STEPS_DARK if dark else STEPS_LIGHT
    return list(palette[len(palette) - len(ends) :])


def legend(ends: Sequence[int], *, dark: bool) -> list[tuple[str, str]]:
    """Return the colour and label of each class: `1`, `2 to 4`, ..."""
    low, entries = 1, []
    for end, colour in zip(ends, colours_of(ends, dark=dark), strict=True):
        entries.append((colour, str(end) if low >= end else f"{low} to {end}"))
        low = end + 1
    return entries


def hexagons(views: Views, cells: Sequence[CellCount], *, dark: bool) -> pdk.Deck:
    """Return the deck. It contains only cells and counts, no report."""
    areas = layer_views(views.situation.layers.values(), (Role.AREA, Role.HAZARD))
    camera = fit_bounds(_extent(cells) or incident.box(views), width_px=WIDTH_PX, height_px=MAP_PX)
    return deck(Scene(None, camera, layers=areas, dark=dark, overlays=_cells(cells, dark=dark)))


def _cells(cells: Sequence[CellCount], *, dark: bool) -> list[pdk.Layer]:
    ends = steps([cell.count for cell in cells])
    shades = [[*symbols.rgb(colour), _ALPHA] for colour in colours_of(ends, dark=dark)]
    surface = symbols.palette(dark).surface
    data = [
        {
            "cell": cell.cell,
            "place": [cell.lon, cell.lat],
            "count": str(cell.count),
            "fill": shades[class_of(cell.count, ends)],
            "ink": _ink(shades[class_of(cell.count, ends)]),
        }
        for cell in cells
    ]
    shapes = pdk.Layer(
        "H3HexagonLayer",
        id="cells",
        data=data,
        get_hexagon="cell",
        get_fill_color="fill",
        get_line_color=[*symbols.rgb(surface), 255],
        line_width_units="'pixels'",
        get_line_width=1,
        stroked=True,
        extruded=False,
        high_precision=True,
        pickable=False,
    )
    labels = pdk.Layer(
        "TextLayer",
        id="counts",
        data=data,
        get_position="place",
        get_text="count",
        get_size=12,
        get_color="ink",
        font_family="'system-ui, sans-serif'",
        font_weight=700,
        pickable=False,
    )
    return [shapes, labels]


def _ink(shade: Sequence[int]) -> list[int]:
    is_light = 0.299 * shade[0] + 0.587 * shade[1] + 0.114 * shade[2] > 140
    return [17, 20, 24] if is_light else [255, 255, 255]


def _extent(cells: Sequence[CellCount]) -> Extent | None:
    corners = [corner for cell in cells for corner in h3.cell_to_boundary(cell.cell)]
    if not corners:
        return None
    lats, lons = [lat for lat, _ in corners], [lon for _, lon in corners]
    box = (min(lons), min(lats), max(lons), max(lats))
    return box if box[2] - box[0] <= 180 else across_180(box, np.array(lons), np.array(lons))
