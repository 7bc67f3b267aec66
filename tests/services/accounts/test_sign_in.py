"""Invitations, sessions and tokens: for how long, and by whom."""

from __future__ import annotations

import pytest

from crisismap.core.errors import CrisismapError, Forbidden, Invalid, NotSignedIn
from crisismap.services.accounts import account, sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.people import ADMIN, EVERYBODY, STRANGER

DAY_H = 24


def test_lets_only_an_admin_add_people(context: Context) -> None:
    for person in EVERYBODY:
        with pytest.raises(NotSignedIn if person == STRANGER else Forbidden):
            sign_in.invite(context.store, context.clock(), person, "Eve", "admin", "")
        with pytest.raises(NotSignedIn if person == STRANGER else Forbidden):
            sign_in.make_token(context.store, context.clock(), person, TokenRequest("admin", "", 90))
    assert context.store.events.revision() == 0
    assert sign_in.invite(context.store, context.clock(), ADMIN, "Mala", "volunteer", "")


def test_keeps_an_invitation_good_for_seven_days(context: Context, clock: FakeClock) -> None:
    first, second = (
        sign_in.invite(context.store, context.clock(), COMMAND_LINE, name, "responder", "Team")
        for name in ("Ann", "Bo")
    )
    clock.advance(hours=7 * DAY_H - 1)
    assert sign_in.invited_person(context.store, context.clock(), first).name == "Ann"
    begun = account.accept_invitation(context.store, context.guards.turns, context.clock(), first, "", "")
    assert sign_in.person_of_session(context.store, context.clock(), begun.secret) == begun.person
    clock.advance(hours=1)
    with pytest.raises(NotSignedIn):
        account.accept_invitation(context.store, context.guards.turns, context.clock(), second, "", "")
    clock.advance(hours=7 * DAY_H)
    with pytest.raises(NotSignedIn):
        sign_in.person_of_session(context.store, context.clock(), begun.secret)


def test_ends_a_token_with_its_days(context: Context, clock: FakeClock) -> None:
    token = sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", "Office", 2))
    assert sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), token).roles == {"agency"}
    clock.advance(hours=2 * DAY_H)
    with pytest.raises(NotSignedIn):
        sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), token)


def test_knows_its_own_run(context: Context) -> None:
    assert (
        sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), context.keys.admin_token)
        == COMMAND_LINE
    )
    for wrong in ("", context.keys.admin_token[:-1], context.keys.admin_token + "x", "é"):
        with pytest.raises(NotSignedIn):
            sign_in.person_of_token(context.store, context.keys.admin_token, context.clock(), wrong)


def test_refuses_names_and_roles_that_cannot_be(context: Context) -> None:
    for name, role in (("", "volunteer"), (" ", "volunteer"), ("x" * 201, "volunteer"), ("a\x00", "volunteer")):
        with pytest.raises(Invalid, match="name"):
            sign_in.invite(context.store, context.clock(), COMMAND_LINE, name, role, "")
    for role in ("public", "king", ""):
        with pytest.raises(CrisismapError, match="role"):
            sign_in.invite(context.store, context.clock(), COMMAND_LINE, "Ann", role, "")
    for days in (0, -1, 10_000):
        with pytest.raises(Invalid, match="days"):
            sign_in.make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("agency", "", days))
