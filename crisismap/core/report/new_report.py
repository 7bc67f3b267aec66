"""What the store receives for a new report, and what it returns."""

from __future__ import annotations

import msgspec

from crisismap.core.report.report import Contact, Report
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Sender


class NewReport(msgspec.Struct, frozen=True):
    """A report to be stored, with the contact details that are stored separately."""

    report: Report
    actor: str = ""
    contact: Contact | None = None
    request: Request | None = None  # an import may have an answer already
    sender: Sender = Sender()


class Acknowledgement(msgspec.Struct, frozen=True):
    """A report that is on disk; a repeat gets the id and revision of the first one."""

    id: str
    revision: int
    repeated: bool
