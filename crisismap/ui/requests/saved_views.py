"""Saved views: a queue, its order and the filters, saved by each person under a name."""

from __future__ import annotations

import msgspec
import streamlit as st

from crisismap.core.people.person import Person
from crisismap.services.desk import saved_views
from crisismap.services.lists.queue import Order
from crisismap.situation.board.selection import area_numbers
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import plain
from crisismap.ui.requests import acting, filters, ordering
from crisismap.ui.requests.filters import Filters

QUEUE = "dispatch-queue"  # widget key on the page
_NAME = "view-name"
_RENAMED_QUEUES = {"Unplaced": "Location needed", "Words": "Text review"}  # in views saved before the queues' new names


class SavedView(msgspec.Struct, frozen=True):
    """The content of a saved view."""

    queue: str
    order: Order
    filters: Filters
    backwards: bool = False


def show(person: Person) -> None:
    """Draw the Views popover; the views are read only while it is open."""
    if not person.may("view.keep"):
        return
    with st.popover("Views", key="views", on_change="rerun") as popover:
        if not popover.open:
            return
        views = saved_views.list_views(shell.context().store, person)
        if not views:
            st.html('<p class="cm-soft">No saved views yet. Choose a queue, an order and filters, then save them.</p>')
        for number, (name, query) in enumerate(views.items()):
            with st.container(horizontal=True, key=f"view-{number}"):
                st.button(plain(name), key=f"view-use-{number}", on_click=_use, args=(query,), width="stretch")
                st.button("Delete view", key=f"view-drop-{number}", type="tertiary", on_click=_drop, args=(name,))
        st.text_input("Name of this view", key=_NAME, max_chars=saved_views.MAX_NAME)
        st.button("Save view", key="view-save", type="primary", on_click=_save)


def _use(query: str) -> None:
    try:
        view = msgspec.json.decode(query, type=SavedView)
    except msgspec.DecodeError:
        acting.keep_message("error", "This view was saved by another version and cannot be read. Save it again.")
        return
    with acting.refusal_message():
        area_numbers(view.filters.area, shell.context().views.situation.areas)  # its layer may have been replaced
        _apply(view)


def _apply(view: SavedView) -> None:
    st.session_state[QUEUE] = _RENAMED_QUEUES.get(view.queue, view.queue)
    ordering.use(ordering.Ordering(view.order, view.backwards))
    filters.use(view.filters)


def _save() -> None:
    view = SavedView(
        st.session_state.get(QUEUE) or "Unanswered",
        ordering.current().order,
        filters.current(),
        ordering.current().backwards,
    )
    name = st.session_state.get(_NAME, "")
    context, query = shell.context(), msgspec.json.encode(view).decode()
    with acting.refusal_message():
        saved_views.save(context.store, context.clock(), shell.person(), name, query)
        st.session_state[_NAME] = ""
        acting.keep_message("success", f"View saved as “{name.strip()}”.")


def _drop(name: str) -> None:
    saved_views.drop(shell.context().store, shell.context().clock(), shell.person(), name)
