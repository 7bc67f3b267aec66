"""The Call page: a report taken down by keyboard while the caller speaks, and the tracking code to read back."""

from __future__ import annotations

from crisismap.ui.frame import shell
from crisismap.ui.report import call_form

shell.page("Call")
person = shell.require("report.place", "Volunteers and responders take calls here and report on behalf of the caller.")
call_form.show(person)
