"""The incident as people write it: a name, a number, a box."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.incident import MAX_NAME, Incident, incident_from, place_text, read_place


def test_reads_what_was_written_and_tidies_it() -> None:
    found = incident_from("  Flood of  December ", " +91 44 2345 6789 ", "80.1, 12.9,80.4,13.2 ")
    assert found == Incident("Flood of December", "+91 44 2345 6789", (80.1, 12.9, 80.4, 13.2))
    assert incident_from("", "", "") == Incident()
    assert incident_from("", "", "", " Asia/Kolkata ").time_zone == "Asia/Kolkata"
    with pytest.raises(Invalid, match="time_zone"):
        incident_from("", "", "", "../../etc/passwd")


@pytest.mark.parametrize("number", ["112", "*123#", "+91 (44) 2345-6789", "0800 1234/56"])
def test_takes_numbers_that_can_be_dialled(number: str) -> None:
    assert incident_from("", number, "").emergency_number == number


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("name", ("x" * (MAX_NAME + 1), "", "")),
        ("name", ("a\x1b[2J", "", "")),
        ("emergency_number", ("", "call me", "")),
        ("emergency_number", ("", "112<script>", "")),
        ("place", ("", "", "Chennai")),
        ("place", ("", "", "80,13,81")),
        ("place", ("", "", "80,91,81,92")),
        ("place", ("", "", "80,13,80,13.5")),
        ("place", ("", "", "nan,13,81,14")),
    ],
)
def test_refuses_and_names_the_field(field: str, texts: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        incident_from(*texts)
    assert refusal.value.field == field


@pytest.mark.parametrize("text", ["", "80.1,12.9,80.4,13.2", "177,-20,-178,-12"])
def test_writes_a_place_as_it_reads_it(text: str) -> None:
    assert place_text(read_place(text)) == text
