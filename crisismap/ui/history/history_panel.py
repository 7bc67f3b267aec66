"""The panel beside the map of a past time: its numbers, its layers and the selected reports, without actions."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from crisismap.core.errors import NotFound
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import Person
from crisismap.core.text import symbols
from crisismap.i18n import english
from crisismap.services.lists import read
from crisismap.services.runtime.time_travel import PastLayer, PastMoment
from crisismap.situation.board import counts
from crisismap.situation.board.column import NO_STATE, STATES
from crisismap.ui.frame import local_time, shell, side_panel, stylesheet
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase, number
from crisismap.ui.history import history
from crisismap.ui.history.history import moment_name
from crisismap.ui.requests.card import STATE_LABELS

MAX_ROWS = 30  # of the reports of one map symbol


def past_numbers(past: PastMoment, layers: Sequence[PastLayer]) -> None:
    """Draw the numbers and the layers of that time."""
    context = shell.context()
    totals = counts.totals(context.views.situation, past.board, past.at_ms)
    when = escape(moment_name(past.at_ms, context.clock(), local_time.zone()))
    st.html(f'<div class="cm-title"><b>Known at {when}</b></div>')
    stylesheet.facts(
        [
            ("Reports", number(totals["reports"]), ""),
            ("Requests for help", number(totals["requests"]), ""),
            ("Unanswered then", number(totals["unanswered"]), f"P1: {number(totals['urgent'])}"),
            ("Overdue then", number(totals["overdue"]), ""),
        ]
    )
    rows = [(each.layer.title, *_version(each)) for each in layers]
    if rows:
        stylesheet.table(("Official layer", "Version", "Known since"), rows)
    stylesheet.note("Priority, area and the comparison with layers are as of today. Removed layers are not shown.")


def show_report(person: Person, past: PastMoment, row: int) -> None:
    """Draw one report as it was then, with a button to its present state."""
    context = shell.context()
    report_id = id_text(past.board.id_raw(row))
    _back()
    try:
        record = read.record(context.store, context.views, context.clock, person, report_id)
    except NotFound:
        st.html('<p class="cm-soft">This report is no longer available.</p>')
        return
    zone = local_time.zone()
    state = past.board["state"][row]
    past_state = "information only" if state == NO_STATE else STATE_LABELS[STATES[state]]
    current_state = STATE_LABELS.get(record.state or "", "information only")
    text = f'<p class="cm-said">{escape(record.text)}</p>' if record.text else ""
    rows = (
        ("then", past_state),
        ("now", current_state),
        ("received", local_time.short_time(int(past.board["received_at"][row]), zone)),
        ("seen", local_time.short_time(int(past.board["observed_at"][row]), zone)),
        ("area", record.area.name if record.area else "outside the loaded areas"),
    )
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    head = escape(_title(past, row))
    st.html(f'<div class="cm-section"><h3>{head}</h3>{text}<dl class="cm-contact">{lines}</dl></div>')
    st.button("Back to now and open report", key="past-open", on_click=_open, args=(report_id,))


def show_reports(past: PastMoment, rows: Sequence[int], title: str) -> None:
    """Draw the reports of one map symbol, most urgent first."""
    _back()
    st.html(f'<div class="cm-title"><b>{escape(title)}</b></div>')
    for row in rows[:MAX_ROWS]:
        state = past.board["state"][row]
        status = "" if state == NO_STATE else f" · {STATE_LABELS[STATES[state]]} then"
        label = f"{_title(past, row)}{status}"
        target = (history.PAGE, Pane("detail", id=id_text(past.board.id_raw(row))))
        st.button(label, key=f"past-row-{row}", type="tertiary", width="stretch", on_click=side_panel.push, args=target)
    if len(rows) > MAX_ROWS:
        stylesheet.note(f"and {count_phrase(len(rows) - MAX_ROWS, 'more report')}, less urgent")


def _back() -> None:
    st.button("← Back", key="past-back", on_click=side_panel.back, args=(history.PAGE,), type="tertiary")


def _title(past: PastMoment, row: int) -> str:
    category = english().category(tuple(shell.context().rules.categories)[past.board["category"][row]])
    letter = symbols.letter(int(past.board.priority[row]))
    return f"{letter} · {category}" if letter else category


def _version(layer: PastLayer) -> tuple[str, str]:
    if layer.head is not None:
        return str(layer.head.version), local_time.short_time(layer.moment_ms, local_time.zone())
    return "-", "no longer kept" if layer.pruned else "not loaded yet"


def _open(report_id: str) -> None:
    history.leave()
    side_panel.clear(history.PAGE)
    side_panel.push("map", Pane("detail", id=report_id))
