"""The Live map page: the map and, beside it, the unanswered requests."""

from crisismap.ui.frame import shell
from crisismap.ui.map import live_map

here = shell.page("Live map", live=True)
live_map.show(here, shell.head_rem())
