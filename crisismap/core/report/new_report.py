"""What is handed to the store for a report that comes in, and what it answers."""

from __future__ import annotations

import msgspec

from crisismap.core.report.report import Contact, Report
from crisismap.core.report.request import Request
from crisismap.core.report.verification import Sender


class NewReport(msgspec.Struct, frozen=True):
    """A report to be kept, with the contact details that are kept apart from it."""

    report: Report
    actor: str = ""
    contact: Contact | None = None
    request: Request | None = None  # an import may know that it was answered long ago
    sender: Sender = Sender()


class Acknowledgement(msgspec.Struct, frozen=True):
    """A report is on disk; a repeat gets the id and revision of the first one."""

    id: str
    revision: int
    repeated: bool
