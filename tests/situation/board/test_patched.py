"""Columns with few changed rows read as if they had been written whole, and share what was not changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisismap.situation.board import patched
from crisismap.situation.board.patched import Patched, Taken

CHANGES = st.lists(st.one_of(st.integers(1, 9), st.sets(st.integers(0, 40), min_size=1, max_size=6)), max_size=12)


def columns(n: int) -> Patched:
    return Patched(0, {"seq": np.empty(0, np.int64), "lon": np.empty(0)}).appended(values(0, n))


def values(begin: int, end: int) -> dict[str, np.ndarray]:
    return {"seq": np.arange(begin, end), "lon": np.arange(begin, end) / 2}


def whole(of: Patched) -> dict[str, list[float]]:
    return {name: of[name][: of.n].tolist() for name in of}


@settings(max_examples=60)
@given(CHANGES, st.sampled_from([1, 3, 1024]), st.lists(st.sampled_from(["seq", "lon", ""]), min_size=12, max_size=12))
def test_reads_as_if_all_had_been_written(changes: list, most: int, readers: list[str]):
    """Against lists; a number appends so many rows, a set changes those, and readers make columns at any time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patched, "MOST", most)
        now, held = columns(5), []
        model = whole(now)
        for number, (change, reader) in enumerate(zip(changes, readers, strict=False), 1):
            n = now.n
            if isinstance(change, int):
                now = now.appended(values(n, n + change))
                model = {name: [*model[name], *values(n, n + change)[name].tolist()] for name in model}
            else:
                rows = np.array(sorted(row for row in change if row < n), np.int64)
                now = now.written(rows, {"lon": np.full(len(rows), -number, np.float64)})
                model["lon"] = [-number if row in change else value for row, value in enumerate(model["lon"])]
            some = np.arange(now.n)[::-2]
            assert Taken(now, some)["lon"].tolist() == [model["lon"][row] for row in some]
            held.append((now, {name: list(column) for name, column in model.items()}))
            if reader:
                assert now[reader][: now.n].tolist() == model[reader]
        assert all(whole(each) == then for each, then in held)


def test_copies_no_column_for_a_change_that_nobody_reads_whole():
    before = columns(10)
    after = before.written(np.array([3]), {"lon": np.array([80.0])})
    assert Taken(after, np.array([3, 4]))["lon"].tolist() == [80.0, 2.0]
    assert after["seq"] is before["seq"]
    assert after["lon"] is not before["lon"], "whole, it is another"
    assert after["lon"] is after["lon"], "and made once"
    assert after.appended(values(10, 11))["lon"][:5].tolist() == [0, 0.5, 1, 80, 2]


def test_writes_many_changes_into_arrays_of_their_own():
    before = columns(5000)
    rows = np.arange(0, 4000, 2)
    after = before.written(rows, {"lon": np.zeros(len(rows))})
    assert after.replaced(rows)[0].tolist() == []
    assert np.count_nonzero(after["lon"][:4000:2]) == 0
    assert before["lon"][2] == 1.0


def test_takes_rows_of_plain_columns_too():
    part = Taken({"lon": np.array([1.0, 2.0, 3.0])}, np.array([2, 0]))
    assert (part["lon"].tolist(), list(part), len(part)) == ([3.0, 1.0], ["lon"], 1)
    with pytest.raises(KeyError):
        part["colour"]
