"""Reports: what a person sends (`Draft`), and what is kept of it for good (`Report`)."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.errors import Invalid, Malformed, TooLarge, WrongState, unexpected
from crisismap.core.moment import MINUTE_MS
from crisismap.core.place.place import UNBELIEVABLE, Extent, Placement, check_coordinates, place_flags
from crisismap.core.report.moderation import CLEARED, WITHHELD, Moderation
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Standing
from crisismap.core.text.folding import finds, fold
from crisismap.core.text.storable import check_length, check_no_nul, storable

MAX_TEXT = 20_000  # characters
MAX_SHORT = 500  # characters of a name, a place in words, a key
MAX_FIELDS = 60
MAX_ACCURACY_M = 1e7
ANCIENT_MS = 946_684_800_000  # 2000-01-01: earlier is a clock that was never set
WRONG_TIME = frozenset({"time_future", "time_ancient"})
ERASED = "erased"  # flag: everything that told of the person was taken out
AGED = "aged"  # flag: the words were taken out when their time was over
COARSE = "coarse"  # flag: the cell was put in place of the exact point when its time was over
FUTURE_MS = 10 * MINUTE_MS  # a clock may run ahead by this much before it is flagged


class NothingSaid(Invalid):
    """A report without text, fields and place. The forms catch it to say so in their own words."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__("text", text, "nothing_said")


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How to reach the person; kept apart and encrypted."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None

    def empty(self) -> bool:
        """Whether nothing was given."""
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


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the reporter says is right; members left out stay as they are."""

    text: str | msgspec.UnsetType = msgspec.UNSET
    place: str | msgspec.UnsetType = msgspec.UNSET
    people: int | None | msgspec.UnsetType = msgspec.UNSET
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET
    consent: Consent | msgspec.UnsetType = msgspec.UNSET

    def names(self) -> list[str]:
        """What it changes."""
        return [name for name in self.__struct_fields__ if getattr(self, name) is not msgspec.UNSET]


class Report(msgspec.Struct, frozen=True):
    """What one person said, where and when; never overwritten, only followed by events. Times in ms UTC."""

    id: str
    category: str
    text: str
    lang: str | None
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    words: str  # the place in words, as said
    observed_at: int
    received_at: int
    people: int | None
    fields: dict[str, Any]
    consent: Consent
    flags: tuple[str, ...]
    asks: bool
    channel: str
    source: str | None  # who sent it on somebody's behalf: a person's id, a file's name
    client_id: str | None
    payload_hash: bytes
    sender: str | None = None  # keyed marks of who sent it and through which network; see core/marks.py
    network: str | None = None


class Addition(msgspec.Struct, frozen=True):
    """Words that the requester added later."""

    at_ms: int
    text: str


class CurrentReport(msgspec.Struct, frozen=True):
    """A report as it stands now: what was said, and what has happened to it since."""

    seq: int  # the store's row, in order of arrival
    report: Report
    version: int  # counts its changes from 1; what If-Match compares
    updated_revision: int
    request: Request | None = None
    placement: Placement | None = None
    standing: Standing = Standing()
    additions: tuple[Addition, ...] = ()
    quarantined: bool = False  # its source is: the public does not see it singly
    moderation: Moderation = Moderation()

    @property
    def asks(self) -> bool:
        """Whether it asks for help: from the start, or since words of need were added."""
        return self.request is not None

    @property
    def decided(self) -> bool:
        """Whether a person has decided about the words as they are now."""
        return self.moderation.is_of(self.report.text, asks=self.asks)

    @property
    def cleared(self) -> bool:
        """Whether a person lets the words be published; other words than those that were looked at need another."""
        return self.moderation.decision == CLEARED and self.decided

    @property
    def withheld(self) -> bool:
        """Whether a person keeps the words from the public, until somebody takes that back."""
        return self.moderation.decision == WITHHELD

    def said(self) -> str:
        """All that was said: the report's words and what was added to them."""
        return "\n\n".join(part for part in (self.report.text, *(each.text for each in self.additions)) if part)

    def point(self) -> tuple[float, float] | None:
        """The point to draw: the one a person placed, else the one sent if it can be believed."""
        if self.placement is not None:
            return self.placement.lon, self.placement.lat
        report = self.report
        if report.lon is None or report.lat is None or UNBELIEVABLE.intersection(report.flags):
            return None
        return report.lon, report.lat


def require_request(now: CurrentReport) -> Request:
    """Return the request of a report. Raises WrongState for a report that asks for nothing."""
    if now.request is None:
        raise WrongState("not_a_request", state=None)
    return now.request


class Arrival(msgspec.Struct, frozen=True):
    """How a report came in, apart from what it says."""

    id: str
    now_ms: int
    channel: str
    hash_key: bytes
    source: str | None = None
    lang: str | None = None
    asks: bool | None = None  # a mapping file may say; None: category and words decide
    forgiving: bool = False  # forms and messages never refuse for a bad place
    sender: str | None = None
    network: str | None = None


_decoder = msgspec.json.Decoder(Draft)


def read_draft(body: bytes) -> Draft:
    """A draft from JSON. Raises Malformed for broken JSON, Invalid naming the member that does not fit."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as problem:
        raise _named(str(problem), body) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed("not_json", problem=str(problem)) from None


def draft_from(body: Mapping[str, Any]) -> Draft:
    """A draft from a mapping, such as a row of a file. Raises Invalid naming the member that does not fit.

    Raises Malformed for text that is none: half of a surrogate pair, which Python reads but nothing can write.
    """
    try:
        draft = msgspec.convert(dict(body), Draft)
        msgspec.json.encode(draft)
    except msgspec.ValidationError as problem:
        raise _named(str(problem), body) from None
    except UnicodeEncodeError as problem:
        raise Malformed("text_unwritable", problem=problem.reason) from None
    return draft


def _named(message: str, body: object) -> Invalid:
    """Turn the decoder's words ("Expected `int`, got `str` - at `$.people`") into field, value and reason."""
    why, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".").replace("[...]", "")
    code, details = unexpected(why)
    if "unknown field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "unknown_member", {}
    elif "missing required field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "required", {}
    try:
        # Python's own reader takes numbers that are out of range, which may be what is wrong.
        value: Any = json.loads(body) if isinstance(body, bytes) else body
        for part in field.split(".") if field else ():
            value = value.get(part) if isinstance(value, Mapping) else None
    except (ValueError, RecursionError):
        value = None
    return Invalid(field or "body", value, code, **details)


def payload_hash(draft: Draft, key: bytes) -> bytes:
    """A keyed fingerprint of what was said, without its key: tells a true repeat from a reused key."""
    plain = msgspec.structs.replace(draft, client_id=None)
    return hashlib.blake2b(msgspec.json.encode(plain, order="sorted"), key=key, digest_size=16).digest()


def accept(
    draft: Draft,
    arrival: Arrival,
    *,
    categories: Mapping[str, Category],
    cries: re.Pattern[str] | None,
    extent: Extent | None,
) -> Report:
    """Check a draft and make the report that is kept. Raises Invalid or TooLarge; see CONTRACT "Refused"."""
    category = categories.get(draft.category)
    if category is None:
        raise Invalid("category", draft.category, "unknown_value", choices=list(categories))
    _check_sizes(draft)
    flags: list[str] = []
    lon, lat = _coordinates(draft, arrival.forgiving)
    require_content(_clean(draft.text), draft.fields, lon, _clean(draft.place))
    observed_at = _observed_at(draft.observed_at, arrival, flags)
    if lon is not None and lat is not None:
        flags += place_flags(lon, lat, extent)
    text = _clean(draft.text)
    asks = arrival.asks if arrival.asks is not None else category.asks or needs_help(text, cries)
    return Report(
        id=arrival.id,
        category=category.id,
        text=text,
        lang=arrival.lang,
        lon=lon,
        lat=lat,
        accuracy_m=_accuracy(draft.accuracy_m, arrival.forgiving),
        words=_clean(draft.place),
        observed_at=observed_at,
        received_at=arrival.now_ms,
        people=draft.people,
        fields=draft.fields or {},
        consent=draft.consent or Consent(),
        flags=tuple(flags),
        asks=asks,
        channel=arrival.channel,
        source=arrival.source,
        client_id=draft.client_id,
        payload_hash=payload_hash(draft, arrival.hash_key),
        sender=arrival.sender,
        network=arrival.network,
    )


def require_content(text: str | None, fields: Mapping[str, Any] | None, lon: float | None, place: str | None) -> None:
    """Raise NothingSaid when there is neither text nor fields nor a place."""
    if lon is None and not (text or fields or place):
        raise NothingSaid(text or None)


def correct_report(report: Report, correction: Correction) -> Report:
    """The report as its sender corrects it. Raises Invalid or TooLarge as for a new one."""
    consent = correction.consent if isinstance(correction.consent, Consent) else report.consent
    draft = Draft(
        category=report.category,
        text=correction.text if isinstance(correction.text, str) else report.text,
        place=correction.place if isinstance(correction.place, str) else report.words,
        people=report.people if isinstance(correction.people, msgspec.UnsetType) else correction.people,
        contact=correction.contact if isinstance(correction.contact, Contact) else None,
        consent=consent,
    )
    _check_sizes(draft)
    return msgspec.structs.replace(
        report, text=_clean(draft.text), words=_clean(draft.place), people=draft.people, consent=consent
    )


def needs_help(text: str, cries: re.Pattern[str] | None) -> bool:
    """Whether words of need make it a request, whatever its category is: nobody who writes "trapped" is left out."""
    return cries is not None and finds(cries, fold(text))


def _check_sizes(draft: Draft) -> None:
    if draft.text is not None and len(draft.text) > MAX_TEXT:
        raise TooLarge("text_too_long", most=MAX_TEXT, count=len(draft.text), field="text")
    contact, consent = draft.contact or Contact(), draft.consent or Consent()
    for name, value in (("client_id", draft.client_id), ("consent.version", consent.version)):
        check_no_nul(name, value or "")
    for name, value in (
        ("place", draft.place),
        ("client_id", draft.client_id),
        ("consent.version", consent.version),
        ("contact.phone", contact.phone),
        ("contact.email", contact.email),
        ("contact.name", contact.name),
    ):
        check_length(name, value or "", MAX_SHORT)
    if draft.client_id is not None and not draft.client_id.strip():
        raise Invalid("client_id", draft.client_id, "empty")
    if draft.people is not None and not 0 <= draft.people <= 1_000_000:
        raise Invalid("people", draft.people, "out_of_range", least=0, most=1000000)
    _check_fields(draft.fields or {})


def _check_fields(fields: Mapping[str, Any]) -> None:
    if len(fields) > MAX_FIELDS:
        raise Invalid("fields", f"{len(fields)} members", "too_many", most=MAX_FIELDS)
    for name, value in fields.items():
        if len(name) > MAX_SHORT or not (value is None or isinstance(value, str | int | float | bool)):
            raise Invalid(f"fields.{name}", value, "not_a_plain_value")
        if isinstance(value, float) and not math.isfinite(value):
            raise Invalid(f"fields.{name}", value, "not_finite")
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise TooLarge("text_too_long", most=MAX_TEXT, count=len(value), field=f"fields.{name}")


def _coordinates(draft: Draft, forgiving: bool) -> tuple[float | None, float | None]:
    try:
        check_coordinates(draft.lon, draft.lat)
    except Invalid:
        if not forgiving:
            raise
        return None, None
    return draft.lon, draft.lat


def _accuracy(metres: float | None, forgiving: bool) -> float | None:
    if metres is None or (math.isfinite(metres) and 0 <= metres <= MAX_ACCURACY_M):
        return metres
    if forgiving:
        return None
    raise Invalid("accuracy_m", metres, "not_metres", most=f"{MAX_ACCURACY_M:.0f}")


def _observed_at(text: str | None, arrival: Arrival, flags: list[str]) -> int:
    if text is None:
        return arrival.now_ms
    try:
        observed, zoned = moment.parse(text)
    except (ValueError, OverflowError):
        if arrival.forgiving:
            return arrival.now_ms
        raise Invalid("observed_at", text, "not_a_time") from None
    if not zoned:
        flags.append("time_no_zone")
    if observed > arrival.now_ms + FUTURE_MS:
        flags.append("time_future")
    elif observed < ANCIENT_MS:
        flags.append("time_ancient")
    return observed


def read_addition(text: str) -> str:
    """Words to be added to a report, checked. Raises Invalid or TooLarge."""
    if len(text) > MAX_TEXT:
        raise TooLarge("text_too_long", most=MAX_TEXT, count=len(text), field="note")
    cleaned = _clean(text)
    if not cleaned:
        raise Invalid("note", text, "nothing_to_add")
    return cleaned


def _clean(text: str | None) -> str:
    return storable(text or "").strip()
