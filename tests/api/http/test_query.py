"""A query becomes a selection; what is unknown or wrong is refused by its name."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from crisismap.api.http.query import moment_of, number_of, refuse_unknown, selection_of
from crisismap.core.errors import Invalid
from crisismap.situation.board.selection import ALL


def test_chooses_all_without_parameters() -> None:
    assert selection_of(QueryParams("")) == ALL


def test_reads_every_parameter() -> None:
    chosen = selection_of(
        QueryParams(
            "bbox=80,13,81,14&since=2015-12-02T06:30:00Z&category=rescue,medical&category=flooding"
            "&priority=p2,p1&overdue=true&area=W-1"
        )
    )
    assert chosen.bbox == (80.0, 13.0, 81.0, 14.0)
    assert chosen.since == 1_449_037_800_000
    assert chosen.category == ("flooding", "medical", "rescue")
    assert (chosen.priority, chosen.overdue, chosen.unplaced, chosen.area) == ((1, 2), True, False, ("W-1",))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("color=red", "color"),
        ("bbox=1,2,3", "bbox"),
        ("since=yesterday", "since"),
        ("until=99999-01-01T00:00:00Z", "until"),
        ("priority=P5", "priority"),
        ("overdue=yes", "overdue"),
    ],
)
def test_names_the_parameter_that_it_cannot_heed(query: str, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        selection_of(QueryParams(query))
    assert refused.value.field == name


def test_lets_a_route_name_more_of_them() -> None:
    assert selection_of(QueryParams("v=7"), also=("v",)) == ALL
    refuse_unknown(QueryParams("limit=1"), ("limit",))
    with pytest.raises(Invalid):
        refuse_unknown(QueryParams("limit=1&offset=2"), ("limit",))


def test_reads_a_plus_in_a_time_that_came_as_a_space() -> None:
    params = QueryParams("at=2015-12-02T12:00:00+05:30")
    assert params["at"] == "2015-12-02T12:00:00 05:30"
    assert moment_of("at", params) == 1_449_037_800_000
    assert moment_of("since", params) is None


@pytest.mark.parametrize("wrong", ["", "-1", "1.5", "٣", "9" * 10, "1e3"])
def test_takes_only_whole_numbers(wrong: str) -> None:
    assert number_of("limit", QueryParams("limit=20")) == 20
    assert number_of("limit", QueryParams("")) is None
    with pytest.raises(Invalid):
        number_of("limit", QueryParams({"limit": wrong}))
