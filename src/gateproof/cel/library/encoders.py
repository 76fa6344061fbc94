"""cel-go's extension of encoders."""

from __future__ import annotations

import base64
import binascii
import re

from gateproof.cel.errors import EvaluationError

_DIGITS = re.compile(r"[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*")


def base64_encode(value: bytes) -> str:
    """``base64.encode(value)``."""
    return base64.b64encode(value).decode()


def base64_decode(text: str) -> bytes:
    """``base64.decode(text)``; the padding may be left out."""
    digits = text.replace("\r", "").replace("\n", "")
    padding = -len(digits.rstrip("=")) % 4
    try:
        if not _DIGITS.fullmatch(text) or padding == 3 or digits.count("=") not in (0, padding):
            raise ValueError
        return base64.b64decode(digits.rstrip("=") + "=" * padding)
    except (ValueError, binascii.Error):
        raise EvaluationError("illegal base64 data", hint="give standard base64") from None
