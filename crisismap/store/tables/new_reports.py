"""SQL of new reports: many written by few statements, and repeats told by their key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crisismap.core.errors import CrisismapError, Gone, KeyReused
from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.people.identity import id_text
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import CurrentReport, Report
from crisismap.core.report.request import Request
from crisismap.store import event_log, schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.engine import Statement
from crisismap.store.tables import erasure, quarantine
from crisismap.store.tables.rows import REPORT_COLUMNS, REQUEST_COLUMNS, report_values, request_values


class Added(NamedTuple):
    """What became of new reports.

    `outcomes`: for each an acknowledgement (a repeat), an error, or the position of its event. `events` are those of
    the reports that were written, `rows` what was written of each.
    """

    outcomes: list[Acknowledgement | CrisismapError | int]
    events: list[event_log.Draft]
    rows: list[tuple[int, Report, Request | None]]

    def reports(self, first: int, quarantined: frozenset[str]) -> list[CurrentReport]:
        """Return the reports that were written as they will be read; `first` is the revision of the first event."""
        return [
            CurrentReport(
                seq,
                report,
                1,
                revision,
                request,
                quarantined=bool(quarantined) and quarantine.holds(quarantined, report),
            )
            for revision, (seq, report, request) in enumerate(self.rows, first)
        ]


def add(conn: Connection, news: Sequence[NewReport], cipher: ContactCipher) -> Added:
    """Write new reports."""
    erased_keys = erasure.erased_keys(conn, (new.report.client_id for new in news), cipher)
    values = [report_values(new.report) for new in news]
    fresh = [row for row in values if row[_KEY] not in erased_keys] if erased_keys else values
    seqs_by_id = _insert(conn, fresh) if fresh else {}
    added = Added([], [], [])
    related = _RelatedRows()
    repeats = []
    for position, (new, row) in enumerate(zip(news, values, strict=True)):
        report, seq = new.report, seqs_by_id.get(row[_ID])
        if report.client_id in erased_keys:
            added.outcomes.append(Gone("report_erased"))
            continue
        if seq is None:
            repeats.append(position)
            added.outcomes.append(0)
            continue
        added.outcomes.append(len(added.events))
        data = {"category": report.category, "channel": report.channel}
        added.events.append((EventDraft("report.submit", report.id, new.actor, report.received_at, data), seq))
        added.rows.append((seq, report, related.take(seq, new, cipher)))
    related.write(conn)
    if repeats:
        firsts = _first_stored(conn, [news[p].report.client_id for p in repeats], added.events)
        for position in repeats:
            added.outcomes[position] = _repeat(news[position].report, firsts)
    return added


class _RelatedRows:
    """Rows of other tables for new reports, collected so that each table is written once."""

    def __init__(self) -> None:
        self._requests: list[tuple[Any, ...]] = []
        self._contacts: list[tuple[Any, ...]] = []
        self._senders: list[tuple[Any, ...]] = []

    def take(self, seq: int, new: NewReport, cipher: ContactCipher) -> Request | None:
        """Collect the rows of one report; return its request."""
        request = None
        if new.report.need.is_request:
            request = new.request or _REQUESTS[new.report.need is Need.MAY]
            self._requests.append(request_values(seq, request))
        if new.contact is not None and not new.contact.empty():
            self._contacts.append((seq, cipher.encrypt(new.contact, new.report.id)))
        if not new.sender.empty():
            self._senders.append((seq, *msgspec.structs.astuple(new.sender)))
        return request

    def write(self, conn: Connection) -> None:
        """Write all collected rows."""
        tables = ((_ADD_REQUEST, self._requests), (_ADD_CONTACT, self._contacts), (_ADD_SENDER, self._senders))
        for statement, rows in tables:
            if rows:
                statement.many(conn, rows)


_REQUESTS = (Request(), Request(in_doubt=True))
_ID, _KEY = REPORT_COLUMNS.index("id"), REPORT_COLUMNS.index("client_id")
_LAST = Statement(select(func.coalesce(func.max(schema.report.c.seq), literal_column("0"))))
_BEHIND = Statement(
    select(schema.report.c.id, schema.report.c.seq).where(schema.report.c.seq > bindparam("last")), ["last"]
)
_BY_IDS = Statement(
    select(schema.report.c.id, schema.report.c.seq).where(schema.report.c.id == func.any(bindparam("ids"))), ["ids"]
)
_ADD = Statement(
    {
        "sqlite": sqlite_insert(schema.report).on_conflict_do_nothing(index_elements=[schema.report.c.client_id]),
        "postgresql": postgresql_insert(schema.report).on_conflict_do_nothing(
            index_elements=[schema.report.c.client_id]
        ),
    },
    REPORT_COLUMNS,
)
_ADD_REQUEST = Statement(insert(schema.request), REQUEST_COLUMNS)
_ADD_CONTACT = Statement(insert(schema.contact), schema.contact.c.keys())
_ADD_SENDER = Statement(insert(schema.sender), schema.sender.c.keys())


def _insert(conn: Connection, rows: Sequence[tuple[Any, ...]]) -> dict[bytes, int]:
    """Write the rows whose key is new, decided by the database's own constraint. Return the row number by id."""
    if conn.dialect.name == "postgresql":
        _ADD.many(conn, rows)
        found = _BY_IDS.rows(conn, [[row[_ID] for row in rows]])
    else:
        # With one writer and rising numbers, the new rows are those behind the last number. RETURNING would prevent the
        # driver's executemany, which is the fastest.
        last = _LAST.rows(conn)
        _ADD.many(conn, rows)
        found = _BEHIND.rows(conn, last[0])
    return {bytes(raw): seq for raw, seq in found}


def _first_stored(
    conn: Connection, keys: Sequence[str | None], events: Sequence[event_log.Draft]
) -> dict[str, tuple[bytes, bytes, int]]:
    """Return for each key what was first stored under it: payload hash, id, and revision.

    A report of this same transaction has no revision yet: minus its event's position minus 1.
    """
    table, event = schema.report, schema.event
    found: dict[str, tuple[bytes, bytes, int]] = {}
    positions = {seq: position for position, (_, seq) in enumerate(events)}
    for at in range(0, len(keys), 500):
        rows = conn.execute(
            select(
                table.c.seq, table.c.client_id, table.c.payload_hash, table.c.id, func.min(event.c.revision).label("r")
            )
            .select_from(table.outerjoin(event, event.c.report_seq == table.c.seq))
            .where(table.c.client_id.in_(keys[at : at + 500]))
            .group_by(table.c.seq)
        )
        for row in rows:
            revision = row.r if row.r is not None else -1 - positions[row.seq]
            found[row.client_id] = (bytes(row.payload_hash), bytes(row.id), revision)
    return found


def _repeat(report: Report, firsts: dict[str, tuple[bytes, bytes, int]]) -> Acknowledgement | CrisismapError:
    stored_hash, stored_id, revision = firsts[str(report.client_id)]
    if stored_hash != report.payload_hash:
        return KeyReused("key_reused", key=repr(report.client_id), field="client_id")
    return Acknowledgement(id_text(stored_id), revision, repeated=True)
