"""Reading a draft from what was sent, with errors that name the wrong member."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Malformed, unexpected
from crisismap.core.report.report import Draft

_decoder = msgspec.json.Decoder(Draft)


def read_draft(body: bytes) -> Draft:
    """Return a draft from JSON. Raises Malformed for broken JSON, Invalid naming the wrong member."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as problem:
        raise _invalid(str(problem), body) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed("not_json", problem=str(problem)) from None


def draft_from(body: Mapping[str, Any]) -> Draft:
    """Return a draft from a mapping. Raises Invalid naming the wrong member, Malformed for a lone surrogate."""
    try:
        draft = msgspec.convert(dict(body), Draft)
        msgspec.json.encode(draft)
    except msgspec.ValidationError as problem:
        raise _invalid(str(problem), body) from None
    except UnicodeEncodeError as problem:
        raise Malformed("text_unwritable", problem=problem.reason) from None
    return draft


def _invalid(message: str, body: object) -> Invalid:
    """Convert a decoding error ("Expected `int`, got `str` - at `$.people`") into field, value and reason."""
    why, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".").replace("[...]", "")
    code, details = unexpected(why)
    if "unknown field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "unknown_member", {}
    elif "missing required field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "required", {}
    try:
        # Python's json accepts numbers that are out of range, which may be the error.
        value: Any = json.loads(body) if isinstance(body, bytes) else body
        for part in field.split(".") if field else ():
            value = value.get(part) if isinstance(value, Mapping) else None
    except (ValueError, RecursionError):
        value = None
    return Invalid(field or "body", value, code, **details)
