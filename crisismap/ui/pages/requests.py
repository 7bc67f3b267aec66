"""The Requests page: the dispatchers' queues, and the same detail as beside the map."""

from crisismap.ui.frame import shell
from crisismap.ui.requests import dispatch

here = shell.page("Requests", live=True)
dispatch.show(here, shell.head_rem())
