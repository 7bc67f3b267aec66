"""Reports as they are kept, made by hand for the tests of core."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core.category import Category
from crisismap.core.need.need import Need
from crisismap.core.place.place import Placement
from crisismap.core.report.accept import Arrival, accept
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import Consent, CurrentReport, Report
from crisismap.core.report.request import Request
from crisismap.rule_files import read_rule_files

NOW = 1_449_037_800_000
MINUTE = 60_000
RULES = read_rule_files()
CATEGORIES: dict[str, Category] = RULES.categories
CHENNAI = (80.0, 12.9, 80.4, 13.3)
ARRIVAL = Arrival("01512345-0000-8000-8000-000000000001", NOW, "api", b"k")


def taken(
    body: dict[str, Any], *, extent: tuple[float, float, float, float] | None = CHENNAI, **arrival: Any
) -> Report:
    """The report that a body becomes."""
    return accept(
        draft_from(body),
        msgspec.structs.replace(ARRIVAL, **arrival),
        categories=CATEGORIES,
        detector=RULES.detector,
        extent=extent,
    )


def current(body: dict[str, Any], placement: Placement | None = None, **arrival: Any) -> CurrentReport:
    """The report of a body as it stands, open when it asks."""
    report = taken(body, **arrival)
    request = Request(in_doubt=report.need is Need.MAY) if report.need.is_request else None
    return CurrentReport(1, report, 1, 1, request, (placement,) if placement else ())


PUBLISH = {"publish": True}
assert Consent(publish=True) == draft_from({"category": "other", "consent": PUBLISH}).consent
