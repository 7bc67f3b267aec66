"""The deck of the live map, and what is read out of a selection."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Role
from crisismap.core.place.mercator import common_units
from crisismap.core.place.place import cell_place
from crisismap.core.privacy import PrivacyRules
from crisismap.core.text import map_symbols, symbols
from crisismap.ui.map import map as desk_map
from crisismap.ui.map.base_map import BasemapLayers, LayerView
from crisismap.ui.map.map import Camera, Highlight, Scene, deck, event_from

CHENNAI = Camera(80.24, 13.05, 12.5)
EVERY_ROLE = [LayerView(f"{role}-layer", role, 3) for role in Role]


def read(scene: Scene) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(deck(scene).to_json())
    return made


def layers_of(scene: Scene) -> dict[str, dict[str, Any]]:
    (nested,) = read(scene)["layers"]
    return {each["id"]: each for each in nested}


@pytest.mark.parametrize("dark", [False, True])
def test_names_no_other_host(dark: bool) -> None:
    text = deck(Scene(7, CHENNAI, layers=EVERY_ROLE, highlight=Highlight(80.1, 13.0), dark=dark)).to_json()
    assert not re.search(r"https?:|//[a-z]", text)
    assert "__MAP_STYLE__" not in text


def test_asks_for_tiles_of_the_revision_with_the_filters() -> None:
    layers = layers_of(Scene(42, CHENNAI, filters_query="category=rescue&state=open%2Cclaimed"))
    address = "/api/v1/tiles/{z}/{x}/{y}.mvt?v=42&category=rescue&state=open%2Cclaimed"
    assert layers["reports"]["data"] == address


@pytest.mark.parametrize("query", ["a={z}", "a='", 'a="', "a=b c", "a=#", "a=\\"])
def test_refuses_a_query_that_is_not_encoded(query: str) -> None:
    with pytest.raises(Invalid):
        deck(Scene(1, CHENNAI, filters_query=query))


def test_puts_the_version_of_a_layer_into_its_address() -> None:
    layers = layers_of(Scene(1, CHENNAI, layers=EVERY_ROLE))
    assert layers["layer-hazard-layer"]["data"] == "/api/v1/layers/hazard-layer.geojson?v=3"


def test_draws_official_layers_under_the_reports_and_shelters_on_top_of_them() -> None:
    order = list(layers_of(Scene(1, CHENNAI, layers=EVERY_ROLE, highlight=Highlight(1, 2))))
    assert order.index("layer-shelter-layer") == order.index("names") - 1 == order.index("reports") - 2
    assert order[-1].startswith("chosen")


@pytest.mark.parametrize("by_road", [True, False])
def test_draws_the_way_under_the_reports_and_a_straight_one_dashed(by_road: bool) -> None:
    line = ((80.1, 13.0), (80.2, 13.05))
    layers = layers_of(Scene(1, CHENNAI, highlight=Highlight(80.1, 13.0, line, by_road)))
    order = list(layers)
    assert order[: order.index("reports")][-2:] == ["way-8", "way-4"]
    assert layers["way-4"]["data"] == [{"path": [[80.1, 13.0], [80.2, 13.05]]}]
    assert ("extensions" in layers["way-4"]) is not by_road
    assert not [name for name in layers_of(Scene(1, CHENNAI, highlight=Highlight(1, 2))) if name.startswith("way")]


def test_hands_the_layers_over_nested_so_that_streamlit_leaves_them_alone() -> None:
    (nested,) = read(Scene(1, CHENNAI))["layers"]
    assert isinstance(nested, list)


def test_keeps_the_view_state_when_only_the_revision_changes() -> None:
    assert read(Scene(1, CHENNAI))["initialViewState"] == read(Scene(2, CHENNAI))["initialViewState"]


def test_changes_every_number_of_the_view_when_it_is_aimed_at_the_same_place_again() -> None:
    once = CHENNAI.moved_to(80.5, 13.2, 15)
    again = once.moved_to(80.5, 13.2, 15)
    before, after = (read(Scene(1, view))["initialViewState"] for view in (once, again))
    for number in ("longitude", "latitude", "zoom"):
        assert before[number] != after[number]
        assert before[number] == pytest.approx(after[number], abs=1e-6)


def test_draws_water_land_and_borders_from_our_own_files() -> None:
    (style,) = read(Scene(1, CHENNAI))["mapStyle"]
    assert {source["data"] for source in style["sources"].values()} == {
        "/assets/vendor/world/land.geojson",
        "/assets/vendor/world/borders.geojson",
    }


def test_uses_only_the_raster_tiles_an_operator_chose() -> None:
    scene = Scene(1, CHENNAI, basemap=BasemapLayers(raster_url="/own/{z}/{x}/{y}.png"))
    (style,) = read(scene)["mapStyle"]
    assert style["sources"]["raster"]["tiles"] == ["/own/{z}/{x}/{y}.png"]
    assert "land" not in style["sources"]


def test_draws_an_imported_vector_basemap_below_everything() -> None:
    scene = Scene(1, CHENNAI, basemap=BasemapLayers(vector_url="/api/v1/basemap/{z}/{x}/{y}.mvt"), layers=EVERY_ROLE)
    assert next(iter(layers_of(scene))) == "basemap"


def test_uses_only_symbols_that_the_atlas_holds() -> None:
    """The icon's expression, read as Python, over every state a tile can name."""
    held = {key for key, _ in map_symbols.sheet()}
    expression = layers_of(Scene(1, CHENNAI))["reports"]["getIcon"].removeprefix("@@=")
    for category in [*symbols.CATEGORY_SHAPES, "new_kind"]:
        for state in [*symbols.LOOKS, None]:
            for verification in ("unverified", "corroborated", "verified", "disputed", "stale"):
                for overdue in (True, False):
                    for priority in (1, 2, 3, 4, None):
                        said = {
                            "category": category,
                            "state": state,
                            "verification": verification,
                            "overdue": overdue,
                            "priority": symbols.letter(priority or 0) or None,
                        }
                        key = evaluate(expression, said)
                        assert key in held
                        assert key == (
                            symbols.of_report(
                                category,
                                priority=priority or 0,
                                state=state or "",
                                overdue=overdue,
                                verification=verification,
                            ).key
                        )
    for ring in map_symbols.all_rings():
        assert evaluate(expression, {"layerName": "clusters", "ring": ring or None}) in held


def evaluate(expression: str, properties: dict[str, Any]) -> object:
    """A small reader of deck.gl's expressions: conditions, ||, &&, ==, <, + and words."""
    tokens = re.findall(r"'[^']*'|\d+(?:\.\d+)?|properties\.\w+|\|\||&&|==|[?:()+<]", expression)
    place = 0

    def peek() -> str:
        return tokens[place] if place < len(tokens) else ""

    def take() -> str:
        nonlocal place
        place += 1
        return tokens[place - 1]

    def condition() -> Any:
        asked = binary(0)
        if peek() != "?":
            return asked
        take()
        yes = condition()
        assert take() == ":"
        no = condition()
        return yes if asked else no

    levels = (("||",), ("&&",), ("==",), ("<",), ("+",))

    def binary(level: int) -> Any:
        if level == len(levels):
            return atom()
        left = binary(level + 1)
        while peek() in levels[level]:
            sign, right = take(), binary(level + 1)
            left = {
                "||": lambda a, b: a or b,
                "&&": lambda a, b: a and b,
                "==": lambda a, b: a == b,
                "<": lambda a, b: a is not None and a < b,
                "+": lambda a, b: f"{a}{b}",
            }[sign](left, right)
        return left

    def atom() -> Any:
        token = take()
        if token == "(":
            value = condition()
            assert take() == ")"
            return value
        if token.startswith("'"):
            return token[1:-1]
        if token[0].isdigit():
            return float(token) if "." in token else int(token)
        return properties.get(token.removeprefix("properties."))

    result = condition()
    assert place == len(tokens)
    return result


@pytest.mark.parametrize(
    ("objects", "kind", "number"),
    [
        ({"reports": [{"id": 7, "properties": {"layerName": "reports"}}]}, "report", 7),
        ({"reports": [{"id": 0, "properties": {"layerName": "clusters", "count": 4}}]}, "cluster", 0),
        ({"layer-s": [{"id": "a", "properties": {"name": "School"}}]}, "layer", "a"),
    ],
)
def test_tells_a_report_a_cluster_and_a_feature_apart(objects: dict[str, Any], kind: str, number: object) -> None:
    event = event_from(objects)
    assert event is not None
    assert (event.kind, event.id) == (kind, number)


@pytest.mark.parametrize(
    "objects", [{}, {"reports": []}, {"reports": ["x"]}, {"reports": [{"id": -1}]}, {"reports": [{"id": True}]}]
)
def test_takes_nothing_from_a_broken_selection(objects: dict[str, Any]) -> None:
    assert event_from(objects) is None


def test_draws_a_published_cell_at_its_size_on_the_ground() -> None:
    radius = layers_of(Scene(1, CHENNAI))["reports"]["getPointRadius"]
    common = float(re.findall(r"\d+\.\d+", radius)[0])
    metres_per_common = 40_075_016.686 / 512 * 0.97417  # cosine of 13.05 degrees
    assert common * metres_per_common == pytest.approx(cell_place(CHENNAI.lon, CHENNAI.lat, 7)[2], rel=1e-3)


def test_draws_cells_of_the_resolution_that_the_rules_set() -> None:
    rules = PrivacyRules(8, {"rescue": 6})
    radius = layers_of(Scene(1, CHENNAI, privacy=rules))["reports"]["getPointRadius"].removeprefix("@@=")
    drawn = {
        category: evaluate(radius, {"place_kind": kind, "category": category})
        for category, kind in (("rescue", "cell"), ("water_food", "cell"), ("flooding", "exact"))
    }
    common = {
        resolution: common_units(cell_place(CHENNAI.lon, CHENNAI.lat, resolution)[2], 13.05) for resolution in (6, 8)
    }
    assert drawn == {
        "rescue": pytest.approx(common[6], rel=1e-5),
        "water_food": pytest.approx(common[8], rel=1e-5),
        "flooding": 0,
    }


def test_stretches_the_map_by_its_key_only() -> None:
    style = desk_map.full_height(12.5, key="live")
    assert style.count(".st-key-live") == 2
    assert "calc(100dvh - 12.5rem)" in style


def test_draws_an_added_category_with_the_icon_of_its_file() -> None:
    shapes = {**symbols.CATEGORY_SHAPES, "animals": "tap", "fire": "no such shape"}
    expression = layers_of(Scene(1, CHENNAI, shapes=shapes))["reports"]["getIcon"].removeprefix("@@=")
    assert str(evaluate(expression, {"category": "animals"})).startswith("tap-")
    assert str(evaluate(expression, {"category": "fire"})).startswith("dot-")


def test_refuses_a_category_that_could_break_out_of_the_expression() -> None:
    with pytest.raises(Invalid):
        deck(Scene(1, CHENNAI, shapes={"x' + y": "dot"}))


@pytest.mark.parametrize("accuracy_m", [None, 40.0, 2000.0])
def test_draws_the_ring_as_large_as_the_place_is_inaccurate(accuracy_m: float | None) -> None:
    layers = layers_of(Scene(1, CHENNAI, highlight=Highlight(80.1, 13.0, accuracy_m=accuracy_m)))
    for name in ("chosen-7", "chosen-3"):
        assert layers[name]["getRadius"] == (accuracy_m or 0)
        assert (layers[name]["radiusUnits"], layers[name]["radiusMinPixels"]) == ("meters", 24)


def test_asks_for_the_names_of_the_layers_that_are_shown_and_have_names() -> None:
    address = str(layers_of(Scene(1, CHENNAI, layers=EVERY_ROLE, language="ta", dark=True))["names"]["data"])
    assert address.startswith("/api/v1/labels/{z}/{x}/{y}.geojson?v=")
    assert "&theme=dark&lang=ta&only=area-layer,context-layer,shelter-layer,transport-layer" in address
    assert "names" not in layers_of(Scene(1, CHENNAI, layers=[LayerView("f", Role.HAZARD, 1)]))
    newer = [LayerView("area-layer", Role.AREA, 4)]
    old, new = (layers_of(Scene(1, CHENNAI, layers=each))["names"]["data"] for each in (EVERY_ROLE[:1], newer))
    assert old != new, "a browser keeps names of one state of the layers"


def test_lets_names_keep_clear_of_the_reports_that_the_map_shows() -> None:
    scene = Scene(1, CHENNAI, layers=EVERY_ROLE, names_at=7, filters_query="category=rescue")
    assert str(layers_of(scene)["names"]["data"]).endswith("&marks=7&category=rescue")
    assert "marks" not in str(layers_of(Scene(1, CHENNAI, layers=EVERY_ROLE))["names"]["data"])
