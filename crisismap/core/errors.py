"""Every refusal of the program as data: a kind, the code of the reason, and details.

No error here contains a sentence or an HTTP status: the sentences of the codes are in `locale/`, one catalogue per
language, and `problems.py` formats them; `api/http/problems.py` maps the kinds to statuses, in one table.
"""

from __future__ import annotations

import re
from typing import Any

SAID = "said"  # the detail that repeats the words of another server, which only staff may read
_EXPECTED = re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<given>[^`]+)`")


class CrisismapError(Exception):
    """Base class of all errors. `kind` ends the problem `type`, `code` names the reason; both are stable.

    `details` fill the sentence of the code and are safe to show to the caller: text, numbers, true, false, None, lists
    of these, or another refusal that this one reports.
    """

    kind = "error"

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!s}" for name, value in self.details.items())
        return f"{self.code} ({details})" if details else self.code


def server_words(error: CrisismapError) -> str:
    """Return the words of another server that an error, or one that it reports, repeats in `said`; "" without any."""
    reported = (server_words(each) for each in error.details.values() if isinstance(each, CrisismapError))
    return str(error.details.get(SAID) or "") or next(filter(None, reported), "")


class Invalid(CrisismapError):
    """A value that is not accepted; names the field and the value."""

    kind = "invalid"

    def __init__(self, field: str, value: object, code: str, **details: Any) -> None:
        super().__init__(code, field=field, value=shorten(value), **details)
        self.field = field


class Malformed(CrisismapError):
    """A body or file that is not in its declared format."""

    kind = "malformed"


class TooLarge(CrisismapError):
    """More data than is accepted at once."""

    kind = "too-large"


class TooSlow(CrisismapError):
    """A body that did not arrive within the time limit."""

    kind = "too-slow"


class KeyReused(CrisismapError):
    """An idempotency key that was reused with another payload."""

    kind = "key-reused"


class Gone(CrisismapError):
    """A report that was erased and is not accepted again."""

    kind = "erased"


class NotSignedIn(CrisismapError):
    """No valid token or session."""

    kind = "not-signed-in"


class Forbidden(CrisismapError):
    """A known person without the required permission."""

    kind = "forbidden"


class NotFound(CrisismapError):
    """No such thing, or one that this caller may not see; the two cannot be told apart."""

    kind = "not-found"


class NotBuilt(CrisismapError):
    """Something that is planned, at an address that is reserved for it."""

    kind = "not-built"


class PreconditionMissing(CrisismapError):
    """A change without If-Match."""

    kind = "precondition-missing"


class Stale(CrisismapError):
    """An If-Match that names a version that is no longer the current one."""

    kind = "stale"


class WrongState(CrisismapError):
    """A verb that is not possible in the current state of the request."""

    kind = "wrong-state"


class WouldLose(CrisismapError):
    """A replacement that would lose much of what it replaces, and that nobody has confirmed."""

    kind = "would-lose"


class TooManyTries(CrisismapError):
    """A limit was reached; `retry_after_s` says when to try again."""

    kind = "too-many"


class Unavailable(CrisismapError):
    """The store cannot read or write now; nothing was accepted."""

    kind = "unavailable"


class Unreachable(CrisismapError):
    """A network source that may not be fetched, or that did not answer properly."""

    kind = "unreachable"


class AlreadyRunning(CrisismapError):
    """Another server that has locked the data folder."""

    kind = "already-running"


class Misconfigured(CrisismapError):
    """A setting, rule file or folder that is not usable."""

    kind = "misconfigured"


# The kinds of this module alone: a client of the API has a subclass of its own, which is no answer of ours.
KINDS: tuple[type[CrisismapError], ...] = tuple(CrisismapError.__subclasses__())


def unexpected(message: str) -> tuple[str, dict[str, str]]:
    """Return the code and details for a msgspec decoding error, such as "Expected `int`, got `str`"."""
    found = _EXPECTED.fullmatch(message)
    return ("wrong_type", found.groupdict()) if found else ("not_as_expected", {"problem": message})


def shorten(value: object, limit: int = 80) -> str:
    """Return the value on one line and bounded, to be shown to the caller."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
