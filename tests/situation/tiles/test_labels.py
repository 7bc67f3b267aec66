"""Names of a tile: none on another, none across its edge, the important and the large ones first."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.place.mercator import Tile
from crisismap.core.text.map_label import MOST_LETTERS, width_of
from crisismap.situation.tiles.labels import (
    FROM_ZOOM,
    REPORT_PX,
    STYLES,
    Label,
    LayerLabels,
    symbols_around,
    tile_labels,
)
from tests.situation.tiles.drawn import index_of

TILE = Tile.at(80.25, 13.05, 13)
WEST, SOUTH, EAST, NORTH = TILE.degrees()


def labels_of(role: Role, *features: tuple[str, Any], layer: str = "one", **properties: str) -> LayerLabels:
    held = tuple(Feature(str(at), name, "", shape, dict(properties)) for at, (name, shape) in enumerate(features))
    return LayerLabels(LayerVersion(Layer(layer, "One", role), 1, 0, held))


def at(across: float, down: float) -> shapely.Point:
    """A point of the tile, from 0 to 1."""
    return shapely.Point(WEST + across * (EAST - WEST), NORTH - down * (NORTH - SOUTH))


def box(across: float, down: float, width: float, height: float) -> shapely.Polygon:
    one, other = at(across, down), at(across + width, down + height)
    return shapely.box(one.x, other.y, other.x, one.y)


def names(*layers: LayerLabels, tile: Tile = TILE, language: str = "") -> list[str]:
    return [each.name for each in tile_labels(layers, tile.z, tile.x, tile.y, language)]


def box_of(label: Label, tile: Tile, scale: float = 1.0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a name in pixels of its tile, which is drawn at a scale."""
    size, px = STYLES[label.role].size, 512 * scale
    west, south, east, north = tile.degrees()
    x = px * (label.lon - west) / (east - west) + label.right_px
    y = px * (north - label.lat) / (north - south) + label.below_px
    half = width_of(label.name, size) / 2
    return x - half, y - size / 2, x + half, y + size / 2


NAMES = st.text(st.sampled_from("abதமிழ்ماء浸水 "), min_size=1, max_size=60)
SPOT = st.tuples(NAMES, st.floats(0, 0.999), st.floats(0, 0.999))


@settings(max_examples=40)
@given(st.lists(SPOT, max_size=60), st.lists(SPOT, max_size=60))
def test_lays_no_name_on_another_and_none_across_the_edge(one: list[Any], other: list[Any]) -> None:
    shelters = labels_of(Role.SHELTER, *((name, at(x, y)) for name, x, y in one))
    places = labels_of(Role.CONTEXT, *((name, at(x, y)) for name, x, y in other), layer="two")
    found = tile_labels([places, shelters], TILE.z, TILE.x, TILE.y)
    for scale in (0.71, 1.0, 1.41):
        boxes = [box_of(each, TILE, scale) for each in found]
        end = 512 * scale + 1
        assert all(left >= -1 and top >= -1 and right <= end and bottom <= end for left, top, right, bottom in boxes)
        for (left, top, right, bottom), another in itertools.combinations(boxes, 2):
            assert right < another[0] or another[2] < left or bottom < another[1] or another[3] < top


def test_names_areas_first_and_of_two_the_larger() -> None:
    wards = labels_of(Role.AREA, ("Small", box(0.45, 0.45, 0.1, 0.1)), ("Large", box(0.2, 0.2, 0.6, 0.6)))
    shelters = labels_of(Role.SHELTER, ("School", at(0.5, 0.46)), layer="two")
    assert names(shelters, wards) == ["Large", "School"], "the smaller does not fit, the school's is above its symbol"
    assert tile_labels([shelters, wards], TILE.z, TILE.x, TILE.y)[1].below_px < 0


def test_leaves_out_an_area_that_is_too_small_for_its_name() -> None:
    wards = labels_of(
        Role.AREA, ("A very long name of a ward", box(0.4, 0.4, 0.05, 0.3)), ("W", box(0.1, 0.1, 0.1, 0.1))
    )
    assert names(wards) == ["W"]


def test_names_a_street_of_many_parts_once_in_the_middle_of_the_longest() -> None:
    parts = [shapely.LineString([at(0.1 * n, 0.5), at(0.1 * n + 0.09, 0.5)]) for n in range(9)]
    long = shapely.LineString([at(0.1, 0.1), at(0.65, 0.1)])
    deep = Tile.at(*at(0.375, 0.1).coords[0], FROM_ZOOM[Role.TRANSPORT])
    whole = labels_of(Role.TRANSPORT, *((("Mount Road"), part) for part in parts), ("Mount Road", long))
    found = tile_labels([whole], deep.z, deep.x, deep.y)
    assert [each.name for each in found] == ["Mount Road"]
    assert (found[0].lon, found[0].lat) == pytest.approx(at(0.375, 0.1).coords[0])


@pytest.mark.parametrize("role", list(STYLES))
def test_begins_at_the_zoom_of_its_role(role: Role) -> None:
    place = (80.25, 13.05)
    layer = labels_of(role, ("X", shapely.Point(place)))
    shown = [z for z in range(8, 18) if tile_labels([layer], *(lambda t: (t.z, t.x, t.y))(Tile.at(*place, z)))]
    fitting = range(FROM_ZOOM[role], 18)
    assert set(shown) <= set(fitting)
    assert shown, "at some zoom it does not cross the edge"


def test_takes_the_name_in_the_readers_language_where_there_is_one() -> None:
    ward = ("Adyar", box(0.2, 0.2, 0.6, 0.6))
    assert names(labels_of(Role.AREA, ward, **{"name:ta": "அடையாறு"}), language="ta") == ["அடையாறு"]
    assert names(labels_of(Role.AREA, ward, name_ta="அடையாறு"), language="ta") == ["அடையாறு"]
    assert names(labels_of(Role.AREA, ward, **{"name:ta": "அடையாறு"}), language="hi") == ["Adyar"]
    assert names(labels_of(Role.AREA, ward, **{"name:ta": " "}), language="ta") == ["Adyar"]


def test_is_readable_with_names_of_three_hundred_letters_in_any_direction() -> None:
    for letters in ("x", "م", "ש", "浸"):
        [name] = names(labels_of(Role.AREA, (letters * 300, box(0.01, 0.1, 0.98, 0.3))))
        assert len(name) <= MOST_LETTERS
    arabic = labels_of(Role.AREA, ("مخيم الشاطئ الشمالي", box(0.2, 0.2, 0.6, 0.6)))
    assert names(arabic) == ["مخيم الشاطئ الشمالي"]


def test_tells_two_wards_of_one_name_apart_by_their_codes() -> None:
    places = (0.1, 0.6)
    wards = [Feature(f"{n}", "Adyar", f"W-{n}", box(x, 0.5, 0.3, 0.3), {}) for n, x in enumerate(places)]
    wards.append(Feature("2", "Mylapore", "W-2", box(0.2, 0.1, 0.3, 0.3), {}))
    layer = LayerLabels(LayerVersion(Layer("one", "One", Role.AREA), 1, 0, tuple(wards)))
    assert sorted(names(layer)) == ["Adyar (W-0)", "Adyar (W-1)", "Mylapore"]
    without_codes = labels_of(Role.AREA, *(("Adyar", box(x, 0.5, 0.3, 0.3)) for x in places))
    assert names(without_codes) == ["Adyar", "Adyar"]


def test_moves_a_name_aside_for_what_is_drawn_there_and_leaves_it_out_where_no_room_is() -> None:
    ward = labels_of(Role.AREA, ("Adyar", box(0.2, 0.2, 0.6, 0.6)))

    def laid_out(*places: tuple[float, float]) -> list[Label]:
        west, south = at(0, 0).x, at(0, 0).y
        lon = np.array([at(*each).x for each in places] or [west])
        lat = np.array([at(*each).y for each in places] or [south])
        index = index_of(lon, lat)
        return tile_labels([ward], TILE.z, TILE.x, TILE.y, around=symbols_around(index, TILE.z, TILE.x, TILE.y))

    [free] = laid_out()
    [moved] = laid_out((0.5, 0.5))
    assert (moved.lon, moved.lat) != (free.lon, free.lat)
    left, top, right, bottom = box_of(moved, TILE)
    assert max(left - 256, 256 - right, top - 256, 256 - bottom) >= REPORT_PX, "beside, above or below the symbol"
    assert laid_out(*((x / 14, y / 14) for x in range(15) for y in range(15))) == []


@pytest.mark.parametrize("role", [Role.CONTEXT, Role.SHELTER, Role.AREA])
def test_names_what_is_in_a_tile_of_a_layer_with_very_many_names(role: Role) -> None:
    """Far more than a map of any zoom can show, and of these the largest; a tile is laid out at once all the same."""
    count = 50_000
    rng = np.random.default_rng(5)
    places = shapely.points(rng.uniform(80, 80.5, count), rng.uniform(12.8, 13.3, count))
    if role is Role.AREA:
        places = shapely.buffer(places, 0.001, quad_segs=1)
    layer = labels_of(role, *((f"n{n}", place) for n, place in enumerate(places)), ("Large", box(0.2, 0.2, 0.6, 0.6)))
    for z in (TILE.z, 14, 15, 16, 17):
        tile = Tile.at(80.25, 13.05, z)
        began = time.process_time()
        found = names(layer, tile=tile)
        assert time.process_time() - began < 1
        assert found or z < FROM_ZOOM[role] or role is Role.SHELTER
    assert "Large" in names(layer) or role is not Role.AREA


def test_is_empty_for_roles_without_names_and_features_without_a_place() -> None:
    assert names(labels_of(Role.HAZARD, ("Flood", box(0.2, 0.2, 0.6, 0.6)))) == []
    assert names(labels_of(Role.AREA, ("Nowhere", None), ("", box(0.2, 0.2, 0.6, 0.6)))) == []
