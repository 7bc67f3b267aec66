"""The Requests page: the dispatchers' queues, each as one long list beside the detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.core.verb import ClaimBody, TriageBody
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.lists.queue import QueueQuery, queue, queue_length
from crisismap.services.runtime.context import audience_of
from crisismap.ui.detail import detail
from crisismap.ui.export import area_files
from crisismap.ui.frame import alarm_bell, handover, shell, side_panel, style
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import number
from crisismap.ui.requests import (
    acting,
    bulk_bar,
    dispatch_search,
    filter_bar,
    filters,
    ordering,
    request_list,
    saved_views,
    search_results,
)

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
SIGN_IN = '<a href="/login" target="_self">Sign in</a> to read and claim requests'
# On a phone there is no space beside the detail, so it takes the whole page.
PHONE = "<style>@media (max-width:640px){.st-key-queue-list,.st-key-queues{display:none !important}}</style>"
LIST = "requests-queue"
KEYS = "Keys: ↓ ↑ move · O or Enter open · C claim · X select · Esc back"
LOOK_KEYS = "Keys: ↓ ↑ move · 1 2 3 asks for help, P1 P2 P3 · 0 information only · O or Enter open · Esc back"
_QUEUE = saved_views.QUEUE
GROUPED = ("Unanswered", "May need help", "Escalated", "Location needed")  # what nobody has first


def show(person: Person, head_rem: float) -> None:
    """Draw the page below its head of so many rem."""
    context = shell.context()
    head_rem += handover.notice(person)
    names = _names(person)
    if st.session_state.get(_QUEUE) not in (None, *names):  # a view that was saved in another role
        del st.session_state[_QUEUE]
    st.html(_counts_css(person, names))
    with st.container(horizontal=True, key="queues", vertical_alignment="center", gap="small"):
        name = st.segmented_control(
            "Queue",
            names,
            key=_QUEUE,
            default=names[0],
            label_visibility="collapsed",
            on_change=dispatch_search.clear,
        )
        handover.write(person)
    name = name or names[0]
    top = side_panel.top(PAGE)
    filtered = filters.current() != filters.Filters()
    head_rem += filter_bar.CHIPS_REM if filtered else 0
    height = f"calc(100dvh - {head_rem + 6.25:g}rem)"
    results = dispatch_search.current()
    requests = queue(context.views, context.rules, context.clock(), audience_of(person), _queue_query(person, name))
    empty = EMPTY_FILTERED if filtered else EMPTY[name]
    if top.kind == "detail":
        st.html(PHONE)
        left, right = st.columns([3, 2], gap="small")
    else:
        left, right = st.container(), None
    with left, st.container(key="queue-list"):
        with st.container(horizontal=True, key="title-row", vertical_alignment="center", gap="small"):
            ordering.show()
            dispatch_search.show()
            filter_bar.show()
            saved_views.show(person)
            _hints(person, name)
            alarm_bell.show(person)
        filter_bar.chips()
        if results:
            _found(results)
        if right is None:
            acting.show_message()
        limits = filters.query(filters.selection(filters.current(), 0))
        list_key = f"{name}/{ordering.current().label}/{limits}"
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
            decides=name == "May need help",
            returns=side_panel.last_opened(PAGE),
        )
        click = request_list.show(options, key=LIST, dark=style.dark())
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


def _found(results: DispatchResult) -> None:
    """Draw what a search found, and the way back to the queue."""
    with st.container(horizontal=True, key="found", vertical_alignment="center", gap="small"):
        st.html(f'<div class="cm-title"><b>{escape(dispatch_search.title(results))}</b></div>', width="stretch")
        st.button("Back to the queue", key="find-clear", type="tertiary", on_click=dispatch_search.clear)


def _hints(person: Person, name: str) -> None:
    """Draw what is said about the list: its order and keys, what to do in it, and its print sheet."""
    with st.popover("Order and keys", key="why-order", on_change="rerun") as popover:
        if popover.open:
            keys = LOOK_KEYS if name == "May need help" else KEYS if person.may("request.claim") else ""
            st.html(f"<p>{escape(ordering.explanation(shell.context().rules))}</p><p>{keys}</p>")
    hint = ""
    if person == STRANGER:
        hint = SIGN_IN
    elif name == "Unanswered" and person.may("situation.read_exact"):
        hint = area_files.print_links(filters.current())
    elif name == "Text review":
        hint = "Open a report, read its text, then approve it or keep it private."
    if hint:
        st.html(f'<div class="cm-title">{hint}</div>', width="content")


def _counts_css(person: Person, names: Sequence[str]) -> str:
    """Return CSS that writes the length of each queue into its tab.

    A label that changed with it would lose presses: Streamlit sends the label that was pressed, not its number.
    """
    context, audience = shell.context(), audience_of(person)
    lengths = [
        queue_length(context.views, context.rules, context.clock(), audience, _queue_query(person, name))
        for name in names
    ]
    tab = ".st-key-dispatch-queue button:nth-of-type"
    rules = "".join(f'{tab}({n}) p::after{{content:" {number(count)}"}}' for n, count in enumerate(lengths, 1))
    return f"<style>{rules}</style>"


def _queue_query(person: Person, name: str) -> QueueQuery:
    """Return the query of a queue, narrowed by the filters; the queue's own states replace the status filter."""
    limits = filters.selection(filters.current(), shell.context().clock())
    limits = replace(
        limits,
        state=QUEUES[name],
        unplaced=limits.unplaced or name == "Location needed",
        need=NEEDS.get(name, limits.need),
    )
    roles = _escalation_roles(person) if name == "Escalated" else frozenset()
    return QueueQuery(
        limits,
        ordering.current().order,
        person.id if name == "Mine" else "",
        roles,
        text_review=name == "Text review",
        unclaimed_first=name in GROUPED,
        backwards=ordering.current().backwards,
    )


def _open_click(click: request_list.Click) -> None:
    if isinstance(click.body, TriageBody):
        acting.act(click.id, click.version, "triage", click.body)
        st.rerun()
    if click.verb == "claim":
        acting.act(click.id, click.version, "claim", ClaimBody(60))
    side_panel.clear(PAGE)
    side_panel.push(PAGE, Pane("detail", id=click.id))
    st.rerun()
