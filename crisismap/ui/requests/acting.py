"""Doing something to a request from a page: who may, with the version that was seen, and one clear sentence after."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import streamlit as st

from crisismap.core.errors import CrisismapError, NotFound, Stale, WrongState
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.report.report import Contact
from crisismap.core.report.request import State
from crisismap.core.verb import AnswerBody, Body
from crisismap.core.verbs import VERBS
from crisismap.problems import sentence
from crisismap.services.lists import read
from crisismap.services.requests import contact as contacts
from crisismap.services.requests import photo
from crisismap.services.requests.perform import Act, perform
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record
from crisismap.ui.frame import shell
from crisismap.ui.requests.card import STATE_WORDS

PATIENCE_S = 10.0
SEE_S = 2.0  # how long a page waits for its own change to be in the lists
_SAID = "acting-said"
_CONTACT = "acting-contact"


def act(report_id: str, version: int | None, verb: str, body: Body | None = None, *, done: str = "") -> bool:
    """Carry out a verb, and keep the sentence about it; whether it was done. `done`: in place of the verb's own."""
    context, person, known = shell.context(), shell.person(), VERBS[verb]
    body = known.body() if body is None else body
    if known.state not in (None, State.CLAIMED):
        forget_contact()
    try:
        wanted = Act(person, report_id, version, verb, body)
        committed = perform(context.store, context.rules, context.clock(), wanted)
    except (Stale, WrongState) as problem:
        keep_message("warning", quicker(context.store, context.views, context.clock, person, report_id, problem))
    except NotFound:
        keep_message("error", "This request is no longer there.")
    except CrisismapError as problem:
        keep_message("error", sentence(problem))
    else:
        context.views.situation.wait(committed.revision, SEE_S)
        keep_message("success", done or known.labels.done.format_map(msgspec.structs.asdict(body)))
        return True
    return False


def press(report_id: str, version: int | None, verb: str, body: Body | None = None) -> None:
    """Do the same at the press of a button."""
    act(report_id, version, verb, body)


def answer(report_id: str, version: int | None, note: str, picture: bytes | None = None) -> bool:
    """Say what was done, with a photo if there is one; whether it was kept."""
    context, person = shell.context(), shell.person()
    try:
        photos = (
            (photo.add(context.store, context.guards.turns, context.clock(), person, report_id, picture).id,)
            if picture
            else ()
        )
    except CrisismapError as problem:
        keep_message(
            "error", f"The photo cannot be used: {sentence(problem)} Take it out or choose another; nothing was sent."
        )
        return False
    done = "Answered. The requester sees your organisation, your note and the photo." if photos else ""
    return act(report_id, version, "answer", AnswerBody(note, photos), done=done)


def read_contact(report_id: str) -> None:
    """Look at how to reach the requester; the look is written down."""
    context, person = shell.context(), shell.person()
    try:
        found = contacts.read_contact(context.store, context.clock(), person, report_id).value
    except CrisismapError as problem:
        keep_message("error", sentence(problem))
        return
    st.session_state[_CONTACT] = (person.id, report_id, found)


def contact(person: Person, report_id: str) -> Contact | None:
    """What was looked at in this session, of this report, by this person."""
    who, which, found = st.session_state.get(_CONTACT, ("", "", None))
    return found if (who, which) == (person.id, report_id) and isinstance(found, Contact) else None


def forget_contact() -> None:
    """It is not needed any more."""
    st.session_state.pop(_CONTACT, None)


def keep_message(kind: str, text: str) -> None:
    """Keep a sentence for the next look at the page."""
    st.session_state[_SAID] = (kind, text)


def take_message() -> tuple[str, str] | None:
    """The sentence, once."""
    found: tuple[str, str] | None = st.session_state.pop(_SAID, None)
    return found


def quicker(
    store: Store, views: Views, clock: Callable[[], int], person: Person, report_id: str, problem: CrisismapError
) -> str:
    """What stands in the way, and how it stands now."""
    try:
        # The boards may be a moment behind the store that refused.
        views.situation.wait(store.events.revision(), SEE_S)
        now = read.record(store, views, clock, person, report_id)
    except CrisismapError:
        return sentence(problem)
    if isinstance(problem, Stale):
        return (
            f"Somebody was quicker: it has changed since you looked. Now it is {standing(now)}. Look again, then act."
        )
    return f"{sentence(problem)} Now it is {standing(now)}."


def standing(record: Record) -> str:
    """The state in a few words."""
    words = STATE_WORDS.get(record.state or "", "a report that asks for nothing")
    return f"{words} by {record.claimed_by}" if record.state == "claimed" and record.claimed_by else words
