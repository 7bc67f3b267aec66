"""It writes expressions that hold words of ours only."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.ui.map.map_expressions import chain, constant_chain


def test_asks_for_one_value_after_the_other():
    assert chain("p.a", {"x": "1", "y": "2"}, "0") == "(p.a == 'y' ? 2 : p.a == 'x' ? 1 : 0)"
    assert chain("p.a", {}, "0") == "(0)"
    assert constant_chain("p.a", {"x": "one"}, "none") == "(p.a == 'x' ? 'one' : 'none')"


@pytest.mark.parametrize("key", ["", "a' + b", "a b", "${a}"])
def test_refuses_a_key_that_could_break_out(key: str):
    with pytest.raises(Invalid):
        chain("p.a", {key: "1"}, "0")
