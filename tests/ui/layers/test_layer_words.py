"""Properties of features and uses of columns are said in words, not as keys."""

from __future__ import annotations

from datetime import UTC

import pytest

from crisismap.core.layer.layer import Role
from crisismap.layers.normalise import normalise
from crisismap.ui.layers.layer_words import ROLES, property_lines, role_name, use_label
from tests.ui.open_desk import HOSTILE


def lines(role: Role | None, **properties: object) -> dict[str, str]:
    return dict(property_lines(properties, role, UTC))


def test_labels_the_numbers_of_a_shelter() -> None:
    found = lines(
        Role.SHELTER, hall_colour="red", occupied=1572, max_capacity=2000, status="open", as_of="2026-11-28T06:00:00Z"
    )
    assert found == {
        "Status": "open",
        "Capacity": "2,000",
        "People there": "1,572",
        "Time of these numbers": "28 Nov 06:00",
        "Hall colour": "red",
    }
    assert list(found)[-1] == "Hall colour", "what nothing reads comes last"


def test_leaves_codes_and_years_as_they_are() -> None:
    assert lines(Role.AREA, code=20150, built=2015, ref="20261128") == {
        "Code": "20150",
        "Built": "2015",
        "Ref": "20261128",
    }


@pytest.mark.parametrize("role", [*Role, None])
def test_shows_no_key_and_no_structure(role: Role | None) -> None:
    found = lines(role, located_by_code="IN33", unknown_codes="", geocodes={"a": []}, free_places=4, x_y_z=True)
    assert found["Located by code"] == "IN33"
    assert found["X y z"] == "yes"
    assert not any("_" in label for label in found)
    assert "Geocodes" not in found


def test_keeps_a_hostile_name_as_text() -> None:
    assert HOSTILE in lines(Role.SHELTER, **{HOSTILE: HOSTILE}).values()


def test_says_a_number_under_two_names_once() -> None:
    assert lines(Role.SHELTER, beds=12, capacity=12) == {"Capacity": "12"}


def test_has_a_word_for_each_role_and_each_use() -> None:
    assert {role_name(role) for role in Role} == {"Areas", "Hazard", "Shelters", "Transport", "Context"}
    assert set(ROLES) == set(Role)
    assert all("_" not in use_label(use) for use in normalise._OURS)
