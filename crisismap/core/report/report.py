"""Reports: what a person sends (`Draft`), and what is stored of it (`Report`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from crisismap.core.errors import Invalid, TooLarge, WrongState
from crisismap.core.moment import MINUTE_MS
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import Detection, Need
from crisismap.core.need.stored import decode_heard, encode_heard
from crisismap.core.place.place import UNBELIEVABLE, Placement
from crisismap.core.report.moderation import CLEARED, WITHHELD, Moderation
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing
from crisismap.core.text.storable import check_length, check_no_nul, storable

MAX_TEXT = 20_000  # characters
MAX_SHORT = 500  # characters of a name, a place text, a key
MAX_FIELDS = 60
MAX_PEOPLE = 1_000_000
ANCIENT_MS = 946_684_800_000  # 2000-01-01: an earlier time comes from a clock that was never set
WRONG_TIME = frozenset({"time_future", "time_ancient"})
ERASED = "erased"  # flag: all personal data was removed
AGED = "aged"  # flag: the text was removed at the end of its retention
VALUE_UNREAD = "value_unread"  # flag: a value of place, time, people or a field was not understood, and kept as text
AS_WRITTEN = "as_written"  # a member of `fields`: these values as they were written, "lat: N/A; people: about 6"
COARSE = "coarse"  # flag: the cell replaced the exact point at the end of its retention
ASKS_MEANS = "whether somebody needs help now, as the sender answered; left out: unknown, category and words decide"
FUTURE_MS = 10 * MINUTE_MS  # a time further in the future is flagged


class NothingSaid(Invalid):
    """A report without text, fields and place. The forms have a message of their own for it."""

    def __init__(self) -> None:
        super().__init__("text", None, "nothing_said")


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Contact details of a person; stored separately and encrypted."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None

    def empty(self) -> bool:
        """Return whether nothing was given."""
        return not (self.phone or self.email or self.name)


class Consent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the person agreed to; absent means no."""

    publish: bool = False
    contact: bool = False
    version: str | None = None


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A report as sent: the body of POST /api/v1/reports, a form, a row of a file."""

    category: str
    text: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    place: str | None = None
    observed_at: str | None = None
    people: int | None = None
    fields: dict[str, Any] | None = None
    contact: Contact | None = None
    consent: Consent | None = None
    client_id: str | None = None
    asks: Annotated[bool | None, msgspec.Meta(description=ASKS_MEANS)] = None


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The reporter's correction; members left out are unchanged."""

    text: str | msgspec.UnsetType = msgspec.UNSET
    place: str | msgspec.UnsetType = msgspec.UNSET
    people: int | None | msgspec.UnsetType = msgspec.UNSET
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET
    consent: Consent | msgspec.UnsetType = msgspec.UNSET

    def names(self) -> list[str]:
        """Return the names of the members that it changes."""
        return [name for name in self.__struct_fields__ if getattr(self, name) is not msgspec.UNSET]


class Report(msgspec.Struct, frozen=True):
    """What one person reported, where and when; never overwritten, only followed by events. Times in ms UTC."""

    id: str
    category: str
    text: str
    lang: str | None
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    place_text: str  # the place as text, as given
    observed_at: int
    received_at: int
    people: int | None
    fields: dict[str, Any]
    consent: Consent
    flags: tuple[str, ...]
    need: Need  # the current one: triage changes it
    channel: str
    source: str | None  # who sent it on somebody's behalf: a person's id, a file name
    client_id: str | None
    payload_hash: bytes
    sender: str | None = None  # keyed marks of sender and network; see core/people/fingerprint.py
    network: str | None = None
    asked: bool | None = None  # whether somebody needs help, as the sender answered
    heard: str = ""  # what the rules heard in the text; see core/need/stored.py


class Addition(msgspec.Struct, frozen=True):
    """Text that the requester added later."""

    at_ms: int
    text: str


class CurrentReport(msgspec.Struct, frozen=True):
    """A report in its current state: its content, and what has happened to it since."""

    seq: int  # the store's row, in order of arrival
    report: Report
    version: int  # counts its changes from 1; compared with If-Match
    updated_revision: int
    request: Request | None = None
    places: tuple[Placement, ...] = ()  # set afterwards, in their order; also those that do not count
    standing: Standing = Standing()
    additions: tuple[Addition, ...] = ()
    quarantined: bool = False  # because of its source: the public does not see it singly
    moderation: Moderation = Moderation()
    photos: int = 0  # number of photos, of all uses

    @property
    def asks(self) -> bool:
        """Return whether it has a request: from the start, or since something was added or decided."""
        return self.request is not None

    @property
    def need(self) -> Need:
        """Return the current need."""
        if self.request is not None:
            return self.request.need
        return Need.INFORMATION if self.report.need.is_request else self.report.need

    @property
    def concerns_home(self) -> bool:
        """Return whether its place is probably where people live: a request, or an offer of help."""
        return self.request is not None or self.report.need is Need.OFFER

    @property
    def is_vouched(self) -> bool:
        """Return whether a person answers for its facts: one verified it, or sent or imported it signed in."""
        return self.standing.verdict == "verified" or self.report.source is not None

    @property
    def is_decided(self) -> bool:
        """Return whether a person has decided about the current text."""
        return self.moderation.is_of(self.report.text, asks=self.concerns_home)

    @property
    def is_cleared(self) -> bool:
        """Return whether a person approved the current text; a changed text needs another decision."""
        return self.moderation.decision == CLEARED and self.is_decided

    @property
    def is_withheld(self) -> bool:
        """Return whether a person keeps the text private, until that is withdrawn."""
        return self.moderation.decision == WITHHELD

    def full_text(self) -> str:
        """Return the whole text: the report's own, and what was added to it."""
        return "\n\n".join(part for part in (self.report.text, *(each.text for each in self.additions)) if part)

    def heard(self, detector: NeedDetector) -> Detection:
        """Return what the rules hear in the whole text: as stored at its arrival, if that is still right."""
        stored = None if self.additions else decode_heard(self.report.heard, detector.fingerprint)
        return detector.detect(self.full_text()) if stored is None else stored

    @property
    def placement(self) -> Placement | None:
        """Return the place that a person set, if one counts."""
        if not self.places:  # the most common case
            return None
        return next((each for each in reversed(self.places) if each.counts), None)

    def sent_place(self) -> Placement | None:
        """Return the place that was sent with the report, if it is plausible."""
        report = self.report
        if report.lon is None or report.lat is None or UNBELIEVABLE.intersection(report.flags):
            return None
        return Placement(report.lon, report.lat, report.accuracy_m, "", at_ms=report.received_at)

    def place(self) -> Placement | None:
        """Return the place to draw: the one that a person set, else the one sent."""
        return self.placement or self.sent_place()

    def point(self) -> tuple[float, float] | None:
        """Return longitude and latitude of the place to draw."""
        place = self.place()
        return (place.lon, place.lat) if place is not None else None


def require_request(now: CurrentReport) -> Request:
    """Return the request of a report. Raises WrongState for a report that is information only."""
    if now.request is None:
        raise WrongState("not_a_request", state=None)
    return now.request


def require_content(text: str | None, fields: Mapping[str, Any] | None, lon: float | None, place: str | None) -> None:
    """Raise NothingSaid when there is neither text nor fields nor a place."""
    if lon is None and not (text or fields or place):
        raise NothingSaid


def correct_report(report: Report, correction: Correction, detector: NeedDetector) -> Report:
    """Return the report as corrected by its reporter. Raises Invalid or TooLarge as for a new one."""
    consent = correction.consent if isinstance(correction.consent, Consent) else report.consent
    draft = Draft(
        category=report.category,
        text=correction.text if isinstance(correction.text, str) else report.text,
        place=correction.place if isinstance(correction.place, str) else report.place_text,
        people=report.people if isinstance(correction.people, msgspec.UnsetType) else correction.people,
        contact=correction.contact if isinstance(correction.contact, Contact) else None,
        consent=consent,
    )
    check_sizes(draft)
    check_length("place", draft.place or "", MAX_SHORT)
    if draft.people is not None and not 0 <= draft.people <= MAX_PEOPLE:
        raise Invalid("people", draft.people, "out_of_range", least=0, most=MAX_PEOPLE)
    text = clean(draft.text)
    return msgspec.structs.replace(
        report,
        text=text,
        place_text=clean(draft.place),
        people=draft.people,
        consent=consent,
        heard=encode_heard(detector.detect(text), detector.fingerprint),
    )


def check_sizes(draft: Draft) -> None:
    """Raise TooLarge or Invalid for a text, key or field that is too long or empty."""
    if draft.text is not None and len(draft.text) > MAX_TEXT:
        raise TooLarge("text_too_long", most=MAX_TEXT, count=len(draft.text), field="text")
    texts = {"client_id": draft.client_id}
    if draft.consent is not None:
        texts["consent.version"] = draft.consent.version
    for name, value in texts.items():
        check_no_nul(name, value or "")
    if draft.contact is not None:
        texts |= {f"contact.{name}": value for name, value in msgspec.structs.asdict(draft.contact).items()}
    for name, value in texts.items():
        check_length(name, value or "", MAX_SHORT)
    if draft.client_id is not None and not draft.client_id.strip():
        raise Invalid("client_id", draft.client_id, "empty")
    if draft.fields:
        _check_fields(draft.fields)


def _check_fields(fields: Mapping[str, Any]) -> None:
    if len(fields) - (AS_WRITTEN in fields) > MAX_FIELDS:
        raise Invalid("fields", f"{len(fields)} members", "too_many", most=MAX_FIELDS)
    for name, value in fields.items():
        if len(name) > MAX_SHORT:
            raise Invalid(f"fields.{name}", value, "too_long", most=MAX_SHORT)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TooLarge("text_too_long", most=MAX_TEXT, count=len(value), field=f"fields.{name}")


def read_addition(text: str) -> str:
    """Return a text to be added to a report, validated. Raises Invalid or TooLarge."""
    if len(text) > MAX_TEXT:
        raise TooLarge("text_too_long", most=MAX_TEXT, count=len(text), field="note")
    addition = clean(text)
    if not addition:
        raise Invalid("note", text, "nothing_to_add")
    return addition


def clean(text: str | None) -> str:
    """Return the text as it is stored, "" for none."""
    return storable(text or "").strip()
