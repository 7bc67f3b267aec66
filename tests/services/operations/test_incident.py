"""An admin says what the deployment is about; what the operator set goes first; everybody sees one name."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.event import EventSearch
from crisismap.core.incident import UNNAMED, Incident
from crisismap.services.exports import print_sheet
from crisismap.services.operations import audit
from crisismap.services.operations.incident import box, describe
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, EVERYBODY
from tests.services.deployment import opened

PLACE = (80.1, 12.9, 80.4, 13.2)
FLOOD = Incident("Flood of December", "112", PLACE)


def test_has_a_neutral_name_until_somebody_gives_one(context: Context) -> None:
    assert (context.views.incident(), context.views.incident.title, box(context.views)) == (Incident(), UNNAMED, None)
    assert describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
    assert (context.views.incident(), context.views.incident.title, box(context.views)) == (
        FLOOD,
        "Flood of December",
        PLACE,
    )
    assert (
        print_sheet.make_sheet(context.views, context.rules, context.clock(), None, UTC).incident == "Flood of December"
    )


def test_writes_down_who_changed_what_and_no_more(context: Context) -> None:
    describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
    before = context.store.events.revision()
    assert not describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
    assert context.store.events.revision() == before, "nothing changed"
    describe(context.store, context.views, context.clock(), ADMIN, Incident("Flood of January", "112", PLACE))
    [second, first] = audit.search(context.store, ADMIN, EventSearch(verbs=("incident.describe",)))
    assert (first.actor, first.data) == (ADMIN.id, {"changed": ["name", "emergency_number", "place"]})
    assert second.data == {"changed": ["name"]}
    assert context.store.events.verify().broken_at is None


def test_keeps_it_over_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
    with opened(tmp_path / "data", clock) as context:
        assert context.views.incident() == FLOOD


def test_lets_only_an_admin_do_it(context: Context) -> None:
    for person in (*EVERYBODY, AGENCY):
        with pytest.raises((NotSignedIn, Forbidden)):
            describe(context.store, context.views, context.clock(), person, FLOOD)
    assert context.views.incident() == Incident()


def test_lets_the_operators_settings_go_first(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
    with opened(tmp_path / "data", clock, CRISISMAP_INCIDENT_NAME="As set") as context:
        assert context.views.incident() == Incident("As set", "112", PLACE)
        with pytest.raises(Invalid, match="is set by CRISISMAP_INCIDENT_NAME"):
            describe(context.store, context.views, context.clock(), ADMIN, FLOOD)
        assert describe(context.store, context.views, context.clock(), ADMIN, Incident("As set", "911", PLACE))
    with opened(tmp_path / "data", clock) as context:
        assert context.views.incident() == Incident("Flood of December", "911", PLACE), (
            "what a setting hid is still there"
        )
