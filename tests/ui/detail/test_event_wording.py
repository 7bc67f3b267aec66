"""Every event of a timeline has words."""

from __future__ import annotations

from datetime import UTC

import pytest

from crisismap.services.requests.report_detail import TimelineEntry
from crisismap.ui.detail import event_wording


@pytest.mark.parametrize(
    ("verb", "facts", "said"),
    [
        (
            "request.escalate",
            {"step": 1, "to": "agency"},
            "Escalated to agencies: overdue, or a team is unable to help",
        ),
        ("request.age", {"priority": "P2"}, "Priority raised to P2 after a long wait"),
        ("request.asking", {"asking": 4}, "4 joined requests now"),
        ("report.corroborate", {"reporters": 3}, "3 independent people say the same"),
        ("report.verify", {"status": "verified"}, "Verified"),
        ("report.verify", {}, "Report verify"),
        ("report.place", {}, "Location set"),
        ("layer.put", {}, "Layer put"),
    ],
)
def test_has_words_for_every_event(verb: str, facts: dict[str, object], said: str) -> None:
    assert event_wording.event_sentence(TimelineEntry(0, verb, "", facts=facts), UTC) == said
