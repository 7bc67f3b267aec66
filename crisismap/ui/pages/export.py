"""The Export page: download reports as a file, for agencies or for the public."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.export import export_form, export_result, offline_map
from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.requests import print_link

shell.page("Export")
shell.require("export.take", "Exports contain the exact locations of people in need. Only agencies can download them.")
stylesheet.apply()
context = shell.context()
questions, answer = st.columns([2, 3], gap="large")
with questions:
    choice = export_form.export_questions(context.views.situation, context.rules, context.clock())
with answer:
    export_result.result(context.views, context.settings, context.clock(), choice)
    print_link.choice(context.views.situation)
    offline_map.choice(context.views.situation, choice.audience)
