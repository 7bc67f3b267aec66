"""SQL of reports: read in their current state, and changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from crisismap.core.errors import NotFound, Stale
from crisismap.core.event import QUIET
from crisismap.core.need.need import Need
from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.place.place import Placement, PlacementStatus
from crisismap.core.report.moderation import Moderation
from crisismap.core.report.report import Addition, Contact, CurrentReport, Report
from crisismap.core.report.request import Request, State
from crisismap.core.report.verification import Sender, Standing
from crisismap.store import schema
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.tables import quarantine
from crisismap.store.tables.rows import (
    moderation_of,
    report_of,
    report_row,
    request_of,
    request_row,
    standing_of,
)

_CONTENT_COLUMNS = (
    *("text", "words", "people", "publish", "may_contact", "consent_version", "heard"),
    *("fields", "flags", "observed_at", "asked", "payload_hash"),
)
CHUNK = 10_000  # reports per batch when all are read


class _ReportQuery:
    """The statements that read reports with all related rows; built once for each kind of condition."""

    def __init__(self, where: ColumnElement[bool]) -> None:
        table, request_table, placement, event = schema.report, schema.request, schema.placement, schema.event
        standing_table, addition, moderation = schema.standing, schema.addition, schema.moderation
        photo = schema.photo.c.report_seq
        seqs = select(table.c.seq).where(where)
        self._reports = select(table).where(where).order_by(table.c.seq)
        self._requests = select(request_table).where(request_table.c.report_seq.in_(seqs))
        self._places = select(placement).where(placement.c.report_seq.in_(seqs)).order_by(placement.c.id)
        self._standings = select(standing_table).where(standing_table.c.report_seq.in_(seqs))
        self._decisions = select(moderation).where(moderation.c.report_seq.in_(seqs))
        self._additions = select(addition).where(addition.c.report_seq.in_(seqs)).order_by(addition.c.id)
        self._photos = select(photo, func.count().label("n")).where(photo.in_(seqs)).group_by(photo)
        self._revisions = (
            select(event.c.report_seq, func.max(event.c.revision).label("revision"))
            .where(event.c.report_seq.in_(seqs), event.c.verb.not_in(QUIET))
            .group_by(event.c.report_seq)
        )

    def read(self, conn: Connection, values: dict[str, Any]) -> list[CurrentReport]:
        """Return the reports in their current state, in order of arrival."""
        requests = {row.report_seq: request_of(row) for row in conn.execute(self._requests, values)}
        places: dict[int, tuple[Placement, ...]] = {}
        for row in conn.execute(self._places, values):
            place = Placement(
                row.lon, row.lat, row.accuracy_m, row.source, row.by, row.at_ms, PlacementStatus(row.status)
            )
            places[row.report_seq] = (*places.get(row.report_seq, ()), place)
        standings = {row.report_seq: standing_of(row) for row in conn.execute(self._standings, values)}
        decisions = {row.report_seq: moderation_of(row) for row in conn.execute(self._decisions, values)}
        additions: dict[int, tuple[Addition, ...]] = {}
        for row in conn.execute(self._additions, values):
            additions[row.report_seq] = (*additions.get(row.report_seq, ()), Addition(row.at_ms, row.text))
        revisions = {row.report_seq: row.revision for row in conn.execute(self._revisions, values)}
        photos = {row.report_seq: row.n for row in conn.execute(self._photos, values)}
        sources = quarantine.sources(conn)
        return [
            CurrentReport(
                seq=row.seq,
                report=report_of(row),
                version=row.version,
                updated_revision=revisions.get(row.seq, 0),  # tampering with the log must not hide a report
                request=requests.get(row.seq),
                places=places.get(row.seq, ()),
                standing=standings.get(row.seq, _UNKNOWN),
                additions=additions.get(row.seq, ()),
                quarantined=bool(sources) and quarantine.holds(sources, row),
                moderation=decisions.get(row.seq, _UNDECIDED),
                photos=photos.get(row.seq, 0),
            )
            for row in conn.execute(self._reports, values)
        ]


_UNKNOWN, _UNDECIDED = Standing(), Moderation()
_RANGE = _ReportQuery(schema.report.c.seq.between(bindparam("first"), bindparam("last")))
_SOME = _ReportQuery(schema.report.c.seq.in_(bindparam("seqs", expanding=True)))
_ONE = _ReportQuery(schema.report.c.id == bindparam("id"))


def by_seqs(conn: Connection, seqs: Iterable[int]) -> list[CurrentReport]:
    """Return some reports in their current state, in order of arrival."""
    in_order = sorted(seqs)
    found: list[CurrentReport] = []
    for at in range(0, len(in_order), CHUNK):
        part = in_order[at : at + CHUNK]
        if part[-1] - part[0] + 1 == len(part):
            found += _RANGE.read(conn, {"first": part[0], "last": part[-1]})
        else:
            found += _SOME.read(conn, {"seqs": part})
    return found


def everything(conn: Connection) -> Iterator[list[CurrentReport]]:
    """Yield all reports in their current state, in order of arrival, `CHUNK` rows at a time."""
    last = conn.execute(select(func.max(schema.report.c.seq))).scalar() or 0
    for at in range(1, last + 1, CHUNK):
        part = _RANGE.read(conn, {"first": at, "last": at + CHUNK - 1})
        if part:
            yield part


def one(conn: Connection, report_id: str) -> CurrentReport:
    """Return one report in its current state. Raises NotFound."""
    raw = id_bytes(report_id)
    found = _ONE.read(conn, {"id": raw}) if raw else []
    if not found:
        raise NotFound("no_report")
    return found[0]


def by_client_ids(conn: Connection, keys: Sequence[str]) -> list[CurrentReport]:
    """Return the reports with these client ids, in order of arrival; keys that no report has are left out."""
    table = schema.report
    seqs: list[int] = []
    for at in range(0, len(keys), 500):
        seqs += conn.execute(select(table.c.seq).where(table.c.client_id.in_(keys[at : at + 500]))).scalars()
    return by_seqs(conn, seqs)


def advance(conn: Connection, now: CurrentReport, version: int | None) -> None:
    """Increment the version. Raises Stale when `version` (the one that the caller read) is not the current one."""
    if version is not None and version != now.version:
        raise Stale("changed_meanwhile", version=now.version)
    table = schema.report
    result = conn.execute(
        update(table).where(table.c.seq == now.seq, table.c.version == now.version).values(version=now.version + 1)
    )
    if result.rowcount != 1:
        raise Stale("changed_meanwhile", version=now.version + 1)


def lock(conn: Connection, reports_read: Sequence[CurrentReport]) -> None:
    """Lock some reports by writing them unchanged. Raises Stale when any has changed since it was read."""
    table = schema.report
    same_version = tuple_(table.c.seq, table.c.version).in_([(now.seq, now.version) for now in reports_read])
    result = conn.execute(update(table).where(same_version).values(version=table.c.version))
    if result.rowcount != len(reports_read):
        raise Stale("one_changed_meanwhile")


def set_requests(conn: Connection, requests: Mapping[int, Request]) -> None:
    """Write the states of existing requests, by row."""
    rows = [{"row": seq, **request_row(seq, request)} for seq, request in requests.items()]
    conn.execute(update(schema.request).where(schema.request.c.report_seq == bindparam("row")), rows)


def set_request(conn: Connection, seq: int, request: Request) -> None:
    """Write the state of a request."""
    _put(conn, schema.request, request_row(seq, request))


def remove_request(conn: Connection, seq: int) -> None:
    """Delete the request of a report that is information only now."""
    conn.execute(delete(schema.request).where(schema.request.c.report_seq == seq))


def set_need(conn: Connection, seq: int, need: Need) -> None:
    """Write the current need of a report."""
    conn.execute(update(schema.report).where(schema.report.c.seq == seq).values(need=str(need)))


def move_claims(conn: Connection, by_ms: int) -> list[tuple[int, str, int]]:
    """Move the end of every running claim; return row, id and new end of each."""
    request_table, table = schema.request, schema.report
    running = (request_table.c.state == str(State.CLAIMED)) & request_table.c.claim_until.is_not(None)
    conn.execute(update(request_table).where(running).values(claim_until=request_table.c.claim_until + by_ms))
    claims = conn.execute(
        select(table.c.seq, table.c.id, request_table.c.claim_until)
        .join(request_table, request_table.c.report_seq == table.c.seq)
        .where(running)
    ).all()
    seqs = select(request_table.c.report_seq).where(running)
    conn.execute(update(table).where(table.c.seq.in_(seqs)).values(version=table.c.version + 1))
    return [(row.seq, id_text(bytes(row.id)), row.claim_until) for row in claims]


def set_places(conn: Connection, seq: int, places: Sequence[Placement]) -> None:
    """Write all places that people set for a report, in their order."""
    conn.execute(delete(schema.placement).where(schema.placement.c.report_seq == seq))
    if places:
        conn.execute(insert(schema.placement), [{"report_seq": seq, **asdict(each)} for each in places])


def set_standing(conn: Connection, seq: int, standing: Standing) -> None:
    """Write the verification state of a report."""
    _put(conn, schema.standing, {"report_seq": seq, **msgspec.structs.asdict(standing)})


def _put(conn: Connection, table: Table, row: dict[str, Any]) -> None:
    """Write the one row of a report in a table, inserted when there was none."""
    if not conn.execute(update(table).where(table.c.report_seq == row["report_seq"]).values(row)).rowcount:
        conn.execute(insert(table).values(row))


def set_moderation(conn: Connection, seq: int, moderation: Moderation) -> None:
    """Write the decision about the text of a report; an empty decision deletes it."""
    conn.execute(delete(schema.moderation).where(schema.moderation.c.report_seq == seq))
    if moderation.decision:
        conn.execute(insert(schema.moderation).values(report_seq=seq, **msgspec.structs.asdict(moderation)))


def add_addition(conn: Connection, seq: int, addition: Addition) -> None:
    """Write text that was added."""
    conn.execute(insert(schema.addition).values(report_seq=seq, **msgspec.structs.asdict(addition)))


def senders(conn: Connection, seqs: Sequence[int]) -> dict[int, Sender]:
    """Return the sender fingerprints of some reports, by row; unknown ones are left out."""
    table = schema.sender
    rows = conn.execute(select(table).where(table.c.report_seq.in_(seqs)))
    return {row.report_seq: Sender(row.contact, row.device, row.network) for row in rows}


def sent_by(conn: Connection, contact: bytes, limit: int) -> list[int]:
    """Return rows of the reports whose sender's contact has this fingerprint, newest first."""
    table = schema.sender
    query = select(table.c.report_seq).where(table.c.contact == contact).order_by(table.c.report_seq.desc())
    return list(conn.execute(query.limit(limit)).scalars())


def contact(conn: Connection, now: CurrentReport, cipher: ContactCipher) -> Contact:
    """Return the decrypted contact details; empty ones when none were given."""
    ciphertext = conn.execute(
        select(schema.contact.c.sealed).where(schema.contact.c.report_seq == now.seq)
    ).scalar_one_or_none()
    return cipher.decrypt(bytes(ciphertext), now.report.id) if ciphertext is not None else Contact()


def rewrite(conn: Connection, seq: int, report: Report) -> None:
    """Write the columns that a correction or a newer row of a file may change."""
    row = report_row(report)
    values = {name: row[name] for name in _CONTENT_COLUMNS}
    conn.execute(update(schema.report).where(schema.report.c.seq == seq).values(values))


def set_contact(conn: Connection, now: CurrentReport, contact: Contact | None, cipher: ContactCipher) -> None:
    """Replace the contact details; None or empty deletes them."""
    table = schema.contact
    conn.execute(delete(table).where(table.c.report_seq == now.seq))
    if contact is not None and not contact.empty():
        conn.execute(insert(table).values(report_seq=now.seq, sealed=cipher.encrypt(contact, now.report.id)))
