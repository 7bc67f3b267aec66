"""Every refusal the program can give, as data: a stable code, a sentence and the details it names.

No error here knows HTTP; `api/http/problems.py` maps the codes to statuses, in one table.
"""

from __future__ import annotations

from typing import Any


class CrisismapError(Exception):
    """The family. `code` is stable (it ends the problem `type`), `details` are safe to show to the caller."""

    code = "error"

    def __init__(self, detail: str, **details: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.details = details


class Invalid(CrisismapError):
    """Something sent cannot be taken; names the field and the value."""

    code = "invalid"

    def __init__(self, field: str, value: object, why: str) -> None:
        shown = shorten(value)
        super().__init__(f"{field}: {why} (got {shown})", field=field, value=shown)
        self.field = field
        self.why = why


class Malformed(CrisismapError):
    """The body or file is not in the format it claims to be."""

    code = "malformed"


class TooLarge(CrisismapError):
    """More than is accepted in one go."""

    code = "too-large"


class TooSlow(CrisismapError):
    """A body that does not arrive in the time it may take."""

    code = "too-slow"


class KeyReused(CrisismapError):
    """An idempotency key came again with another payload."""

    code = "key-reused"


class Gone(CrisismapError):
    """The report was erased; it is not taken in again."""

    code = "erased"


class NotSignedIn(CrisismapError):
    """No valid token or session."""

    code = "not-signed-in"


class Forbidden(CrisismapError):
    """A known person without the verb."""

    code = "forbidden"


class NotFound(CrisismapError):
    """No such thing, or not one this caller may know of: both look alike."""

    code = "not-found"


class PreconditionMissing(CrisismapError):
    """A change came without If-Match."""

    code = "precondition-missing"


class Stale(CrisismapError):
    """If-Match names a version that is no longer the current one."""

    code = "stale"


class WrongState(CrisismapError):
    """The verb does not fit the state the request is in."""

    code = "wrong-state"


class TooManyTries(CrisismapError):
    """A limit was reached; `retry_after_s` says when to come back."""

    code = "too-many"


class Unavailable(CrisismapError):
    """The store cannot take or give it now; nothing was accepted."""

    code = "unavailable"


class Unreachable(CrisismapError):
    """A source on the network may not be asked, or did not answer as it should."""

    code = "unreachable"


class AlreadyRunning(CrisismapError):
    """Another server holds the data folder."""

    code = "already-running"


class Misconfigured(CrisismapError):
    """A setting, a rule file or a folder is not usable."""

    code = "misconfigured"


def shorten(value: object, limit: int = 80) -> str:
    """The value as a caller may see it again: one line, bounded."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
