"""My profile: who one is here, and what one can do or bring along, so that fitting requests are marked."""

from __future__ import annotations

from crisismap.ui.frame import shell, skills

shell.page("My profile")
here = shell.require("ability.set", "Here volunteers and responders say what they can do and bring along.")
skills.show(shell.context().store, shell.context().rules, shell.context().clock(), here)
skills.conduct()
