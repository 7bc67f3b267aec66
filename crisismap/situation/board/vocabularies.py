"""Vocabularies: distinct values shared by many rows, each with a permanent number."""

from __future__ import annotations

from crisismap.situation.board.interned import Interned


class Vocabularies:
    """One list of distinct values for each column of vocabulary numbers; the lists only grow."""

    def __init__(self) -> None:
        self.flags: Interned[tuple[str, ...]] = Interned()
        self.reasons: Interned[tuple[str, ...]] = Interned()
        self.lang: Interned[str] = Interned()
        self.channel: Interned[str] = Interned()
        self.source: Interned[str] = Interned()
        self.reported_status: Interned[str] = Interned()
        self.person: Interned[str] = Interned()
        self.sender: Interned[str] = Interned()  # and networks, which stand for senders with an address only
