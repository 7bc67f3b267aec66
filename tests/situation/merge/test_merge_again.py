"""Merging again after a change of some layers gives what merging everything anew gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.situation.merge.merge import Merger
from tests.situation.merge_layers import asked, feature, layer

SPOTS = [(x + 0.5, y + 0.5) for x in range(4) for y in range(3)]
COLUMNS = ("area", "hazards", "shelter", "shelter_m", "disagrees")
SHAPES = {
    Role.AREA: lambda x, w: box(x, 0, x + w, 3),
    Role.HAZARD: lambda x, w: box(x, 0, x + w, 3),
    Role.SHELTER: lambda x, w: Point(x + 0.5, 0.5),
    Role.TRANSPORT: lambda x, w: LineString([(x, 0.5), (x + w, 0.5)]),
}
parts = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from(["open", "closed"])), max_size=3)
layers = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from(list(SHAPES)), parts), max_size=4)


def versions(drawn: dict[str, tuple[Role, list[tuple[int, int, str]]]], number: int) -> dict[str, LayerVersion]:
    return {
        name: layer(
            name, role, [feature(str(i), SHAPES[role](x, w), status=s) for i, (x, w, s) in enumerate(made)], number
        )
        for name, (role, made) in drawn.items()
    }


@given(layers, layers, st.sets(st.sampled_from("abcd")))
def test_gives_what_merging_everything_gives(before, after, moved: set[str]) -> None:
    old, new = versions(before, 1), versions(after, 2)
    then = {name: version for name, version in old.items() if name not in moved}
    then |= {name: version for name, version in new.items() if name in moved}
    changed = {(name, v.layer.role) for name in moved for v in (old.get(name), new.get(name)) if v is not None}
    reports = asked(*zip(*SPOTS, strict=True), category="transport", status="open")
    first = Merger(list(old.values()))
    held = first.merge(reports)
    second = Merger(list(then.values()), like=first)
    found = {name: getattr(held, name) for name in COLUMNS} | second.again(reports, held.hazards, changed)
    whole = second.merge(reports)
    for name in COLUMNS:
        assert np.array_equal(found[name], getattr(whole, name), equal_nan=name == "shelter_m"), name
