"""Where layers come from and how they fare: sources, their messages and diaries, the kept versions.

New versions go through the store itself, with everything else that people bring in.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from sqlalchemy import Connection, Engine

from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, Key
from crisismap.core.layer.layer import LayerVersion, VersionHead
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth
from crisismap.store import feed, layers, sources
from crisismap.store.sources import Message
from crisismap.store.writer import Committed, Writer


class Catalogue:
    """Reads and writes; writes come back as futures, resolved when they are on disk."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def withdraw(self, layer_id: str, event: EventDraft) -> Future[Committed[None]]:
        """Take a layer back, and follow its source no longer; its versions stay. Raises NotFound."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            followed = sources.remove(conn, layer_id)
            if not (followed and layers.is_withdrawn(conn, layer_id)):
                layers.withdraw(conn, layer_id)
            return None, [(event, None)]

        return self._writer.run(work)

    def follow(self, source: LayerSource, health: SourceHealth, event: EventDraft) -> Future[Committed[None]]:
        """Fetch a layer from a source from now on, in place of the one it had."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            sources.put(conn, source, health)
            return None, [(event, None)]

        return self._writer.run(work)

    def unfollow(self, layer_id: str, event: EventDraft) -> Future[Committed[bool]]:
        """Fetch it no longer; the layer stays as it is. Whether it was followed."""

        def work(conn: Connection) -> tuple[bool, list[feed.Draft]]:
            there = sources.remove(conn, layer_id)
            return there, [(event, None)] if there else []

        return self._writer.run(work)

    def keep_checked(self, layer_id: str, health: SourceHealth, check: SourceCheck | None) -> Future[Committed[None]]:
        """Keep how fetching went, with a line in the diary when there is one."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            sources.set_health(conn, layer_id, health, check)
            return None, []

        return self._writer.run(work)

    def keep_messages(
        self, layer_id: str, messages: Sequence[Message], forget: Sequence[Key] = ()
    ) -> Future[Committed[None]]:
        """Keep the warnings that came, and let go of those that no longer matter."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            sources.add_messages(conn, layer_id, messages)
            sources.forget_messages(conn, layer_id, forget)
            return None, []

        return self._writer.run(work)

    def prune(self, layer_id: str, keep: int) -> Future[Committed[None]]:
        """Let go of all but the newest versions of a layer."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            layers.prune(conn, layer_id, keep)
            return None, []

        return self._writer.run(work)

    def versions(self, layer_id: str, most: int | None = None) -> list[VersionHead]:
        """The kept versions of a layer, newest first, also of one that was taken back; at most so many."""
        with self._reader.begin() as conn:
            return layers.heads(conn, layer_id, most)

    def version(self, layer_id: str, version: int) -> LayerVersion:
        """One kept version, whole. Raises NotFound."""
        with self._reader.begin() as conn:
            return layers.one(conn, layer_id, version)

    def followed(self) -> list[FollowedSource]:
        """The sources of layers that are fetched, and how that goes."""
        with self._reader.begin() as conn:
            return sources.everything(conn)

    def diary(self, layer_id: str) -> list[SourceCheck]:
        """What came of asking a source, newest first."""
        with self._reader.begin() as conn:
            return sources.diary(conn, layer_id)

    def alerts(self, layer_id: str) -> list[Alert]:
        """All warnings that came from a source."""
        with self._reader.begin() as conn:
            return sources.alerts(conn, layer_id)

    def alert_origins(self, layer_id: str) -> set[str]:
        """Where they came from, so that none is fetched twice."""
        with self._reader.begin() as conn:
            return sources.origins(conn, layer_id)
