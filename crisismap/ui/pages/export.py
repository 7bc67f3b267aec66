"""Export: take reports away as a file, for the agency or for the public."""

from __future__ import annotations

import streamlit as st

from crisismap.ui.components import export_form, export_result, paper, sheet, shell, take_along

shell.page("Export")
shell.require("export.take", "Exports hold exact places of people in need; agencies take them.")
sheet.apply()
st.html(f"<style>{export_result.CSS}</style>")
context = shell.context()
questions, answer = st.columns([2, 3], gap="large")
with questions:
    choice = export_form.ask(context)
with answer:
    export_result.result(context, choice)
    paper.choice(context)
    take_along.choice(context, choice.audience)
