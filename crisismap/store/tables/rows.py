"""Conversion between table rows and core values."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import asdict, astuple

from crisismap.core.need.need import Need
from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Consent, Report
from crisismap.core.report.request import Answer, Overruling, Request, State
from crisismap.core.report.verification import Standing

_NOTHING = (None, None, None)


def report_row(report: Report) -> dict[str, Any]:
    """Return the row of a new report."""
    row = asdict(report)
    consent = row.pop("consent")
    row |= {
        "id": id_bytes(report.id),
        "version": 1,
        "words": row.pop("place_text"),
        "fields": msgspec.json.encode(report.fields).decode() if report.fields else "{}",
        "publish": consent.publish,
        "may_contact": consent.contact,
        "consent_version": consent.version,
        "flags": " ".join(report.flags),
        "need": str(report.need),
    }
    return row


def report_of(row: Any) -> Report:
    """Return the report of a row."""
    return Report(
        id=id_text(bytes(row.id)),
        category=row.category,
        text=row.text,
        lang=row.lang,
        lon=row.lon,
        lat=row.lat,
        accuracy_m=row.accuracy_m,
        place_text=row.words,
        observed_at=row.observed_at,
        received_at=row.received_at,
        people=row.people,
        fields=msgspec.json.decode(row.fields) if row.fields != "{}" else {},
        consent=Consent(row.publish, row.may_contact, row.consent_version),
        flags=tuple(row.flags.split()),
        need=Need(row.need),
        channel=row.channel,
        source=row.source,
        client_id=row.client_id,
        payload_hash=bytes(row.payload_hash),
        sender=row.sender,
        network=row.network,
        asked=row.asked,
        heard=row.heard,
    )


def request_row(seq: int, request: Request) -> dict[str, Any]:
    """Return the complete row of a request."""
    row = asdict(request)
    answer, overruling = row.pop("answer"), row.pop("overruling")
    row["report_seq"], row["state"] = seq, str(request.state)
    row["answered_by"], row["answered_at"], row["answer_note"] = astuple(answer) if answer else _NOTHING
    row["set_priority"], row["set_by"], row["set_reason"] = astuple(overruling) if overruling else _NOTHING
    return row


def request_of(row: Any) -> Request:
    """Return the request of a row."""
    return Request(
        state=State(row.state),
        claimed_by=row.claimed_by,
        claim_until=row.claim_until,
        reopened=row.reopened,
        answer=Answer(row.answered_by, row.answered_at, row.answer_note) if row.answered_at is not None else None,
        confirmed_at=row.confirmed_at,
        due_from=row.due_from,
        escalated=row.escalated,
        overruling=Overruling(row.set_priority, row.set_by, row.set_reason) if row.set_priority is not None else None,
        aged=row.aged,
        why=row.why,
        joined_to=row.joined_to,
        asking=row.asking,
        in_doubt=row.in_doubt,
    )


def standing_of(row: Any) -> Standing:
    """Return the verification state of a row."""
    return Standing(row.verdict, row.by, row.reason, row.reporters, row.reconfirmed_at, row.reconfirmed)


def moderation_of(row: Any) -> Moderation:
    """Return the moderation decision of a row."""
    return Moderation(row.decision, row.by, row.reason, row.at_ms, bytes(row.of))
