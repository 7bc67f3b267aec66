"""channel_totals: every channel with what came by it, for those who may read sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.channels import CHANNELS
from crisismap.core.channel import Message
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.own_channels import API
from crisismap.core.report.read_draft import draft_from
from crisismap.services.operations.quarantine import ChannelTotal, channel_totals
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import opened


def test_totals_every_channel_and_those_that_are_gone(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        nothing = [(each.name, each.reports, each.newest_ms) for each in channel_totals(context.views.situation, ADMIN)]
        assert nothing == [(name, 0, None) for name in CHANNELS]
        for channel, minutes in ((API, 5), (API, 1), ("telegraph", 0)):
            draft = draft_from({"category": "rescue", "text": "on the roof"})
            sent = Message(draft, channel, received_at=clock.ms - 60_000 * minutes)
            assert context.views.situation.wait(context.intake.receive(sent).revision)
        found = {each.name: each for each in channel_totals(context.views.situation, ADMIN)}
        assert found[API] == ChannelTotal(API, "another system", 2, clock.ms - 60_000)
        assert found["telegraph"] == ChannelTotal("telegraph", "telegraph", 1, clock.ms)
        assert found["web"].reports == 0


def test_is_for_those_who_may_read_sources(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        for person in (STRANGER, VOLUNTEER, RESPONDER, AGENCY):
            with pytest.raises((Forbidden, NotSignedIn)):
                channel_totals(context.views.situation, person)
