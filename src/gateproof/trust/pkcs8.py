"""Encrypted PKCS#8: a private key under a password that is expensive to guess.

``cryptography`` writes the same format with 2,048 rounds of PBKDF2, which a graphics card tries by the million each
second, and has no setting for it; so the few bytes of DER around the ciphertext are written here. PBES2 of RFC 8018
with scrypt (RFC 7914, section 7) and AES-256-CBC; ``cryptography`` and OpenSSL read it. The cost is one that OWASP's
password storage guidance names as sufficient, and keeps to the 32 MiB that OpenSSL grants scrypt.
"""

from __future__ import annotations

import base64
import os
import textwrap

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**14, 8, 5
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")
_INTEGER, _OCTET_STRING, _SEQUENCE = 0x02, 0x04, 0x30


def encrypt(private_key_info: bytes, password: bytes) -> bytes:
    """``private_key_info`` (DER, PKCS#8) under ``password``, as PEM ``ENCRYPTED PRIVATE KEY``."""
    from cryptography.hazmat.primitives import padding
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    salt, iv = os.urandom(16), os.urandom(16)
    key = Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(password)
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(padder.update(private_key_info) + padder.finalize()) + encryptor.finalize()

    cost = (_integer(_SCRYPT_N), _integer(_SCRYPT_R), _integer(_SCRYPT_P))
    derivation = _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, _der(_OCTET_STRING, salt), *cost))
    cipher = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTET_STRING, iv))
    algorithm = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    return _pem(_der(_SEQUENCE, algorithm, _der(_OCTET_STRING, ciphertext)))


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(length)]) + length + body


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _pem(der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", "")
    ).encode()
