"""What a preview says of columns and losses."""

from __future__ import annotations

from crisismap.core.layer.difference import difference
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.layers.normalise.column_use import with_role
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.read import read_layer_bytes
from crisismap.ui.layers.layer_preview import columns_used, losses
from tests.layers.samples import collection, feature, point

LAYER = Layer("x", "x", Role.CONTEXT)
PLACE = feature(
    point(80, 13), 1, label="School", ref="S-1", capacity="120", needs="blankets", open="yes", level=None, pop_2020=7
)


def uses(role: Role, mapping: LayerMapping | None = None) -> dict[str, str]:
    version = read_layer_bytes(collection(PLACE), layer=LAYER, mapping=mapping, now_ms=0)
    return {name: use for name, use, _ in columns_used(with_role(version, role))}


def test_says_what_each_column_is_used_for_with_the_role() -> None:
    assert uses(Role.TRANSPORT) == {
        "label": "name",
        **dict.fromkeys(("ref", "capacity", "needs", "open", "pop_2020"), ""),
    }
    shelter, area = uses(Role.SHELTER), uses(Role.AREA)
    assert (shelter["capacity"], shelter["needs"], shelter["pop_2020"]) == ("capacity", "needs", "")
    assert (area["capacity"], area["pop_2020"]) == ("", "number of people")


def test_says_what_the_mapping_named() -> None:
    found = uses(Role.SHELTER, LayerMapping(id_field="ref", name_field="label", status_field="open"))
    assert (found["ref"], found["label"], found["open"]) == ("id", "name", "status")


def test_lists_what_is_used_before_what_looks_important_and_the_rest() -> None:
    made = feature(point(80, 13), 1, colour="red", phone="044", name="School", capacity=5)
    version = read_layer_bytes(collection(made), layer=Layer("x", "x", Role.SHELTER), now_ms=0)
    assert [name for name, _, _ in columns_used(version)] == ["name", "capacity", "phone", "colour"]


def test_shows_an_example_of_a_column_that_begins_empty() -> None:
    other = feature(point(80, 13), 2, label="Hall", level=4)
    version = read_layer_bytes(collection(PLACE, other), layer=LAYER, now_ms=0)
    assert {name: example for name, _, example in columns_used(version)}["level"] == "4"


def test_names_losses_and_cuts_long_lists() -> None:
    def version(count: int, role: Role = Role.SHELTER) -> LayerVersion:
        features = tuple(Feature(str(n), f"School {n}", "", None, {}) for n in range(count))
        return LayerVersion(Layer("x", "x", role), 1, 0, features)

    assert list(losses(difference(version(5), version(6)))) == []
    [gone] = losses(difference(version(20), version(0)))
    assert gone.startswith("20 of 20 features would be gone: School 0, School 1")
    assert gone.endswith("School 7 and 12 more.")
    [role] = losses(difference(version(5), version(5, Role.HAZARD)))
    assert role == "The role changes from Shelters to Hazard: its shelters are no longer shown as the nearest."
