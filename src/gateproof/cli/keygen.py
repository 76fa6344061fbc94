"""`gateproof keygen`: make a key pair."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateproof.cli.options import PATH, password_file, read_new_password
from gateproof.cli.output import emit


@click.command("keygen")
@click.argument("path", type=PATH)
@click.option(
    "--type",
    "algorithm",
    type=click.Choice(["ed25519", "ecdsa-p256"]),
    default="ed25519",
    show_default=True,
    help="Ed25519 can also sign checkpoints of the log.",
)
@password_file
def command(path: Path, algorithm: str, password_file: Path | None) -> None:
    """Make a key pair: PATH holds the private key, encrypted; PATH.pub the public one.

    The password is asked for, or taken from --password-file or $GATEPROOF_KEY_PASSWORD. Nothing is overwritten.
    """
    from gateproof.adapters.keyfiles import write_key_pair
    from gateproof.errors import UsageError
    from gateproof.trust import Algorithm, KeySigner

    if os.path.isdir(path):
        raise UsageError("a folder where a new file should be", where=str(path), hint="name the file of the key")
    password = read_new_password(password_file)
    signer = KeySigner.generate(Algorithm(algorithm))
    public = write_key_pair(signer, path, password)
    click.echo(f"private key  {path}", err=True)
    click.echo(f"public key   {public}", err=True)
    click.echo("fingerprint, for trust policies:", err=True)
    emit(f"{signer.fingerprint}\n")
