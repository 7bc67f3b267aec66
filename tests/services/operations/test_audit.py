"""The log searched and taken away, and what an admin does to people: each is written down, and only an admin may."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from crisismap.core.event import EventDraft, EventSearch
from crisismap.services.accounts import account, people, sign_in
from crisismap.services.lists import read
from crisismap.services.operations import audit
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER, STRANGER
from tests.services.deployment import ask, opened


def taken(context: Context, wanted: EventSearch) -> list[dict[str, str]]:
    text = b"".join(audit.export(context.store, context.views.situation, context.clock(), ADMIN, wanted)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_tells_who_did_saw_and_exported_what(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context, contact={"phone": "98765"})
    acts.claim(context, RESPONDER, report, None).result()
    acts.read_contact(context, RESPONDER, report)
    clock.advance(hours=1)
    read.record_export(context.store, context.clock(), AGENCY, "csv", 1)
    context.store.upkeep.set_fact("order", "1").result()  # what was written before is on disk
    verbs = [event.verb for event in audit.search(context.store, ADMIN, EventSearch())]
    assert verbs == ["export.take", "contact.read", "request.claim", "report.submit"]
    [look_] = audit.search(context.store, ADMIN, EventSearch(verbs=("contact.read",)))
    assert (look_.actor, look_.subject) == (RESPONDER.id, report)
    assert [e.verb for e in audit.search(context.store, ADMIN, EventSearch(actor=AGENCY.id))] == ["export.take"]
    assert [e.verb for e in audit.search(context.store, ADMIN, EventSearch(actor=""))] == ["report.submit"]
    assert len(audit.search(context.store, ADMIN, EventSearch(subject=report))) == 3
    assert [e.verb for e in audit.search(context.store, ADMIN, EventSearch(since=clock()))] == ["export.take"]
    assert len(audit.search(context.store, ADMIN, EventSearch(until=clock()))) == 3
    assert len(audit.search(context.store, ADMIN, EventSearch(), 2)) == 2
    assert audit.search(context.store, ADMIN, EventSearch(verbs=("no.such",))) == []


def test_takes_all_of_it_and_writes_that_down(context: Context) -> None:
    for number in range(2300):
        sign = "=cmd|' /C calc'!A0" if number == 0 else ""
        context.store.events.record(EventDraft("export.take", sign, AGENCY.id, number, {}))
    context.store.upkeep.set_fact("order", "1").result()
    rows = taken(context, EventSearch(verbs=("export.take",)))
    assert len(rows) == 2300
    assert [int(row["revision"]) for row in rows] == sorted((int(row["revision"]) for row in rows), reverse=True)
    assert rows[-1]["subject"].startswith("'="), "no spreadsheet runs it"
    assert rows[0]["hash"] == audit.search(context.store, ADMIN, EventSearch(verbs=("export.take",)), 1)[0].hash.hex()
    [event] = audit.search(context.store, ADMIN, EventSearch(verbs=("audit.read",)))
    assert (event.actor, event.data["verbs"]) == (ADMIN.id, ["export.take"])


def test_names_actors_as_people_know_them(context: Context) -> None:
    begun = account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "Boats"),
        "",
        "",
    )
    context.views.situation.wait(context.store.events.revision())
    assert audit.actor_name(context.views.situation, begun.person.id) == "Ravi (Boats)"
    assert [audit.actor_name(context.views.situation, each) for each in ("", "system", "command-line", "p-gone")] == [
        "a stranger",
        "the program",
        "command line",
        "p-gone",
    ]


def test_is_read_by_admins_only(context: Context) -> None:
    for person in EVERYBODY:
        expected = NotSignedIn if person == STRANGER else Forbidden
        for doing in (
            lambda p: audit.search(context.store, p, EventSearch()),
            lambda p: audit.export(context.store, context.views.situation, context.clock(), p, EventSearch()),
            lambda p: people.everybody(context.store, p),
            lambda p: people.credentials(context.store, context.clock(), p),
            lambda p: people.invite_again(context.store, context.clock(), p, "x"),
            lambda p: people.suspend(context.store, context.clock(), p, "x"),
            lambda p: people.restore(context.store, context.clock(), p, "x"),
            lambda p: sign_in.tokens(context.store, context.clock(), p),
            lambda p: sign_in.revoke(context.store, context.clock(), p, "x"),
        ):
            with pytest.raises(expected):
                doing(person)
    assert context.store.events.revision() == 0
    for limit in (0, 1001):
        with pytest.raises(Invalid, match="limit"):
            audit.search(context.store, ADMIN, EventSearch(), limit)


def test_suspends_everything_that_a_person_holds_and_takes_it_back(context: Context) -> None:
    begun = account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "R", "responder", ""),
        "",
        "",
    )
    link = people.invite_again(context.store, context.clock(), ADMIN, begun.person.id)
    people.suspend(context.store, context.clock(), ADMIN, begun.person.id)
    with pytest.raises(NotSignedIn, match="suspended"):
        sign_in.person_of_session(context.store, context.clock(), begun.secret)
    with pytest.raises(NotSignedIn, match="suspended"):
        sign_in.invited_person(context.store, context.clock(), link)
    [found] = people.everybody(context.store, ADMIN)
    assert found.suspended_at == context.clock()
    people.restore(context.store, context.clock(), ADMIN, begun.person.id)
    assert sign_in.person_of_session(context.store, context.clock(), begun.secret) == begun.person
    assert (
        account.accept_invitation(context.store, context.guards.turns, context.clock(), link, "", "").person
        == begun.person
    )
    with pytest.raises(NotFound):
        people.suspend(context.store, context.clock(), ADMIN, "p-nobody")
    with pytest.raises(Invalid, match="themselves"):
        people.suspend(context.store, context.clock(), ADMIN, ADMIN.id)
    verbs = {event.verb for event in audit.search(context.store, ADMIN, EventSearch(actor=ADMIN.id))}
    assert verbs == {"person.invite", "person.suspend", "person.restore"}


def test_gives_a_new_second_factor_to_whoever_lost_the_phone(context: Context) -> None:
    begun = account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "D", "admin", ""),
        "daya",
        "seven boats at dawn",
    )
    sealed = {"second_factor": b"sealed", "second_step": 5}
    event = EventDraft("account.second_factor", begun.person.id, begun.person.id, 0)
    context.store.people.change_account(begun.person.id, event, sealed).result()
    again = people.invite_again(context.store, context.clock(), ADMIN, begun.person.id)
    account.accept_invitation(
        context.store, context.guards.turns, context.clock(), again, "daya", "eight boats at dusk"
    )
    found = account.account_of(context.store, begun.person)
    assert (found.login, found.second_factor, found.second_step) == ("daya", None, 0)


def test_has_no_personal_data_in_the_log(context: Context) -> None:
    account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "Ravi Kumar", "responder", "Boats"),
        "ravi@boats.in",
        "seven boats at dawn",
    )
    ask(context, text="secret words", contact={"phone": "98765 43210", "name": "Mala"})
    text = b"".join(
        audit.export(context.store, context.views.situation, context.clock(), ADMIN, EventSearch())
    ).decode()
    log = "\n".join(line.replace("Ravi Kumar (Boats)", "") for line in text.splitlines())  # who is shown, not kept
    for word in ("Ravi", "boats.in", "secret", "98765", "Mala", "80.25"):
        assert word not in log


def test_proves_a_whole_log(context: Context) -> None:
    ask(context)
    ask(context)
    found = audit.verify_log(context.store, COMMAND_LINE)
    assert (found.holds, found.events, len(found.head)) == (True, context.store.events.revision(), 64)


def test_finds_a_changed_event(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        for _ in range(3):
            ask(context)
    with closing(sqlite3.connect(tmp_path / "data" / "crisismap.sqlite3")) as db, db:
        db.execute("UPDATE event SET actor = 'p-other' WHERE revision = 2")
    with opened(tmp_path / "data", clock) as context:
        found = audit.verify_log(context.store, COMMAND_LINE)
    assert (found.holds, found.broken_at) == (False, 2)


def test_compares_with_a_head_that_was_kept(context: Context) -> None:
    ask(context)
    known = audit.verify_log(context.store, COMMAND_LINE)
    ask(context)
    assert audit.verify_log(context.store, COMMAND_LINE, (known.events, known.head)).holds
    assert not audit.verify_log(context.store, COMMAND_LINE, (known.events, "0" * 64)).holds
    assert not audit.verify_log(context.store, COMMAND_LINE, (known.events + 50, known.head)).holds


def test_is_for_admins(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (AGENCY, Forbidden)):
        with pytest.raises(refusal):
            audit.verify_log(context.store, person)
