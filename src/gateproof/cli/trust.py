"""`gateproof trust`: set up keys and a trust policy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli.options import PATH, password_file, read_new_password
from gateproof.cli.output import emit

if TYPE_CHECKING:
    from gateproof.trust import KeySigner

_LONGEST_ORIGIN = 200


@click.group("trust")
def command() -> None:
    """Set up keys and a trust policy."""


@command.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--origin", required=True, metavar="NAME", help="Name of the log, such as acme.example/payments.")
@click.option(
    "--person",
    "people",
    multiple=True,
    metavar="EMAIL,RANK[,PUBLIC_KEY]",
    help="Somebody of the roster: an engineer, lead, manager, director, vp or cxo; with the file of a public key, "
    "somebody who may approve waivers. May be repeated.",
)
@click.option(
    "--bundle-key",
    "bundle_keys",
    multiple=True,
    type=PATH,
    metavar="PUBLIC_KEY",
    help="A public key that may sign policy bundles. May be repeated.",
)
@password_file
def init_command(
    folder: Path, origin: str, people: tuple[str, ...], bundle_keys: tuple[Path, ...], password_file: Path | None
) -> None:
    """Make FOLDER with everything that recording evidence needs.

    root.key signs the trust policy and the roster: keep it offline. signer.key signs decisions and checkpoints. Both
    are encrypted under one password. trust.dsse.json says what each may sign; roster.dsse.json who has which rank.
    Prints the root's fingerprint: hand it to verifiers by another way than the evidence.
    """
    from gateproof.adapters.keyfiles import read_public_key
    from gateproof.errors import UsageError
    from gateproof.log.note import is_key_name
    from gateproof.trust import DocumentKind, KeySigner, Person, Role, Roster, TrustedKey, TrustPolicy, sign_document
    from gateproof.trust.keys import fingerprint

    if not is_key_name(origin) or len(origin) > _LONGEST_ORIGIN:
        raise UsageError(
            f"{origin[:80]!r} is no name for a log",
            where="--origin",
            hint=f"up to {_LONGEST_ORIGIN} characters, no space and no plus sign, such as acme.example/payments",
        )
    password = read_new_password(password_file)
    root, signer = KeySigner.generate(), KeySigner.generate()
    keys = [
        TrustedKey(root.fingerprint, root.public_key_pem, "root", (Role.TRUST, Role.ROSTER)),
        TrustedKey(signer.fingerprint, signer.public_key_pem, "signer", (Role.DECISION, Role.CHECKPOINT)),
    ]
    persons = []
    for text in people:
        email, rank, path = _person(text)
        identities: tuple[str, ...] = ()
        if path:
            pem = read_public_key(Path(path))
            identities = (fingerprint(pem),)
            keys.append(TrustedKey(identities[0], pem, email, (Role.WAIVER,), identity=email))
        persons.append(Person(id=email, name=email, rank=rank, identities=identities))
    for file in bundle_keys:
        pem = read_public_key(file)
        keys.append(TrustedKey(fingerprint(pem), pem, f"bundles ({file.name})", (Role.BUNDLE,)))
    policy = TrustPolicy(version=1, name=origin, log_origin=origin, keys=tuple(keys))
    envelopes = {"trust.dsse.json": sign_document(DocumentKind.TRUST, policy, root)}
    if persons:
        roster = Roster(version=1, people=tuple(persons))
        envelopes["roster.dsse.json"] = sign_document(DocumentKind.ROSTER, roster, root)
    _make(folder, {"root.key": root, "signer.key": signer}, envelopes, password)
    click.echo(f"made {folder}: root.key, signer.key, {', '.join(envelopes)}", err=True)
    click.echo("fingerprint of the trust root:", err=True)
    emit(f"{root.fingerprint}\n")


def _make(folder: Path, keys: Mapping[str, KeySigner], envelopes: Mapping[str, bytes], password: bytes) -> None:
    """Write every file, or none where one of them is there or cannot be written."""
    from gateproof.adapters.files import write_whole
    from gateproof.adapters.keyfiles import public_path, write_key_pair
    from gateproof.errors import UsageError

    private = {folder / name: signer for name, signer in keys.items()}
    files = [*private, *map(public_path, private), *(folder / name for name in envelopes)]
    if there := [file.name for file in files if os.path.lexists(file)]:
        raise UsageError(f"the folder has {', '.join(there)} already", where=str(folder), hint="choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"cannot be made: {error.strerror}", where=str(folder), hint="choose another folder") from None
    try:
        for path, signer in private.items():
            write_key_pair(signer, path, password)
        for name, envelope in envelopes.items():
            write_whole(folder / name, envelope)
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        raise


def _person(text: str) -> tuple[str, str, str]:
    from gateproof.trust.roster import DEFAULT_RANKS

    email, _, rest = text.partition(",")
    rank, _, path = (part.strip() for part in rest.partition(","))
    if not (email.strip() and rank):
        raise click.BadParameter(f"{text!r}: write EMAIL,RANK or EMAIL,RANK,PUBLIC_KEY", param_hint="--person")
    if rank.lower() not in DEFAULT_RANKS:
        ranks = ", ".join(DEFAULT_RANKS)
        raise click.BadParameter(f"the rank {rank[:40]!r} is not one of {ranks}", param_hint="--person")
    return email.strip(), rank.lower(), path
