"""Updates of the boards: each audience is told of the reports that read differently to it, and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.core.channel import Message
from crisismap.core.layer.layer import Role
from crisismap.core.own_channels import API
from crisismap.core.privacy import Audience
from crisismap.core.report.read_draft import draft_from
from crisismap.jobs.runner import JOBS
from crisismap.services.operations import quarantine
from crisismap.situation.board_update import BoardUpdate
from tests import acts
from tests.api.desk import eventually
from tests.conftest import FakeClock
from tests.people import ADMIN, RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis, ward


class Updates:
    """What the watcher of a situation was told since the last look."""

    def __init__(self, here: Crisis) -> None:
        self.here, self._seen, self._revision = here, list[BoardUpdate](), here.board().revision
        here.context.views.situation.when_moved(self._take)

    def _take(self, update: BoardUpdate) -> None:
        self._seen.append(update)
        self._revision = update.revision

    def changed(self, audience: Audience) -> set[str | None]:
        """The ids of all updates; None where one named none."""
        self._wait()
        found = [update.changed[audience] for update in self._seen]
        return {id_ for ids in found for id_ in ([None] if ids is None else ids)}

    def forget(self) -> None:
        self._wait()
        self._seen.clear()

    def _wait(self) -> None:
        revision = self.here.board().revision
        eventually(lambda: self._revision == revision)


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


@pytest.fixture
def updates(here: Crisis) -> Updates:
    return Updates(here)


def test_names_new_and_changed_reports_to_those_who_see_them(here: Crisis, updates: Updates) -> None:
    shown, hidden = here.post("rescue", **HERE), here.post("medical", **HERE)
    assert updates.changed(Audience.AGENCY) == {shown, hidden}
    assert updates.changed(Audience.PUBLIC) == {shown}
    updates.forget()
    for report_id in (shown, hidden):
        acts.claim(here.context, RESPONDER, report_id, None).result()
    assert updates.changed(Audience.AGENCY) == {shown, hidden}
    assert updates.changed(Audience.PUBLIC) == {shown}


def test_names_nothing_to_the_public_when_a_role_is_called(here: Crisis, updates: Updates) -> None:
    """Also where the public reads the text, which each update writes anew."""
    report_id = here.post("rescue", consent={"publish": True}, **HERE)
    acts.clear(here.context, ADMIN, report_id, None).result()
    assert here.item(report_id, Audience.PUBLIC)["text"]
    updates.forget()
    here.clock.advance(minutes=1500)
    JOBS["escalation"][1](here.context)
    assert updates.changed(Audience.AGENCY) == {report_id}, "the control: something changed"
    assert updates.changed(Audience.PUBLIC) == set()


def test_names_a_report_whose_text_alone_changes(here: Crisis, updates: Updates) -> None:
    report_id = here.post("rescue", consent={"publish": True}, **HERE)
    updates.forget()
    acts.clear(here.context, ADMIN, report_id, None).result()
    assert updates.changed(Audience.PUBLIC) == {report_id}


def test_names_a_report_that_the_public_may_no_longer_see(here: Crisis, updates: Updates) -> None:
    draft = draft_from({"category": "rescue", "text": "as described", **HERE})
    sent = {here.context.intake.receive(Message(draft, API, address="198.51.100.7")).id for _ in range(2)}
    updates.forget()
    source = quarantine.sources(here.context.store, here.context.views.situation, ADMIN)[0]
    quarantine.quarantine(here.context.store, here.clock(), ADMIN, source.name)
    assert updates.changed(Audience.PUBLIC) == sent
    updates.forget()
    acts.claim(here.context, RESPONDER, one := sent.pop(), None).result()
    assert updates.changed(Audience.AGENCY) == {one}
    assert updates.changed(Audience.PUBLIC) == set()


def test_names_none_when_a_layer_changes_rows(here: Crisis, updates: Updates) -> None:
    here.post("rescue", **HERE)
    updates.forget()
    here.put("far", Role.AREA, ward(1, 10.0, 10.0))
    assert updates.changed(Audience.PUBLIC) == set(), "the control: no report is there"
    here.put("wards", Role.AREA, ward(1, HERE["lon"] - 0.05, HERE["lat"] - 0.05))
    assert updates.changed(Audience.PUBLIC) == updates.changed(Audience.AGENCY) == {None}
