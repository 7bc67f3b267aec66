"""submit: a report comes in, is checked, kept for good, and answered with its tracking code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec

from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.people.identity import new_id, tracking_code
from crisismap.core.people.marks import network_mark, sender_mark
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Extent
from crisismap.core.report.report import MAX_SHORT, Arrival, Draft, accept
from crisismap.services.intake.sender import sender_of
from crisismap.services.runtime.context import Context
from crisismap.store.reports import NewReport, Receipt


@dataclass(frozen=True, slots=True)
class Way:
    """How reports come in: the channel, who sends them, and what a mapping file or a form adds."""

    channel: str
    person: Person = STRANGER
    source: str | None = None
    lang: str | None = None
    asks: bool | None = None
    extent: Extent | None = None  # in place of the situation's
    forgiving: bool = False
    device: str = ""  # what tells one browser from another; kept as a keyed fingerprint only
    address: str = ""  # where it comes from; kept as keyed fingerprints of its network only


class Accepted(msgspec.Struct, frozen=True):
    """What the sender is told."""

    id: str
    tracking_code: str
    revision: int
    repeated: bool


def prepare(context: Context, draft: Draft, way: Way) -> NewReport:
    """Check a draft and make the report to be kept. Raises Invalid or TooLarge."""
    _check_storable(draft)
    now_ms = context.clock()
    network = network_mark(context.mark_key, way.address, now_ms)
    arrival = Arrival(
        id=new_id(now_ms, os.urandom(10)),
        now_ms=now_ms,
        channel=way.channel,
        hash_key=context.hash_key,
        source=storable(way.source or way.person.id) or None,
        lang=way.lang,
        asks=way.asks,
        forgiving=way.forgiving,
        sender=sender_mark(context.mark_key, draft.contact, way.device, network),
        network=network,
    )
    report = accept(
        draft,
        arrival,
        categories=context.rules.categories,
        cries=context.rules.cries,
        extent=way.extent or context.situation.extent,
    )
    sender = sender_of(context.hash_key, draft.contact, way.device, way.address)
    return NewReport(report, way.person.id, draft.contact, sender=sender)


def storable(text: str) -> str:
    """The text without NUL, which not every database can keep; it is shown as the replacement character."""
    return text.replace("\x00", "\ufffd")


def _check_storable(draft: Draft) -> None:
    # PostgreSQL's text cannot hold a NUL. In a key it may not be replaced either: the key would be another one.
    consent = draft.consent.version if draft.consent is not None else None
    for name, value in (("client_id", draft.client_id), ("consent.version", consent)):
        if value is not None and ("\x00" in value or len(value) > MAX_SHORT):
            raise Invalid(name, value, "too_long_or_nul", most=MAX_SHORT)


def keep(context: Context, news: Sequence[NewReport]) -> Future[list[Receipt | CrisismapError]]:
    """Write prepared reports; the future resolves when they are on disk."""
    return context.store.submit(news)


async def kept(context: Context, news: Sequence[NewReport]) -> list[Receipt | CrisismapError]:
    """The same for a coroutine."""
    return await context.store.submitted(news)


def submit(context: Context, draft: Draft, way: Way) -> Accepted:
    """One report, from draft to disk; waits. Raises Invalid, TooLarge, KeyReused, Unavailable."""
    outcome = keep(context, [prepare(context, draft, way)]).result()[0]
    if isinstance(outcome, CrisismapError):
        raise outcome
    return accepted(context, outcome)


def accepted(context: Context, receipt: Receipt) -> Accepted:
    """A receipt as the sender is told it, with the code that follows from the id."""
    return Accepted(receipt.id, tracking_code(context.code_key, receipt.id), receipt.revision, receipt.repeated)


def with_key(draft: Draft, header: str | None) -> Draft:
    """The draft with the Idempotency-Key header as its client_id; both must agree when both are there."""
    if header is None or header == draft.client_id:
        return draft
    if draft.client_id is not None:
        raise Invalid("client_id", draft.client_id, "keys_differ")
    return msgspec.structs.replace(draft, client_id=header)
