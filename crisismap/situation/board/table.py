"""The columns of a board: those of the facts of a record, and internal ones."""

from __future__ import annotations

import msgspec
import numpy as np

from crisismap.core.people.fingerprint import BY
from crisismap.core.report.report import WRONG_TIME
from crisismap.situation.board.column import MODERATION_STATUSES, NEVER, NONE, Column, ColumnTable, IntakeRow
from crisismap.situation.merge.layer_frame import plain_status
from crisismap.situation.merge.layer_index import REPORT_STATUS_NUMBERS
from crisismap.situation.record.fact import members_of
from crisismap.situation.record.record import Record


def _status(row: IntakeRow) -> int:
    """Return the number of the reported status, if the merge uses it; others are not stored."""
    plain = plain_status(row.redacted.reported_status)
    return row.vocabularies.reported_status.number(plain if plain in REPORT_STATUS_NUMBERS else "")


def _sender(row: IntakeRow) -> int:
    sender = f"{BY}{row.report.source}" if row.report.source is not None else row.report.sender
    return row.vocabularies.sender.number(sender) if sender else NONE


def _network(row: IntakeRow) -> int:
    return row.vocabularies.sender.number(row.report.network) if row.report.network else NONE


def _sorted_at(row: IntakeRow) -> int:
    """Return when it was observed, or when it was received if the phone's clock is wrong."""
    wrong = row.report.flags and WRONG_TIME.intersection(row.report.flags)
    return row.redacted.received_at if wrong else row.redacted.observed_at


INTERNAL = (
    Column("seq", np.int64, lambda row: row.current.seq, in_past=True),  # the store's row
    Column("code", np.uint64, lambda row: row.setting.code(row.report.id)),  # the tracking code's number
    Column("at", np.int64, _sorted_at, in_past=True),
    # Its arrival, or the time that an imported file gives
    Column("known_at", np.int64, lambda row: row.redacted.known_at, in_past=True),
    Column("answered_at", np.int64, lambda row: row.redacted.answered_at, in_past=True, later=NEVER),
    # NEVER: the requester has not confirmed the answer
    Column("confirmed_at", np.int64, lambda row: row.redacted.confirmed_at, in_past=True, later=NEVER),
    Column("due_from", np.int64, lambda row: row.redacted.due_from, in_past=True),  # start of the time to answer
    # NEVER: never reconfirmed
    Column("reconfirmed_at", np.int64, lambda row: row.redacted.reconfirmed_at, in_past=True, later=NEVER),
    # Whether a person has overridden the priority
    Column("overruled", np.bool_, lambda row: row.detail is not None and row.detail.overruling is not None),
    Column("reported_status", np.int32, _status),  # vocabulary: the reported status
    # The sender, for the ranking; numbers of vocabularies that the public never sees
    Column("sender", np.int32, _sender),
    Column("network", np.int32, _network),
    # Marks of the words of a text from a network, to tell people of one network apart; of what the audience may read
    Column("words_high", np.uint64, lambda row: row.words[0]),
    Column("words_low", np.uint64, lambda row: row.words[1]),
    Column("vouched", np.bool_, lambda row: row.report.source is not None),  # sent by a signed-in person
    Column("quarantined", np.bool_, lambda row: row.current.quarantined),
    # Whether the text needs review; NOTHING for the public
    Column("moderation_status", np.uint8, lambda row: MODERATION_STATUSES.index(row.redacted.moderation_status)),
)


def table_of(record: type[msgspec.Struct]) -> ColumnTable:
    """Return the columns of a board from which such records are made."""
    return ColumnTable((*(column for member in members_of(record) for column in member.fact.columns), *INTERNAL))


TABLE = table_of(Record)
