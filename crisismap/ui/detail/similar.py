"""Reports similar to the open one, with the reasons for each suggestion; a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import streamlit as st

from crisismap.core.people.person import Person
from crisismap.core.report.duplicates import likelihood, percent
from crisismap.i18n import english
from crisismap.services.requests.duplicates import Suggestion, similar
from crisismap.ui.frame import shell, side_panel
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase, distance
from crisismap.ui.requests.card import STATE_LABELS

MAX_REASONS = 4
MAX_CHARACTERS = 140
_NONE = "similar-none"  # the report of which a person said that it is none of the similar ones


def show(person: Person, page: str, report_id: str) -> None:
    """Draw the suggestions for a person who may read them."""
    if not person.may("situation.read_exact") or st.session_state.get(_NONE) == report_id:
        return
    found = suggestions(person, report_id)
    if found:
        title = count_phrase(len(found), "similar report", "similar reports")
        st.html(f'<div class="cm-section"><h4>Is it one of these? {title}</h4></div>')
    for each in found:
        st.html(f'<div class="cm-section">{suggestion_html(each)}</div>')
        target = (page, Pane("detail", id=each.id))
        st.button("Open report", key=f"{page}-similar-{each.id}", on_click=side_panel.push, args=target)
    if found:
        st.button("None of these", key=f"{page}-similar-none", on_click=_dismiss, args=(report_id,))


def suggestion_html(suggestion: Suggestion) -> str:
    """Return one suggestion as HTML: how likely it is, what tells it from others, text, and why it is suggested."""
    record = suggestion.record
    label = english().category(record.category)
    status = STATE_LABELS.get(record.state or "", "information only")
    text = record.text or record.place or "no text"
    text = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    return (
        f'<p class="cm-soft"><b>{how_likely(suggestion)}</b> · {escape(label)} · {escape(status)}</p>'
        f'<p class="cm-soft">{escape(" · ".join(differences(suggestion)))}</p>'
        f'<p class="cm-said">{escape(text)}</p>'
        f'<p class="cm-soft">{escape(" · ".join(other_reasons(suggestion)))}</p>'
    )


def how_likely(suggestion: Suggestion) -> str:
    """Return how likely it is the same, in words and as a percentage."""
    return f"{likelihood(suggestion.score).capitalize()} ({percent(suggestion.score)} %)"


def differences(suggestion: Suggestion) -> Iterator[str]:
    """Yield what tells a report from others like it: people, time and distance."""
    people = suggestion.record.people
    yield "people not stated" if people is None else count_phrase(people, "person", "people")
    minutes = round(suggestion.minutes)
    span = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    yield "at the same minute" if not minutes else f"{span} {'earlier' if suggestion.earlier else 'later'}"
    metres = suggestion.metres
    if metres is None:
        yield "not both on the map"
    else:
        yield f"{metres:.0f} m away" if metres < 100 else f"{distance(metres)} away"


def other_reasons(suggestion: Suggestion) -> list[str]:
    """Return the strongest reasons that `differences` has not told."""
    return [reason for reason in suggestion.reasons if not reason.endswith(" apart")][:MAX_REASONS]


def suggestions(person: Person, report_id: str) -> list[Suggestion]:
    """Return the suggestions, looked up once per revision."""
    context = shell.context()
    return cached(
        "similar-kept",
        (person.id, report_id, context.views.situation.revision),
        lambda: similar(context.store, context.views, context.rules, context.clock(), person, report_id),
    )


def _dismiss(report_id: str) -> None:
    st.session_state[_NONE] = report_id
