"""What the operator set goes before what an admin wrote; a new word is known when the revision moves."""

from __future__ import annotations

import msgspec
import pytest

from crisismap.core.incident import UNNAMED, Incident
from crisismap.services.runtime.context import Context
from crisismap.services.runtime.current_incident import KEY, CurrentIncident
from crisismap.settings import read_settings

FLOOD = Incident("Flood of December", "112", (80.1, 12.9, 80.4, 13.2))


class Counter:
    """The revision of a situation."""

    now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def revision() -> Counter:
    return Counter()


def write(context: Context, incident: Incident) -> None:
    context.store.upkeep.set_fact(KEY, msgspec.json.encode(incident).decode()).result()


def test_has_a_neutral_title_until_somebody_writes_one(context: Context, revision: Counter) -> None:
    known = CurrentIncident(context.settings, context.store, revision)
    assert (known(), known.title) == (Incident(), UNNAMED)


def test_reads_the_store_again_when_the_revision_has_moved(context: Context, revision: Counter) -> None:
    known = CurrentIncident(context.settings, context.store, revision)
    write(context, FLOOD)
    assert known() == Incident(), "nothing has moved: it is not read for every page"
    revision.now += 1
    assert (known(), known.title) == (FLOOD, "Flood of December")


def test_lets_the_settings_go_first(context: Context, revision: Counter) -> None:
    write(context, FLOOD)
    settings = read_settings({"CRISISMAP_INCIDENT_NAME": "Cyclone", "CRISISMAP_DATA_DIR": "unused"})
    known = CurrentIncident(settings, context.store, revision)
    assert known() == Incident("Cyclone", FLOOD.emergency_number, FLOOD.place)
    assert known.fixed == {"name": "Cyclone"}
    assert known.stored() == FLOOD
