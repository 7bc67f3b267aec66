"""The Requests page: the dispatchers' queues, each as one long list beside the detail."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.core.verb import ClaimBody, TriageBody
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.lists.queue import Order, QueueQuery, queue
from crisismap.services.runtime.context import audience_of
from crisismap.ui.detail import detail
from crisismap.ui.export import area_files
from crisismap.ui.frame import alarm_bell, handover, shell, side_panel, style
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import (
    acting,
    bulk_bar,
    dispatch_search,
    filter_bar,
    filters,
    request_list,
    saved_views,
    search_results,
)
from crisismap.ui.requests.filters import Filters

PAGE = "requests"
QUEUES = {
    "Unanswered": ("claimed", "open"),
    "May need help": ("claimed", "open"),
    "Mine": ("claimed",),
    "Escalated": ("cannot_meet", "claimed", "open"),
    "Location needed": ("claimed", "open"),
    "Answered": ("answered", "confirmed"),
    "Closed": ("cannot_meet", "joined", "withdrawn"),
    "Offers": (),
    "Text review": (),
}
NEEDS = {"May need help": ("may",), "Offers": ("offer",)}  # queues of one need
EMPTY_FILTERED = ("No match", "Nothing in this queue matches the filters. Choose “Clear filters” above the list.")
EMPTY = {
    "Unanswered": ("No unanswered requests", "New requests appear here automatically."),
    "May need help": (
        "Nothing to look at",
        "Reports in which somebody may need help wait here until a person has looked, within minutes.",
    ),
    "Mine": ("You have no claims", "Claim a request in the queue “Unanswered”. It stays here until you answer it."),
    "Escalated": (
        "Nothing is escalated to you",
        "Requests that are overdue, or that a team is unable to help with, are escalated to one role after another.",
    ),
    "Location needed": (
        "Every request has a location",
        "Requests whose place is only described in words wait here until someone sets their location.",
    ),
    "Answered": ("No answered requests yet", "Requests that teams have marked as answered appear here."),
    "Closed": (
        "No closed requests yet",
        "Withdrawn and joined requests, and those marked as unable to help, appear here.",
    ),
    "Offers": ("No offers of help", "Reports in which somebody offers a boat, a room, food or hands appear here."),
    "Text review": (
        "No text to review",
        "Reports whose sender agreed to publish the text wait here until someone has reviewed it.",
    ),
}
ORDERS: dict[Order, str] = {
    "urgent": "Most urgent first",
    "waiting": "Longest wait first",
    "newest": "Newest first",
    "due": "Due first",
}
SIGN_IN = ' · <a href="/login" target="_self">sign in</a> to read and claim requests'
# On a phone there is no space beside the detail, so it takes the whole page.
PHONE = "<style>@media (max-width:640px){.st-key-queue-list,.st-key-queues{display:none !important}}</style>"
LIST = "requests-queue"
KEYS = "Keys: ↓ ↑ move · O or Enter open · C claim · X select · Esc back"
LOOK_KEYS = "Keys: ↓ ↑ move · 1 2 3 asks for help, P1 P2 P3 · 0 information only · O or Enter open · Esc back"
_QUEUE, _ORDER = saved_views.QUEUE, saved_views.ORDER


def show(person: Person, head_rem: float) -> None:
    """Draw the page below its head of so many rem."""
    context = shell.context()
    head_rem += handover.notice(person)
    names = _names(person)
    if st.session_state.get(_QUEUE) not in (None, *names):  # a view that was saved in another role
        del st.session_state[_QUEUE]
    with st.container(horizontal=True, key="queues", vertical_alignment="center", gap="small"):
        name = st.segmented_control(
            "Queue",
            names,
            key=_QUEUE,
            default=names[0],
            label_visibility="collapsed",
            on_change=dispatch_search.clear,
        )
        order = st.selectbox(
            "Order", list(ORDERS), key=_ORDER, format_func=ORDERS.__getitem__, label_visibility="collapsed", width=200
        )
        dispatch_search.show()
        filter_bar.show()
        saved_views.show(person)
    name = name or names[0]
    top = side_panel.top(PAGE)
    height = f"calc(100dvh - {head_rem + 9:g}rem)"
    results = dispatch_search.current()
    query = _queue_query(person, name, order)
    requests = queue(context.views, context.rules, context.clock(), audience_of(person), query)
    empty = EMPTY_FILTERED if filters.current() != Filters() else EMPTY[name]
    if top.kind == "detail":
        st.html(PHONE)
        left, right = st.columns([3, 2], gap="small")
    else:
        left, right = st.container(), None
    with left, st.container(key="queue-list"):
        with st.container(horizontal=True, key="title-row", vertical_alignment="center", gap="small"):
            _title(person, name, results, len(requests.rows))
            alarm_bell.show(person)
            handover.write(person)
        if right is None:
            acting.show_message()
        list_key = f"{name}/{order}/{filters.query(filters.selection(filters.current(), 0))}"
        if results:
            shown = search_results.show(person, results)
            requests, empty, list_key = shown.queue, shown.empty, f"found/{shown.list_key}"
            height = f"calc({height} - {2.75 * shown.lines:g}rem)"
        claims = person.may("request.claim")
        if claims:
            bulk_bar.show(person, LIST)
        options = request_list.ListOptions(
            requests,
            height,
            empty,
            list_key,
            top.id,
            claims,
            shows_text=audience_of(person) is Audience.AGENCY,
            abilities=shell.abilities(person),
            picks=bulk_bar.count() if claims else None,
        )
        click = request_list.show(options, key=LIST, dark=style.dark())
        if claims:
            st.html(f'<p class="cm-soft cm-keys">{LOOK_KEYS if name == "May need help" else KEYS}</p>')
    if right is not None:
        with right:
            detail.show(person, PAGE, top.id, height=height)
    if click is not None:
        _open_click(click)


def _names(person: Person) -> list[str]:
    """Return the queues that a person can use."""
    unavailable = {
        "May need help": not person.may("situation.read_exact"),
        "Offers": not person.may("situation.read_exact"),
        "Mine": not person.may("request.claim"),
        "Escalated": not _escalation_roles(person),
        "Text review": not person.may("report.clear"),
    }
    return [name for name in QUEUES if not unavailable.get(name)]


def _escalation_roles(person: Person) -> frozenset[str]:
    """Return those of the person's roles that overdue requests are escalated to."""
    return person.roles & {step.to for step in shell.context().rules.clocks.escalations}


def _title(person: Person, name: str, results: DispatchResult | None, count: int) -> None:
    if results is not None:
        st.html(f'<div class="cm-title"><b>{escape(dispatch_search.title(results))}</b></div>', width="stretch")
        st.button("Back to the queue", key="find-clear", type="tertiary", on_click=dispatch_search.clear)
        return
    hint = SIGN_IN if person == STRANGER else ""
    if name == "Unanswered" and person.may("situation.read_exact"):
        hint = f" · {area_files.print_link(filters.current().area)}"
    noun = {"Text review": "report", "May need help": "report", "Offers": "offer"}.get(name, "request")
    if name == "Text review":
        hint = ": open a report, read its text, then approve it or keep it private"
    st.html(f'<div class="cm-title"><b>{name}</b> {count_phrase(count, noun)}{hint}</div>', width="stretch")


def _queue_query(person: Person, name: str, order: Order) -> QueueQuery:
    """Return the query of a queue, narrowed by the filters; the queue's own states replace the status filter."""
    limits = filters.selection(filters.current(), shell.context().clock())
    limits = replace(
        limits,
        state=QUEUES[name],
        unplaced=limits.unplaced or name == "Location needed",
        need=NEEDS.get(name, limits.need),
    )
    roles = _escalation_roles(person) if name == "Escalated" else frozenset()
    return QueueQuery(limits, order, person.id if name == "Mine" else "", roles, text_review=name == "Text review")


def _open_click(click: request_list.Click) -> None:
    if isinstance(click.body, TriageBody):
        acting.act(click.id, click.version, "triage", click.body)
        st.rerun()
    if click.verb == "claim":
        acting.act(click.id, click.version, "claim", ClaimBody(60))
    side_panel.clear(PAGE)
    side_panel.push(PAGE, Pane("detail", id=click.id))
    st.rerun()
