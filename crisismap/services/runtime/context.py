"""The context of one open deployment, and the check of permissions."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.clock import Clock
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.rule_files import RuleFiles
from crisismap.services.intake.receive import Intake
from crisismap.services.runtime.guards import Guards
from crisismap.services.runtime.keys import Keys
from crisismap.services.runtime.views import Views
from crisismap.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """One open deployment. Pages, routes and jobs hold it; the functions they call take only the members they use.

    `clock` returns ms UTC.
    """

    settings: Settings
    rules: RuleFiles
    store: Store
    intake: Intake
    views: Views
    keys: Keys
    guards: Guards
    clock: Clock


COMMAND_LINE = Person("command-line", "command line", "", frozenset({"admin"}))


def require(person: Person, verb: str) -> None:
    """Check a permission. Raises NotSignedIn for a stranger, Forbidden for a person without the verb."""
    if person.may(verb):
        return
    if person == STRANGER:
        raise NotSignedIn("not_signed_in")
    raise Forbidden("verb_not_allowed", verb=verb)


def audience_of(person: Person) -> Audience:
    """Return the audience whose columns the person may read."""
    return Audience.AGENCY if person.may("situation.read_exact") else Audience.PUBLIC
