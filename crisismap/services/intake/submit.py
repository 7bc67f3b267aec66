"""Checking a message and turning it into a report to store."""

from __future__ import annotations

import os

from crisismap.core.channel import Message
from crisismap.core.people.fingerprint import network_mark, sender_mark, sender_of
from crisismap.core.people.identity import new_id
from crisismap.core.place.place import Extent
from crisismap.core.report.accept import Arrival, accept
from crisismap.core.report.new_report import NewReport
from crisismap.core.text.storable import storable
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.keys import Keys


def prepare(message: Message, *, keys: Keys, rules: RuleFiles, extent: Extent | None, now_ms: int) -> NewReport:
    """Check a message and return the report to store. Raises Invalid or TooLarge."""
    draft, device = message.draft, message.device or message.reply_to
    now_ms = now_ms if message.received_at is None else message.received_at
    network = network_mark(keys.sender_mark, message.address, now_ms)
    arrival = Arrival(
        id=new_id(now_ms, os.urandom(10)),
        now_ms=now_ms,
        channel=message.channel,
        hash_key=keys.payload_hash,
        source=storable(message.source or message.person.id) or None,
        lang=message.lang,
        asks=message.asks,
        sender=sender_mark(keys.sender_mark, draft.contact, device, network),
        network=network,
    )
    report = accept(
        draft, arrival, categories=rules.categories, detector=rules.detector, extent=message.extent or extent
    )
    sender = sender_of(keys.payload_hash, draft.contact, device, message.address)
    return NewReport(report, message.person.id, draft.contact, sender=sender)
