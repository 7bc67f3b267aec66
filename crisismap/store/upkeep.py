"""store.upkeep: facts about the deployment and the health of the database. Contract: `core.ports.Upkeep`."""

from __future__ import annotations

from concurrent.futures import Future

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.clock import Jump
from crisismap.core.done import Done
from crisismap.core.errors import Unavailable
from crisismap.core.event import EventDraft
from crisismap.store import event_log
from crisismap.store.engine import Reader
from crisismap.store.tables import erasure, meta
from crisismap.store.writer import Writer


class Upkeep:
    """Reads and writes about the database itself."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer
        self.unscrubbed = False

    def fact(self, key: str) -> str | None:
        return self._reader.read(meta.get, key)

    def set_fact(self, key: str, value: str, event: EventDraft | None = None) -> Future[Done[None]]:
        events = [event] if event is not None else []
        return self._writer.write(lambda conn: meta.put(conn, key, value), *events)

    def clock_jumps(self) -> list[Jump]:
        return self._reader.read(meta.jumps)

    def check(self) -> None:
        if (problem := self._writer.problem()) is not None:
            raise problem
        try:
            self._reader.read(lambda conn: conn.execute(text("SELECT 1")))
        except SQLAlchemyError as failure:
            raise Unavailable("database_silent") from failure

    def newest(self) -> int | None:
        try:
            return self._reader.read(event_log.revision)
        except SQLAlchemyError:
            return None

    @property
    def writes_ok(self) -> bool:
        return self._writer.problem() is None

    @property
    def waiting(self) -> int:
        return self._writer.waiting

    def scrub(self) -> Future[bool]:
        def work(engine: Engine) -> bool:
            self.unscrubbed = not erasure.scrub(engine)
            return not self.unscrubbed

        return self._writer.upkeep(work)
