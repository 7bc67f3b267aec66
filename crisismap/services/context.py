"""What every use case works with: the open store, the situation that follows it, the rules and a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.services.clock_guard import ClockGuard
from crisismap.services.indexes import Indexes
from crisismap.services.limit import Limit
from crisismap.services.past import PastViews
from crisismap.services.pictures import Pictures
from crisismap.services.rates import Rates
from crisismap.settings import RuleFiles, Settings
from crisismap.situation.features import Features
from crisismap.situation.report_tiles import ReportTiles
from crisismap.situation.situation import Situation
from crisismap.situation.word_index import WordIndex
from crisismap.store.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """One open deployment. `clock` gives ms UTC; `admin_token` is this run's own, known to the data folder's owner."""

    settings: Settings
    rules: RuleFiles
    store: Store
    situation: Situation
    features: Features
    tiles: ReportTiles
    word_index: WordIndex
    clock: Callable[[], int]
    clock_guard: ClockGuard
    code_key: bytes
    hash_key: bytes
    admin_token: str
    made_up: bool
    code_tries: Limit
    sign_in_tries: Limit
    rates: Rates
    mark_key: bytes
    pictures: Pictures
    past: PastViews = field(default_factory=PastViews)
    epoch: str = ""  # another after each restore, when revisions count anew from an earlier one
    indexes: Indexes = field(default_factory=Indexes)
    stopping: threading.Event = field(default_factory=threading.Event)  # set when the process is to end


COMMAND_LINE = Person("command-line", "command line", "", frozenset({"admin"}))


def require(person: Person, verb: str) -> None:
    """The one door of authorisation. Raises NotSignedIn for a stranger, Forbidden for a person without the verb."""
    if person.may(verb):
        return
    if person == STRANGER:
        raise NotSignedIn("not_signed_in")
    raise Forbidden("verb_not_allowed", verb=verb)


def audience_of(person: Person) -> Audience:
    """Whose columns a person reads."""
    return Audience.AGENCY if person.may("situation.read_exact") else Audience.PUBLIC
