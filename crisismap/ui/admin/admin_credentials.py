"""Sessions, tokens and invitations: the active ones, with forms to create a token and to revoke any of them."""

from __future__ import annotations

import streamlit as st

from crisismap.core.people.account import Credential
from crisismap.core.people.permission import ROLES
from crisismap.core.people.person import Person
from crisismap.services.accounts import people, sign_in
from crisismap.services.accounts.sign_in import TokenRequest
from crisismap.ui.admin.admin_frame import attempt
from crisismap.ui.frame import local_time, shell, stylesheet
from crisismap.ui.frame.wording import ago, count_phrase, plain

_HEADS = ("Type", "Person", "Roles", "Limited to", "Created", "Expires")


def draw(admin: Person) -> None:
    context = shell.context()
    credentials = people.credentials(context.store, context.clock(), admin)
    stylesheet.finding(
        count_phrase(len(credentials), "active session, token or invitation", "active sessions, tokens and invitations")
    )
    stylesheet.table(_HEADS, [_row(each) for each in credentials], caption="Newest first.", height_px=360)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Revoke a session, token or invitation**")
        by_id = {each.id: each for each in credentials}
        selected_id = st.selectbox(
            "Session, token or invitation",
            list(by_id),
            format_func=lambda i: _name(context.clock(), by_id[i]),
            index=None,
            key="admin-credential",
        )
        if selected_id is not None and st.button("Revoke now"):
            attempt(
                lambda: sign_in.revoke(context.store, context.clock(), admin, selected_id),
                f"Revoked: {_name(context.clock(), by_id[selected_id])}.",
            )
    with right:
        st.markdown("**Create a token for a program**")
        role = st.selectbox("Role", [each for each in ROLES if each != "public"], index=2, key="admin-token-role")
        with st.form("admin-token", clear_on_submit=True):
            name = st.text_input("Purpose", max_chars=200)
            org = st.text_input("Organisation", max_chars=200)
            days = st.number_input("Valid for (days)", 1, 3660, 90)
            verbs = st.multiselect("Limit to actions", sorted(ROLES[role]), placeholder="Everything the role allows")
            if st.form_submit_button("Create token"):
                request = TokenRequest(role, org, int(days), name, tuple(verbs))
                attempt(
                    lambda: sign_in.make_token(context.store, context.clock(), admin, request),
                    f"Token created. It is valid for {count_phrase(int(days), 'day')}.",
                    secret=True,
                )


def _name(now_ms: int, each: Credential) -> str:
    return plain(f"{each.kind} of {each.person.label()}, {ago(each.created_at, now_ms)}")


def _row(each: Credential) -> tuple[str, ...]:
    person, zone = each.person, local_time.zone()
    limits = ", ".join(sorted(person.scope)) if person.scope is not None else ""
    until = local_time.short_time(each.expires_at, zone) if each.expires_at is not None else "never"
    roles = ", ".join(sorted(person.roles))
    return str(each.kind), person.label(), roles, limits, local_time.short_time(each.created_at, zone), until
