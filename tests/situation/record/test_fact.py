"""Facts: the members of a record with their cells and sentences, each from one annotation.

Annotations are evaluated here: there is no `from __future__ import annotations`.
"""

from typing import Annotated

import msgspec

from crisismap.situation.record.encoding import number
from crisismap.situation.record.fact import Cell, Fact, members_of

PLAIN = Fact("A number.", number("a"))
HIDDEN = Fact("Not in the feature.", number("b"), feature=False)
SPLIT = Fact("Two cells.", number("c"), csv=(Cell("c_code", lambda value: value[0]), Cell("c_name", len)))


class Told(msgspec.Struct):
    """A record of three facts."""

    a: Annotated[int, msgspec.Meta(ge=0), PLAIN]
    b: Annotated[int, HIDDEN]
    c: Annotated[str, SPLIT]


def test_reads_members_in_order_with_their_types() -> None:
    a, b, c = members_of(Told)
    assert [(each.name, each.fact) for each in (a, b, c)] == [("a", PLAIN), ("b", HIDDEN), ("c", SPLIT)]
    assert (b.type, c.type) == (int, str)
    assert a.type == Annotated[int, msgspec.Meta(ge=0)], "what else is said of the type stays"


def test_gives_a_fact_of_the_feature_a_cell_of_its_name() -> None:
    a, b, c = members_of(Told)
    [cell] = a.cells
    assert (cell.name, cell.of) == ("a", None)  # the same value
    assert b.cells == ()
    assert [(cell.name, cell.of("xyz")) for cell in c.cells] == [("c_code", "x"), ("c_name", 3)]


def test_documents_a_member_with_its_sentence() -> None:
    assert msgspec.json.schema(members_of(Told)[0].schema) == {
        "type": "integer",
        "minimum": 0,
        "description": "A number.",
    }
