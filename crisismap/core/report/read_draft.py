"""Reading a draft from what was sent. A wrong name is refused; a value that cannot be read is kept as it was written.

Nobody is refused help because of an odd cell: what stands in a member of place, time, people or a field and is none is
kept in the field `as_written`, where responders read it, and the report is flagged `value_unread`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from crisismap.core.errors import Invalid, Malformed, unexpected
from crisismap.core.place.degrees import degrees
from crisismap.core.report.accept import with_unread
from crisismap.core.report.report import Draft
from crisismap.core.text.answer import read_truth
from crisismap.core.text.number import read_count, read_number
from crisismap.core.text.storable import whole_characters

_decoder = msgspec.json.Decoder(Draft)
_TOO_MUCH = 10**15  # for any place or number of people
_TELEPHONE = re.compile(r"[+\d][\d\s()./-]{4,}")


def read_draft(body: bytes) -> Draft:
    """Return a draft from JSON. Raises Malformed for broken JSON, Invalid naming the wrong member."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        first = problem
    try:
        # Python's json also reads numbers that have no finite value; they are kept as they were written.
        document = json.loads(body, parse_constant=str, parse_float=finite_or_text)
        json.dumps(document, ensure_ascii=False).encode()  # half a character is no text, and no JSON to others
    except (ValueError, RecursionError):
        raise Malformed("not_json", problem=str(first)) from None
    if not isinstance(document, dict):
        raise _invalid(str(first), document)
    return _lenient(document)


def draft_from(body: Mapping[str, Any]) -> Draft:
    """Return a draft from a mapping. Raises Invalid naming the wrong member, Malformed for half a character."""
    try:
        draft = msgspec.convert(dict(body), Draft)
        msgspec.json.encode(draft)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return _lenient(body)
    return draft


def _lenient(body: Mapping[str, Any]) -> Draft:
    """Return the draft of a body with odd values. Raises Invalid for what is no odd value, as `draft_from` does."""
    try:
        draft = msgspec.convert(_readable(body), Draft)
        msgspec.json.encode(draft)
    except msgspec.ValidationError as problem:
        raise _invalid(str(problem), body) from None
    except UnicodeEncodeError as problem:
        raise Malformed("text_unwritable", problem=problem.reason) from None
    return draft


def _readable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body with each value as its member needs it, and the unread ones written down in `fields`."""
    known: dict[str, Any] = {}
    unread: dict[str, Any] = {}
    for name, value in body.items():
        reader = _READERS.get(name)
        if reader is None:
            known[name] = value
        elif value is None or (name in _MAY_BE_BLANK and isinstance(value, str) and not value.strip()):
            known[name] = None
        elif (found := reader(value)) is None:
            unread[name] = value
        else:
            known[name] = found
    if isinstance(known.get("consent"), dict):
        known["consent"] = _consent(known["consent"], unread)
    if unread:
        known["fields"] = with_unread(known.get("fields") or {}, unread)
    return known


def _consent(given: dict[str, Any], unread: dict[str, Any]) -> dict[str, Any]:
    """Return the consent; what is no clear yes or no is none."""
    consent = dict(given)
    for name in ("publish", "contact"):
        if consent.get(name) is not None and (answer := _truth(consent[name])) is None:
            unread[f"consent.{name}"] = consent.pop(name)
        elif name in consent:
            consent[name] = bool(consent[name] and answer)
    if "version" in consent and not isinstance(consent["version"], str | None):
        consent["version"] = _text(consent["version"])
    return consent


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return whole_characters(text)


def _number_by(read: Callable[[str], float | None]) -> Callable[[Any], float | None]:
    def reader(value: Any) -> float | None:
        if isinstance(value, str):
            return read(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value if abs(value) < _TOO_MUCH else None  # no NaN either

    return reader


def _people(value: Any) -> int | None:
    if isinstance(value, str):
        return read_count(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _TOO_MUCH:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_MUCH else None


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return read_truth(str(value)) if isinstance(value, str | int | float) else None


def _object(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    return {_text(name): _text(one) if isinstance(one, str) else one for name, one in value.items()}


def _contact(value: Any) -> Any:
    """Return contact details: a number or text alone is a telephone number, an e-mail address or a name."""
    if isinstance(value, dict):
        plain = {name: str(one) if _is_number(one) else one for name, one in value.items()}
        return {name: _text(one) if isinstance(one, str) else one for name, one in plain.items()}
    if not isinstance(value, str) and not _is_number(value):
        return value
    text = _text(value).strip()
    return {"phone" if _TELEPHONE.fullmatch(text) else "email" if "@" in text else "name": text}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(value: Any) -> Any:
    return str(value) if _is_number(value) else value


_MAY_BE_BLANK = frozenset({"lon", "lat", "accuracy_m", "observed_at", "people", "asks", "contact", "fields", "consent"})
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "place": _text,
    "lon": _number_by(lambda text: degrees(text, "lon")),
    "lat": _number_by(lambda text: degrees(text, "lat")),
    "accuracy_m": _number_by(read_number),
    "observed_at": lambda value: _text(value) if isinstance(value, str) else None,
    "people": _people,
    "fields": _object,
    "contact": _contact,
    "consent": lambda value: value if isinstance(value, dict) else None,
    "client_id": _key,
    "asks": _truth,
}


def finite_or_text(text: str) -> float | str:
    """Return the number that a JSON text is, the text itself where no number is so large."""
    return number if math.isfinite(number := float(text)) else text


def _invalid(message: str, body: object) -> Invalid:
    """Convert a decoding error ("Expected `int`, got `str` - at `$.people`") into field, value and reason."""
    why, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".").replace("[...]", "")
    code, details = unexpected(why)
    if "unknown field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "unknown_member", {}
    elif "missing required field" in why:
        field, code, details = f"{field}.{why.split('`')[-2]}".lstrip("."), "required", {}
    value: Any = body
    for part in field.split(".") if field else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return Invalid(field or "body", value, code, **details)
