"""Facts: each is one entry, and everything that leaves the situation follows from it.

Annotations are evaluated here, as in `record`: there is no `from __future__ import annotations`.
"""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import pytest
from fastapi import FastAPI

from crisismap.api.http.answers import record_shapes
from crisismap.api.http.document import describe
from crisismap.core.privacy import Audience
from crisismap.exports import EXPORTS
from crisismap.services.lists import read
from crisismap.services.runtime.context import Context
from crisismap.situation.board.column import PLACE_KINDS, STATES, VERIFICATIONS, Column
from crisismap.situation.board.selection import ALL
from crisismap.situation.board.table import INTERNAL, TABLE
from crisismap.situation.record import encoding
from crisismap.situation.record.fact import Fact, members_of
from crisismap.situation.record.features import Features
from crisismap.situation.record.record import Record
from crisismap.situation.record.record_types import Count, PlaceKind, Priority, State, Verification
from crisismap.situation.situation import Situation
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER
from tests.situation.crisis import HERE, crisis


class WithLoudness(Record, frozen=True, kw_only=True):
    """A record with one made-up fact more: this entry is all that is written of it."""

    loudness: Annotated[
        Count,
        Fact(
            "How many exclamation marks the sender used.",
            encoding.number("loudness"),
            Column("loudness", np.int32, lambda row: row.redacted.text.count("!")),
        ),
    ]


def rebuilt(context: Context) -> Context:
    """The same deployment, whose records have the made-up fact."""
    situation = Situation(
        context.store.events, context.views.situation.rules, code_key=context.keys.tracking_code, record=WithLoudness
    )
    situation.start()
    situation.stop()
    return replace(context, views=replace(context.views, situation=situation, features=Features(situation)))


def test_tells_a_fact_everywhere_from_one_entry(tmp_path: Path, clock: FakeClock) -> None:
    with crisis(tmp_path, clock) as here:
        report = here.post("rescue", text="help!!!", **HERE)
        context = rebuilt(here.context)
        table = read.table(context.views, context.clock(), Audience.AGENCY, ALL)
        collection = json.loads(b"".join(EXPORTS["geojson"].write(table)))
        [row] = csv.DictReader(io.StringIO(b"".join(EXPORTS["csv"].write(table)).decode(), newline=""))
        [item] = read.requests(context.views, context.clock(), AGENCY, ALL).items
        record: Any = read.record(context.store, context.views, context.clock, AGENCY, report)
        hidden: Any = read.record(context.store, context.views, context.clock, STRANGER, report)
    assert collection["features"][0]["properties"]["loudness"] == 3
    assert row["loudness"] == "3"
    assert json.loads(item)["loudness"] == record.loudness == 3
    assert hidden.loudness == 0, "a column is taken from what the audience may see"
    schemas = documented(WithLoudness)
    for name in ("Properties", "RequestItem"):
        assert schemas[name]["properties"]["loudness"]["description"] == "How many exclamation marks the sender used."
        assert "loudness" in schemas[name]["required"]


def test_tells_it_nowhere_without_the_entry(tmp_path: Path, clock: FakeClock) -> None:
    with crisis(tmp_path, clock) as here:
        here.post("rescue", text="help!!!", **HERE)
        table = read.table(here.context.views, here.context.clock(), Audience.AGENCY, ALL)
        for form in EXPORTS.values():
            assert b"loudness" not in b"".join(form.write(table))
    assert "loudness" not in json.dumps(documented(Record))


def documented(record: type[msgspec.Struct]) -> dict[str, Any]:
    app = FastAPI()
    describe(app, record)
    schemas: dict[str, Any] = app.openapi()["components"]["schemas"]
    return schemas


def test_documents_what_is_answered_member_by_member(tmp_path: Path, clock: FakeClock) -> None:
    """The document drifted from the answers once; now an answer that breaks it cannot be decoded."""
    feature, item, _ = record_shapes()
    with crisis(tmp_path, clock) as here:
        for body in ({"text": "help"}, {"text": "x", "people": 2, "place": "near the temple", **HERE}):
            here.post("rescue", **body)
            here.post("flooding", **body)
        board = here.board()
        rows = np.arange(board.n)
        for made in here.context.views.features.items(board, rows, here.clock()):
            assert list(json.loads(made)) == [field.name for field in msgspec.structs.fields(item)]
            msgspec.json.decode(made, type=item)
        for part in here.context.views.features.features(board, rows, here.clock(), Audience.AGENCY):
            for made in part:
                msgspec.json.decode(made, type=feature)


@pytest.mark.parametrize(
    ("kind", "values"),
    [(State, STATES), (Verification, VERIFICATIONS), (PlaceKind, PLACE_KINDS), (Priority, ("P1", "P2", "P3", "P4"))],
)
def test_names_each_value_that_a_column_can_hold(kind: Any, values: tuple[str, ...]) -> None:
    assert kind.__args__ == values


def test_declares_each_column_once_and_says_what_each_fact_is() -> None:
    members = members_of(Record)
    told = [name for member in members for each in member.fact.columns for name in getattr(each, "names", [each.name])]
    assert sorted(TABLE.layout) == sorted([*told, *(column.name for column in INTERNAL)])
    assert [member.name for member in members if not member.fact.doc.endswith(".")] == []
    assert [member.name for member in members] == [field.name for field in msgspec.structs.fields(Record)]
