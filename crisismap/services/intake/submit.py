"""submit: a message is checked and becomes the report that is kept."""

from __future__ import annotations

import os

from crisismap.core.channel import Message
from crisismap.core.errors import Invalid
from crisismap.core.people.identity import new_id
from crisismap.core.people.marks import network_mark, sender_mark
from crisismap.core.report.report import MAX_SHORT, Arrival, Draft, accept
from crisismap.services.intake.sender import sender_of
from crisismap.services.runtime.context import Context
from crisismap.store.reports import NewReport


def prepare(context: Context, message: Message) -> NewReport:
    """Check a message and make the report to be kept. Raises Invalid or TooLarge."""
    draft, device = message.draft, message.device or message.reply_to
    _check_storable(draft)
    now_ms = context.clock() if message.received_at is None else message.received_at
    network = network_mark(context.mark_key, message.address, now_ms)
    arrival = Arrival(
        id=new_id(now_ms, os.urandom(10)),
        now_ms=now_ms,
        channel=message.channel,
        hash_key=context.hash_key,
        source=storable(message.source or message.person.id) or None,
        lang=message.lang,
        asks=message.asks,
        forgiving=message.forgiving,
        sender=sender_mark(context.mark_key, draft.contact, device, network),
        network=network,
    )
    report = accept(
        draft,
        arrival,
        categories=context.rules.categories,
        cries=context.rules.cries,
        extent=message.extent or context.situation.extent,
    )
    sender = sender_of(context.hash_key, draft.contact, device, message.address)
    return NewReport(report, message.person.id, draft.contact, sender=sender)


def storable(text: str) -> str:
    """The text without NUL, which not every database can keep; it is shown as the replacement character."""
    return text.replace("\x00", "\ufffd")


def _check_storable(draft: Draft) -> None:
    # PostgreSQL's text cannot hold a NUL. In a key it may not be replaced either: the key would be another one.
    consent = draft.consent.version if draft.consent is not None else None
    for name, value in (("client_id", draft.client_id), ("consent.version", consent)):
        if value is not None and ("\x00" in value or len(value) > MAX_SHORT):
            raise Invalid(name, value, f"must have at most {MAX_SHORT} characters, and no NUL among them")
