"""What every use case works with: the open store, the situation that follows it, the rules and a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.rule_files import RuleFiles
from crisismap.services.intake.receive import Intake
from crisismap.services.runtime.caches import Caches
from crisismap.services.runtime.clock_guard import ClockGuard
from crisismap.services.runtime.current_incident import CurrentIncident
from crisismap.services.runtime.derived import DerivedData
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.rates import Rates
from crisismap.services.runtime.time_travel import TimeTravel
from crisismap.services.runtime.turns import Turns
from crisismap.settings import Settings
from crisismap.situation.board.word_index import WordIndex
from crisismap.situation.record.features import Features
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.report_tiles import ReportTiles


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
    code_tries: FailedTries
    sign_in_tries: FailedTries
    rates: Rates
    mark_key: bytes
    pictures: RasterFetcher
    incident: CurrentIncident
    intake: Intake
    past: TimeTravel
    epoch: str = ""  # another after each restore, when revisions count anew from an earlier one
    indexes: DerivedData = field(default_factory=DerivedData)
    caches: Caches = field(default_factory=Caches)
    turns: Turns = field(default_factory=Turns)
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
