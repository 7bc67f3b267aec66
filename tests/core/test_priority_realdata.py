"""The shipped rules on what people really wrote: New York's complaints, open and closed, and Jakarta's depths."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crisismap.channels.file.mapping import load_mapping
from crisismap.channels.file.rows import Row
from crisismap.core.need.need import Need
from crisismap.core.priority import Case, assess_both
from crisismap.core.report.accept import Arrival, accept
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import Report
from crisismap.settings import ROOT
from tests.channels.samples import rows
from tests.core.samples import RULES

pytestmark = pytest.mark.realdata
NOW = 1_790_000_000_000


def accepted(row: Row) -> Report:
    arrival = Arrival("00000000-0000-8000-8000-000000000000", NOW, "file", b"k" * 32, asks=row.asks)
    return accept(draft_from(row.body), arrival, categories=RULES.categories, detector=RULES.detector, extent=None)


def reports(folder: Path, pattern: str, mapping: str) -> list[Report]:
    known = load_mapping(ROOT / "data" / "mappings" / f"{mapping}.toml")
    return [accepted(row) for path in sorted(folder.glob(pattern)) for row in rows(path, known)]


def priority(report: Report) -> int:
    return assess_both(Case(report.category, report.text, report.people, report.fields), RULES.priority)[False][0]


def test_lets_new_york_wait_for_what_is_open_and_not_for_what_is_closed(shared_data: Path) -> None:
    found = reports(shared_data / "nyc_311_2025", "*.csv", "nyc311")
    assert Counter(r.need.is_request for r in found) == {False: 185, True: 550}
    waiting = [r for r in found if r.need.is_request]
    assert all(r.fields["status"] != "Closed" or r.need is Need.MAY for r in waiting)
    assert sum(r.need is Need.MAY and r.fields["status"] == "Closed" for r in waiting) == 3, (
        "a meter and two hydrants that are missing"
    )


def test_puts_new_york_s_dangers_before_its_nuisances(shared_data: Path) -> None:
    asking = [r for r in reports(shared_data / "nyc_311_2025", "*.csv", "nyc311") if r.need.is_request]
    levels = Counter(priority(r) for r in asking)
    assert levels[1] == 0, "nobody there wrote that a life is at risk"
    for report in asking:
        text = report.text.casefold()
        if "manhole cover missing" in text or "grating missing" in text:
            assert priority(report) == 2, text
        elif "sewer backup" in text or "street flooding" in text or "no water" in text:
            assert priority(report) == 3, text
        elif "trees and sidewalks" in text or "puddle on roof" in text:
            assert priority(report) == 4, text
    assert levels[2] < levels[3] < len(asking) / 2 < levels[4] + levels[3]


def test_hears_how_deep_the_water_in_jakarta_is(shared_data: Path) -> None:
    found = reports(shared_data / "petabencana_jakarta_2017", "reports_*.geojson", "petabencana")
    depths = [(r.fields["depth_cm"], priority(r)) for r in found if "depth_cm" in r.fields]
    assert len(depths) == 230
    assert all(level <= 2 for depth, level in depths if depth >= 100)
    assert any(depth >= 100 for depth, _ in depths)
    shallow = [level for depth, level in depths if depth < 100]
    assert Counter(shallow)[3] > 0.9 * len(shallow)
