"""store.layers: official layers, the sources they are fetched from, and warnings. Contract: `core.ports.Layers`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from sqlalchemy import Connection

from crisismap.core.done import Done
from crisismap.core.event import EventDraft
from crisismap.core.layer.alert import Alert, AlertMessage, Key
from crisismap.core.layer.layer import LayerVersion, VersionHead
from crisismap.core.layer.source import FollowedSource, LayerSource, SourceCheck, SourceHealth
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import layers, sources
from crisismap.store.writer import Writer


class Layers:
    """Reads and writes of layers."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    def put(self, version: LayerVersion, event: EventDraft) -> Future[Done[LayerVersion]]:
        return self._writer.write(lambda conn: layers.put(conn, version), event)

    def withdraw(self, layer_id: str, event: EventDraft) -> Future[Done[None]]:
        def statements(conn: Connection) -> None:
            had_source = sources.remove(conn, layer_id)
            if not (had_source and layers.is_withdrawn(conn, layer_id)):
                layers.withdraw(conn, layer_id)

        return self._writer.write(statements, event)

    def prune(self, layer_id: str, keep: int) -> Future[Done[None]]:
        return self._writer.write(lambda conn: layers.prune(conn, layer_id, keep))

    def versions(self, layer_id: str, most: int | None = None) -> list[VersionHead]:
        return self._reader.read(layers.heads, layer_id, most)

    def version(self, layer_id: str, version: int) -> LayerVersion:
        return self._reader.read(layers.one, layer_id, version)

    def original(self, layer_id: str, original_id: str) -> bytes:
        return self._reader.read(layers.original, layer_id, original_id)

    def sources(self) -> list[FollowedSource]:
        return self._reader.read(sources.everything)

    def put_source(self, source: LayerSource, health: SourceHealth, event: EventDraft) -> Future[Done[None]]:
        return self._writer.write(lambda conn: sources.put(conn, source, health), event)

    def remove_source(self, layer_id: str, event: EventDraft) -> Future[Done[bool]]:
        def work(conn: Connection) -> tuple[bool, list[Draft]]:
            removed = sources.remove(conn, layer_id)
            return removed, [(event, None)] if removed else []

        return self._writer.run(work)

    def set_health(self, layer_id: str, health: SourceHealth, check: SourceCheck | None) -> Future[Done[None]]:
        return self._writer.write(lambda conn: sources.set_health(conn, layer_id, health, check))

    def fetch_log(self, layer_id: str) -> list[SourceCheck]:
        return self._reader.read(sources.fetch_log, layer_id)

    def put_alerts(
        self, layer_id: str, messages: Sequence[AlertMessage], forget: Sequence[Key] = ()
    ) -> Future[Done[None]]:
        def statements(conn: Connection) -> None:
            sources.add_messages(conn, layer_id, messages)
            sources.forget_messages(conn, layer_id, forget)

        return self._writer.write(statements)

    def alerts(self, layer_id: str) -> list[Alert]:
        return self._reader.read(sources.alerts, layer_id)

    def alert_origins(self, layer_id: str) -> set[str]:
        return self._reader.read(sources.origins, layer_id)
