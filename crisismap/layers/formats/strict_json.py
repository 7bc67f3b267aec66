"""Strict JSON: no NaN, no infinities, no overflowing number, no excessive nesting."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core.errors import Malformed


def decode(data: bytes, what: str) -> Any:
    """Return the value in `data` (UTF-8, a byte-order mark is allowed); `what` names it in errors.

    Raises Malformed.
    """
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise Malformed("json_too_deep", what=what) from None
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8", what=what, byte=error.start, problem=error.reason) from None
    except msgspec.DecodeError as error:
        raise Malformed("unreadable", what=what, problem=explain(str(error), data)) from None


def explain(message: str, data: bytes) -> str:
    """Return the parser's message as a sentence with the position."""
    if "truncated" in message:
        return f"the JSON ends in the middle, after {len(data)} bytes; was the file cut off?"
    if "out of range" in message:
        return f"not JSON: {message[0].lower()}{message[1:]}"
    return f"not JSON ({message.removeprefix('JSON is malformed: ')}); NaN and Infinity are not JSON either"
