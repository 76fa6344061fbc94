"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateproof.errors import UsageError

_Command = Callable[..., Any]

PATH = click.Path(path_type=Path)
"""The type of options and arguments that are paths."""

root_option: Callable[[_Command], _Command] = click.option(
    "--root", metavar="FINGERPRINT", help="Fingerprint of the trust root, from another source than the store."
)
password_file: Callable[[_Command], _Command] = click.option(
    "--password-file", type=PATH, help="Read the key's password from this file."
)


def evidence_store(given: str | None) -> str:
    """The store that a command works on: the one given, or the one of gateproof.yaml. Raises UsageError."""
    from gateproof import wiring

    place = given or wiring.configured_store()
    if not place:
        raise UsageError("no evidence store is given", hint="name it, or set evidence.store in gateproof.yaml")
    return place


def read_password(file: Path | None) -> bytes:
    """The password of an existing key: from ``file``, the environment, or the person at the terminal."""
    return _given_password(file) or _prompt(confirm=False)


def read_new_password(file: Path | None) -> bytes:
    """The password of a new key, which a person types twice."""
    return _given_password(file) or _prompt(confirm=True)


def _given_password(file: Path | None) -> bytes:
    from gateproof import settings
    from gateproof.adapters.files import read

    if file is None:
        return settings.key_password()
    password = read(file, 4096).rstrip(b"\r\n")
    if not password:
        raise UsageError("the password file is empty", where=str(file), hint="write the password on its first line")
    return password


def _prompt(*, confirm: bool) -> bytes:
    if not sys.stdin.isatty():
        raise UsageError(
            "the key's password is needed, and there is nobody to ask",
            hint="set GATEPROOF_KEY_PASSWORD, or give --password-file",
        )
    password: str = click.prompt("Password of the key", hide_input=True, confirmation_prompt=confirm, err=True)
    return password.encode()
