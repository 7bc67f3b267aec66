"""Secret keys of one open deployment, each derived from its secret for one purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """The derived keys. `admin_token` is new in each run; only the data folder's owner can read it (`server.json`)."""

    tracking_code: bytes
    payload_hash: bytes
    sender_mark: bytes
    admin_token: str
