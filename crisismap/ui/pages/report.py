"""The Report page: a person reports what they see or need, and receives a tracking code."""

from __future__ import annotations

from html import escape

import streamlit as st

from crisismap.ui.frame import shell, stylesheet
from crisismap.ui.report import report_form
from crisismap.ui.report.receipt import receipt

here = shell.page("Report")
stylesheet.apply()
call = shell.context().views.incident().emergency_number
st.html(
    '<div class="cm-notice error" role="note"><b>If a life is in danger now, call '
    + (f'<a href="tel:{escape(call, quote=True)}">{escape(call)}</a>' if call else "your local emergency number")
    + ".</b> This map does not replace that call.</div>"
)
saved_report = report_form.last_receipt()
if saved_report is None:
    report_form.form(here)
else:
    receipt(saved_report)
    st.button("Send another report", on_click=report_form.begin_report, icon=":material/add:")
