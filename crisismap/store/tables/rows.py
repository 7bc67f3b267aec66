"""Conversion between table rows and core values."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Consent, Report
from crisismap.core.report.request import Answer, Overruling, Request, State
from crisismap.core.report.verification import Standing


def report_row(report: Report) -> dict[str, Any]:
    """Return the row of a new report."""
    return {
        "id": id_bytes(report.id),
        "client_id": report.client_id,
        "payload_hash": report.payload_hash,
        "version": 1,
        "category": report.category,
        "text": report.text,
        "lang": report.lang,
        "lon": report.lon,
        "lat": report.lat,
        "accuracy_m": report.accuracy_m,
        "words": report.place_text,
        "observed_at": report.observed_at,
        "received_at": report.received_at,
        "people": report.people,
        "fields": msgspec.json.encode(report.fields).decode() if report.fields else "{}",
        "publish": report.consent.publish,
        "may_contact": report.consent.contact,
        "consent_version": report.consent.version,
        "flags": " ".join(report.flags),
        "asks": report.asks,
        "channel": report.channel,
        "source": report.source,
        "sender": report.sender,
        "network": report.network,
    }


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
        asks=row.asks,
        channel=row.channel,
        source=row.source,
        client_id=row.client_id,
        payload_hash=bytes(row.payload_hash),
        sender=row.sender,
        network=row.network,
    )


def request_row(seq: int, request: Request) -> dict[str, Any]:
    """Return the complete row of a request."""
    answer, overruling = request.answer, request.overruling
    return {
        "report_seq": seq,
        "state": str(request.state),
        "claimed_by": request.claimed_by,
        "claim_until": request.claim_until,
        "reopened": request.reopened,
        "answered_by": answer.by if answer else None,
        "answered_at": answer.at_ms if answer else None,
        "answer_note": answer.note if answer else None,
        "confirmed_at": request.confirmed_at,
        "due_from": request.due_from,
        "escalated": request.escalated,
        "set_priority": overruling.priority if overruling else None,
        "set_by": overruling.by if overruling else None,
        "set_reason": overruling.reason if overruling else None,
        "aged": request.aged,
        "why": request.why,
        "joined_to": request.joined_to,
        "asking": request.asking,
    }


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
    )


def standing_of(row: Any) -> Standing:
    """Return the verification state of a row."""
    return Standing(row.verdict, row.by, row.reason, row.reporters, row.reconfirmed_at, row.reconfirmed)


def moderation_of(row: Any) -> Moderation:
    """Return the moderation decision of a row."""
    return Moderation(row.decision, row.by, row.reason, row.at_ms, bytes(row.of))
