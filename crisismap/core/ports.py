"""The store as services and jobs see it: one protocol per noun. Only `bootstrap` names the class behind them.

Writes return futures, resolved when the write is on disk (synced), with what they raise; `Done` carries the revision
that shows it. Reads answer at once. Rows are the store's numbers of reports, in order of arrival; times are ms UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from crisismap.core.change_set import ChangeSet
from crisismap.core.clock import Jump
from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError
from crisismap.core.event import Chain, Event, EventDraft, EventSearch
from crisismap.core.layer.alert import Alert, AlertMessage, Key
from crisismap.core.layer.layer import LayerVersion, VersionHead
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth
from crisismap.core.people.account import Account, Credential, CredentialKind
from crisismap.core.people.handover import HandoverNote
from crisismap.core.people.person import Person
from crisismap.core.report.change import Change, Rectification
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.photo import Photo, PhotoBytes
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.retention import Term
from crisismap.core.report.verification import Sender

Cell = tuple[float, float, float]  # lon, lat, radius in m
Cutoffs = tuple[int, int]  # as `Term.cutoffs` returns them: closed before, came in before


class Reports(Protocol):
    """Reports: what was said, by whom it was sent, and its taking out."""

    def submit(self, news: Sequence[NewReport]) -> Future[list[Acknowledgement | CrisismapError]]:
        """Keep new reports; for each, in order, its acknowledgement, or why that one is not kept."""

    async def submitted(self, news: Sequence[NewReport]) -> list[Acknowledgement | CrisismapError]:
        """Do the same for a coroutine, cheaper when many wait."""

    def one(self, report_id: str) -> CurrentReport:
        """Return one report with its current state. Raises NotFound."""

    def some(self, rows: Iterable[int]) -> list[CurrentReport]:
        """Return some reports by their rows, in order of arrival."""

    def contact(self, report_id: str) -> Contact:
        """Return the contact details for the reporter; staff use `requests.read_contact`. Raises NotFound."""

    def senders(self, rows: Sequence[int]) -> dict[int, Sender]:
        """Return the fingerprints of who sent some reports, by row; unknown ones are left out."""

    def sent_by(self, contact: bytes, limit: int) -> list[int]:
        """Return rows of the reports whose sender's contact has this fingerprint, the newest first."""

    def rectify(self, report_id: str, decide: Callable[[CurrentReport], Rectification]) -> Future[Done[None]]:
        """Write what the sender says is right; what it said before is not kept. Raises NotFound."""

    def erase(self, report_id: str, event: EventDraft) -> Future[Done[bool]]:
        """Take out everything that tells of the person; False (and no event) when that was done before."""

    def past_retention(self, kind: str, term: Term, now_ms: int) -> list[int]:
        """Return rows of the reports that still have data of a class (contact, words, place) past its term."""

    def apply_retention(
        self,
        kind: str,
        rows: Sequence[int],
        event: Callable[[CurrentReport], EventDraft],
        cell: Callable[[CurrentReport], Cell | None],
        cutoffs: Cutoffs | None = None,
    ) -> Future[Done[int]]:
        """Take one class of data out of some reports; `cell` replaces a point. Returns of how many it was taken.

        `rows` were found earlier: with `cutoffs`, a report that was opened again since then keeps what it has.
        """

    def quarantined(self) -> dict[str, int]:
        """Return the sources of reports that are quarantined, each with the time it was."""

    def quarantine(self, source: str, event: EventDraft, *, lift: bool = False) -> Future[Done[None]]:
        """Quarantine a source of reports, or lift that. Raises WrongState."""


class Requests(Protocol):
    """Requests for help: their changes, who asks for the same, and the claims."""

    def change(
        self, report_id: str, version: int | None, decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[None]]:
        """Change one report if it is still at `version`; `decide` is asked inside the transaction.

        Raises NotFound, Stale, or what `decide` raises; then nothing is changed.
        """

    def change_many(
        self, rows: Sequence[int], decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[list[CrisismapError]]]:
        """Change the requests of some hundred reports in one transaction, and nothing else of them.

        None gets another version, because what the clock alone does contradicts nobody who has seen it before.
        What `decide` raises leaves that one as it is, and is returned. Raises Stale, with all as they were, when
        somebody else changed one at that moment.
        """

    def join(
        self, report_id: str, version: int | None, to: str, decide: Callable[[CurrentReport, CurrentReport], Change]
    ) -> Future[Done[None]]:
        """Change one report, knowing a second: the head of all that `to` was joined to.

        Raises NotFound, Stale, WrongState for a report that would be joined to itself.
        """

    def head(self, report_id: str) -> CurrentReport:
        """Return the report at the head of those this one is joined with; itself if with none. Raises NotFound."""

    def joined(self, row: int) -> list[CurrentReport]:
        """Return the reports that were joined to this one."""

    def read_contact(self, report_id: str, decide: Callable[[CurrentReport], EventDraft]) -> Future[Done[Contact]]:
        """Decrypt the contact details if `decide` allows it; the look is an event in the same transaction."""

    def move_claims(self, by_ms: int, event: EventDraft, jumps: Sequence[Jump]) -> Future[Done[None]]:
        """Move the ends of all running claims, and keep the jumps of the clock that made it necessary."""


class Photos(Protocol):
    """Photos of reports."""

    def add(
        self, photo: Photo, picture: PhotoBytes, decide: Callable[[CurrentReport], EventDraft]
    ) -> Future[Done[None]]:
        """Keep a photo of a report if `decide` allows it. Raises NotFound; TooLarge when the report is full."""

    def of_report(self, row: int) -> list[Photo]:
        """Return the photos of a report, oldest first, without their bytes."""

    def one(self, photo_id: str) -> Photo:
        """Return one photo without its bytes. Raises NotFound."""

    def jpeg(self, photo_id: str, *, thumb: bool) -> bytes:
        """Return a photo, or its thumbnail, as JPEG. Raises NotFound."""


class Layers(Protocol):
    """Official layers: their versions, the sources they are fetched from, and the warnings that came."""

    def put(self, version: LayerVersion, event: EventDraft) -> Future[Done[LayerVersion]]:
        """Keep the next version of a layer; returns it with its number."""

    def withdraw(self, layer_id: str, event: EventDraft) -> Future[Done[None]]:
        """Take a layer back and remove its source; its versions stay. Raises NotFound."""

    def prune(self, layer_id: str, keep: int) -> Future[Done[None]]:
        """Delete all but the newest versions of a layer."""

    def versions(self, layer_id: str, most: int | None = None) -> list[VersionHead]:
        """Return the kept versions, newest first, also of a withdrawn layer; at most so many."""

    def version(self, layer_id: str, version: int) -> LayerVersion:
        """Return one kept version, whole. Raises NotFound."""

    def sources(self) -> list[FollowedSource]:
        """Return the sources of layers that are fetched, with their health."""

    def put_source(self, source: LayerSource, health: SourceHealth, event: EventDraft) -> Future[Done[None]]:
        """Fetch a layer from a source from now on, in place of the one it had."""

    def remove_source(self, layer_id: str, event: EventDraft) -> Future[Done[bool]]:
        """Fetch it no longer; the layer stays as it is. False (and no event) when it had no source."""

    def set_health(self, layer_id: str, health: SourceHealth, check: SourceCheck | None) -> Future[Done[None]]:
        """Keep how fetching went, with a line in the fetch log when there is one."""

    def fetch_log(self, layer_id: str) -> list[SourceCheck]:
        """Return the fetch log of a source, newest first."""

    def put_alerts(
        self, layer_id: str, messages: Sequence[AlertMessage], forget: Sequence[Key] = ()
    ) -> Future[Done[None]]:
        """Keep the warnings that came, and delete those that no longer matter."""

    def alerts(self, layer_id: str) -> list[Alert]:
        """Return all warnings that came from a source."""

    def alert_origins(self, layer_id: str) -> set[str]:
        """Return the URLs they came from, so that none is fetched twice."""


class People(Protocol):
    """People, their accounts, and their credentials: tokens, sessions, invitations, recovery codes."""

    def add(self, person: Person, event: EventDraft, kind: CredentialKind, expires_ms: int | None) -> Future[Done[str]]:
        """Keep a new person and issue one credential; returns its secret, which is kept nowhere."""

    def holder(self, kind: CredentialKind, secret: str, now_ms: int) -> Person:
        """Return who holds a token, session or invitation. Raises NotSignedIn."""

    def accounts(self) -> list[Account]:
        """Return everybody's account, by name."""

    def account(self, person_id: str) -> Account:
        """Return one person's account. Raises NotFound."""

    def account_of_login(self, login: str) -> Account | None:
        """Return the account that signs in under a name, as `login_of` writes it."""

    def change_account(
        self, person_id: str, event: EventDraft, values: dict[str, Any], *, keep: str | None = None
    ) -> Future[Done[None]]:
        """Write columns of an account; `keep`: all sessions but this one end. Raises NotFound, Invalid."""

    def credentials(self, now_ms: int, person_id: str | None = None) -> list[Credential]:
        """Return the credentials that are still good, newest first; of one person or of all."""

    def old_credentials(self, before_ms: int, *, remove: bool) -> int:
        """Count the credentials that ran out or were used before a moment; delete them when `remove`."""

    def revoke(self, credential_id: str, event: EventDraft, *, of: str | None = None) -> Future[Done[CredentialKind]]:
        """End a session, token or invitation at once; `of`: only when this person holds it. Raises NotFound."""

    def invite_first(self, person: Person, event: EventDraft, until_ms: int) -> Future[Done[str | None]]:
        """Make the first invitation of an empty deployment; None when there are people or it was made before."""

    def invite_again(self, person_id: str, event: EventDraft, until_ms: int) -> Future[Done[str]]:
        """Make a new invitation for somebody who has an account. Raises NotFound."""

    def accept_invitation(
        self, secret: str, now_ms: int, session_until_ms: int, login: str | None = None, password: str | None = None
    ) -> Future[Done[tuple[Person, str]]]:
        """Turn an invitation into a session, once; returns the person and the session's secret. Raises NotSignedIn.

        With a password the account begins anew, without second factor.
        """

    def begin_session(
        self, person: Person, event: EventDraft, until_ms: int, step: int | None = None
    ) -> Future[Done[str]]:
        """Begin a session of somebody who proved who they are; a code's `step` works only once. Raises Invalid."""

    def begin_session_by_recovery(
        self, person: Person, event: EventDraft, until_ms: int, mark: bytes
    ) -> Future[Done[str]]:
        """Begin a session for one recovery code, by its mark, which is used up. Raises Invalid."""

    def begin_session_by_subject(
        self, subject: str, person: Person, event: EventDraft, until_ms: int
    ) -> Future[Done[tuple[Person, str]]]:
        """Begin a session of whom an organisation knows as `subject`: added the first time, with today's roles."""

    def end_session(self, secret: str, person: Person, now_ms: int) -> Future[Done[None]]:
        """End a session."""

    def recovery_codes_left(self, person_id: str) -> int:
        """Return how many recovery codes somebody has left."""

    def put_recovery_codes(self, person_id: str, marks: Sequence[bytes], event: EventDraft) -> Future[Done[None]]:
        """Replace the recovery codes, by their marks. Raises Invalid without a second factor."""


class Events(Protocol):
    """The event log: who did what when. Its length is the revision."""

    def record(self, event: EventDraft) -> Future[Done[None]]:
        """Write an event that changes nothing else."""

    def revision(self) -> int:
        """Return the number of the newest event."""

    def newest_ms(self) -> int:
        """Return when the newest event happened; 0 when there is none."""

    def of_report(self, row: int) -> list[Event]:
        """Return what happened to one report, oldest first."""

    def first_answers(self, rows: Sequence[int]) -> dict[int, int]:
        """Return when each of some reports was first answered; the request itself keeps the newest answer only."""

    def about_reports(self, known: int, verbs: Collection[str]) -> tuple[int, list[tuple[int, int, str, int, str]]]:
        """Return the revision that was read to, and the events of some verbs about reports after `known`.

        Each event is its revision, the report's row, verb, time, and facts as JSON.
        """

    def search(self, search: EventSearch, limit: int) -> list[Event]:
        """Return the newest events that match."""

    def search_all(self, search: EventSearch) -> Iterator[list[Event]]:
        """Return all events that match, part by part, newest first."""

    def verify(self, known: tuple[int, str] | None = None) -> Chain:
        """Check the whole chain of events; `known`: a revision and its hash as they were kept elsewhere."""

    def everything(self) -> Iterator[ChangeSet]:
        """Return the whole store as of one revision: the layers first, then the reports part by part."""

    def changes(self, known: int) -> ChangeSet:
        """Return what changed after revision `known`, as of one moment."""

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with each new revision, after it is on disk, from the writer's thread."""


class Dispatch(Protocol):
    """What dispatchers keep for their own work: saved views, abilities, shift handovers, alarms heard."""

    def views(self, person_id: str) -> dict[str, str]:
        """Return a person's saved views by name."""

    def put_view(self, person_id: str, name: str, query: str | None, event: EventDraft) -> Future[Done[None]]:
        """Keep a view under a name, in place of an older one; None deletes it."""

    def abilities(self) -> dict[str, frozenset[str]]:
        """Return what everybody can do, by person's id; people without any are left out."""

    def put_abilities(self, person_id: str, abilities: Collection[str], event: EventDraft) -> Future[Done[None]]:
        """Replace what a person can do."""

    def handovers(self, limit: int) -> list[HandoverNote]:
        """Return the newest handover notes, newest first."""

    def add_handover(self, note: str, summary: str, event: EventDraft) -> Future[Done[None]]:
        """Keep a handover note; its writer has read it."""

    def handovers_read(self, person_id: str) -> set[int]:
        """Return the numbers of the handover notes that a person has read."""

    def mark_handover_read(self, handover_id: int, event: EventDraft) -> Future[Done[None]]:
        """Keep that a person has read a handover note."""

    def alarms_heard(self, person_id: str, first: int = 0) -> set[int]:
        """Return rows of the reports, from `first` on, whose alarm a person has heard."""

    def mark_alarms_heard(self, rows: Iterable[int], event: EventDraft) -> Future[Done[None]]:
        """Keep that a person has heard the alarm of some reports."""


class Upkeep(Protocol):
    """The database itself: facts about the deployment, its health, and cutting what was deleted."""

    unscrubbed: bool  # whether something deleted may still lie in the files

    def fact(self, key: str) -> str | None:
        """Return a fact about the deployment, None when there is none."""

    def set_fact(self, key: str, value: str, event: EventDraft | None = None) -> Future[Done[None]]:
        """Write a fact about the deployment, and who changed it, if a person did."""

    def clock_jumps(self) -> list[Jump]:
        """Return the jumps of the clock that are kept, oldest first."""

    def check(self) -> None:
        """Raise Unavailable unless the database answers and the last write worked."""

    def newest(self) -> int | None:
        """Return the number of the newest event; None when the database does not answer."""

    @property
    def writes_ok(self) -> bool:
        """Whether the last write worked and none hangs."""

    @property
    def waiting(self) -> int:
        """How many reports and changes wait for the writer."""

    def scrub(self) -> Future[bool]:
        """Cut what was deleted out of the database's files; False when readers are in the way: try again."""


@dataclass(frozen=True, slots=True)
class DatabaseContent:
    """What a copy of a database holds, as a manifest says it."""

    chain: Chain
    reports: int
    schema: str


class Store(Protocol):
    """One deployment's store, by noun."""

    reports: Reports
    requests: Requests
    photos: Photos
    layers: Layers
    people: People
    events: Events
    dispatch: Dispatch
    upkeep: Upkeep
