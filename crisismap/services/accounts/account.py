"""Signing in with a password and a second factor, and managing one's own account and sessions."""

from __future__ import annotations

from dataclasses import dataclass

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.event import EventDraft
from crisismap.core.people.account import Account, Credential, CredentialKind
from crisismap.core.people.permission import TWO_FACTORS
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.services.accounts import recovery, second_factor
from crisismap.services.accounts.password import check_login, hash_password, login_of, verify_password
from crisismap.services.accounts.second_factor import Box
from crisismap.services.accounts.sign_in import SESSION_MS, invited_person
from crisismap.services.runtime.context import Context, require
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.guards import ConcurrencyLimits, Guards
from crisismap.settings import Settings

TICKET_S = 300  # time allowed between the password and the code


@dataclass(frozen=True, slots=True)
class PasswordAccepted:
    """The result of a correct password when a code is still required; the next step takes `ticket`."""

    ticket: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session; `secret` is the cookie's value."""

    person: Person
    secret: str


def needs_second_factor(person: Person) -> bool:
    """Return whether one of the person's roles requires a second factor."""
    return not TWO_FACTORS.isdisjoint(person.roles)


def accept_invitation(
    store: Store, turns: ConcurrencyLimits, now_ms: int, invitation: str, login: str, password: str
) -> NewSession:
    """Accept an invitation, with a login and password unless both are empty. Raises NotSignedIn, Invalid."""
    name, password_hash = None, None
    if login or password:
        invited_person(store, now_ms, invitation)  # hashing is costly, so the invitation is checked first
        name = check_login(login)
        with turns.passwords.turn():
            password_hash = hash_password(password, name)
    done = store.people.accept_invitation(invitation, now_ms, now_ms + SESSION_MS, name, password_hash)
    return NewSession(*done.result().value)


def sign_in(
    store: Store, guards: Guards, settings: Settings, now_ms: int, login: str, password: str, address: str
) -> NewSession | PasswordAccepted:
    """Sign in with login and password. Raises TooManyTries, and NotSignedIn with the same text for every mistake."""
    name = login_of(login)[:200]
    tries = (f"address {address}", f"login {name}")
    for one in tries:
        guards.sign_in_tries.check(one, now_ms)
    account = store.people.account_of_login(name)
    with guards.turns.passwords.turn():
        is_correct = verify_password(account.password if account else None, password)
    if not is_correct or account is None or account.suspended_at:
        for one in tries:
            guards.sign_in_tries.failed(one, now_ms)
        # Unknown logins, wrong passwords and wrong codes must not be distinguishable.
        raise NotSignedIn("name_or_password_wrong")
    if account.second_factor is not None:
        return PasswordAccepted(Box(settings.key("sign-in-ticket")).close(account.person.id, now_ms).decode())
    if needs_second_factor(account.person):
        raise Forbidden("second_factor_needed")
    return _start_session(store, now_ms, account.person, None)


def finish(
    store: Store, sign_in_tries: FailedTries, settings: Settings, now_ms: int, ticket: str, code: str, address: str
) -> NewSession:
    """Complete a sign-in with a second-factor or recovery code. Raises NotSignedIn, TooManyTries."""
    person_id = Box(settings.key("sign-in-ticket")).open_fresh(ticket, now_ms, TICKET_S)
    if person_id is None:
        raise NotSignedIn("sign_in_too_slow")
    tries = (f"address {address}", f"code {person_id}")
    for one in tries:
        sign_in_tries.check(one, now_ms)
    try:
        account = store.people.account(person_id)
        digits = recovery.read(code)
        if digits is not None:
            return _finish_with_recovery(store, settings, now_ms, account.person, digits)
        sealed = account.second_factor
        secret = Box(settings.key("second-factor")).open(sealed) if sealed is not None else ""
        step = second_factor.step_of(secret, code, now_ms) if secret else None
        if step is None:
            raise NotSignedIn("name_or_password_wrong")
        return _start_session(store, now_ms, account.person, step)
    except (Invalid, NotSignedIn):  # wrong, or used before
        for one in tries:
            sign_in_tries.failed(one, now_ms)
        raise NotSignedIn("code_wrong") from None


def account_of(store: Store, person: Person) -> Account:
    """Return the person's account: login and second factor."""
    require(person, "account.password")
    return store.people.account(person.id)


def sessions(store: Store, now_ms: int, person: Person) -> list[Credential]:
    """Return the person's sessions."""
    require(person, "session.end")
    return [each for each in store.people.credentials(now_ms, person.id) if each.kind is CredentialKind.SESSION]


def end_one(store: Store, now_ms: int, person: Person, credential_id: str) -> None:
    """End one of the person's own sessions. Raises NotFound."""
    require(person, "session.end")
    event = EventDraft("session.end", person.id, person.id, now_ms)
    store.people.revoke(credential_id, event, of=person.id).result()


def change_password(context: Context, person: Person, session: str, old: str, login: str, new: str) -> None:
    """Change the password, given the old one if any, and end all other sessions. Raises Invalid, TooManyTries."""
    _verify_again(context.guards, context.clock(), account_of(context.store, person), old)
    name = check_login(login)
    with context.guards.turns.passwords.turn():
        values = {"login": name, "password": hash_password(new, name)}
    event = EventDraft("account.password", person.id, person.id, context.clock())
    context.store.people.change_account(person.id, event, values, keep=session).result()


def propose_second_factor(store: Store, settings: Settings, now_ms: int, person: Person) -> tuple[str, str, str]:
    """Return a new secret, its otpauth:// URL, and the sealed form that `set_second_factor` takes."""
    require(person, "account.second_factor")
    account = account_of(store, person)
    secret = second_factor.new_secret()
    sealed = Box(settings.key("second-factor-offer")).close(f"{person.id} {secret}", now_ms)
    return secret, second_factor.address(secret, account.login or person.name), sealed.decode()


def set_second_factor(context: Context, person: Person, session: str, offer: str, code: str, old: str) -> None:
    """Store the proposed secret, given a valid code and the password if there is any. Raises Invalid."""
    require(person, "account.second_factor")
    now_ms = context.clock()
    plain = Box(context.settings.key("second-factor-offer")).open_fresh(offer, now_ms, 2 * TICKET_S)
    holder, _, secret = (plain or "").partition(" ")
    if holder != person.id:
        raise Invalid("code", "", "factor_too_slow")
    _verify_again(context.guards, context.clock(), account_of(context.store, person), old)
    step = second_factor.step_of(secret, code, now_ms)
    if step is None:
        raise Invalid("code", "", "factor_code_wrong")
    sealed = Box(context.settings.key("second-factor")).close(secret, now_ms)
    event = EventDraft("account.second_factor", person.id, person.id, now_ms)
    values = {"second_factor": sealed, "second_step": step}
    context.store.people.change_account(person.id, event, values, keep=session).result()


def make_recovery(
    store: Store, guards: Guards, settings: Settings, now_ms: int, person: Person, old: str
) -> tuple[str, ...]:
    """Replace all recovery codes, given the password if there is any. Raises Invalid."""
    require(person, "account.recovery")
    _verify_again(guards, now_ms, account_of(store, person), old)
    return recovery.make_codes(store, settings, now_ms, person)


def _finish_with_recovery(store: Store, settings: Settings, now_ms: int, person: Person, digits: str) -> NewSession:
    event = EventDraft("session.begin", person.id, person.id, now_ms, {"by": "recovery"})
    mark = recovery.mark(settings, person.id, digits)
    secret = store.people.begin_session_by_recovery(person, event, now_ms + SESSION_MS, mark).result().value
    return NewSession(person, secret)


def _start_session(store: Store, now_ms: int, person: Person, step: int | None) -> NewSession:
    if person == STRANGER:
        raise NotSignedIn("name_or_password_wrong")
    event = EventDraft("session.begin", person.id, person.id, now_ms, {"by": "password"})
    return NewSession(person, store.people.begin_session(person, event, now_ms + SESSION_MS, step).result().value)


def _verify_again(guards: Guards, now_ms: int, account: Account, old: str) -> None:
    """Verify the password again, so that someone at an unattended browser cannot take the account over."""
    if account.password is None:
        return
    key = f"change {account.person.id}"
    guards.sign_in_tries.check(key, now_ms)
    with guards.turns.passwords.turn():
        is_correct = verify_password(account.password, old)
    if not is_correct:
        guards.sign_in_tries.failed(key, now_ms)
        raise Invalid("old", "", "old_password_wrong")
