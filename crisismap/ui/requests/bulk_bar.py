"""The bar of actions on all selected rows of the list, and afterwards the result for each row, with Undo."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

import streamlit as st

from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.core.report.request import State
from crisismap.core.verb import Body, JoinBody, Verb
from crisismap.core.verbs import VERBS
from crisismap.i18n import english
from crisismap.services.requests import bulk
from crisismap.services.requests.bulk import BulkOutcome, Item
from crisismap.situation.board.board import Board
from crisismap.ui.detail import verb_fields
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import acting, request_list
from crisismap.ui.requests.card import place_line

_COUNT, _RESULT = "bulk-count", "bulk-said"


def count() -> int:
    """Return the number of bulk actions so far; the list clears its selection when it changes."""
    return int(st.session_state.get(_COUNT, 0))


def show(person: Person, key: str) -> None:
    """Draw the result of the last action, and the bar while rows of the list with that key are selected."""
    _show_result()
    items = _items(request_list.selected_ids(key, count()))
    if not items:
        return
    with st.container(horizontal=True, key="bulk", vertical_alignment="center", gap="small"):
        st.html(f'<div class="cm-title"><b>{count_phrase(len(items), "request")} selected</b></div>', width="content")
        for verb in VERBS.values():
            if verb.bulk and person.may(verb.permission):
                _button(items, verb)
        st.button("Clear selection", key="bulk-none", type="tertiary", on_click=_clear_selection)


def _button(items: Sequence[Item], verb: Verb) -> None:
    label, key = verb.labels.many or verb.labels.button, f"bulk-{verb.name}"
    if verb.body is JoinBody:
        if len(items) > 1:
            others = (items[1:], verb, JoinBody(items[0].id))
            st.button(label, key=key, on_click=_do, args=others)
    elif not verb.body.required():
        kind: Literal["primary", "secondary"] = "primary" if verb.state is State.CLAIMED else "secondary"
        st.button(label, key=key, type=kind, on_click=_do, args=(items, verb, verb.body()))
    else:
        with st.popover(f"{label} …", key=key, on_change="rerun") as popover:
            if popover.open:
                body = verb_fields.fields(verb, key)
                ready = all(str(getattr(body, name)).strip() for name in verb.body.required())
                args = (items, verb, body)
                st.button("Set for all selected", key=f"{key}-set", disabled=not ready, on_click=_do, args=args)


def _items(ids: Sequence[str]) -> list[Item]:
    """Return the selected requests with the version that the page shows now."""
    board, unique_ids = shell.context().views.situation.board(Audience.AGENCY), list(dict.fromkeys(ids[: bulk.MOST]))
    rows = zip(unique_ids, _rows(board, unique_ids), strict=True)
    return [Item(id_, int(board["version"][row])) for id_, row in rows if row is not None]


def _rows(board: Board, ids: Sequence[str]) -> list[int | None]:
    return board.rows_of_ids([id_bytes(id_) or b"" for id_ in ids])


def _do(items: Sequence[Item], verb: Verb, body: Body) -> None:
    context, action = shell.context(), verb.labels.bulk or verb.labels.event
    with acting.refusal_message():
        outcomes = bulk.act(context.store, context.rules, context.clock, shell.person(), items, verb.name, body)
        _keep_result(action, outcomes, undoable=verb.undo is not None)


def _undo(outcomes: Sequence[BulkOutcome]) -> None:
    context = shell.context()
    with acting.refusal_message():
        results = bulk.undo(context.store, context.rules, context.clock, shell.person(), outcomes)
        _keep_result(VERBS[outcomes[0].verb].labels.undone, results, undoable=False)


def _keep_result(action: str, outcomes: Sequence[BulkOutcome], *, undoable: bool) -> None:
    context = shell.context()
    context.views.situation.wait(context.store.events.revision(), acting.WAIT_S)
    successes = [outcome for outcome in outcomes if not outcome.refused]
    title = f"{action} {len(successes)} of {count_phrase(len(outcomes), 'request')}."
    names = _names([outcome.item.id for outcome in outcomes])
    lines = tuple((not o.refused, f"{names[o.item.id]}{f': {o.refused}' if o.refused else ''}") for o in outcomes)
    st.session_state[_RESULT] = (title, lines, tuple(successes) if undoable else ())
    _clear_selection()


def _names(ids: Sequence[str]) -> dict[str, str]:
    views, now_ms = shell.context().views, shell.context().clock()
    board = views.situation.board(Audience.AGENCY)
    rows = [row for row in _rows(board, ids) if row is not None]
    names = {
        r.id: f"{r.priority or ''} {english().category(r.category)}, {place_line(r)}".strip()
        for r in views.features.records(board, rows, now_ms)
    }
    return {id_: names.get(id_, "a request that no longer exists") for id_ in ids}


def _show_result() -> None:
    """Draw the last action: its title, the outcome of each request by name, and Undo where it is possible."""
    if _RESULT not in st.session_state:
        return
    title, lines, undoable = st.session_state[_RESULT]
    items = "".join(f"<li>{'✓' if done else '✗'} {escape(line)}</li>" for done, line in lines)
    kind = "success" if all(done for done, _ in lines) else "warning"
    with st.container(horizontal=True, key="bulk-said", vertical_alignment="top", gap="small"):
        st.html(
            f'<div class="cm-notice {kind}" role="status"><b>{escape(title)}</b>'
            f'<ul class="cm-outcomes">{items}</ul></div>',
            width="stretch",
        )
        if undoable:
            st.button("Undo", key="bulk-undo", on_click=_undo, args=(undoable,))
        st.button("Close", key="bulk-close", type="tertiary", on_click=st.session_state.pop, args=(_RESULT, None))


def _clear_selection() -> None:
    st.session_state[_COUNT] = count() + 1
