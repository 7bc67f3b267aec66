"""People: who makes a request, what their roles permit, and what one shift notes for the next."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.people.permission import ROLES

PROGRAM = "a program"  # the name of a token that has neither a name nor an organisation
_UNNAMED = frozenset({PROGRAM, *(f"{role} token" for role in ROLES)})  # as older versions named it


@dataclass(frozen=True, slots=True)
class Person:
    """The holder of an account or a token, or an anonymous person."""

    id: str
    name: str
    org: str = ""
    roles: frozenset[str] = frozenset()
    scope: frozenset[str] | None = None  # restricts a token to some of the verbs

    @property
    def verbs(self) -> frozenset[str]:
        """Return everything the roles permit (within the scope, if there is one), and what anybody may do."""
        permitted = frozenset[str]().union(*(ROLES[r] for r in self.roles))
        return ROLES["public"] | (permitted if self.scope is None else permitted & self.scope)

    def may(self, verb: str) -> bool:
        """Return whether one of the roles has the verb."""
        return verb in self.verbs

    def label(self) -> str:
        """Return the name that others see beside a claim or answer; a program without one has its organisation's."""
        name = PROGRAM if self.name in _UNNAMED else self.name
        if not self.org or name == self.org:
            return name
        return self.org if name == PROGRAM else f"{name} ({self.org})"


STRANGER = Person("", "", "", frozenset())


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """A stored note from one shift to the next. `by` is a person's id, `summary` JSON."""

    id: int
    at_ms: int
    by: str
    note: str
    summary: str
