from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import shapely
from shapely.geometry import shape

from crisismap.core import moment
from crisismap.core.layer.layer import Role
from crisismap.core.report.read_draft import draft_from
from crisismap.demo.city.city import city
from crisismap.demo.generator import layers
from crisismap.demo.incidents import MIX
from crisismap.demo.inputs import inputs
from crisismap.demo.reports import DemoReport, endless, reports

END = 1_800_000_000_000
START = END - 30 * 3_600_000
FIELDS: dict[str, dict[str, type]] = {
    "flooding": {"depth_cm": int, "spreading": bool},
    "shelter": {"status": str, "free_places": int, "name": str, "needs": str},
    "transport": {"status": str, "kind": str},
    "rescue": {"trapped": bool, "children": int, "elderly": int, "boat_needed": bool},
    "medical": {"condition": str, "urgent": bool},
    "water_food": {"water": bool, "food": bool, "baby_food": bool},
    "other": {},
}
Collections = dict[str, tuple[Any, dict[str, Any]]]


@pytest.fixture(scope="module")
def made() -> Collections:
    return {layer.id: (layer, collection) for layer, collection in layers(7)}


@pytest.fixture(scope="module")
def told() -> list[DemoReport]:
    return list(reports(7, 3000, start_ms=START, end_ms=END))


def shapes(made: Collections, layer_id: str) -> list[Any]:
    return [shape(feature["geometry"]) for feature in made[layer_id][1]["features"]]


def positions(value: Any) -> Iterator[list[float]]:
    if value and isinstance(value[0], float):
        yield list(value)
    else:
        for part in value:
            yield from positions(part)


def test_gives_the_same_bytes_for_the_same_seed_and_others_for_another() -> None:
    before = json.dumps([c for _, c in layers(7)]), [r.body for r in reports(7, 300, start_ms=START, end_ms=END)]
    city.cache_clear()
    after = json.dumps([c for _, c in layers(7)]), [r.body for r in reports(7, 300, start_ms=START, end_ms=END)]
    assert before == after
    assert json.dumps([c for _, c in layers(8)]) != after[0]


def test_has_a_layer_of_every_role_marked_as_made_up(made: Collections) -> None:
    assert {layer.role for layer, _ in made.values()} == set(Role)
    assert all(layer.made_up and layer.licence and layer.attribution for layer, _ in made.values())


@pytest.mark.parametrize("seed", [7, 1, 42])
def test_draws_valid_shapes_of_bounded_size_for_any_seed(seed: int) -> None:
    for layer, collection in layers(seed):
        assert len(json.dumps(collection)) < 1_500_000, layer.id
        ids = [feature["id"] for feature in collection["features"]]
        assert len(ids) == len(set(ids))
        for feature in collection["features"]:
            geometry = shape(feature["geometry"])
            assert geometry.is_valid and not geometry.is_empty, (layer.id, feature["id"])
            assert feature["properties"]["name"] and feature["properties"]["code"] == feature["id"]


def test_keeps_to_six_decimals_inside_the_box_of_the_city(made: Collections) -> None:
    for layer, collection in made.values():
        for feature in collection["features"]:
            for lon, lat in positions(feature["geometry"]["coordinates"]):
                assert round(lon, 6) == lon and round(lat, 6) == lat
                assert 80.04 <= lon <= 80.35 and 12.83 <= lat <= 13.24, layer.id


def test_turns_outer_rings_counter_clockwise(made: Collections) -> None:
    for layer_id in ("wards", "water", "flood-zones"):
        for geometry in shapes(made, layer_id):
            assert all(polygon.exterior.is_ccw for polygon in shapely.get_parts(geometry))


@pytest.mark.parametrize("seed", [7, 3, 11])
def test_tiles_the_land_with_wards_without_gap_or_overlap(seed: int) -> None:
    wards = list(city(seed).wards)
    whole = shapely.union_all(wards)
    assert 150 <= len(wards) <= 200
    assert isinstance(whole, shapely.Polygon) and not whole.interiors
    assert sum(ward.area for ward in wards) == pytest.approx(whole.area, rel=1e-12)
    assert shapely.coverage_is_valid(wards)


def test_gives_every_ward_a_name_of_its_own(made: Collections) -> None:
    names = [feature["properties"]["name"] for feature in made["wards"][1]["features"]]
    assert len(set(names)) == len(names)
    assert made["wards"][1]["features"][0]["properties"]["code"] == "W-001"


def test_has_flood_zones_that_do_not_overlap_and_lie_on_the_land(made: Collections) -> None:
    zones, land = shapes(made, "flood-zones"), shapely.union_all(shapes(made, "wards"))
    whole = shapely.union_all(zones)
    assert len(zones) > 20
    assert sum(zone.area for zone in zones) == pytest.approx(whole.area, rel=1e-4)
    assert whole.difference(land.buffer(1e-4)).is_empty
    assert 0.05 < whole.area / land.area < 0.3


def test_has_shelters_in_every_state_with_people_within_capacity(made: Collections) -> None:
    rows = [feature["properties"] for feature in made["shelters"][1]["features"]]
    assert len(rows) == 60 and len({row["name"] for row in rows}) == 60
    assert {row["status"] for row in rows} == {"open", "full", "closed"}
    assert all(0 <= row["occupancy"] <= row["capacity"] for row in rows)
    assert all(row["occupancy"] == row["capacity"] for row in rows if row["status"] == "full")


def test_has_roads_of_every_kind_some_of_them_closed(made: Collections) -> None:
    rows = [feature["properties"] for feature in made["roads"][1]["features"]]
    assert {row["kind"] for row in rows} == {"arterial", "ring", "street", "bridge", "rail"}
    closed = sum(row["status"] == "closed" for row in rows)
    assert 0.05 < closed / len(rows) < 0.3 and len(rows) > 350


def test_leaves_names_of_well_known_real_places_out(made: Collections) -> None:
    names = " ".join(feature["properties"]["name"] for _, c in made.values() for feature in c["features"])
    assert not [name for name in inputs("names")["avoid"] if name in names]


def test_writes_bodies_that_the_product_itself_can_read(told: list[DemoReport]) -> None:
    for report in told:
        draft = draft_from(report.body)
        assert msgspec.to_builtins(draft)["category"] in FIELDS
        for name, value in (draft.fields or {}).items():
            assert type(value) is FIELDS[draft.category][name], (draft.category, name, value)


def test_keeps_the_mix_of_categories(told: list[DemoReport]) -> None:
    count = Counter(report.body["category"] for report in told)
    assert count.total() == 3000
    assert all(abs(count[category] / 3000 - share) < 0.002 for category, share in MIX.items())


def test_writes_hundreds_of_different_texts_in_several_languages(told: list[DemoReport]) -> None:
    texts = {report.body["text"] for report in told}
    assert len(texts) > 2_000
    assert sum(any("஀" <= c <= "௿" for c in text) for text in texts) > 400
    assert any(any("ऀ" <= c <= "ॿ" for c in text) for text in texts)
    assert not [text for text in texts if "{" in text or not text.strip()]


def test_puts_every_point_on_dry_land(told: list[DemoReport], made: Collections) -> None:
    land = shapely.union_all(shapes(made, "wards"))
    water = shapely.union_all(shapes(made, "water"))
    points = [(r.body["lon"], r.body["lat"]) for r in told if "lon" in r.body]
    x, y = zip(*points, strict=True)
    assert shapely.contains_xy(land, x, y).all()
    assert not shapely.contains_xy(water, x, y).any()


def test_leaves_some_without_coordinates_but_never_without_words(told: list[DemoReport]) -> None:
    unplaced = [report.body for report in told if "lon" not in report.body]
    assert 0.02 < len(unplaced) / len(told) < 0.07
    assert all("lat" not in body and body["text"] for body in unplaced)


def test_gathers_reports_where_the_flood_is(told: list[DemoReport], made: Collections) -> None:
    zones = shapely.union_all(shapes(made, "flood-zones"))
    wet = [(r.body["lon"], r.body["lat"]) for r in told if r.body["category"] == "flooding" and "lon" in r.body]
    x, y = zip(*wet, strict=True)
    assert 0.55 < shapely.contains_xy(zones, x, y).mean() < 0.9


def test_tells_of_a_slow_start_a_surge_and_a_tail(told: list[DemoReport]) -> None:
    sixth = (END - START) / 6
    count = Counter(int((report.at_ms - START) // sixth) for report in told)
    assert count[0] < count[1] < max(count[2], count[3])
    assert 0 < count[5] < count[3]
    assert [report.at_ms for report in told] == sorted(report.at_ms for report in told)
    assert all(START <= report.at_ms < END for report in told)


def test_has_a_few_phones_with_a_bad_clock(told: list[DemoReport]) -> None:
    read = [(report.at_ms, *moment.parse(report.body["observed_at"])) for report in told]
    wrong = sum(at_ms != said or not zoned for at_ms, said, zoned in read)
    assert 3 <= wrong <= 60


def test_uses_only_telephone_numbers_that_nobody_has(told: list[DemoReport]) -> None:
    phones = [report.body["contact"]["phone"] for report in told if "contact" in report.body]
    assert len(phones) > 500
    assert all(phone.startswith("+91 00000 ") and len(phone) == 15 for phone in phones)


def test_contradicts_the_layers_here_and_there(told: list[DemoReport], made: Collections) -> None:
    listed = {f["properties"]["name"]: f["properties"]["status"] for f in made["shelters"][1]["features"]}
    said = [r.body["fields"] for r in told if r.body["category"] == "shelter" and "fields" in r.body]
    differs = [f for f in said if "status" in f and listed.get(f.get("name", "")) not in (None, f["status"])]
    assert any(f["status"] == "full" and listed[f["name"]] == "open" for f in differs)
    assert 0.05 < len(differs) / len(said) < 0.4


def test_gives_every_report_a_time_ordered_id_of_its_own(told: list[DemoReport]) -> None:
    ids = [report.body["client_id"] for report in told]
    assert len(set(ids)) == 3000
    assert ids == sorted(ids)


def test_goes_on_without_end_after_the_story() -> None:
    coming = endless(7, END)
    bodies = [next(coming) for _ in range(200)]
    assert {body["category"] for body in bodies} > {"flooding", "rescue"}
    assert all("observed_at" not in body and draft_from(body) for body in bodies)
