"""The second factor: time-based codes (RFC 6238), whose secrets are encrypted with the deployment's key."""

from __future__ import annotations

import base64
import hmac

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from crisismap.core.errors import Unavailable

STEP_S = 30
DRIFT_STEPS = 1  # tolerated error of a phone's clock


def new_secret() -> str:
    """Return 160 random bits in base 32, the format of authenticator apps."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """Return the otpauth:// URL shown as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="crisismap")


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """Return the time step that a code matches, None if it matches none close to now."""
    typed = "".join(c for c in code if c.isascii() and c.isdigit())
    now = now_ms // 1000 // STEP_S
    totp = pyotp.TOTP(secret)
    steps = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), typed)), None)


class Box:
    """Encrypts and decrypts short texts with one 32-byte key, optionally with a maximum age."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, text: str, now_ms: int) -> bytes:
        """Return the encrypted text, safe in a form or a cookie."""
        return self._fernet.encrypt_at_time(text.encode(), now_ms // 1000)

    def open(self, sealed: bytes) -> str:
        """Return the decrypted text. Raises Unavailable if encrypted with another key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable("factor_sealed") from None

    def open_fresh(self, sealed: str, now_ms: int, within_s: int) -> str | None:
        """Return the decrypted text, None if it was tampered with or is older than `within_s`."""
        try:
            return self._fernet.decrypt_at_time(sealed.encode(), within_s, now_ms // 1000).decode()
        except (InvalidToken, UnicodeError):
            return None
