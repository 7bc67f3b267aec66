"""Checking messages and turning them into reports to store, many at once."""

from __future__ import annotations

import os
from collections.abc import Sequence

from crisismap.core.channel import Message
from crisismap.core.errors import CrisismapError
from crisismap.core.people.fingerprint import network_mark, sender_mark, sender_of
from crisismap.core.people.identity import ID_RANDOM, new_id
from crisismap.core.place.place import Extent
from crisismap.core.report.accept import Arrival, Checked, check, complete
from crisismap.core.report.new_report import NewReport
from crisismap.core.report.report import Report
from crisismap.core.text.storable import storable
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.keys import Keys


def prepare_all(
    messages: Sequence[Message], *, keys: Keys, rules: RuleFiles, extent: Extent | None, now_ms: int
) -> list[NewReport | CrisismapError]:
    """Check messages and return for each, in order, the report to store or why it is refused."""
    random = os.urandom(ID_RANDOM * len(messages))
    found: list[Checked | CrisismapError] = []
    for number, message in enumerate(messages):
        arrival = _arrival(message, keys, now_ms, random[ID_RANDOM * number : ID_RANDOM * (number + 1)])
        try:
            found.append(check(message.draft, arrival, categories=rules.categories, extent=message.extent or extent))
        except CrisismapError as refusal:
            found.append(refusal)
    reports = iter(complete([each for each in found if isinstance(each, Checked)], rules.detector))
    return [
        _new_report(message, next(reports), keys) if isinstance(each, Checked) else each
        for message, each in zip(messages, found, strict=True)
    ]


def _arrival(message: Message, keys: Keys, now_ms: int, random: bytes) -> Arrival:
    now_ms = now_ms if message.received_at is None else message.received_at
    network = network_mark(keys.sender_mark, message.address, now_ms)
    return Arrival(
        id=new_id(now_ms, random),
        now_ms=now_ms,
        channel=message.channel,
        hash_key=keys.payload_hash,
        source=storable(message.source or message.person.id) or None,
        lang=message.lang,
        asks=message.asks,
        sender=sender_mark(keys.sender_mark, message.draft.contact, message.device or message.reply_to, network),
        network=network,
    )


def _new_report(message: Message, report: Report, keys: Keys) -> NewReport:
    contact, device = message.draft.contact, message.device or message.reply_to
    sender = sender_of(keys.payload_hash, contact, device, message.address)
    return NewReport(report, message.person.id, contact, sender=sender)
