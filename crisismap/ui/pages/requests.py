"""Requests: every queue of the dispatchers, and the same detail as beside the map."""

from crisismap.ui.components import dispatch, shell

here = shell.page("Requests", live=True)
dispatch.show(shell.context(), here, shell.head_rem())
