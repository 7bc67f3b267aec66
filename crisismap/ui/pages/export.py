"""The Export page: download reports as a file, for agencies or for the public."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.export import area_files, export_form, export_result
from crisismap.ui.frame import shell, stylesheet

shell.page("Export")
shell.require("export.take", "Exports contain the exact locations of people in need. Only agencies can download them.")
stylesheet.apply()
questions, answer = st.columns([2, 3], gap="large")
with questions:
    choice = export_form.export_questions()
with answer:
    export_result.result(choice)
    area_files.print_sheet()
    area_files.offline_map(choice.audience)
