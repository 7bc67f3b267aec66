"""SQL of photos: bytes and metadata in one table, so that neither is stored without the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from crisismap.core.errors import Invalid, NotFound, TooLarge
from crisismap.core.people.identity import id_bytes, id_text
from crisismap.core.report.photo import MAX_PER_REPORT, Photo, PhotoBytes, Use
from crisismap.store import schema

_PHOTO = schema.photo.c
_METADATA = select(
    _PHOTO.id, _PHOTO.use, _PHOTO.width, _PHOTO.height, _PHOTO.added_by, _PHOTO.added_at, schema.report.c.id.label("of")
).join(schema.report, schema.report.c.seq == _PHOTO.report_seq)


def add(conn: Connection, seq: int, photo: Photo, picture: PhotoBytes) -> None:
    """Write a photo. Raises TooLarge when its report has the maximum number."""
    stored_count = conn.execute(select(func.count()).where(_PHOTO.report_seq == seq)).scalar_one()
    if stored_count >= MAX_PER_REPORT:
        raise TooLarge("enough_photos", count=stored_count)
    conn.execute(
        insert(schema.photo).values(
            id=id_bytes(photo.id),
            report_seq=seq,
            use=str(photo.use),
            width=photo.width,
            height=photo.height,
            added_by=photo.by,
            added_at=photo.added_at,
            image=picture.image,
            thumb=picture.thumb,
        )
    )


def of_report(conn: Connection, seq: int) -> list[Photo]:
    """Return the photos of a report, oldest first, without their bytes."""
    rows = conn.execute(_METADATA.where(_PHOTO.report_seq == seq).order_by(_PHOTO.added_at, _PHOTO.id))
    return [_photo(row) for row in rows]


def one(conn: Connection, photo_id: str) -> Photo:
    """Return one photo without its bytes. Raises NotFound."""
    return _photo(_row(conn, _METADATA, photo_id))


def data(conn: Connection, photo_id: str, *, thumb: bool) -> bytes:
    """Return the JPEG of a photo, or of its thumbnail. Raises NotFound."""
    return bytes(_row(conn, select(_PHOTO.thumb if thumb else _PHOTO.image), photo_id)[0])


def attach(conn: Connection, seq: int, photo_ids: Sequence[str], *, use: Use = Use.ANSWER) -> None:
    """Add a team's photos to an answer, or with another use take them out of it.

    Raises Invalid for one that is no team photo of the report.
    """
    for photo_id in photo_ids:
        result = conn.execute(
            update(schema.photo)
            .where(_PHOTO.id == (id_bytes(photo_id) or b""), _PHOTO.report_seq == seq, _PHOTO.use != str(Use.REPORT))
            .values(use=str(use))
        )
        if result.rowcount != 1:
            raise Invalid("photo_ids", photo_id, "not_a_team_photo")


def _row(conn: Connection, query: Select[Any], photo_id: str) -> Any:
    raw = id_bytes(photo_id)
    row = conn.execute(query.where(_PHOTO.id == raw)).one_or_none() if raw is not None else None
    if row is None:
        raise NotFound("no_photo")
    return row


def _photo(row: Any) -> Photo:
    return Photo(
        id=id_text(bytes(row.id)),
        report_id=id_text(bytes(row.of)),
        use=Use(row.use),
        width=row.width,
        height=row.height,
        added_at=row.added_at,
        by=row.added_by,
    )
