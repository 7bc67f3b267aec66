"""store.photos: photos of reports. Contract: `core.ports.Photos`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from sqlalchemy import Connection

from crisismap.core.done import Done
from crisismap.core.event import EventDraft
from crisismap.core.report.photo import Photo, PhotoBytes
from crisismap.core.report.report import CurrentReport
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import photos, reports
from crisismap.store.writer import Writer


class Photos:
    """Reads and writes of photos."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    def add(
        self, photo: Photo, picture: PhotoBytes, decide: Callable[[CurrentReport], EventDraft]
    ) -> Future[Done[None]]:
        def work(conn: Connection) -> tuple[None, list[Draft]]:
            now = reports.one(conn, photo.report_id)
            event = decide(now)
            photos.add(conn, now.seq, photo, picture)
            return None, [(event, now.seq)]

        return self._writer.run(work)

    def of_report(self, row: int) -> list[Photo]:
        return self._reader.read(photos.of_report, row)

    def one(self, photo_id: str) -> Photo:
        return self._reader.read(photos.one, photo_id)

    def jpeg(self, photo_id: str, *, thumb: bool) -> bytes:
        return self._reader.read(photos.data, photo_id, thumb=thumb)
