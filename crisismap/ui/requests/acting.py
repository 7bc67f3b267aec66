"""Actions on a request from a page: the permission, the version the person saw, and one message afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import msgspec
import streamlit as st

from crisismap.core.errors import CrisismapError, NotFound, Stale, WrongState
from crisismap.core.moment import parse
from crisismap.core.people.person import Person
from crisismap.core.place.moves import PROPOSE_PLACE
from crisismap.core.report.report import Contact
from crisismap.core.report.request import State
from crisismap.core.text.local_time import time_of_day
from crisismap.core.verb import AnswerBody, Before, Body
from crisismap.core.verbs import VERBS
from crisismap.problems import sentence
from crisismap.services.lists import read
from crisismap.services.requests import bulk, photo
from crisismap.services.requests import contact as contacts
from crisismap.services.requests.bulk import BulkOutcome, Item
from crisismap.services.requests.perform import Act, perform
from crisismap.ui.frame import shell, style
from crisismap.ui.frame.local_time import zone
from crisismap.ui.requests.card import STATE_LABELS

SHOWN_S = 20.0  # a message stays at least this long, however often the page is drawn again
UNDO_S = 60.0  # an undo is offered this long
WAIT_S = 2.0  # a page waits at most this long for its own change to appear in the lists
PROPOSED = (
    "Proposed. The location is far from the one before, so it changes when a responder or a second volunteer has "
    "confirmed it."
)
_MESSAGE = "acting-said"
_CONTACT = "acting-contact"


class _Message(msgspec.Struct):
    """A message, the place and role that showed it first, and until when, in seconds of `monotonic`.

    `undo` is the change that the message offers to take back.
    """

    kind: str
    text: str
    place: tuple[str, str] | None = None
    until: float = 0.0
    undo: BulkOutcome | None = None


def act(report_id: str, version: int | None, verb: str, body: Body | None = None, *, message: str = "") -> bool:
    """Carry out a verb, keep a message, and return whether it succeeded. `message` replaces the verb's own."""
    context, person, entry = shell.context(), shell.person(), VERBS[verb]
    body = entry.body() if body is None else body
    if entry.state not in (None, State.CLAIMED):
        st.session_state.pop(_CONTACT, None)
    try:
        before = _before(report_id, body) if entry.undo is not None and version is not None else None
        action = Act(person, report_id, version, verb, body, context.views.extent)
        result = perform(context.store, context.rules, context.clock(), action)
    except (Stale, WrongState) as problem:
        keep_message("warning", _outdated(person, report_id, problem))
    except NotFound:
        keep_message("error", "This request no longer exists.")
    except CrisismapError as problem:
        keep_message("error", sentence(problem))
    else:
        context.views.situation.wait(result.revision, WAIT_S)
        if result.value == PROPOSE_PLACE:
            message = PROPOSED
        members = {**msgspec.structs.asdict(body), "until": _until(report_id) if entry.state is State.CLAIMED else ""}
        keep_message("success", message or entry.labels.done.format_map(members))
        if before is not None and version is not None:
            st.session_state[_MESSAGE].undo = BulkOutcome(Item(report_id, version), verb, "", before)
        return True
    return False


def _before(report_id: str, body: Body) -> Before:
    """Return what an undo restores."""
    now = shell.context().store.reports.one(report_id)
    return Before(now.need, now.request, body.photo_ids if isinstance(body, AnswerBody) else ())


def _until(report_id: str) -> str:
    """Return ` until 14:10`; an empty text where that is not known yet."""
    context, person = shell.context(), shell.person()
    record = read.record(context.store, context.views, context.clock, person, report_id)
    return f" until {time_of_day(parse(record.claim_until)[0], zone())}" if record.claim_until else ""


def _take_back(outcome: BulkOutcome) -> None:
    """Undo the change of a message as the callback of its button."""
    context = shell.context()
    with refusal_message():
        [result] = bulk.undo(context.store, context.rules, context.clock, shell.person(), [outcome])
        context.views.situation.wait(context.store.events.revision(), WAIT_S)
        done = f"{VERBS[outcome.verb].labels.undone} this request."
        keep_message("warning" if result.refused else "success", result.refused or done)


def press(report_id: str, version: int | None, verb: str, body: Body | None = None) -> None:
    """Carry out a verb as the callback of a button."""
    act(report_id, version, verb, body)


def answer(report_id: str, version: int | None, note: str, picture: bytes | None = None) -> bool:
    """Mark a request as answered, with a photo if there is one; return whether it succeeded."""
    context, person = shell.context(), shell.person()
    try:
        photos = (
            (photo.add(context.store, context.guards.turns, context.clock(), person, report_id, picture).id,)
            if picture
            else ()
        )
    except CrisismapError as problem:
        keep_message(
            "error",
            f"The photo cannot be used: {sentence(problem)} Nothing was sent: remove the photo or choose another one.",
        )
        return False
    message = "Marked as answered. The requester can see your organisation, your note and the photo." if photos else ""
    return act(report_id, version, "answer", AnswerBody(note, photos), message=message)


def read_contact(report_id: str) -> None:
    """Read the requester's contact details; the access is logged."""
    context, person = shell.context(), shell.person()
    with refusal_message():
        details = contacts.read_contact(context.store, context.clock(), person, report_id).value
        st.session_state[_CONTACT] = (person.id, report_id, details)


def contact(person: Person, report_id: str) -> Contact | None:
    """Return the contact details of this report that this person has read in this session."""
    person_id, stored_id, details = st.session_state.get(_CONTACT, ("", "", None))
    return details if (person_id, stored_id) == (person.id, report_id) and isinstance(details, Contact) else None


def keep_message(kind: str, text: str) -> None:
    """Keep a message for the next run of the page; it replaces the one before."""
    st.session_state[_MESSAGE] = _Message(kind, text)


@contextmanager
def refusal_message() -> Iterator[None]:
    """End the block at a refusal, and keep its sentence for the next run of the page."""
    try:
        yield
    except CrisismapError as problem:
        keep_message("error", sentence(problem))


def show_message(place: str = "", *, role: str = "status") -> None:
    """Show the message about the last action for a while, at the place that shows it first.

    The page draws itself again at any moment, since others work too; a message drawn once might never be read.
    """
    message = st.session_state.get(_MESSAGE)
    if message is None:
        return
    if message.place is None:
        shown_s = SHOWN_S if message.undo is None else UNDO_S
        message.place, message.until = (place, role), monotonic() + shown_s
    if monotonic() >= message.until:
        del st.session_state[_MESSAGE]
    elif message.place == (place, role):
        if message.undo is None:
            style.notice(message.kind, message.text, role=role)
            return
        with st.container(horizontal=True, key="act-said", vertical_alignment="center", gap="small"):
            style.notice(message.kind, message.text, role=role)
            st.button("Undo", key="act-undo", on_click=_take_back, args=(message.undo,))


def _outdated(person: Person, report_id: str, problem: CrisismapError) -> str:
    """Return why the action was refused, and the status now."""
    context = shell.context()
    try:
        # The boards may lag behind the store that refused, and would then show the old status.
        context.views.situation.wait(context.store.events.revision(), WAIT_S)
        record = read.record(context.store, context.views, context.clock, person, report_id)
    except CrisismapError:
        return sentence(problem)
    status = STATE_LABELS.get(record.state or "", "information only")
    if record.state == "claimed" and record.claimed_by:
        status += f" by {record.claimed_by}"
    if isinstance(problem, Stale):
        return f"Someone else changed it after you opened it. Its status is now: {status}. Check, then try again."
    return f"{sentence(problem)} Its status is now: {status}."
