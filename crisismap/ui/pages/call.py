"""Call: what a caller says, written down by keys alone while they speak, and the code read back to them."""

from __future__ import annotations

from crisismap.ui.frame import shell
from crisismap.ui.report import call_form

shell.page("Call")
here = shell.require("report.place", "Calls are taken by volunteers and responders, on behalf of the caller.")
call_form.show(shell.context().intake, shell.context().views, shell.context().rules, shell.context().clock(), here)
