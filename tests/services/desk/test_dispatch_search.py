"""Find: by code, by telephone number without opening a contact, by words; each person what it may see."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.people.identity import id_text
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.privacy import Audience
from crisismap.services.desk.dispatch_search import DispatchResult, is_phone, search_dispatch
from crisismap.services.runtime.context import Context
from tests.people import AGENCY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask

CONTACT = {"phone": "+91 98400 12345"}


def ids(context: Context, finding: DispatchResult, audience: Audience = Audience.AGENCY) -> list[str]:
    board = context.views.situation.board(audience)
    return [id_text(board.id_raw(row)) for row in finding.rows]


def test_finds_by_code_as_people_type_it(context: Context) -> None:
    ask(context)
    id_, code = ask(context)
    found = search_dispatch(
        context.store,
        context.views,
        context.keys.payload_hash,
        context.clock(),
        RESPONDER,
        code.lower().replace("-", " "),
    )
    assert (found.how, ids(context, found)) == ("code", [id_])


@pytest.mark.parametrize("typed", ["+91 98400 12345", "098400 12345", "9840012345", "(98400) 123-45", "९८४००१२३४५"])
def test_finds_by_number_newest_first_however_it_is_written(context: Context, typed: str) -> None:
    first = ask(context, contact=CONTACT)[0]
    second = ask(context, category="flooding", text="knee deep", contact=CONTACT)[0]
    ask(context, contact={"phone": "+91 98400 54321"})
    found = search_dispatch(context.store, context.views, context.keys.payload_hash, context.clock(), RESPONDER, typed)
    assert (found.how, ids(context, found)) == ("phone", [second, first])


def test_logs_the_look_without_the_number_and_opens_no_contact(context: Context) -> None:
    id_ = ask(context, contact=CONTACT)[0]
    before = context.store.events.revision()
    search_dispatch(
        context.store, context.views, context.keys.payload_hash, context.clock(), RESPONDER, "+91 98400 12345"
    )
    assert context.store.events.revision() == before + 1
    verbs = [event.verb for event in context.store.events.of_report(context.store.reports.one(id_).seq)]
    assert "contact.read" not in verbs
    with context.store._reader.begin() as conn:  # the log itself
        row = conn.exec_driver_sql("SELECT verb, actor, data FROM event ORDER BY revision DESC LIMIT 1").one()
    assert tuple(row) == ("contact.find", RESPONDER.id, '{"found":1}')


def test_finds_words_and_nothing_for_an_unknown_number(context: Context) -> None:
    id_ = ask(context, text="at the blue gate", contact=CONTACT)[0]
    assert ids(
        context,
        search_dispatch(
            context.store, context.views, context.keys.payload_hash, context.clock(), RESPONDER, "blue gate"
        ),
    ) == [id_]
    assert (
        search_dispatch(
            context.store,
            context.views,
            context.keys.payload_hash,
            context.clock(),
            RESPONDER,
            "044 2345 6789",
        ).rows
        == ()
    )
    assert (
        search_dispatch(
            context.store,
            context.views,
            context.keys.payload_hash,
            context.clock(),
            RESPONDER,
            "7K2M-9QXA-4TPC",
        ).rows
        == ()
    )


@pytest.mark.parametrize(("person", "error"), [(STRANGER, NotSignedIn), (VOLUNTEER, Forbidden), (AGENCY, Forbidden)])
def test_tells_numbers_to_responders_only(context: Context, person: Person, error: type[Exception]) -> None:
    ask(context, contact=CONTACT)
    with pytest.raises(error):
        search_dispatch(
            context.store,
            context.views,
            context.keys.payload_hash,
            context.clock(),
            person,
            "+91 98400 12345",
        )


def test_finds_no_code_and_no_words_for_strangers(context: Context) -> None:
    _, code = ask(context, text="at the blue gate")
    assert (
        search_dispatch(context.store, context.views, context.keys.payload_hash, context.clock(), STRANGER, code).rows
        == ()
    )
    assert (
        search_dispatch(
            context.store, context.views, context.keys.payload_hash, context.clock(), STRANGER, "blue gate"
        ).rows
        == ()
    )


def test_refuses_what_is_too_long(context: Context) -> None:
    with pytest.raises(Invalid, match="search"):
        search_dispatch(context.store, context.views, context.keys.payload_hash, context.clock(), RESPONDER, "x" * 501)


@pytest.mark.parametrize(("typed", "phone"), [("108", False), ("13.08, 80.27", False), ("12 people", False)])
def test_takes_nothing_else_for_a_number(typed: str, phone: bool) -> None:
    assert is_phone(typed) is phone
