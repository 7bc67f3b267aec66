"""Hand-over between shifts: the form with the numbers of now, and what this person has not read yet."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.request import MAX_NOTE
from crisismap.problems import sentence
from crisismap.rule_files import RuleFiles
from crisismap.services.desk import handover
from crisismap.services.desk.handover import Summary
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.frame import shell
from crisismap.ui.frame.local_time import short_time, zone
from crisismap.ui.frame.wording import ago, count_phrase, number
from crisismap.ui.requests import acting

NOTICE_REM = 9.5  # the height of one that is not read yet, with the gap below
HOLDERS = 6
STEP_MS = 5_000  # a note may come up so much later
_NOTE, _PRESSED = "handover-note", "handover-pressed"


def notice(store: Store, views: Views, now_ms: int, person: Person) -> float:
    """Show the oldest one that this person has not read; how high it is in rem, 0 for none."""
    if not person.may("handover.read"):
        return 0.0
    stamp = (now_ms // STEP_MS, st.session_state.get(_PRESSED, 0))
    notes = views.caches.desk.get(
        ("unread", person.id), lambda: handover.unread(store, views.situation, person), stamp=stamp
    )
    if not notes:
        return 0.0
    note = notes[0]
    more = f" · {count_phrase(len(notes) - 1, 'more note')} after this" if len(notes) > 1 else ""
    when = f"{short_time(note.at_ms, zone())}, {ago(note.at_ms, now_ms)}"
    with st.container(horizontal=True, key="handover", vertical_alignment="top", gap="small"):
        st.html(
            f'<div class="cm-notice cm-handover" role="note"><b>Hand-over by {escape(note.by)}</b> {escape(when)}'
            f'{escape(more)}<p class="cm-said">{escape(note.text)}</p>'
            f'<p class="cm-soft">{escape(" · ".join(lines(note.summary)))}</p></div>',
            width="stretch",
        )
        st.button("I have read it", key="handover-read", on_click=_read, args=(note.id,))
    return NOTICE_REM


def write(store: Store, situation: Situation, rules: RuleFiles, now_ms: int, person: Person) -> None:
    """The button that folds out the form; the numbers are counted while it is open."""
    if not person.may("handover.write"):
        return
    with st.popover("Hand over", key="handover-form", on_change="rerun") as opened:
        if not opened.open:
            return
        items = "".join(f"<li>{escape(line)}</li>" for line in lines(handover.summary(store, situation, rules, now_ms)))
        st.html(f'<div class="cm-section"><h4>This goes with your note</h4><ul>{items}</ul></div>')
        st.text_area("What does the next shift have to know?", key=_NOTE, height=120, max_chars=MAX_NOTE)
        st.button("Hand over", key="handover-write", type="primary", on_click=_write)


def lines(summary: Summary) -> list[str]:
    """The numbers in words."""
    told = [
        f"{number(summary.unanswered)} unanswered (P1 {number(summary.urgent)})",
        f"{number(summary.overdue)} overdue",
        f"{number(summary.escalated)} escalated",
        f"{number(summary.unplaced)} not on the map",
    ]
    held = [f"{who} {count}" for who, count in summary.claims[:HOLDERS]]
    if len(summary.claims) > HOLDERS:
        held.append(f"{count_phrase(len(summary.claims) - HOLDERS, 'other')}")
    told.append(f"claims: {', '.join(held)}" if held else "no claims")
    since = "since the hand-over before" if summary.since_ms is not None else "so far"
    told.append(f"{since}: {number(summary.came)} came, {number(summary.answered)} answered")
    return told


def _read(note_id: int) -> None:
    context = shell.context()
    done = handover.acknowledge(context.store, context.clock(), shell.person(), note_id)
    context.views.situation.wait(done.revision, acting.SEE_S)
    st.session_state[_PRESSED] = st.session_state.get(_PRESSED, 0) + 1


def _write() -> None:
    context = shell.context()
    try:
        done = handover.write(
            context.store,
            context.views.situation,
            context.rules,
            context.clock(),
            shell.person(),
            st.session_state.get(_NOTE, ""),
        )
    except CrisismapError as problem:
        acting.keep_message("error", sentence(problem))
        return
    context.views.situation.wait(done.revision, acting.SEE_S)
    st.session_state[_NOTE] = ""
    acting.keep_message("success", "Handed over. The next shift sees it until each has read it.")
