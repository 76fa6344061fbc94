"""TLS: the server's certificate from files that may change, and how long it is good for."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

import msgspec

from gateproof.errors import ConfigError


class Certificate(msgspec.Struct, frozen=True):
    """A certificate that serves: the context for connections, and when it begins and ends to count (UTC)."""

    context: ssl.SSLContext
    not_before: datetime
    not_after: datetime

    def problem(self, now: datetime) -> str:
        """Why clients will refuse it at ``now``; empty when they will not for its age."""
        if now >= self.not_after:
            return f"the certificate expired at {self.not_after:%Y-%m-%dT%H:%M:%SZ}"
        if now < self.not_before:
            return f"the certificate is not valid before {self.not_before:%Y-%m-%dT%H:%M:%SZ}"
        return ""


def load(certificate: Path, key: Path, client_ca: Path | None) -> Certificate:
    """The certificate (PEM, with its chain) and its key, TLS 1.2 or newer; clients must have one by ``client_ca``.

    Raises ConfigError for files that cannot be read or do not belong together.
    """
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    place = certificate
    try:
        # A key that has a password would be asked for on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
        leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
        if client_ca is not None:
            place = client_ca
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigError(
            f"the certificate cannot be used: {getattr(error, 'strerror', None) or error}",
            where=str(place),
            hint="give a certificate and the key that belongs to it, both PEM, with --tls-cert and --tls-key",
        ) from None
    return Certificate(context, leaf.not_valid_before_utc, leaf.not_valid_after_utc)
