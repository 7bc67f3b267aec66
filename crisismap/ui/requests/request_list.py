"""The list of requests: a custom component that draws only the rows in view, however long the list is.

A list of Streamlit widgets costs a widget per button and row. This component is one widget and receives one window of
cards around the scroll position. Texts travel as data and are never read as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import numpy as np
import streamlit as st

from crisismap.core.text import symbols
from crisismap.services.lists.queue import Queue
from crisismap.services.lists.read import symbol_of
from crisismap.services.requests.skills import fitting_of
from crisismap.services.runtime.caches import IdentityKey
from crisismap.situation.board.board import Board
from crisismap.ui.frame import custom_component, shell
from crisismap.ui.requests.card import card

AGES_MS = 10_000  # ages in a list may lag by so much
BEFORE, WINDOW = 12, 48  # cards sent above the first one in view, and in all


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows. `height` is CSS; a changed `fresh` marks another list, which starts at its top."""

    queue: Queue
    height: str
    empty: tuple[str, str]
    fresh: str = ""
    chosen: str = ""
    claims: bool = False
    beside_map: bool = False
    words: bool = True  # whether this audience may read the text of requests
    abilities: frozenset[str] = frozenset()  # of the person: matching requests are marked
    picks: int | None = None  # a higher number clears the selection; None: rows cannot be selected


@dataclass(frozen=True, slots=True)
class Click:
    """A click: `open` or `claim` a report, with the version that the person saw."""

    verb: str
    id: str
    version: int | None = None


def queue_of(board: Board, rows: Sequence[int]) -> Queue:
    """Return a list of these rows, without those that the board no longer has."""
    chosen = np.array(rows, np.int64)
    return Queue(board, chosen[chosen < board.n])


def show(listed: Listed, *, key: str, dark: bool = False) -> Click | None:
    """Draw the list and return the click since the last run, once."""
    at = _at(st.session_state.get(key), f"{key}-at", listed.fresh)
    answer = custom_component.component(__file__)(
        key=key,
        data=payload(listed, at, name=key, dark=dark),
        on_at_change=custom_component.nothing,
        on_open_change=custom_component.nothing,
        on_claim_change=custom_component.nothing,
        on_picked_change=custom_component.nothing,
    )
    return click(answer.get("open"), answer.get("claim"))


def payload(listed: Listed, at: int, *, name: str = "", dark: bool = False) -> bytes:
    """Return what the browser receives, as JSON: one window of cards, and each symbol in it once."""
    context = shell.context()
    board, rows = listed.queue.board, listed.queue.rows
    start = max(0, min(at, len(rows) - 1) - BEFORE)
    return msgspec.json.encode(
        {
            "stamp": f"{listed.fresh}/{board.revision}",
            "name": name,
            "fresh": listed.fresh,
            "total": len(rows),
            "start": start,
            **_window(listed.queue, start, dark=dark, fits=bool(listed.abilities)),
            "abilities": {each: context.rules.matching.abilities[each] for each in sorted(listed.abilities)},
            "chosen": listed.chosen,
            "claims": listed.claims,
            "picks": listed.picks,
            "words": listed.words,
            "map": listed.beside_map,
            "height": listed.height,
            "empty": listed.empty,
        }
    )


def _window(queue: Queue, start: int, *, dark: bool, fits: bool) -> dict[str, msgspec.Raw]:
    """Return cards and symbols, encoded once for all desks that show the same part of the same list."""
    context = shell.context()
    now_ms = context.clock()

    def make() -> dict[str, msgspec.Raw]:
        rows = queue.rows[start : start + WINDOW]
        records = context.views.features.records(queue.board, rows, context.clock())
        categories = context.rules.categories
        cards = [card(record, categories, now_ms) for record in records]
        if fits:
            wanted = fitting_of(context.store, context.rules, queue.board["seq"][rows].tolist())
            cards = [each | {"needs": wanted.get(each["id"], [])} for each in cards]
        drawn = {each.key: _drawing(each, dark) for each in (symbol_of(record, categories) for record in records)}
        parts = {"cards": cards, "symbols": drawn}
        return {name: msgspec.Raw(msgspec.json.encode(part)) for name, part in parts.items()}

    return context.views.caches.list_pages.get((IdentityKey(queue), start, dark, fits), make, stamp=now_ms // AGES_MS)


def click(opened: object, claimed: object) -> Click | None:
    """Return the click in what a browser sent; None for none and for data of another form."""
    if isinstance(opened, str):
        return Click("open", opened)
    if isinstance(claimed, dict):
        id_, version = claimed.get("id"), claimed.get("version")
        if isinstance(id_, str) and isinstance(version, int) and not isinstance(version, bool):
            return Click("claim", id_, version)
    return None


def picked(key: str, picks: int) -> list[str]:
    """Return the ids selected in the list with that key, in order of selection, if they belong to this count."""
    state = st.session_state.get(key)
    sent = state.get("picked") if state else None
    if not isinstance(sent, dict) or sent.get("of") != picks or not isinstance(sent.get("ids"), list):
        return []
    return [each for each in sent["ids"] if isinstance(each, str)]


def _at(state: Any, key: str, fresh: str) -> int:
    """Return the first row in view. Streamlit drops the state of a list that is off the page, so it is stored here."""
    sent = state.get("at") if state else None
    if isinstance(sent, dict) and sent.get("fresh") == fresh and type(sent.get("at")) is int and sent["at"] >= 0:
        st.session_state[key] = (fresh, sent["at"])
    of, at = st.session_state.get(key, ("", 0))
    return int(at) if of == fresh else 0


@cache
def _drawing(symbol: symbols.Symbol, dark: bool) -> str:
    return symbols.svg(symbol, size=40, dark=dark)
