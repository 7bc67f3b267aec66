"""Conversion between table rows and core values."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import astuple

from crisismap.core.need.need import Need
from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Consent, Report
from crisismap.core.report.request import Answer, Overruling, Request, State
from crisismap.core.report.verification import Standing
from crisismap.store import schema

REPORT_COLUMNS = tuple(column.name for column in schema.report.c if column.name != "seq")
REQUEST_COLUMNS = tuple(column.name for column in schema.request.c)
_NOTHING = (None, None, None)


def report_values(report: Report) -> tuple[Any, ...]:
    """Return the row of a new report, in the order of REPORT_COLUMNS."""
    consent = report.consent
    return (
        id_bytes(report.id),
        report.client_id,
        report.payload_hash,
        1,
        report.category,
        report.text,
        report.lang,
        report.lon,
        report.lat,
        report.accuracy_m,
        report.place_text,
        report.observed_at,
        report.received_at,
        report.people,
        msgspec.json.encode(report.fields).decode() if report.fields else "{}",
        consent.publish,
        consent.contact,
        consent.version,
        " ".join(report.flags),
        report.need.value,
        report.asked,
        report.heard,
        report.channel,
        report.source,
        report.sender,
        report.network,
    )


def report_row(report: Report) -> dict[str, Any]:
    """Return the row of a new report by column."""
    return dict(zip(REPORT_COLUMNS, report_values(report), strict=True))


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


def request_values(seq: int, request: Request) -> tuple[Any, ...]:
    """Return the complete row of a request, in the order of REQUEST_COLUMNS."""
    return (
        seq,
        request.state.value,
        request.claimed_by,
        request.claim_until,
        request.reopened,
        *(astuple(request.answer) if request.answer else _NOTHING),
        request.confirmed_at,
        request.due_from,
        request.escalated,
        *(astuple(request.overruling) if request.overruling else _NOTHING),
        request.aged,
        request.why,
        request.joined_to,
        request.asking,
        request.in_doubt,
    )


def request_row(seq: int, request: Request) -> dict[str, Any]:
    """Return the complete row of a request by column."""
    return dict(zip(REQUEST_COLUMNS, request_values(seq, request), strict=True))


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
