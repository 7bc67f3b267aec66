"""The Requests page: the queues of those who share the work out, as one long list beside the detail."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from crisismap.core.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.services.context import Context, audience_of
from crisismap.services.queue import Ask, Order, queue
from crisismap.situation.selection import Selection
from crisismap.ui.components import acting, detail, filter_bar, filters, pane, paper, request_list, style
from crisismap.ui.components.pane import Pane
from crisismap.ui.components.phrase import counted

PAGE = "requests"
QUEUES = {
    "Unanswered": ("claimed", "open"),
    "Mine": ("claimed",),
    "Unplaced": ("claimed", "open"),
    "Answered": ("answered", "confirmed"),
    "Closed": ("cannot_meet", "joined", "withdrawn"),
}
EMPTY = {
    "Unanswered": ("Nobody is waiting", "New requests appear here by themselves."),
    "Mine": ("You hold no request", "Claim one from the queue “Unanswered”; it stays here until you answer it."),
    "Unplaced": ("Everything is on the map", "Requests that only name their place in words wait here to be placed."),
    "Answered": ("Nothing answered yet", "What teams have answered stays here to be looked up."),
    "Closed": ("Nothing closed yet", "Withdrawn and joined requests stay here to be looked up."),
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
_QUEUE = "dispatch-queue"
_ORDER = "dispatch-order"


def show(context: Context, person: Person, head_rem: float) -> None:
    """Draw the page below its head of so many rem."""
    names = [name for name in QUEUES if name != "Mine" or person.may("request.claim")]
    with st.container(horizontal=True, key="queues", vertical_alignment="center", gap="small"):
        name = st.segmented_control("Queue", names, key=_QUEUE, default=names[0], label_visibility="collapsed")
        order = st.selectbox(
            "Order", get_args(Order), key=_ORDER, format_func=_order, label_visibility="collapsed", width=220
        )
        filter_bar.show(context)
    name = name or names[0]
    top = pane.top(PAGE)
    height = f"calc(100dvh - {head_rem + 7:g}rem)"
    found = queue(context, audience_of(person), ask(context, person, name, order))
    if top.kind == "detail":
        st.html(PHONE)
        left, right = st.columns([3, 2], gap="small")
    else:
        left, right = st.container(), None
    with left, st.container(key="queue-list"):
        hint = SIGN_IN if person == STRANGER else ""
        if name == "Unanswered" and person.may("situation.read_exact"):
            hint = f" · {paper.link(filters.current().area)}"
        st.html(f'<div class="cm-title"><b>{name}</b> {counted(len(found.rows), "request")}{hint}</div>')
        if right is None:
            detail.tell()
        fresh = f"{name}/{order}/{filters.query(filters.selection(filters.current(), 0))}"
        claims = person.may("request.claim")
        words = audience_of(person) is Audience.AGENCY
        listed = request_list.Listed(found, height, EMPTY[name], fresh, top.id, claims, words=words)
        click = request_list.show(context, listed, key="requests-queue", dark=style.dark())
    if right is not None:
        with right:
            detail.show(context, person, PAGE, top.id, height=height)
    if click is not None:
        _clicked(click)


def ask(context: Context, person: Person, name: str, order: Order) -> Ask:
    """What a queue holds, narrowed by the filters; a queue says itself which states it is about."""
    limits: Selection = filters.selection(filters.current(), context.clock())
    limits = replace(limits, state=QUEUES[name], unplaced=limits.unplaced or name == "Unplaced")
    return Ask(limits, order, person.id if name == "Mine" else "")


def _clicked(click: request_list.Click) -> None:
    if click.verb == "claim":
        acting.claim(click.id, click.version, 60)
    pane.clear(PAGE)
    pane.push(PAGE, Pane("detail", id=click.id))
    st.rerun()


def _order(order: Order) -> str:
    return ORDERS[order]
