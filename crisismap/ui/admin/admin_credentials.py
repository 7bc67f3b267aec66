"""Sessions, tokens and invitations: what is good now; make a token, end any of them."""

from __future__ import annotations

import streamlit as st

from crisismap.core.people.account import Credential
from crisismap.core.people.permission import ROLES
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.services.accounts import people, sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.frame import local_time, shell, stylesheet
from crisismap.ui.frame.wording import ago, count_phrase, plain

_HEADS = ("What", "Whose", "Roles", "Only for", "Since", "Until")


def draw(here: Person) -> None:
    """The whole part."""
    context = shell.context()
    found = people.credentials(context.store, context.clock(), here)
    stylesheet.finding(
        f"{count_phrase(len(found), 'session, token or invitation', 'sessions, tokens and invitations')} are good"
    )
    stylesheet.table(_HEADS, [_row(each) for each in found], caption="Newest first.", height_px=360)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**End one**")
        known = {each.id: each for each in found}
        chosen = st.selectbox(
            "Which",
            list(known),
            format_func=lambda i: _name(context.clock(), known[i]),
            index=None,
            key="admin-credential",
        )
        if chosen is not None and st.button("End it now"):
            attempt(
                lambda: _end(context.store, context.clock(), here, chosen),
                f"Ended: {_name(context.clock(), known[chosen])}.",
            )
    with right:
        st.markdown("**A token for a program**")
        role = st.selectbox("Role", [each for each in ROLES if each != "public"], index=2, key="admin-token-role")
        with st.form("admin-token", clear_on_submit=True):
            name = st.text_input("What it is for", max_chars=200)
            org = st.text_input("Organisation", max_chars=200)
            days = st.number_input("Days", 1, 3660, 90)
            verbs = st.multiselect("Only for", sorted(ROLES[role]), placeholder="everything that the role allows")
            if st.form_submit_button("Make the token"):
                wish = TokenRequest(role, org, int(days), name, tuple(verbs))
                attempt(
                    lambda: sign_in.make_token(context.store, context.clock(), here, wish),
                    f"A token, good for {int(days)} days.",
                )


def _end(store: Store, now_ms: int, here: Person, credential_id: str) -> None:
    sign_in.revoke(store, now_ms, here, credential_id)


def _name(now_ms: int, each: Credential) -> str:
    return plain(f"{each.kind} of {each.person.shown()}, {ago(each.created_at, now_ms)}")


def _row(each: Credential) -> tuple[str, ...]:
    person, zone = each.person, local_time.zone()
    only = ", ".join(sorted(person.scope)) if person.scope is not None else ""
    until = local_time.short_time(each.expires_at, zone) if each.expires_at is not None else "for good"
    roles = ", ".join(sorted(person.roles))
    return str(each.kind), person.shown(), roles, only, local_time.short_time(each.created_at, zone), until
