"""The entry point of the desk: its pages. Each page is a file and draws its own head with `shell.page`."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.frame import shell
from crisismap.ui.navigation import DEFAULT, PAGES

st.navigation(
    [st.Page(f"pages/{page.file}.py", title=page.title, url_path=page.path, default=page is DEFAULT) for page in PAGES],
    position="top",
).run()
shell.foot()
