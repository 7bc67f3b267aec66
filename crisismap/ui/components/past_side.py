"""Beside the map of a past moment: its numbers, its layers, and what was picked, as facts that nobody can act on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from crisismap.core import symbols
from crisismap.core.errors import NotFound
from crisismap.core.identity import id_text
from crisismap.core.person import Person
from crisismap.services import look
from crisismap.services.context import Context
from crisismap.services.past import LayerThen, Moment
from crisismap.situation import counts
from crisismap.situation.columns import NO_STATE, STATES
from crisismap.ui.components import local_time, look_back, pane, sheet
from crisismap.ui.components.card import STATE_WORDS
from crisismap.ui.components.pane import Pane
from crisismap.ui.components.past_time import called
from crisismap.ui.components.phrase import counted, number

SHOWN = 30  # of the reports of one mark


def known_then(context: Context, looked: Moment, layers: Sequence[LayerThen]) -> None:
    """The numbers and the layers of the moment."""
    then = counts.totals(context.situation, looked.board, looked.at_ms)
    now_ms = context.clock()
    st.html(f'<div class="cm-title"><b>Known at {escape(called(looked.at_ms, now_ms, local_time.zone()))}</b></div>')
    sheet.facts(
        [
            ("Reports", number(then["reports"]), ""),
            ("Requests for help", number(then["requests"]), ""),
            ("Unanswered then", number(then["unanswered"]), f"P1: {number(then['urgent'])}"),
            ("Overdue then", number(then["overdue"]), ""),
        ]
    )
    rows = [(each.layer.title, *_version(each)) for each in layers]
    if rows:
        sheet.table(("Official layer", "Version", "Known since"), rows)
    sheet.said(
        "Priority, area and what layers say of a report are as today. Layers that were taken back are not shown."
    )


def one(context: Context, person: Person, page: str, looked: Moment, row: int) -> None:
    """One report as it stood, and the way to what it is now."""
    report_id = id_text(looked.board.id_raw(row))
    st.button("← Back", key="past-back", on_click=pane.back, args=(page,), type="tertiary")
    try:
        record = look.record(context, person, report_id)
    except NotFound:
        st.html('<p class="cm-soft">This report is not shown any more.</p>')
        return
    zone = local_time.zone()
    state = looked.board["state"][row]
    then = "asked for nothing" if state == NO_STATE else STATE_WORDS[STATES[state]]
    now = STATE_WORDS.get(record.state or "", "asks for nothing")
    words = f'<p class="cm-said">{escape(record.text)}</p>' if record.text else ""
    facts = (
        ("then", then),
        ("now", now),
        ("received", local_time.shown(int(looked.board["received_at"][row]), zone)),
        ("seen", local_time.shown(int(looked.board["observed_at"][row]), zone)),
        ("area", record.area.name if record.area else "outside the loaded areas"),
    )
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    head = escape(_title(context, looked, row))
    st.html(f'<div class="cm-section"><h3>{head}</h3>{words}<dl class="cm-contact">{lines}</dl></div>')
    st.button("Back to now and open it", key="past-open", on_click=_open, args=(page, report_id))


def several(context: Context, page: str, looked: Moment, rows: Sequence[int], title: str) -> None:
    """The reports of one mark, most urgent first."""
    st.button("← Back", key="past-back", on_click=pane.back, args=(page,), type="tertiary")
    st.html(f'<div class="cm-title"><b>{escape(title)}</b></div>')
    for row in rows[:SHOWN]:
        state = looked.board["state"][row]
        words = "" if state == NO_STATE else f" · {STATE_WORDS[STATES[state]]} then"
        label = f"{_title(context, looked, row)}{words}"
        pushed = Pane("detail", id=id_text(looked.board.id_raw(row)))
        st.button(
            label, key=f"past-row-{row}", type="tertiary", width="stretch", on_click=pane.push, args=(page, pushed)
        )
    if len(rows) > SHOWN:
        sheet.said(f"and {counted(len(rows) - SHOWN, 'more report')}, less urgent")


def _title(context: Context, looked: Moment, row: int) -> str:
    category = tuple(context.rules.categories.values())[looked.board["category"][row]].label()
    letter = symbols.letter(int(looked.board.priority[row]))
    return f"{letter} · {category}" if letter else category


def _version(then: LayerThen) -> tuple[str, str]:
    if then.head is not None:
        return str(then.head.version), local_time.shown(then.moment_ms, local_time.zone())
    return "-", "no longer kept" if then.pruned else "not yet there"


def _open(page: str, report_id: str) -> None:
    look_back.leave()
    pane.clear(page)
    pane.push("map", Pane("detail", id=report_id))
