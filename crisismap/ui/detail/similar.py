"""Reports similar to the open one, with the reasons for each suggestion; a person decides."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.i18n import english
from crisismap.services.requests.duplicates import Suggestion, similar
from crisismap.ui.frame import shell, side_panel
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests.card import STATE_LABELS

MAX_REASONS = 4
MAX_CHARACTERS = 140
MAX_SCORE = 0.99  # a suggestion is never certain


def show(person: Person, page: str, report_id: str) -> None:
    """Draw the suggestions for a person who may read them."""
    if not person.may("situation.read_exact"):
        return
    found = suggestions(person, report_id)
    if found:
        st.html(
            f'<div class="cm-section"><h4>{count_phrase(len(found), "similar report", "similar reports")}</h4></div>'
        )
    for each in found:
        st.html(f'<div class="cm-section">{suggestion_html(each)}</div>')
        target = (page, Pane("detail", id=each.id))
        st.button("Open report", key=f"{page}-similar-{each.id}", on_click=side_panel.push, args=target)


def suggestion_html(suggestion: Suggestion) -> str:
    """Return one suggestion as HTML: category, status, text, and why it is suggested."""
    record = suggestion.record
    label = english().category(record.category)
    status = STATE_LABELS.get(record.state or "", "information only")
    text = record.text or record.place or "no text"
    text = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    score = min(MAX_SCORE, suggestion.score)
    return (
        f'<p class="cm-soft"><b>{score:.0%}</b> · {escape(label)} · {escape(status)}</p>'
        f'<p class="cm-said">{escape(text)}</p>'
        f'<p class="cm-soft">{escape(" · ".join(suggestion.reasons[:MAX_REASONS]))}</p>'
    )


def suggestions(person: Person, report_id: str) -> list[Suggestion]:
    """Return the suggestions, looked up once per revision."""
    context = shell.context()
    return cached(
        "similar-kept",
        (person.id, report_id, context.views.situation.revision),
        lambda: similar(context.store, context.views, context.rules, context.clock(), person, report_id),
    )
