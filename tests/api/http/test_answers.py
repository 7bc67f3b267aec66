"""The API's document: what it promises of records, and docs/reference.md beside it."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.api.http.answers import record_shapes
from crisismap.settings import ROOT
from crisismap.situation.record.fact import Fact, members_of
from crisismap.situation.record.record import Record
from crisismap.web.pages.docs_page import schemas

BEGIN, END = "<!-- members of a record -->", "<!-- end of members -->"


def item() -> dict[str, Any]:
    _, found = msgspec.json.schema_components(record_shapes(), ref_template="#/components/schemas/{name}")
    return {"components": {"schemas": found}}


def table() -> str:
    """The members of a record as docs/reference.md has them."""
    _, kinds = schemas(item())["RequestItem"]
    rows = [
        f"| `{member.name}` | {kind} | {where(member.fact)} | {member.fact.doc} |"
        for member, (_, kind, _) in zip(members_of(Record), kinds, strict=True)
    ]
    head = ["| member | type | in GeoJSON and CSV | what it says |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def where(fact: Fact) -> str:
    return "agency" if fact.staff else "yes" if fact.feature else "no"


def test_tells_of_each_member_in_the_reference() -> None:
    """To mend it, put the table that this test shows between the marks."""
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert written == table()


def test_promises_what_is_answered_since_it_drifted_once() -> None:
    shapes = item()["components"]["schemas"]
    assert {"reporters", "stale", "escalated_to"} <= set(shapes["RequestItem"]["required"])
    assert "stale" not in shapes["RequestItem"]["properties"]["verification"]["enum"]
    assert set(shapes["Properties"]["required"]) < set(shapes["RequestItem"]["required"])
