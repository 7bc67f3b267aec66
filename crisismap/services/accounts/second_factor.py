"""The second factor: time-based codes (RFC 6238), their secrets sealed with the deployment's key."""

from __future__ import annotations

import base64
import hmac

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from crisismap.core.errors import Unavailable

STEP_S = 30
DRIFT_STEPS = 1  # a phone's clock may be wrong by so much


def new_secret() -> str:
    """160 random bits in base 32, as authenticator programs take them."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The otpauth:// address that a phone reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="crisismap")


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The step of time that a code belongs to, None when it fits none near now."""
    typed = "".join(c for c in code if c.isascii() and c.isdigit())
    now = now_ms // 1000 // STEP_S
    totp = pyotp.TOTP(secret)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            return step
    return None


class Box:
    """Closes and opens short texts with one 32-byte key; may refuse what was closed too long ago."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str, now_ms: int) -> bytes:
        """The sealed bytes, safe in a form or a cookie."""
        return self._fernet.encrypt_at_time(text.encode(), now_ms // 1000)

    def open(self, sealed: bytes) -> str:
        """The text again. Raises Unavailable when the key is another one."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable("factor_sealed") from None

    def open_fresh(self, sealed: str, now_ms: int, within_s: int) -> str | None:
        """The text, None when it was tampered with or is older than `within_s`."""
        try:
            return self._fernet.decrypt_at_time(sealed.encode(), within_s, now_ms // 1000).decode()
        except (InvalidToken, UnicodeError):
            return None
