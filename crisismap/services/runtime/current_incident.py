"""The current incident: the operator's settings, or else the values an admin entered on the Admin page."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from crisismap.core.incident import UNNAMED, Incident
from crisismap.core.ports import Store
from crisismap.settings import Settings

KEY = "incident"  # name under which the store keeps it
VARIABLES = {
    "name": "CRISISMAP_INCIDENT_NAME",
    "emergency_number": "CRISISMAP_EMERGENCY_NUMBER",
    "place": "CRISISMAP_DEFAULT_PLACE",
    "time_zone": "CRISISMAP_TIME_ZONE",
}


class CurrentIncident:
    """The incident, read again from the store only when the revision changes, so that every page may call it."""

    def __init__(self, settings: Settings, store: Store, revision: Callable[[], int]) -> None:
        self._store, self._revision = store, revision
        values = (settings.incident_name, settings.emergency_number, settings.default_place, settings.time_zone)
        self.fixed = {member: value for member, value in zip(VARIABLES, values, strict=True) if value}
        self._cached = (revision(), self._read())

    def __call__(self) -> Incident:
        """Return the incident. Settings take precedence over stored values."""
        revision = self._revision()
        if revision != self._cached[0]:
            self._cached = (revision, self._read())
        return self._cached[1]

    @property
    def title(self) -> str:
        """Return the name for a heading; never empty."""
        return self().name or UNNAMED

    def stored(self) -> Incident:
        """Return the values entered on the Admin page, ignoring settings."""
        encoded = self._store.upkeep.fact(KEY)
        return msgspec.json.decode(encoded, type=Incident) if encoded else Incident()

    def _read(self) -> Incident:
        return msgspec.structs.replace(self.stored(), **self.fixed)
