"""The incident as it is known now: as the operator's settings say, else as an admin wrote it on the Admin page."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from crisismap.core.incident import UNNAMED, Incident
from crisismap.core.ports import Store
from crisismap.settings import Settings

KEY = "incident"  # of the fact about the deployment
VARIABLES = {
    "name": "CRISISMAP_INCIDENT_NAME",
    "emergency_number": "CRISISMAP_EMERGENCY_NUMBER",
    "place": "CRISISMAP_DEFAULT_PLACE",
}


class CurrentIncident:
    """Read from the store again when `revision` has moved, so that every page may ask for it."""

    def __init__(self, settings: Settings, store: Store, revision: Callable[[], int]) -> None:
        self._store, self._revision = store, revision
        given = (settings.incident_name, settings.emergency_number, settings.default_place)
        self.fixed = {member: value for member, value in zip(VARIABLES, given, strict=True) if value}
        self._known = (revision(), self._read())

    def __call__(self) -> Incident:
        """Return what is known; what a setting fixes goes before what was written."""
        revision = self._revision()
        if revision != self._known[0]:
            self._known = (revision, self._read())
        return self._known[1]

    @property
    def title(self) -> str:
        """The name, for a heading; never empty."""
        return self().name or UNNAMED

    def written(self) -> Incident:
        """Return what was written on the page, whatever the settings say."""
        kept = self._store.upkeep.fact(KEY)
        return msgspec.json.decode(kept, type=Incident) if kept else Incident()

    def _read(self) -> Incident:
        return msgspec.structs.replace(self.written(), **self.fixed)
