"""Vocabularies: values that many rows share, kept once and numbered for ever."""

from __future__ import annotations

from crisismap.situation.board.interned import Interned


class Vocabularies:
    """One list of distinct values for each column that holds numbers of it."""

    def __init__(self) -> None:
        self.flags: Interned[tuple[str, ...]] = Interned()
        self.reasons: Interned[tuple[str, ...]] = Interned()
        self.lang: Interned[str] = Interned()
        self.channel: Interned[str] = Interned()
        self.told: Interned[str] = Interned()
        self.person: Interned[str] = Interned()
        self.sender: Interned[str] = Interned()  # and networks: who has sent no more than an address is one
