"""It keeps the labelling rule on hand-labelled pairs of real reports: precision and recall have floors.

The labels and the rule are in data/duplicate_pairs.csv and .md beside this file, without the texts.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from crisismap.channels.file.mapping import load_mapping
from crisismap.channels.file.read import read_reports
from crisismap.core.report.duplicates import ComparableReport, DuplicateRules, judge
from crisismap.core.report.similarity import read
from crisismap.core.text.folding import fold, split
from crisismap.rule_files import read_rule_files
from crisismap.settings import ROOT
from crisismap.situation.board.word_index import FREQUENT

pytestmark = pytest.mark.realdata
PAIRS = Path(__file__).parents[1] / "data" / "duplicate_pairs.csv"
RULES: DuplicateRules = read_rule_files().duplicates
SOURCES = {"petabencana": "petabencana_jakarta_2017/reports_*.geojson", "nyc311": "nyc_311_2025/water_complaints_*.csv"}


@dataclass(frozen=True)
class Figures:
    """Counts of pairs: found and right, found and wrong, missed, rightly left."""

    right: int
    wrong: int
    missed: int
    left: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


@pytest.fixture(scope="module")
def sights(shared_data: Path) -> dict[str, ComparableReport]:
    """Every report of both sets by its key, with the words that are frequent in its own set."""
    return {key: sight for name in SOURCES for key, sight in of_set(shared_data, name)}


def of_set(folder: Path, name: str) -> Iterator[tuple[str, ComparableReport]]:
    mapping = load_mapping(ROOT / "data" / "mappings" / f"{name}.toml")
    bodies = [row.body for path in sorted(folder.glob(SOURCES[name])) for row in read_reports(path, mapping)]
    texts = [f"{body.get('text', '')} {body.get('place', '')}" for body in bodies]
    counts = Counter(word for text in texts for word in set(split(fold(text))))
    frequent = frozenset(word for word, count in counts.items() if count >= FREQUENT * len(texts))
    for body, text in zip(bodies, texts, strict=True):
        at_ms = round(datetime.fromisoformat(body["observed_at"]).timestamp() * 1000)
        said = read(text, RULES.vocabulary, frequent)
        yield body["client_id"], ComparableReport(body["category"], at_ms, said, body.get("lon"), body.get("lat"))


def measured(sights: dict[str, ComparableReport], half: str, source: str = "", *, placed: bool = True) -> Figures:
    counts: Counter[tuple[bool, bool]] = Counter()
    with PAIRS.open() as file:
        for row in csv.DictReader(file):
            if row["half"] == half and row["a"].startswith(source):
                a, b = sights[row["a"]], sights[row["b"]]
                a = a if placed else replace(a, lon=None, lat=None)
                counts[row["same"] == "yes", judge(a, b, RULES).score >= RULES.threshold] += 1
    return Figures(counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def test_has_at_least_300_pairs_of_which_half_are_held_out_and_no_report_stands_in_both() -> None:
    with PAIRS.open() as file:
        rows = list(csv.DictReader(file))
    halves = {half: {row[end] for row in rows if row["half"] == half for end in "ab"} for half in ("tuned", "held")}
    assert len(rows) == 360
    assert Counter(row["half"] for row in rows)["held"] == 179
    assert not halves["tuned"] & halves["held"]
    assert {row["same"] for row in rows} == {"yes", "no"}


FLOORS = [
    # half, set, with coordinates, precision, recall
    ("tuned", "", True, 0.86, 0.90),
    ("tuned", "", False, 0.92, 0.40),
    ("held", "", True, 0.84, 0.87),
    ("held", "", False, 0.90, 0.25),
    ("held", "petabencana", True, 0.88, 0.80),
    ("held", "nyc311", True, 0.73, 0.95),
]


@pytest.mark.parametrize(("half", "source", "placed", "precision", "recall"), FLOORS)
def test_is_as_precise_and_finds_as_many_as_the_docs_say(
    sights: dict[str, ComparableReport], half: str, source: str, placed: bool, precision: float, recall: float
) -> None:
    found = measured(sights, half, source, placed=placed)
    assert found.precision >= precision, found
    assert found.recall >= recall, found
