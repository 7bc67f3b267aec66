"""What the rules heard in a text, as the short string that is stored with the report."""

from __future__ import annotations

import msgspec

from crisismap.core.need.need import Detection, Need


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    fingerprint: str  # of the detector
    need: Need
    priority: int
    reasons: tuple[str, ...]
    denied: bool


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Stored)


def encode_heard(detection: Detection, fingerprint: str) -> str:
    """Return a detection as a string, with the fingerprint of the detector that made it."""
    stored = _Stored(fingerprint, detection.need, detection.priority, detection.reasons, detection.denied)
    return _encoder.encode(stored).decode()


def decode_heard(heard: str, fingerprint: str) -> Detection | None:
    """Return the stored detection; None when there is none, or when another detector made it."""
    if not heard:
        return None
    try:
        stored = _decoder.decode(heard)
    except msgspec.MsgspecError:
        return None  # of another version of the program
    if stored.fingerprint != fingerprint:
        return None
    return Detection(stored.need, stored.priority, stored.reasons, stored.denied)
