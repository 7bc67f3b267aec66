"""People: who is asking, and what their roles allow."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.people.permission import ROLES


@dataclass(frozen=True, slots=True)
class Person:
    """An account, a token's holder, or nobody in particular."""

    id: str
    name: str
    org: str = ""
    roles: frozenset[str] = frozenset()
    scope: frozenset[str] | None = None  # a token may be good for some of the verbs only

    @property
    def verbs(self) -> frozenset[str]:
        """Everything the roles allow (within the scope, if there is one), and what anybody may do."""
        held = frozenset[str]().union(*(ROLES[r] for r in self.roles))
        return ROLES["public"] | (held if self.scope is None else held & self.scope)

    def may(self, verb: str) -> bool:
        """Whether one of the roles has the verb."""
        return verb in self.verbs

    def shown(self) -> str:
        """How others see who has claimed or answered."""
        return f"{self.name} ({self.org})" if self.org else self.name


STRANGER = Person("", "", "", frozenset())
