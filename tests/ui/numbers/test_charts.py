"""Charts label every interval, and tables hold text only."""

from __future__ import annotations

from datetime import UTC

from crisismap.services.lists.trends import Trend
from crisismap.ui.frame.stylesheet import table_html
from crisismap.ui.numbers.charts import interval_labels
from tests.ui.open_desk import HOSTILE


def test_labels_every_interval_differently() -> None:
    starts = tuple(1_449_000_000_000 + n * 3_600_000 for n in range(48))
    labels = interval_labels(Trend(3_600_000, starts, (), (), (), ()), UTC)
    assert len(set(labels)) == 48
    assert labels[0] == "1 Dec 20:00"


def test_escapes_every_word_of_a_table() -> None:
    made = table_html((HOSTILE, "n"), [(HOSTILE, HOSTILE)], caption=HOSTILE, numbers=1, height_px=100)
    assert "<img" not in made
    assert made.count("&lt;img") == 4
