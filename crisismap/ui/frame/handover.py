"""Shift handover: the form with the current numbers, and the notes that this person has not read yet."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.report.request import MAX_NOTE
from crisismap.services.desk import handover
from crisismap.services.desk.handover import Summary
from crisismap.ui.frame import shell, style
from crisismap.ui.frame.local_time import short_time, zone
from crisismap.ui.frame.wording import ago, count_phrase, number
from crisismap.ui.requests import acting

NOTICE_REM = 9.5  # height of an unread note, with the gap below
HOLDERS = 6
STEP_MS = 5_000  # a note may appear this much later
_NOTE_TEXT, _READ_COUNT = "handover-note", "handover-pressed"


def notice(person: Person) -> float:
    """Show the oldest unread note of this person; return its height in rem, 0 for none."""
    if not person.may("handover.read"):
        return 0.0
    context = shell.context()
    views, now_ms = context.views, context.clock()
    stamp = (now_ms // STEP_MS, st.session_state.get(_READ_COUNT, 0))
    notes = views.caches.desk.get(
        ("unread", person.id), lambda: handover.unread(context.store, views.situation, person), stamp=stamp
    )
    if not notes:
        return 0.0
    note = notes[0]
    more = f" · {count_phrase(len(notes) - 1, 'more note')} after this" if len(notes) > 1 else ""
    when = f"{short_time(note.at_ms, zone())}, {ago(note.at_ms, now_ms)}"
    with st.container(horizontal=True, key="handover", vertical_alignment="top", gap="small"):
        st.html(
            f'<div class="cm-notice cm-handover" role="note"><b>Shift handover by {escape(note.by)}</b> {escape(when)}'
            f'{escape(more)}<p class="cm-said">{escape(note.text)}</p>'
            f'<p class="cm-soft">{escape(" · ".join(lines(note.summary)))}</p></div>',
            width="stretch",
        )
        st.button("Mark as read", key="handover-read", on_click=_read, args=(note.id,))
    return NOTICE_REM


def write(person: Person) -> None:
    """Draw the popover with the form; the numbers are counted only while it is open."""
    if not person.may("handover.write"):
        return
    with st.popover("Shift handover", key="handover-form", on_change="rerun") as popover:
        if not popover.open:
            return
        context = shell.context()
        summary = handover.summary(context.store, context.views.situation, context.rules, context.clock())
        st.html(style.section("These numbers are saved with your note", lines(summary)))
        st.text_area("What does the next shift need to know?", key=_NOTE_TEXT, height=120, max_chars=MAX_NOTE)
        st.button("Save handover", key="handover-write", type="primary", on_click=_write)


def lines(summary: Summary) -> list[str]:
    """Return the numbers as short phrases."""
    phrases = [
        f"{number(summary.unanswered)} unanswered (P1 {number(summary.urgent)})",
        f"{number(summary.overdue)} overdue",
        f"{number(summary.escalated)} escalated",
        f"{count_phrase(summary.unplaced, 'location')} needed",
    ]
    holders = [f"{holder} {count}" for holder, count in summary.claims[:HOLDERS]]
    if len(summary.claims) > HOLDERS:
        holders.append(f"{count_phrase(len(summary.claims) - HOLDERS, 'other')}")
    phrases.append(f"claims: {', '.join(holders)}" if holders else "no claims")
    since = "since the last handover" if summary.since_ms is not None else "so far"
    phrases.append(f"{since}: {number(summary.came)} received, {number(summary.answered)} answered")
    return phrases


def _read(note_id: int) -> None:
    context = shell.context()
    done = handover.acknowledge(context.store, context.clock(), shell.person(), note_id)
    context.views.situation.wait(done.revision, acting.WAIT_S)
    st.session_state[_READ_COUNT] = st.session_state.get(_READ_COUNT, 0) + 1


def _write() -> None:
    context, text = shell.context(), st.session_state.get(_NOTE_TEXT, "")
    situation, now_ms = context.views.situation, context.clock()
    with acting.refusal_message():
        done = handover.write(context.store, situation, context.rules, now_ms, shell.person(), text)
        situation.wait(done.revision, acting.WAIT_S)
        st.session_state[_NOTE_TEXT] = ""
        acting.keep_message("success", "Handover saved. Everyone on the next shift sees it until they mark it as read.")
