"""Keys: the secrets of one open deployment, each derived from its secret for one purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """`admin_token` is this run's own; only the owner of the data folder can read it (`server.json`)."""

    tracking_code: bytes
    payload_hash: bytes
    sender_mark: bytes
    admin_token: str
