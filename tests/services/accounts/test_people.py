"""An admin sees who is here, suspends and lets in again; nobody else does."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from crisismap.services.accounts import people, sign_in
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.people import ADMIN, EVERYBODY, STRANGER
from tests.services.accounts.test_account import join


def test_lists_people_and_what_they_hold(context: Context) -> None:
    begun = join(context)
    assert [each.person.name for each in people.everybody(context.store, ADMIN)] == ["Ravi"]
    [held] = people.credentials(context.store, context.clock(), ADMIN)
    assert (str(held.kind), held.person.id) == ("session", begun.person.id)


def test_ends_what_a_suspended_person_holds_until_they_are_restored(context: Context) -> None:
    begun = join(context)
    people.suspend(context.store, context.clock(), ADMIN, begun.person.id)
    with pytest.raises(NotSignedIn):
        sign_in.person_of_session(context.store, context.clock(), begun.secret)
    people.restore(context.store, context.clock(), ADMIN, begun.person.id)
    assert sign_in.person_of_session(context.store, context.clock(), begun.secret) == begun.person


def test_invites_again_only_who_is_here(context: Context) -> None:
    begun = join(context)
    secret = people.invite_again(context.store, context.clock(), COMMAND_LINE, begun.person.id)
    assert secret
    assert secret != begun.secret
    with pytest.raises(NotFound):
        people.invite_again(context.store, context.clock(), COMMAND_LINE, "p-nobody")


def test_keeps_an_admin_from_suspending_themselves(context: Context) -> None:
    begun = join(context, "admin")
    with pytest.raises(Invalid):
        people.suspend(context.store, context.clock(), begun.person, begun.person.id)
    assert sign_in.person_of_session(context.store, context.clock(), begun.secret) == begun.person


def test_is_for_admins_only(context: Context) -> None:
    begun = join(context)
    for who in EVERYBODY:
        refusal = NotSignedIn if who == STRANGER else Forbidden
        with pytest.raises(refusal):
            people.everybody(context.store, who)
        with pytest.raises(refusal):
            people.credentials(context.store, context.clock(), who)
        for act in (people.suspend, people.restore, people.invite_again):
            with pytest.raises(refusal):
                act(context.store, context.clock(), who, begun.person.id)
