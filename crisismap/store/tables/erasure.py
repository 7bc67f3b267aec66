"""SQL of erasure: permanent removal of personal data. Everything not listed here as kept is removed.

A column or table that is added later is erased unless it is listed, so that an omission is on the safe side. What
remains is the fact of a report: its id, category, channel and hour, and the event log, which contains no personal data
and whose chain can still be verified.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    Table,
    Text,
    delete,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crisismap.core.moment import HOUR_MS
from crisismap.core.report.report import AGED, COARSE, ERASED, CurrentReport
from crisismap.core.report.request import UNANSWERED, Request, State
from crisismap.store import schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.engine import BUSY_MS, Statement
from crisismap.store.tables import quarantine

SCRUB_WAIT_MS = 250  # longest wait of the writer for readers of old pages; then it tries again later
KEPT_OF_REPORT = frozenset({"seq", "id", "version", "category", "need", "channel"})
KEPT_OF_REQUEST = frozenset(
    {"report_seq", "state", "reopened", "answered_by", "answered_at", "confirmed_at", "escalated", "aged", "asking"}
)
MARKS = ("sender", "network")  # columns of a report; see core/people/fingerprint.py
_TEXT_COLUMNS = frozenset(
    {"text", "words", "fields", "client_id", "payload_hash", "source", "consent_version", "heard"}
)
_NOT_EMPTY = {"fields": "{}"}
_ANY_KEY = Statement(select(literal_column("1")).where(select(schema.erased_key.c.mark).exists()))


def erase(conn: Connection, now: CurrentReport, cipher: ContactCipher) -> Request | None:
    """Remove all personal data; an unanswered request becomes withdrawn. Return the remaining request."""
    hour = now.report.received_at - now.report.received_at % HOUR_MS
    _forget_key(conn, now, cipher)
    values = _blank(schema.report, KEPT_OF_REPORT) | {"flags": ERASED, "received_at": hour, "observed_at": hour}
    _update_report(conn, now, values)
    rest = None
    if now.request is not None:
        waiting = now.request.state in (*UNANSWERED, State.JOINED)
        state = State.WITHDRAWN if waiting else now.request.state
        rest = Request(state=state, asking=now.request.asking)
        blank = _blank(schema.request, KEPT_OF_REQUEST) | _note(now) | {"state": str(state)}
        conn.execute(update(schema.request).where(schema.request.c.report_seq == now.seq).values(blank))
    for table in belonging():
        conn.execute(delete(table).where(table.c.report_seq == now.seq))
    return rest


def age_contact(conn: Connection, now: CurrentReport) -> None:
    """Remove the contact details and their fingerprints; a mark that is quarantined stays while it is."""
    for table in (schema.contact, schema.sender):
        conn.execute(delete(table).where(table.c.report_seq == now.seq))
    quarantined = quarantine.sources(conn)
    blank = {name: None for name in MARKS if getattr(now.report, name) not in quarantined}
    if blank:
        _update_report(conn, now, blank)


def age_text(conn: Connection, now: CurrentReport, cipher: ContactCipher) -> None:
    """Remove the text: of the report, of form fields, of a team's notes, and the photos."""
    _forget_key(conn, now, cipher)
    values = {name: value for name, value in _blank(schema.report, KEPT_OF_REPORT).items() if name in _TEXT_COLUMNS}
    values["flags"] = _with_flag(now, AGED)
    _update_report(conn, now, values)
    for table in (schema.addition, schema.photo, schema.moderation):
        conn.execute(delete(table).where(table.c.report_seq == now.seq))
    conn.execute(update(schema.standing).where(schema.standing.c.report_seq == now.seq).values(reason=""))
    if now.request is not None:
        columns: dict[str, str | None] = {
            "answer_note": None,
            "why": "",
            "set_reason": "" if now.request.overruling is not None else None,
        }
        conn.execute(update(schema.request).where(schema.request.c.report_seq == now.seq).values(columns | _note(now)))


def age_place(conn: Connection, now: CurrentReport, cell: tuple[float, float, float] | None) -> None:
    """Replace the exact point by the cell (lon, lat, radius in m), and remove every other place."""
    lon, lat, radius = cell if cell is not None else (None, None, None)
    coarse = {"lon": lon, "lat": lat, "accuracy_m": radius, "words": "", "flags": _with_flag(now, COARSE)}
    _update_report(conn, now, coarse)
    conn.execute(delete(schema.placement).where(schema.placement.c.report_seq == now.seq))


def belonging() -> list[Table]:
    """Return every table of rows that belong to a report, except the request's state and the log."""
    rest = (schema.report, schema.request, schema.event)
    return [table for table in reversed(schema.metadata.sorted_tables) if table not in rest and "report_seq" in table.c]


def erased_keys(conn: Connection, keys: Iterable[str | None], cipher: ContactCipher) -> set[str]:
    """Return which of these client ids belong to erased reports."""
    table = schema.erased_key
    if not _ANY_KEY.rows(conn):
        return set()
    marks = {cipher.mark(key): key for key in keys if key is not None}
    found: set[str] = set()
    digests = list(marks)
    for at in range(0, len(digests), 500):
        rows = conn.execute(select(table.c.mark).where(table.c.mark.in_(digests[at : at + 500])))
        found |= {marks[bytes(row.mark)] for row in rows}
    return found


def scrub(engine: Engine) -> bool:
    """Remove deleted data from the database's files; return False when readers of old pages block it.

    SQLite overwrites deleted content (`secure_delete`), but old pages stay in the write-ahead log until it is
    truncated. On PostgreSQL a VACUUM frees them; the server decides when they are overwritten.
    """
    with closing(engine.raw_connection()) as raw:
        connection: Any = raw.driver_connection
        if engine.dialect.name == "sqlite":
            connection.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_MS}")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            return not busy
        connection.autocommit = True
        try:
            for table in (schema.report, schema.request, *belonging()):
                connection.execute(f"VACUUM {table.name}")
        finally:
            connection.autocommit = False
        return True


def _update_report(conn: Connection, now: CurrentReport, values: dict[str, Any]) -> None:
    conn.execute(update(schema.report).where(schema.report.c.seq == now.seq).values(values))


def _forget_key(conn: Connection, now: CurrentReport, cipher: ContactCipher) -> None:
    if now.report.client_id is not None:
        add = postgresql_insert if conn.dialect.name == "postgresql" else sqlite_insert
        conn.execute(add(schema.erased_key).values(mark=cipher.mark(now.report.client_id)).on_conflict_do_nothing())


def _blank(table: Table, keep: frozenset[str]) -> dict[str, Any]:
    return {column.name: _empty(column) for column in table.c if column.name not in keep}


def _empty(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, Text):
        return _NOT_EMPTY.get(column.name, "")
    return bytes(16) if isinstance(column.type, LargeBinary) else 0


def _note(now: CurrentReport) -> dict[str, str]:
    # The fact of an answer stays; only its text is removed.
    return {"answer_note": ""} if now.request is not None and now.request.answer is not None else {}


def _with_flag(now: CurrentReport, flag: str) -> str:
    return " ".join(dict.fromkeys((*now.report.flags, flag)))
