"""Places that are alike are asked about once, and stand for all of their kind."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.merge.batch_places import Places, alike

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 1), st.integers(0, 2)), max_size=40)


@given(rows)
def test_finds_one_of_each_kind(drawn: list[tuple[int, int, int]]) -> None:
    lon, lat, era = (np.array([row[at] for row in drawn], np.float64) for at in range(3))
    one, same = alike(lon, lat, era.astype(np.intp))
    chosen = [drawn[at] for at in one.tolist()]
    assert len(set(chosen)) == len(chosen)
    assert [chosen[at] for at in same.tolist()] == drawn


def test_makes_nothing_anew_for_some_of_them() -> None:
    places = Places(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))
    points, centred = places.points, places.centred
    part = places.some(np.array([2, 0]))
    assert part.points[0] is points[2]
    assert part.centred.tolist() == centred[[2, 0]].tolist()
    assert (part.lon.tolist(), part.lat.tolist()) == ([3.0, 1.0], [6.0, 4.0])
