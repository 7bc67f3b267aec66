"""The read models of an open deployment: the situation and data derived from it in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crisismap.core.place.place import Extent
from crisismap.core.privacy import Audience
from crisismap.services.runtime.caches import Caches
from crisismap.services.runtime.current_incident import CurrentIncident
from crisismap.services.runtime.raster_fetcher import RasterFetcher
from crisismap.services.runtime.time_travel import TimeTravel
from crisismap.situation.board.word_index import WordIndex
from crisismap.situation.record.features import Features
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.report_tiles import ReportTiles


@dataclass(frozen=True, slots=True)
class Views:
    """The read models of one open deployment. `made_up` marks the demo.

    `epoch` changes with each restore, because revisions then count again from an earlier number.
    """

    situation: Situation
    features: Features
    tiles: ReportTiles
    word_index: WordIndex  # of rare words, for similar reports
    searched: Mapping[Audience, WordIndex]  # of all words that an audience may read, for searches
    rasters: RasterFetcher
    history: TimeTravel
    incident: CurrentIncident
    made_up: bool
    epoch: str = ""
    caches: Caches = field(default_factory=Caches)

    def forget_words(self) -> None:
        """Rebuild the word indexes, because an erased or changed word may have been used by nobody else.

        Answers that were encoded with it are dropped too; they are given to nobody any more.
        """
        self.caches.answers.clear()
        for index in (self.word_index, *self.searched.values()):
            index.forget()

    @property
    def extent(self) -> Extent | None:
        """Return where places of the incident lie: the extent of its layers, else the described place."""
        return self.situation.extent or self.incident().place
