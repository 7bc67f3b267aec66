"""The Requests page: the queues of those who share the work out, as one long list beside the detail."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import get_args

import numpy as np
import streamlit as st

from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.core.verb import ClaimBody
from crisismap.rule_files import RuleFiles
from crisismap.services.desk.dispatch_search import DispatchResult
from crisismap.services.lists.queue import Order, Queue, QueueQuery, queue
from crisismap.services.runtime.context import audience_of
from crisismap.situation.board.selection import Selection
from crisismap.situation.situation import Situation
from crisismap.ui.detail import detail
from crisismap.ui.frame import alarm_bell, handover, shell, side_panel, style
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import (
    acting,
    bulk_bar,
    dispatch_search,
    filter_bar,
    filters,
    print_link,
    request_list,
    saved_views,
)

PAGE = "requests"
QUEUES = {
    "Unanswered": ("claimed", "open"),
    "Mine": ("claimed",),
    "Escalated": ("cannot_meet", "claimed", "open"),
    "Unplaced": ("claimed", "open"),
    "Answered": ("answered", "confirmed"),
    "Closed": ("cannot_meet", "joined", "withdrawn"),
    "Words": (),
}
NOT_FOUND = ("Nothing found", "Try the whole tracking code, the whole number, or one word of what was said.")
EMPTY = {
    "Unanswered": ("Nobody is waiting", "New requests appear here by themselves."),
    "Mine": ("You hold no request", "Claim one from the queue “Unanswered”; it stays here until you answer it."),
    "Escalated": (
        "Nothing calls you",
        "Requests that are overdue or cannot be met call one role after the other here.",
    ),
    "Unplaced": ("Everything is on the map", "Requests that only name their place in words wait here to be placed."),
    "Answered": ("Nothing answered yet", "What teams have answered stays here to be looked up."),
    "Closed": ("Nothing closed yet", "Withdrawn and joined requests stay here to be looked up."),
    "Words": (
        "No words wait for you",
        "Reports whose sender lets the words be shown wait here until a person has read them.",
    ),
}
ORDERS: dict[Order, str] = {
    "urgent": "most urgent first",
    "waiting": "waiting longest first",
    "due": "due first",
    "newest": "newest first",
}
SIGN_IN = ' · <a href="/login" target="_self">sign in</a> to read what they say and to take them'
# On a phone what is open takes the whole page.
PHONE = "<style>@media (max-width:640px){.st-key-queue-list,.st-key-queues{display:none !important}}</style>"
LIST = "requests-queue"
KEYS = "Keys: ↓ ↑ move · O or Enter open · C claim · X choose · Esc back"
_QUEUE, _ORDER = saved_views.QUEUE, saved_views.ORDER


def show(person: Person, head_rem: float) -> None:
    """Draw the page below its head of so many rem."""
    context = shell.context()
    head_rem += handover.notice(context.store, context.views, context.clock(), person)
    names = _names(context.rules, person)
    if st.session_state.get(_QUEUE) not in (None, *names):  # a view that was kept in another role
        del st.session_state[_QUEUE]
    with st.container(horizontal=True, key="queues", vertical_alignment="center", gap="small"):
        name = st.segmented_control("Queue", names, key=_QUEUE, default=names[0], label_visibility="collapsed")
        order = st.selectbox(
            "Order", get_args(Order), key=_ORDER, format_func=_order, label_visibility="collapsed", width=200
        )
        dispatch_search.show()
        filter_bar.show(context.views.situation, context.rules)
        saved_views.show(context.store, person)
    name = name or names[0]
    top = side_panel.top(PAGE)
    height = f"calc(100dvh - {head_rem + 9:g}rem)"
    finding = dispatch_search.search_results()
    wanted = queue_query(context.rules, context.clock(), person, name, order)
    found = (
        _rows(context.views.situation, person, finding)
        if finding
        else queue(context.views, context.rules, context.clock(), audience_of(person), wanted)
    )
    if top.kind == "detail":
        st.html(PHONE)
        left, right = st.columns([3, 2], gap="small")
    else:
        left, right = st.container(), None
    with left, st.container(key="queue-list"):
        with st.container(horizontal=True, key="title-row", vertical_alignment="center", gap="small"):
            _title(person, name, finding, len(found.rows))
            alarm_bell.show(context.store, context.views, context.clock(), person)
            handover.write(context.store, context.views.situation, context.rules, context.clock(), person)
        if right is None:
            detail.show_outcome()
        fresh = f"{name}/{order}/{filters.query(filters.selection(filters.current(), 0))}"
        if finding:
            fresh = f"found/{finding.how}/{finding.query}"
        claims = person.may("request.claim")
        if claims:
            bulk_bar.show(context.views.situation, person, LIST)
        words = audience_of(person) is Audience.AGENCY
        empty = NOT_FOUND if finding else EMPTY[name]
        picks = bulk_bar.count() if claims else None
        abilities = shell.abilities(context.store, context.views.caches, context.rules, context.clock(), person)
        listed = request_list.Listed(
            found, height, empty, fresh, top.id, claims, words=words, abilities=abilities, picks=picks
        )
        click = request_list.show(listed, key=LIST, dark=style.dark())
        if claims:
            st.html(f'<p class="cm-soft cm-keys">{KEYS}</p>')
    if right is not None:
        with right:
            detail.show(person, PAGE, top.id, height=height)
    if click is not None:
        _clicked(click)


def _names(rules: RuleFiles, person: Person) -> list[str]:
    """The queues that a person has any use for."""
    called = _called(rules, person)
    needless = {
        "Mine": not person.may("request.claim"),
        "Escalated": not called,
        "Words": not person.may("report.clear"),
    }
    return [name for name in QUEUES if not needless.get(name)]


def _called(rules: RuleFiles, person: Person) -> frozenset[str]:
    """Those of a person's roles that overdue requests call."""
    return person.roles & {step.to for step in rules.clocks.escalations}


def _rows(situation: Situation, person: Person, finding: DispatchResult) -> Queue:
    board = situation.board(audience_of(person))
    rows = np.array(finding.rows, np.int64)
    return Queue(board, rows[rows < board.n])


def _title(person: Person, name: str, finding: DispatchResult | None, count: int) -> None:
    if finding is not None:
        st.html(f'<div class="cm-title"><b>{escape(dispatch_search.title(finding))}</b></div>', width="stretch")
        st.button("Back to the queue", key="find-clear", type="tertiary", on_click=dispatch_search.clear)
        return
    hint = SIGN_IN if person == STRANGER else ""
    if name == "Unanswered" and person.may("situation.read_exact"):
        hint = f" · {print_link.link(filters.current().area)}"
    what = "report" if name == "Words" else "request"
    if name == "Words":
        hint = ": may the public read what they say? Open one, read it, decide"
    st.html(f'<div class="cm-title"><b>{name}</b> {count_phrase(count, what)}{hint}</div>', width="stretch")


def queue_query(rules: RuleFiles, now_ms: int, person: Person, name: str, order: Order) -> QueueQuery:
    """What a queue holds, narrowed by the filters; a queue says itself which states it is about."""
    limits: Selection = filters.selection(filters.current(), now_ms)
    limits = replace(limits, state=QUEUES[name], unplaced=limits.unplaced or name == "Unplaced")
    called = _called(rules, person) if name == "Escalated" else frozenset()
    return QueueQuery(limits, order, person.id if name == "Mine" else "", called, words=name == "Words")


def _clicked(click: request_list.Click) -> None:
    if click.verb == "claim":
        acting.act(click.id, click.version, "claim", ClaimBody(60))
    side_panel.clear(PAGE)
    side_panel.push(PAGE, Pane("detail", id=click.id))
    st.rerun()


def _order(order: Order) -> str:
    return ORDERS[order]
