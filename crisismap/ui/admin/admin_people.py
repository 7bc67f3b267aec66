"""People: the accounts, with actions to invite, create a new link, suspend and reinstate."""

from __future__ import annotations

import streamlit as st

from crisismap import bootstrap
from crisismap.core.people.account import Account
from crisismap.core.people.permission import ROLES
from crisismap.core.people.person import Person
from crisismap.services.accounts import people, sign_in
from crisismap.services.accounts.account import needs_second_factor
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.frame.wording import count_phrase, plain

_HEADS = ("Name", "Organisation", "Roles", "Signs in with", "Status")


def draw(admin: Person) -> None:
    context = shell.context()
    accounts = people.everybody(context.store, admin)
    stylesheet.finding(f"{count_phrase(len(accounts), 'person', 'people')} with an account or a token")
    stylesheet.table(_HEADS, [_row(each) for each in accounts], caption="Sorted by name.", height_px=360)
    left, right = st.columns(2, gap="large")
    with left, st.form("admin-invite", clear_on_submit=True):
        st.markdown("**Invite a person**")
        name = st.text_input("Name", max_chars=200)
        org = st.text_input("Organisation", max_chars=200)
        role = st.selectbox("Role", [each for each in ROLES if each != "public"])
        if st.form_submit_button("Create invitation link"):
            attempt(
                lambda: _link(sign_in.invite(context.store, context.clock(), admin, name, role, org)),
                f"Invitation for {name.strip()} created. The link works once, within 7 days.",
                secret=True,
            )
    with right:
        st.markdown("**Change a person**")
        by_id = {each.person.id: each for each in accounts}
        selected_id = st.selectbox(
            "Person", list(by_id), format_func=lambda i: plain(by_id[i].person.label()), index=None, key="admin-person"
        )
        if selected_id is not None:
            _actions(admin, by_id[selected_id])


def _actions(admin: Person, account: Account) -> None:
    person, store, now_ms = account.person, shell.context().store, shell.context().clock()
    if st.button("Create new link", help="For a lost phone or password: the person sets new ones."):
        attempt(
            lambda: _link(people.invite_again(store, now_ms, admin, person.id)),
            f"New link for {person.label()} created.",
            secret=True,
        )
    if account.suspended_at is None:
        if st.button("Suspend person", help="Ends all sessions and tokens of this person at once. You can undo it."):
            attempt(lambda: people.suspend(store, now_ms, admin, person.id), f"{person.label()} is suspended.")
    elif st.button("Reinstate person"):
        attempt(lambda: people.restore(store, now_ms, admin, person.id), f"{person.label()} is reinstated.")


def _link(secret: str) -> str:
    return f"{bootstrap.base_url(shell.context().settings)}/login?invitation={secret}"


def _row(account: Account) -> tuple[str, ...]:
    person = account.person
    methods = [account.login] if account.password is not None and account.login else []
    methods += ["second factor"] if account.second_factor is not None else []
    methods += ["organisation"] if account.subject is not None else []
    missing = account.password is not None and account.second_factor is None and needs_second_factor(person)
    state = "suspended" if account.suspended_at is not None else "second factor missing" if missing else "active"
    return person.name, person.org, ", ".join(sorted(person.roles)), ", ".join(methods) or "links or tokens", state
