"""Accounts: a password chosen with the invitation, the second factor, sessions that end, tries that are counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooManyTries
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts import account, sign_in
from crisismap.services.accounts.account import NewSession, PasswordAccepted
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.services.deployment import opened

GOOD = "seven boats at dawn"
HERE = "192.0.2.7"


@pytest.fixture
def limited(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    with opened(tmp_path / "limited", clock, CRISISMAP_RATE_LIMIT="on") as one:
        yield one


def join(context: Context, role: str = "responder", login: str = "ravi@boats.in") -> NewSession:
    return account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "Ravi", role, "Boats"),
        login,
        GOOD if login else "",
    )


def enrol(context: Context, person: Person, session: str) -> pyotp.TOTP:
    secret, address, offer = account.propose_second_factor(context.store, context.settings, context.clock(), person)
    assert address.startswith("otpauth://totp/")
    assert secret in address
    code = pyotp.TOTP(secret)
    account.set_second_factor(context, person, session, offer, now(context, code), GOOD)
    return code


def finish(context: Context, ticket: str, code: str, address: str = HERE) -> NewSession:
    tries, settings = context.guards.sign_in_tries, context.settings
    return account.finish(context.store, tries, settings, context.clock(), ticket, code, address)


def now(context: Context, totp: pyotp.TOTP) -> str:
    return totp.at(context.clock() // 1000)


def test_signs_in_again_with_the_password_of_the_invitation(context: Context) -> None:
    first = join(context)
    again = account.sign_in(
        context.store, context.guards, context.settings, context.clock(), " RAVI@boats.in ", GOOD, HERE
    )
    assert isinstance(again, NewSession)
    assert again.person == first.person == sign_in.person_of_session(context.store, context.clock(), again.secret)
    assert again.secret != first.secret


def test_answers_alike_for_unknown_names_and_wrong_passwords(context: Context) -> None:
    join(context)
    said = set()
    for login, password in (("ravi@boats.in", "another password"), ("nobody", GOOD), ("", ""), ("ravi@boats.in", "")):
        with pytest.raises(NotSignedIn) as refused:
            account.sign_in(context.store, context.guards, context.settings, context.clock(), login, password, HERE)
        said.add(str(refused.value))
    assert said == {"Name or password is wrong."}


def test_needs_no_password(context: Context) -> None:
    begun = account.accept_invitation(
        context.store,
        context.guards.turns,
        context.clock(),
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, "V", "volunteer", ""),
        "",
        "",
    )
    assert begun.person.name == "V"
    assert account.account_of(context.store, begun.person).password is None


def test_keeps_the_invitation_when_the_password_is_refused(context: Context) -> None:
    secret = sign_in.invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "")
    with pytest.raises(Invalid):
        account.accept_invitation(context.store, context.guards.turns, context.clock(), secret, "ravi", "short")
    join(context, login="taken")
    with pytest.raises(Invalid, match="somebody else"):
        account.accept_invitation(context.store, context.guards.turns, context.clock(), secret, "Taken", GOOD)
    assert (
        account.accept_invitation(
            context.store, context.guards.turns, context.clock(), secret, "ravi", GOOD
        ).person.name
        == "Ravi"
    )


@pytest.mark.parametrize("role", ["agency", "admin"])
def test_refuses_the_password_alone_of_whoever_sees_exact_places(context: Context, role: str) -> None:
    begun = join(context, role)
    with pytest.raises(Forbidden, match="second factor"):
        account.sign_in(context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE)
    totp = enrol(context, begun.person, begun.secret)
    half = account.sign_in(
        context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE
    )
    assert isinstance(half, PasswordAccepted)
    assert begun.person.id not in half.ticket
    with pytest.raises(NotSignedIn):
        sign_in.person_of_session(context.store, context.clock(), half.ticket)
    context.clock.advance(seconds=30)  # type: ignore[attr-defined]
    done = finish(context, half.ticket, now(context, totp))
    assert done.person == begun.person


def test_takes_each_code_once_and_only_near_its_time(context: Context, clock: FakeClock) -> None:
    begun = join(context, "admin")
    totp = enrol(context, begun.person, begun.secret)
    half = account.sign_in(
        context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE
    )
    assert isinstance(half, PasswordAccepted)
    with pytest.raises(NotSignedIn, match="used before"):  # the code that set it up
        finish(context, half.ticket, now(context, totp))
    clock.advance(seconds=60)
    code = now(context, totp)
    finish(context, half.ticket, f"{code[:3]} {code[3:]}")
    for wrong in (code, totp.at(clock() // 1000 + 300), "000000" if code != "000000" else "111111", "", "abc"):
        with pytest.raises(NotSignedIn):
            finish(context, half.ticket, wrong)
    clock.advance(seconds=account.TICKET_S)
    with pytest.raises(NotSignedIn, match="too long"):
        finish(context, half.ticket, now(context, totp))
    with pytest.raises(NotSignedIn):
        finish(context, half.ticket[:-2] + "xx", now(context, totp))


def test_sets_no_second_factor_for_somebody_else_or_without_the_password(context: Context) -> None:
    ravi = join(context)
    other = join(context, login="other")
    _, _, offer = account.propose_second_factor(context.store, context.settings, context.clock(), other.person)
    with pytest.raises(Invalid, match="code"):
        account.set_second_factor(context, ravi.person, ravi.secret, offer, "123456", GOOD)
    secret, _, offer = account.propose_second_factor(context.store, context.settings, context.clock(), ravi.person)
    with pytest.raises(Invalid, match="present password"):
        account.set_second_factor(context, ravi.person, ravi.secret, offer, now(context, pyotp.TOTP(secret)), "no")
    assert account.account_of(context.store, ravi.person).second_factor is None


def test_ends_the_other_sessions_when_the_password_changes(context: Context) -> None:
    mine = join(context)
    thief = account.sign_in(
        context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE
    )
    assert isinstance(thief, NewSession)
    with pytest.raises(Invalid, match="present password"):
        account.change_password(
            context, mine.person, thief.secret, "guess guess guess", "ravi@boats.in", "stolen " + GOOD
        )
    account.change_password(context, mine.person, mine.secret, GOOD, "ravi@boats.in", "eight " + GOOD)
    assert sign_in.person_of_session(context.store, context.clock(), mine.secret) == mine.person
    with pytest.raises(NotSignedIn):
        sign_in.person_of_session(context.store, context.clock(), thief.secret)
    with pytest.raises(NotSignedIn):
        account.sign_in(context.store, context.guards, context.settings, context.clock(), "ravi@boats.in", GOOD, HERE)


def test_lists_and_ends_only_the_own_sessions(context: Context) -> None:
    mine, other = join(context), join(context, login="other")
    [session] = account.sessions(context.store, context.clock(), mine.person)
    with pytest.raises(NotFound):
        account.end_one(context.store, context.clock(), other.person, session.id)
    account.end_one(context.store, context.clock(), mine.person, session.id)
    with pytest.raises(NotSignedIn):
        sign_in.person_of_session(context.store, context.clock(), mine.secret)
    assert sign_in.person_of_session(context.store, context.clock(), other.secret) == other.person
    with pytest.raises(NotSignedIn):
        account.sessions(context.store, context.clock(), STRANGER)


def test_stops_guessing_by_address_and_by_name(limited: Context, clock: FakeClock) -> None:
    join(limited)
    for number in range(20):
        with pytest.raises(NotSignedIn):
            account.sign_in(
                limited.store,
                limited.guards,
                limited.settings,
                limited.clock(),
                "ravi@boats.in",
                f"guess number {number}",
                f"192.0.2.{number}",
            )
    with pytest.raises(TooManyTries) as refused:  # the right one too: nobody learns that it was
        account.sign_in(
            limited.store, limited.guards, limited.settings, limited.clock(), "ravi@boats.in", GOOD, "198.51.100.1"
        )
    assert refused.value.details["retry_after_s"] == 3600
    clock.advance(hours=1)
    assert isinstance(
        account.sign_in(
            limited.store, limited.guards, limited.settings, limited.clock(), "ravi@boats.in", GOOD, "198.51.100.1"
        ),
        NewSession,
    )


def test_makes_one_first_invitation_and_never_another(context: Context) -> None:
    secret = sign_in.invite_first(context.store, context.clock())
    assert secret is not None
    assert sign_in.invited_person(context.store, context.clock(), secret).roles == {"admin"}
    assert sign_in.invite_first(context.store, context.clock()) is None


def test_makes_no_first_invitation_where_there_are_people(context: Context) -> None:
    join(context)
    assert sign_in.invite_first(context.store, context.clock()) is None


def test_gives_a_token_no_more_than_its_scope(context: Context) -> None:
    wish = TokenRequest("agency", "Office", 5, "nightly copy", ("export.take", "situation.read_exact"))
    person = sign_in.person_of_token(
        context.store,
        context.keys.admin_token,
        context.clock(),
        sign_in.make_token(context.store, context.clock(), COMMAND_LINE, wish),
    )
    assert person.may("export.take")
    assert not person.may("layer.put")
    whole = sign_in.person_of_token(
        context.store,
        context.keys.admin_token,
        context.clock(),
        sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", "", 5)),
    )
    assert whole.may("layer.put"), "the negative control: without a scope it is everything"
    with pytest.raises(Invalid, match="person.add"):
        sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", verbs=("person.add",)))


def test_revokes_one_token_and_leaves_the_others(context: Context) -> None:
    one, two = (
        sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", org, 5))
        for org in ("A", "B")
    )
    stolen = next(
        each for each in sign_in.tokens(context.store, context.clock(), COMMAND_LINE) if each.person.org == "A"
    )
    assert one not in str(stolen)
    assert sign_in.revoke(context.store, context.clock(), COMMAND_LINE, stolen.id) == "token"
    with pytest.raises(NotSignedIn):
        sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), one)
    assert sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), two).org == "B"
    with pytest.raises(NotFound):
        sign_in.revoke(context.store, context.clock(), COMMAND_LINE, stolen.id)
    with pytest.raises(NotFound):
        sign_in.revoke(context.store, context.clock(), COMMAND_LINE, "")
