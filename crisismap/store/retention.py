"""Which reports have had their time, by class of data, and taking out what is over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select

from crisismap.core.report.report import COARSE, ERASED
from crisismap.core.report.request import UNANSWERED
from crisismap.store import schema
from crisismap.store.erasure import MARKS

Cutoffs = tuple[int, int]  # as `Term.cutoffs` gives them: closed before, came in before


def over(conn: Connection, kind: str, cutoffs: Cutoffs, among: Sequence[int] | None = None) -> list[int]:
    """Return the rows of the reports, of all or `among` some, whose `kind` (contact, words, place) has had its time.

    Reports that no longer have anything of this kind are left out.
    """
    closed_before, came_before = cutoffs
    report, request, event = schema.report, schema.request, schema.event
    last = (
        select(event.c.report_seq, func.max(event.c.at_ms).label("at_ms"))
        .where(_one_of(event.c.report_seq, among), event.c.verb != "report.retain")
        .group_by(event.c.report_seq)
        .subquery()
    )
    waiting = request.c.state.in_([str(state) for state in UNANSWERED])
    done = and_(or_(request.c.state.is_(None), ~waiting), last.c.at_ms <= closed_before)
    found = conn.execute(
        select(report.c.seq)
        .join(last, last.c.report_seq == report.c.seq)
        .outerjoin(request, request.c.report_seq == report.c.seq)
        .where(
            _one_of(report.c.seq, among),
            _holds(kind),
            report.c.flags != ERASED,
            or_(done, report.c.received_at <= came_before),
        )
        .order_by(report.c.seq)
    )
    return list(found.scalars())


def _one_of(seq: ColumnElement[int] | ColumnElement[int | None], among: Sequence[int] | None) -> ColumnElement[bool]:
    return seq.is_not(None) if among is None else seq.in_(among)


def _holds(kind: str) -> ColumnElement[bool]:
    """Whether there is anything of this class to take out."""
    report, request = schema.report, schema.request
    if kind == "contact":
        marks = (report.c[name] for name in MARKS)
        held = select(schema.quarantine.c.source)
        marked = (and_(mark.is_not(None), mark.not_in(held)) for mark in marks)
        return or_(*(_has(table) for table in (schema.contact, schema.sender)), *marked)
    if kind == "words":
        said = or_(report.c.text != "", report.c.fields != "{}", report.c.client_id.is_not(None))
        noted = or_(
            *(
                func.coalesce(column, "") != ""
                for column in (request.c.answer_note, request.c.why, request.c.set_reason)
            )
        )
        return or_(said, noted, _has(schema.addition), _has(schema.photo))
    placed = _has(schema.placement)
    exact = and_(report.c.lon.is_not(None), report.c.flags.not_like(f"%{COARSE}%"))
    return or_(exact, placed, report.c.words != "")


def _has(table: Table) -> ColumnElement[bool]:
    return select(table.c.report_seq).where(table.c.report_seq == schema.report.c.seq).exists()


def old_credentials(conn: Connection, before_ms: int, *, remove: bool) -> int:
    """Credentials that ran out or were used before a moment: how many, and gone when `remove`."""
    table = schema.credential
    old = or_(table.c.expires_at <= before_ms, table.c.used_at <= before_ms)
    number = conn.execute(select(func.count()).select_from(table).where(old)).scalar_one()
    if remove and number:
        conn.execute(delete(table).where(old))
    return int(number)
