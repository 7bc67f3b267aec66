"""Live map: the map and, beside it, the requests nobody has answered."""

from crisismap.ui.frame import shell
from crisismap.ui.map import live_map

here = shell.page("Live map", live=True)
live_map.show(here, shell.head_rem())
