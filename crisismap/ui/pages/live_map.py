"""Live map: the map and, beside it, the requests nobody has answered."""

from crisismap.ui.components import desk, shell

here = shell.page("Live map", live=True)
desk.show(shell.context(), here, shell.head_rem())
