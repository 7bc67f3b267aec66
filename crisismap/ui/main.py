"""The desk's entry: which pages there are. Pages are files; each draws its own head with `shell.page`."""

from __future__ import annotations

import streamlit as st

st.navigation(
    [
        st.Page("pages/live_map.py", title="Live map", url_path="live-map", default=True),
        st.Page("pages/report.py", title="Report", url_path="new-report"),
        st.Page("pages/call.py", title="Call", url_path="call"),
        st.Page("pages/requests.py", title="Requests", url_path="requests"),
        st.Page("pages/layers.py", title="Layers", url_path="layers"),
        st.Page("pages/export.py", title="Export", url_path="export"),
        st.Page("pages/situation.py", title="Situation", url_path="situation"),
        st.Page("pages/profile.py", title="My profile", url_path="profile"),
        st.Page("pages/admin.py", title="Admin", url_path="admin"),
    ],
    position="top",
).run()
