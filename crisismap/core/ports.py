"""The store as services and jobs see it: one protocol per noun. Only `bootstrap` names the class that implements them.

Writes return futures, resolved with the result or the error when the write is on disk (synced); `Done` has the revision
that shows it. Reads return at once. Rows are the store's numbers of reports, in order of arrival; times are ms UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from crisismap.core.change_set import Resumable
from crisismap.core.clock import Jump
from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError
from crisismap.core.event import Chain, Event, EventDraft, EventSearch
from crisismap.core.layer.alert import Alert, AlertMessage, Key
from crisismap.core.layer.layer import LayerVersion, VersionHead
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth
from crisismap.core.people.account import Account, Credential, CredentialKind
from crisismap.core.people.person import HandoverNote, Person
from crisismap.core.report.change import Change, Rectification
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.photo import Photo, PhotoBytes
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.retention import Term
from crisismap.core.report.verification import Sender

Cell = tuple[float, float, float]  # lon, lat, radius in m
Cutoffs = tuple[int, int]  # as `Term.cutoffs` returns them: closed before, received before


class Reports(Protocol):
    """Reports: content, senders, and the removal of both."""

    def submit(self, news: Sequence[NewReport]) -> Future[list[Acknowledgement | CrisismapError]]:
        """Store new reports; for each, in order, return its acknowledgement or the error that kept it out."""

    async def submit_async(self, news: Sequence[NewReport]) -> list[Acknowledgement | CrisismapError]:
        """Store new reports from a coroutine, which is cheaper than futures when many wait."""

    def one(self, report_id: str) -> CurrentReport:
        """Return one report with its current state. Raises NotFound."""

    def some(self, rows: Iterable[int]) -> list[CurrentReport]:
        """Return some reports by their rows, in order of arrival."""

    def by_client_ids(self, client_ids: Sequence[str]) -> list[CurrentReport]:
        """Return the reports with these client ids, in order of arrival; unknown ones are left out."""

    def contact(self, report_id: str) -> Contact:
        """Return the contact details for the reporter; staff use `requests.read_contact`. Raises NotFound."""

    def senders(self, rows: Sequence[int]) -> dict[int, Sender]:
        """Return the sender fingerprints of some reports, by row; unknown ones are left out."""

    def sent_by(self, contact: bytes, limit: int) -> list[int]:
        """Return rows of the reports whose sender's contact has this fingerprint, newest first."""

    def rectify(self, report_id: str, decide: Callable[[CurrentReport], Rectification]) -> Future[Done[None]]:
        """Write other content of a report, such as a correction. Raises NotFound, or what `decide` raises."""

    def erase(self, report_id: str, event: EventDraft) -> Future[Done[bool]]:
        """Remove all personal data; False (and no event) when that was done before."""

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
        """Remove one class of data from some reports; `cell` replaces a point. Return the number of reports changed.

        `rows` were found earlier: with `cutoffs`, a report that was reopened since then keeps its data.
        """

    def quarantined(self) -> dict[str, int]:
        """Return the quarantined sources of reports, each with the time of quarantine."""

    def quarantine(self, source: str, event: EventDraft, *, lift: bool = False) -> Future[Done[None]]:
        """Quarantine a source of reports, or lift the quarantine. Raises WrongState."""


class Requests(Protocol):
    """Requests for help: changes, joined requests, and claims."""

    def change(
        self, report_id: str, version: int | None, decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[str]]:
        """Change one report if it is still at `version`, and return the verb of the event.

        `decide` is called inside the transaction.

        Raises NotFound, Stale, or what `decide` raises; then nothing is changed.
        """

    def change_many(
        self, rows: Sequence[int], decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[list[CrisismapError]]]:
        """Change the requests of some hundred reports in one transaction, and nothing else of them.

        Their versions stay, because changes by time alone do not conflict with an edit based on the earlier state.
        A report for which `decide` raises is unchanged, and the error is returned. Raises Stale, with all unchanged,
        when another transaction changed one of them meanwhile.
        """

    def join(
        self, report_id: str, version: int | None, to: str, decide: Callable[[CurrentReport, CurrentReport], Change]
    ) -> Future[Done[str]]:
        """Change one report together with a second: the head of all that `to` was joined to.

        Raises NotFound, Stale, WrongState for a report that would be joined to itself.
        """

    def head(self, report_id: str) -> CurrentReport:
        """Return the head of the joined reports that this one belongs to; itself if not joined. Raises NotFound."""

    def joined(self, row: int) -> list[CurrentReport]:
        """Return the reports that were joined to this one."""

    def read_contact(self, report_id: str, decide: Callable[[CurrentReport], EventDraft]) -> Future[Done[Contact]]:
        """Decrypt the contact details if `decide` permits it; the access is an event in the same transaction."""

    def move_claims(self, by_ms: int, event: EventDraft, jumps: Sequence[Jump]) -> Future[Done[None]]:
        """Move the ends of all running claims, and store the clock jumps that caused it."""


class Photos(Protocol):
    """Photos of reports."""

    def add(
        self, photo: Photo, picture: PhotoBytes, decide: Callable[[CurrentReport], EventDraft]
    ) -> Future[Done[None]]:
        """Store a photo of a report if `decide` permits it. Raises NotFound; TooLarge when the report is full."""

    def of_report(self, row: int) -> list[Photo]:
        """Return the photos of a report, oldest first, without their bytes."""

    def one(self, photo_id: str) -> Photo:
        """Return one photo without its bytes. Raises NotFound."""

    def jpeg(self, photo_id: str, *, thumb: bool) -> bytes:
        """Return a photo, or its thumbnail, as JPEG. Raises NotFound."""


class Layers(Protocol):
    """Official layers: their versions, sources, and warnings."""

    def put(self, version: LayerVersion, event: EventDraft) -> Future[Done[LayerVersion]]:
        """Store the next version of a layer; return it with its number."""

    def withdraw(self, layer_id: str, event: EventDraft) -> Future[Done[None]]:
        """Withdraw a layer and remove its source; its versions stay. Raises NotFound."""

    def prune(self, layer_id: str, keep: int) -> Future[Done[None]]:
        """Delete all but the newest versions of a layer."""

    def versions(self, layer_id: str, most: int | None = None) -> list[VersionHead]:
        """Return the stored versions, newest first, also of a withdrawn layer; at most `most`."""

    def version(self, layer_id: str, version: int) -> LayerVersion:
        """Return one stored version with its features. Raises NotFound."""

    def original(self, layer_id: str, original_id: str) -> bytes:
        """Return an original message, byte by byte, that everybody who sees the layer may have. Raises NotFound."""

    def sources(self) -> list[FollowedSource]:
        """Return the sources of all fetched layers, with their health."""

    def put_source(self, source: LayerSource, health: SourceHealth, event: EventDraft) -> Future[Done[None]]:
        """Fetch a layer from this source from now on, replacing any earlier one."""

    def remove_source(self, layer_id: str, event: EventDraft) -> Future[Done[bool]]:
        """Stop fetching a layer; the layer itself stays. False (and no event) when it had no source."""

    def set_health(self, layer_id: str, health: SourceHealth, check: SourceCheck | None) -> Future[Done[None]]:
        """Store the health of a source, with an entry in the fetch log when there is one."""

    def fetch_log(self, layer_id: str) -> list[SourceCheck]:
        """Return the fetch log of a source, newest first."""

    def put_alerts(
        self, layer_id: str, messages: Sequence[AlertMessage], forget: Sequence[Key] = ()
    ) -> Future[Done[None]]:
        """Store received warnings, and delete those in `forget`."""

    def alerts(self, layer_id: str) -> list[Alert]:
        """Return all warnings received from a source."""

    def alert_origins(self, layer_id: str) -> set[str]:
        """Return the URLs of the received warnings, so that none is fetched twice."""


class People(Protocol):
    """People, their accounts, and their credentials: tokens, sessions, invitations, recovery codes."""

    def add(self, person: Person, event: EventDraft, kind: CredentialKind, expires_ms: int | None) -> Future[Done[str]]:
        """Store a new person and issue one credential; return its secret, which is not stored."""

    def holder(self, kind: CredentialKind, secret: str, now_ms: int) -> Person:
        """Return the holder of a token, session or invitation. Raises NotSignedIn."""

    def accounts(self) -> list[Account]:
        """Return all accounts, by name."""

    def account(self, person_id: str) -> Account:
        """Return one person's account. Raises NotFound."""

    def account_of_login(self, login: str) -> Account | None:
        """Return the account with a login name, normalised by `login_of`; None for none."""

    def change_account(
        self, person_id: str, event: EventDraft, values: dict[str, Any], *, keep: str | None = None
    ) -> Future[Done[None]]:
        """Write columns of an account; `keep`: the only session that does not end. Raises NotFound, Invalid."""

    def credentials(self, now_ms: int, person_id: str | None = None) -> list[Credential]:
        """Return the valid credentials, newest first; of one person or of all."""

    def old_credentials(self, before_ms: int, *, remove: bool) -> int:
        """Count the credentials that expired or were used before a moment; delete them when `remove`."""

    def revoke(self, credential_id: str, event: EventDraft, *, of: str | None = None) -> Future[Done[CredentialKind]]:
        """Revoke a session, token or invitation at once; `of`: only when this person holds it. Raises NotFound."""

    def invite_first(self, person: Person, event: EventDraft, until_ms: int) -> Future[Done[str | None]]:
        """Issue the first invitation of an empty deployment; None when there are people or it was issued before."""

    def invite_again(self, person_id: str, event: EventDraft, until_ms: int) -> Future[Done[str]]:
        """Issue a new invitation for an existing account. Raises NotFound."""

    def accept_invitation(
        self, secret: str, now_ms: int, session_until_ms: int, login: str | None = None, password: str | None = None
    ) -> Future[Done[tuple[Person, str]]]:
        """Turn an invitation into a session, once; return the person and the session's secret. Raises NotSignedIn.

        With a password the account is reset, without second factor.
        """

    def begin_session(
        self, person: Person, event: EventDraft, until_ms: int, step: int | None = None
    ) -> Future[Done[str]]:
        """Begin a session of an authenticated person; the time step of a code is accepted only once. Raises Invalid."""

    def begin_session_by_recovery(
        self, person: Person, event: EventDraft, until_ms: int, mark: bytes
    ) -> Future[Done[str]]:
        """Begin a session with a recovery code, given by its mark, which is used up. Raises Invalid."""

    def begin_session_by_subject(
        self, subject: str, person: Person, event: EventDraft, until_ms: int
    ) -> Future[Done[tuple[Person, str]]]:
        """Begin a session for an OpenID Connect `subject`: created the first time, with the current roles each time."""

    def end_session(self, secret: str, person: Person, now_ms: int) -> Future[Done[None]]:
        """End a session."""

    def recovery_codes_left(self, person_id: str) -> int:
        """Return the number of unused recovery codes of a person."""

    def put_recovery_codes(self, person_id: str, marks: Sequence[bytes], event: EventDraft) -> Future[Done[None]]:
        """Replace the recovery codes, given by their marks. Raises Invalid without a second factor."""


class Events(Resumable, Protocol):
    """The event log: who did what when. Its length is the revision."""

    def record(self, event: EventDraft) -> Future[Done[None]]:
        """Write an event that belongs to no other change."""

    def revision(self) -> int:
        """Return the number of the newest event."""

    def newest_ms(self) -> int:
        """Return when the newest event happened; 0 when there is none."""

    def of_report(self, row: int) -> list[Event]:
        """Return the events of one report, oldest first."""

    def first_answers(self, rows: Sequence[int]) -> dict[int, int]:
        """Return when each of some reports was first answered; the request itself keeps only the newest answer."""

    def about_reports(self, after: int, verbs: Collection[str]) -> tuple[int, list[tuple[int, int, str, int, str]]]:
        """Return the revision read up to, and the events of some verbs about reports after `after`.

        Each event is its revision, the report's row, verb, time, and facts as JSON.
        """

    def search(self, search: EventSearch, limit: int) -> list[Event]:
        """Return the newest events that match."""

    def search_all(self, search: EventSearch) -> Iterator[list[Event]]:
        """Yield all events that match in batches, newest first."""

    def verify(self, anchor: tuple[int, str] | None = None) -> Chain:
        """Verify the whole chain of events; `anchor`: a revision and its hash that were stored elsewhere."""


class Dispatch(Protocol):
    """Data of dispatchers' own work: saved views, abilities, shift handovers, acknowledged alarms."""

    def views(self, person_id: str) -> dict[str, str]:
        """Return a person's saved views by name."""

    def put_view(self, person_id: str, name: str, query: str | None, event: EventDraft) -> Future[Done[None]]:
        """Save a view under a name, replacing an older one; None deletes it."""

    def abilities(self) -> dict[str, frozenset[str]]:
        """Return the abilities of all people by id; people without any are left out."""

    def put_abilities(self, person_id: str, abilities: Collection[str], event: EventDraft) -> Future[Done[None]]:
        """Replace the abilities of a person."""

    def handovers(self, limit: int) -> list[HandoverNote]:
        """Return the newest handover notes, newest first."""

    def add_handover(self, note: str, summary: str, event: EventDraft) -> Future[Done[None]]:
        """Store a handover note, marked as read by its author."""

    def handovers_read(self, person_id: str) -> set[int]:
        """Return the numbers of the handover notes that a person has read."""

    def mark_handover_read(self, handover_id: int, event: EventDraft) -> Future[Done[None]]:
        """Mark a handover note as read by a person."""

    def alarms_heard(self, person_id: str, first: int = 0) -> set[int]:
        """Return rows of the reports, from `first` on, whose alarm a person has acknowledged."""

    def mark_alarms_heard(self, rows: Iterable[int], event: EventDraft) -> Future[Done[None]]:
        """Mark the alarms of some reports as acknowledged by a person."""


class Upkeep(Protocol):
    """The database itself: facts about the deployment, health, and scrubbing of deleted data."""

    unscrubbed: bool  # whether deleted data may still be in the files

    def fact(self, key: str) -> str | None:
        """Return a fact about the deployment; None when it is not set."""

    def set_fact(self, key: str, value: str, event: EventDraft | None = None) -> Future[Done[None]]:
        """Write a fact about the deployment, with an event when a person changed it."""

    def clock_jumps(self) -> list[Jump]:
        """Return the stored clock jumps, oldest first."""

    def check(self) -> None:
        """Raise Unavailable unless the database answers and the last write succeeded."""

    def newest(self) -> int | None:
        """Return the number of the newest event; None when the database does not answer."""

    @property
    def writes_ok(self) -> bool:
        """Return whether the last write succeeded and none is stuck."""

    @property
    def waiting(self) -> int:
        """Return the number of reports and changes in the writer's queue."""

    def scrub(self) -> Future[bool]:
        """Overwrite deleted data in the database's files; False when readers block it: try again."""


@dataclass(frozen=True, slots=True)
class DatabaseContent:
    """The content of a database copy, as its manifest describes it."""

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
