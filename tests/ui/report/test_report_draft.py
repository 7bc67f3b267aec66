"""What was typed becomes a draft, and a refusal finds its field again."""

from __future__ import annotations

import pytest

from crisismap.core.errors import CrisismapError, Invalid, KeyReused, TooLarge, Unavailable
from crisismap.rule_files import read_rule_files
from crisismap.ui.report.report_draft import ANYWHERE, Entries, draft_of, missing, refusal_of

RESCUE = read_rule_files().categories["rescue"]


def test_leaves_out_what_was_not_said() -> None:
    said = draft_of(Entries("rescue", text=" help ", fields={"trapped": False, "children": None, "x": ""}), "k-1")
    assert (said.text, said.fields, said.contact, said.lon, said.client_id) == ("help", None, None, None, "k-1")
    assert said.consent is not None
    assert (said.consent.publish, said.consent.contact) == (False, False)


def test_sends_only_what_says_something() -> None:
    assert missing(Entries("")).field == "category"
    assert missing(Entries("rescue")).field == "text"
    assert missing(Entries("rescue", place=(80.0, 13.0))) is None
    assert missing(Entries("rescue", fields={"trapped": True})) is None


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (Invalid("people", -1, "must lie between 0 and 1000000"), "people"),
        (Invalid("contact.phone", "9", "at most 500 characters"), "phone"),
        (Invalid("place", "x", "at most 500 characters"), "place_text"),
        (Invalid("lon", 999, "out of range"), "place"),
        (Invalid("fields.children", "x", "must be text"), "fields.children"),
        (Invalid("fields.unknown", "x", "must be text"), ANYWHERE),
        (TooLarge("text: at most 20000 characters (got 20001)", field="text"), "text"),
        (Unavailable("The last write failed."), ANYWHERE),
        (KeyReused("client_id was used before", field="client_id"), ANYWHERE),
    ],
)
def test_puts_a_refusal_beside_its_field(problem: CrisismapError, field: str) -> None:
    refusal = refusal_of(problem, RESCUE)
    assert refusal.field == field
    assert refusal.sentence.endswith(".")


def test_keeps_the_names_of_fields_and_contact_apart() -> None:
    shelter_category = read_rule_files().categories["shelter"]
    assert refusal_of(Invalid("fields.name", "x", "wrong"), shelter_category).field == "fields.name"
    assert refusal_of(Invalid("contact.name", "x", "wrong"), shelter_category).field == "name"
