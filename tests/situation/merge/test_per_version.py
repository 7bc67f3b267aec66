"""What is made of each layer version once."""

from __future__ import annotations

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.per_version import PerVersion


def version(*features: Feature, layer_id: str = "gauges", number: int = 1) -> LayerVersion:
    return LayerVersion(Layer(layer_id, layer_id, Role.CONTEXT), number, 0, features)


def test_makes_what_is_asked_of_a_version_once_and_lets_the_old_go():
    made: list[int] = []

    def make(one: LayerVersion) -> int:
        made.append(one.version)
        return one.version

    held, first, second = PerVersion(make), version(number=1), version(number=2)
    other = version(layer_id="b", number=7)
    assert held.of([first, other]) == [1, 7] and held.of([first, other]) == [1, 7] and made == [1, 7]
    assert held.of([second]) == [2] and held.of([second, other]) == [2, 7] and made == [1, 7, 2, 7]
