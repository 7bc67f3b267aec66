"""The legend explains each severity of a warning."""

from __future__ import annotations

from crisismap.core.layer.alert import SEVERITY
from crisismap.ui.map.legend import legend


def test_explains_each_severity_in_the_legend():
    shown = legend((("dot", "Other"),), False)
    assert all(words in shown for words in SEVERITY.values())
