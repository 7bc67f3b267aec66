"""account: choose a password and a second factor, sign in with them, and look after one's own sessions."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.event import EventDraft
from crisismap.core.people.account import Account, Credential, CredentialKind
from crisismap.core.people.permission import TWO_FACTORS
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts import recovery, second_factor
from crisismap.services.accounts.password import check_login, fits, hash_password, login_of
from crisismap.services.accounts.second_factor import Box
from crisismap.services.accounts.sign_in import SESSION_MS, invited
from crisismap.services.runtime.context import Context, require

TICKET_S = 300  # between the password and the code


@dataclass(frozen=True, slots=True)
class PasswordAccepted:
    """The password was right and a code is still needed; `ticket` says so to the next step."""

    ticket: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session has begun; `secret` is for the cookie."""

    person: Person
    secret: str


class _Ticket(msgspec.Struct, frozen=True):
    person_id: str
    login: str


def needs_second_factor(person: Person) -> bool:
    """Whether a password alone is not enough for one of the roles."""
    return not TWO_FACTORS.isdisjoint(person.roles)


def accept_invitation(context: Context, invitation: str, login: str, password: str) -> NewSession:
    """Use an invitation; with a password to come back by, unless both are empty. Raises NotSignedIn, Invalid."""
    kept, hashed = None, None
    if login or password:
        invited(context, invitation)  # nobody makes us hash without one
        kept = check_login(login)
        with context.turns.passwords.taken():
            hashed = hash_password(password, kept)
    now_ms = context.clock()
    done = context.store.people.accept_invitation(invitation, now_ms, now_ms + SESSION_MS, kept, hashed)
    return NewSession(*done.result().value)


def sign_in(context: Context, login: str, password: str, address: str) -> NewSession | PasswordAccepted:
    """Name and password. Raises NotSignedIn (alike for all that is wrong), TooManyTries."""
    now_ms, name = context.clock(), login_of(login)[:200]
    tries = (f"address {address}", f"login {name}")
    for one in tries:
        context.sign_in_tries.check(one, now_ms)
    account = context.store.people.account_of_login(name)
    with context.turns.passwords.taken():
        right = fits(account.password if account else None, password)
    if not right or account is None or account.suspended_at:
        for one in tries:
            context.sign_in_tries.failed(one, now_ms)
        # The same for unknown names, wrong passwords and wrong codes.
        raise NotSignedIn("name_or_password_wrong")
    if account.second_factor is not None:
        ticket = msgspec.json.encode(_Ticket(account.person.id, name)).decode()
        return PasswordAccepted(_box(context, "sign-in-ticket").close(ticket, now_ms).decode())
    if needs_second_factor(account.person):
        raise Forbidden("second_factor_needed")
    return _begun(context, account.person, None)


def finish(context: Context, ticket: str, code: str, address: str) -> NewSession:
    """The code after the password, or a recovery code. Raises NotSignedIn, TooManyTries."""
    now_ms = context.clock()
    opened = _box(context, "sign-in-ticket").open_fresh(ticket, now_ms, TICKET_S)
    if opened is None:
        raise NotSignedIn("sign_in_too_slow")
    known = msgspec.json.decode(opened, type=_Ticket)
    tries = (f"address {address}", f"code {known.person_id}")
    for one in tries:
        context.sign_in_tries.check(one, now_ms)
    try:
        person = context.store.people.account(known.person_id).person
        digits = recovery.read(code)
        if digits is not None:
            return _recovered(context, person, digits)
        step = _step(context, context.store.people.account(known.person_id), code)
        if step is None:
            raise NotSignedIn("name_or_password_wrong")
        return _begun(context, person, step)
    except (Invalid, NotSignedIn):  # wrong, or used before
        for one in tries:
            context.sign_in_tries.failed(one, now_ms)
        raise NotSignedIn("code_wrong") from None


def account_of(context: Context, person: Person) -> Account:
    """How the person signs in."""
    require(person, "account.password")
    return context.store.people.account(person.id)


def sessions(context: Context, person: Person) -> list[Credential]:
    """Where the person is signed in."""
    require(person, "session.end")
    return [
        each
        for each in context.store.people.credentials(context.clock(), person.id)
        if each.kind is CredentialKind.SESSION
    ]


def end_one(context: Context, person: Person, credential_id: str) -> None:
    """End one of the person's own sessions. Raises NotFound."""
    require(person, "session.end")
    event = EventDraft("session.end", person.id, person.id, context.clock())
    context.store.people.revoke(credential_id, event, of=person.id).result()


def change_password(context: Context, person: Person, session: str, old: str, login: str, new: str) -> None:
    """Another password; whoever has one must know it. All other sessions end. Raises Invalid, TooManyTries."""
    account = account_of(context, person)
    _prove(context, account, old)
    kept = check_login(login)
    with context.turns.passwords.taken():
        values = {"login": kept, "password": hash_password(new, kept)}
    event = EventDraft("account.password", person.id, person.id, context.clock())
    context.store.people.change_account(person.id, event, values, keep=session).result()


def propose_second_factor(context: Context, person: Person) -> tuple[str, str, str]:
    """A new secret, its address for a phone, and the sealed form of it that `set_second_factor` takes."""
    require(person, "account.second_factor")
    account = account_of(context, person)
    secret = second_factor.new_secret()
    sealed = _box(context, "second-factor-offer").close(f"{person.id} {secret}", context.clock())
    return secret, second_factor.address(secret, account.login or person.name), sealed.decode()


def set_second_factor(context: Context, person: Person, session: str, offer: str, code: str, old: str) -> None:
    """Keep the proposed secret once a code of it was typed; whoever has a password must know it. Raises Invalid."""
    require(person, "account.second_factor")
    now_ms = context.clock()
    opened = _box(context, "second-factor-offer").open_fresh(offer, now_ms, 2 * TICKET_S)
    holder, _, secret = (opened or "").partition(" ")
    if holder != person.id:
        raise Invalid("code", "", "factor_too_slow")
    _prove(context, account_of(context, person), old)
    step = second_factor.step_of(secret, code, now_ms)
    if step is None:
        raise Invalid("code", "", "factor_code_wrong")
    sealed = _box(context, "second-factor").close(secret, now_ms)
    event = EventDraft("account.second_factor", person.id, person.id, now_ms)
    values = {"second_factor": sealed, "second_step": step}
    context.store.people.change_account(person.id, event, values, keep=session).result()


def make_recovery(context: Context, person: Person, old: str) -> tuple[str, ...]:
    """Recovery codes in place of all that there were; whoever has a password must know it. Raises Invalid."""
    require(person, "account.recovery")
    _prove(context, account_of(context, person), old)
    return recovery.make(context, person)


def _recovered(context: Context, person: Person, digits: str) -> NewSession:
    now_ms = context.clock()
    event = EventDraft("session.begin", person.id, person.id, now_ms, {"by": "recovery"})
    used = recovery.mark(context, person.id, digits)
    return NewSession(
        person, context.store.people.begin_session_by_recovery(person, event, now_ms + SESSION_MS, used).result().value
    )


def _begun(context: Context, person: Person, step: int | None) -> NewSession:
    if person == STRANGER:
        raise NotSignedIn("name_or_password_wrong")
    now_ms = context.clock()
    event = EventDraft("session.begin", person.id, person.id, now_ms, {"by": "password"})
    return NewSession(
        person, context.store.people.begin_session(person, event, now_ms + SESSION_MS, step).result().value
    )


def _step(context: Context, account: Account, code: str) -> int | None:
    if account.second_factor is None:
        return None
    return second_factor.step_of(_box(context, "second-factor").open(account.second_factor), code, context.clock())


def _prove(context: Context, account: Account, old: str) -> None:
    """Whoever sits at somebody's open browser must not take the account over."""
    if account.password is None:
        return
    key, now_ms = f"change {account.person.id}", context.clock()
    context.sign_in_tries.check(key, now_ms)
    with context.turns.passwords.taken():
        right = fits(account.password, old)
    if not right:
        context.sign_in_tries.failed(key, now_ms)
        raise Invalid("old", "", "old_password_wrong")


def _box(context: Context, purpose: str) -> Box:
    return Box(context.settings.key(purpose))
