"""The My profile page: the person's name, roles, skills and equipment, so that matching requests are marked."""

from __future__ import annotations

from crisismap.ui.frame import shell, skills

shell.page("My profile")
here = shell.require("ability.set", "Volunteers and responders list their skills and equipment here.")
skills.show(here)
skills.conduct()
