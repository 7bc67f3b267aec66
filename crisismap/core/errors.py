"""Every refusal the program can give, as data: its kind, the code of its reason and the details that the reason names.

No error here knows a sentence or HTTP: the sentences of the codes stand in `locale/`, one catalogue per language, and
`problems.py` puts them together; `api/http/problems.py` maps the kinds to statuses, in one table.
"""

from __future__ import annotations

import re
from typing import Any

_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<given>[^`]+)`")


class CrisismapError(Exception):
    """The family. `kind` ends the problem `type`, `code` names the reason; both are stable.

    `details` fill the sentence of the code and are safe to show to the caller: text, numbers, true, false, None, lists
    of these, or another refusal that this one reports.
    """

    kind = "error"

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value!s}" for name, value in self.details.items())
        return f"{self.code} ({said})" if said else self.code


class Invalid(CrisismapError):
    """Something sent cannot be taken; names the field and the value."""

    kind = "invalid"

    def __init__(self, field: str, value: object, code: str, **details: Any) -> None:
        super().__init__(code, field=field, value=shorten(value), **details)
        self.field = field


class Malformed(CrisismapError):
    """The body or file is not in the format it claims to be."""

    kind = "malformed"


class TooLarge(CrisismapError):
    """More than is accepted in one go."""

    kind = "too-large"


class TooSlow(CrisismapError):
    """A body that does not arrive in the time it may take."""

    kind = "too-slow"


class KeyReused(CrisismapError):
    """An idempotency key came again with another payload."""

    kind = "key-reused"


class Gone(CrisismapError):
    """The report was erased; it is not taken in again."""

    kind = "erased"


class NotSignedIn(CrisismapError):
    """No valid token or session."""

    kind = "not-signed-in"


class Forbidden(CrisismapError):
    """A known person without the verb."""

    kind = "forbidden"


class NotFound(CrisismapError):
    """No such thing, or not one this caller may know of: both look alike."""

    kind = "not-found"


class PreconditionMissing(CrisismapError):
    """A change came without If-Match."""

    kind = "precondition-missing"


class Stale(CrisismapError):
    """If-Match names a version that is no longer the current one."""

    kind = "stale"


class WrongState(CrisismapError):
    """The verb does not fit the state the request is in."""

    kind = "wrong-state"


class TooManyTries(CrisismapError):
    """A limit was reached; `retry_after_s` says when to come back."""

    kind = "too-many"


class Unavailable(CrisismapError):
    """The store cannot take or give it now; nothing was accepted."""

    kind = "unavailable"


class Unreachable(CrisismapError):
    """A source on the network may not be asked, or did not answer as it should."""

    kind = "unreachable"


class AlreadyRunning(CrisismapError):
    """Another server holds the data folder."""

    kind = "already-running"


class Misconfigured(CrisismapError):
    """A setting, a rule file or a folder is not usable."""

    kind = "misconfigured"


def unexpected(message: str) -> tuple[str, dict[str, str]]:
    """The code and details for what a decoder of msgspec says, such as "Expected `int`, got `str`"."""
    found = _EXPECTED.fullmatch(message)
    return ("wrong_type", found.groupdict()) if found else ("not_as_expected", {"problem": message})


def shorten(value: object, limit: int = 80) -> str:
    """The value as a caller may see it again: one line, bounded."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
