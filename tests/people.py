"""The people of the tests, so that each use case can ask what every one of them gets, the stranger too."""

from __future__ import annotations

from crisismap.core.people.person import STRANGER, Person

VOLUNTEER = Person("p-volunteer", "Vani", "", frozenset({"volunteer"}))
RESPONDER = Person("p-responder", "Ravi", "Boat Team 4", frozenset({"responder"}))
AGENCY = Person("p-agency", "Asha", "City Relief Office", frozenset({"agency"}))
ADMIN = Person("p-admin", "Daya", "City Relief Office", frozenset({"admin"}))

# The four that every use case is asked about; the admin is for what only an admin does.
EVERYBODY = (VOLUNTEER, RESPONDER, AGENCY, STRANGER)

__all__ = ["ADMIN", "AGENCY", "EVERYBODY", "RESPONDER", "STRANGER", "VOLUNTEER"]
