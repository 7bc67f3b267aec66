"""The bar of actions on all selected rows of the list, and afterwards the result for each row, with Undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import streamlit as st

from crisismap.core.errors import CrisismapError
from crisismap.core.people.identity import id_bytes
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.core.report.request import State
from crisismap.core.verb import Body, JoinBody, Verb
from crisismap.core.verbs import VERBS
from crisismap.i18n import english
from crisismap.problems import sentence
from crisismap.services.requests import bulk
from crisismap.services.requests.bulk import BulkOutcome, Item
from crisismap.services.runtime.context import Context
from crisismap.services.runtime.views import Views
from crisismap.situation.situation import Situation
from crisismap.ui.detail import verb_fields
from crisismap.ui.frame import shell
from crisismap.ui.frame.wording import count_phrase
from crisismap.ui.requests import acting, request_list
from crisismap.ui.requests.card import place_line

_COUNT, _RESULT = "bulk-count", "bulk-said"


@dataclass(frozen=True, slots=True)
class _BulkResult:
    """The last bulk action: a title, the outcome of each request by name, and the outcomes that can be undone."""

    title: str
    lines: tuple[tuple[bool, str], ...]
    back: tuple[BulkOutcome, ...]


def count() -> int:
    """Return the number of bulk actions so far; the list clears its selection when it changes."""
    return int(st.session_state.get(_COUNT, 0))


def show(situation: Situation, person: Person, key: str) -> None:
    """Draw the result of the last action, and the bar while rows of the list with that key are selected."""
    _show_result()
    items = _items(situation, request_list.picked(key, count()))
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
        with st.popover(f"{label} …", key=key, on_change="rerun") as opened:
            if opened.open:
                body = verb_fields.fields(verb, key)
                ready = all(str(getattr(body, name)).strip() for name in verb.body.required())
                args = (items, verb, body)
                st.button("Set for all selected", key=f"{key}-set", disabled=not ready, on_click=_do, args=args)


def _items(situation: Situation, ids: Sequence[str]) -> list[Item]:
    """Return the selected requests with the version that the page shows now."""
    board = situation.board(Audience.AGENCY)
    wanted = list(dict.fromkeys(ids[: bulk.MOST]))
    rows = board.rows_of_ids([id_bytes(id_) or b"" for id_ in wanted])
    return [Item(id_, int(board["version"][row])) for id_, row in zip(wanted, rows, strict=True) if row is not None]


def _do(items: Sequence[Item], verb: Verb, body: Body) -> None:
    action = verb.labels.bulk or verb.labels.event
    undoable = verb.undo is not None
    _run(
        action,
        lambda context, person: bulk.act(context.store, context.rules, context.clock, person, items, verb.name, body),
        undoable=undoable,
    )


def _undo(outcomes: Sequence[BulkOutcome]) -> None:
    undone = VERBS[outcomes[0].verb].labels.undone
    _run(
        undone,
        lambda context, person: bulk.undo(context.store, context.rules, context.clock, person, outcomes),
        undoable=False,
    )


def _run(action: str, doing: Callable[[Context, Person], tuple[BulkOutcome, ...]], *, undoable: bool) -> None:
    context, person = shell.context(), shell.person()
    try:
        outcomes = doing(context, person)
    except CrisismapError as problem:
        acting.keep_message("error", sentence(problem))
        return
    context.views.situation.wait(context.store.events.revision(), acting.SEE_S)
    succeeded = [outcome for outcome in outcomes if not outcome.refused]
    title = f"{action} {len(succeeded)} of {count_phrase(len(outcomes), 'request')}."
    names = _names(context.views, context.clock(), [outcome.item.id for outcome in outcomes])
    lines = tuple((not o.refused, f"{names[o.item.id]}{f': {o.refused}' if o.refused else ''}") for o in outcomes)
    st.session_state[_RESULT] = _BulkResult(title, lines, tuple(succeeded) if undoable else ())
    _clear_selection()


def _names(views: Views, now_ms: int, ids: Sequence[str]) -> dict[str, str]:
    board = views.situation.board(Audience.AGENCY)
    rows = [row for row in (board.row_of_id(id_bytes(id_) or b"") for id_ in ids) if row is not None]
    named = {
        r.id: f"{r.priority or ''} {english().category(r.category)}, {place_line(r)}".strip()
        for r in views.features.records(board, rows, now_ms)
    }
    return {id_: named.get(id_, "a request that no longer exists") for id_ in ids}


def _show_result() -> None:
    result = st.session_state.get(_RESULT)
    if not isinstance(result, _BulkResult):
        return
    items = "".join(f"<li>{'✓' if done else '✗'} {escape(line)}</li>" for done, line in result.lines)
    kind = "success" if all(done for done, _ in result.lines) else "warning"
    with st.container(horizontal=True, key="bulk-said", vertical_alignment="top", gap="small"):
        st.html(
            f'<div class="cm-notice {kind}" role="status"><b>{escape(result.title)}</b>'
            f'<ul class="cm-outcomes">{items}</ul></div>',
            width="stretch",
        )
        if result.back:
            st.button("Undo", key="bulk-undo", on_click=_undo, args=(result.back,))
        st.button("Close", key="bulk-close", type="tertiary", on_click=_close)


def _clear_selection() -> None:
    st.session_state[_COUNT] = count() + 1


def _close() -> None:
    st.session_state.pop(_RESULT, None)
