"""Rows of the tables and values of the core: what is written is what is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from crisismap.core.report.moderation import Moderation
from crisismap.core.report.request import Answer, Overruling, Request, State
from crisismap.core.report.verification import Standing
from crisismap.store import schema
from crisismap.store.tables.rows import moderation_of, report_of, report_row, request_of, request_row, standing_of
from tests.store.making import NOW, new


def as_row(values: dict[str, Any]) -> Any:
    return SimpleNamespace(**values)


def test_reads_a_report_back_as_it_was_written() -> None:
    report = new("key", sender="s", network="n").report
    assert report_of(as_row(report_row(report))) == report


@pytest.mark.parametrize("said", [{"fields": {}}, {"flags": ()}, {"lon": None, "lat": None, "people": None}])
def test_reads_back_a_report_that_says_little(said: dict[str, Any]) -> None:
    report = msgspec.structs.replace(new().report, **said)
    assert report_of(as_row(report_row(report))) == report


@pytest.mark.parametrize(
    "request_",
    [
        Request(),
        Request(State.CLAIMED, "p-1", NOW),
        Request(State.ANSWERED, answer=Answer("p-1", NOW, "done"), reopened=2, confirmed_at=NOW),
        Request(overruling=Overruling(1, "p-2", "a child"), aged=1, escalated=2, due_from=NOW),
        Request(State.JOINED, joined_to=7, asking=3, why="the same house"),
    ],
)
def test_reads_a_request_back_as_it_was_written(request_: Request) -> None:
    assert request_of(as_row(request_row(5, request_))) == request_


def test_fills_every_column_of_the_tables() -> None:
    """A column that somebody adds and forgets here would be lost when a report is kept."""
    columns = {column.name for column in schema.report.c}
    assert columns - report_row(new().report).keys() == {"seq"}
    assert {column.name for column in schema.request.c} == request_row(1, Request()).keys()


def test_reads_what_was_found_out_and_decided() -> None:
    standing = Standing("verified", "p-1", "seen", 3, NOW, 2)
    assert standing_of(as_row(msgspec.structs.asdict(standing))) == standing
    moderation = Moderation("cleared", "p-1", "", NOW, b"h" * 32)
    assert moderation_of(as_row(msgspec.structs.asdict(moderation))) == moderation
