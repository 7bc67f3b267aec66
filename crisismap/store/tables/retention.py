"""SQL of retention: which reports are past their term, by class of data, and the removal of that data."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from crisismap.core.ports import Cutoffs
from crisismap.core.report.report import COARSE, ERASED
from crisismap.core.report.request import UNANSWERED
from crisismap.store import schema
from crisismap.store.tables.erasure import MARKS


def over(conn: Connection, kind: str, cutoffs: Cutoffs, among: Sequence[int] | None = None) -> list[int]:
    """Return rows of the reports, of all or `among` some, whose `kind` (contact, words, place) is past its term.

    Reports without any data of this kind are left out.
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
    closed = and_(or_(request.c.state.is_(None), ~waiting), last.c.at_ms <= closed_before)
    rows = conn.execute(
        select(report.c.seq)
        .join(last, last.c.report_seq == report.c.seq)
        .outerjoin(request, request.c.report_seq == report.c.seq)
        .where(
            _one_of(report.c.seq, among),
            _has_data(kind),
            report.c.flags != ERASED,
            or_(closed, report.c.received_at <= came_before),
        )
        .order_by(report.c.seq)
    )
    return list(rows.scalars())


def _one_of(seq: ColumnElement[int] | ColumnElement[int | None], among: Sequence[int] | None) -> ColumnElement[bool]:
    return seq.is_not(None) if among is None else seq.in_(among)


def _has_data(kind: str) -> ColumnElement[bool]:
    """Return a condition for reports that have data of this class."""
    report, request = schema.report, schema.request
    if kind == "contact":
        marks = (report.c[name] for name in MARKS)
        quarantined = select(schema.quarantine.c.source)
        has_mark = (and_(mark.is_not(None), mark.not_in(quarantined)) for mark in marks)
        return or_(*(_has_rows(table) for table in (schema.contact, schema.sender)), *has_mark)
    if kind == "words":
        has_text = or_(report.c.text != "", report.c.fields != "{}", report.c.client_id.is_not(None))
        notes = (request.c.answer_note, request.c.why, request.c.set_reason)
        has_note = or_(*(func.coalesce(note, "") != "" for note in notes))
        return or_(has_text, has_note, _has_rows(schema.addition), _has_rows(schema.photo))
    has_placement = _has_rows(schema.placement)
    exact = and_(report.c.lon.is_not(None), report.c.flags.not_like(f"%{COARSE}%"))
    return or_(exact, has_placement, report.c.words != "")


def _has_rows(table: Table) -> ColumnElement[bool]:
    return select(table.c.report_seq).where(table.c.report_seq == schema.report.c.seq).exists()
