"""`gateproof sign`: sign a trust policy, roster or waiver that a person wrote."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.cli.options import PATH, password_file, read_password
from gateproof.cli.output import emit


@click.command("sign")
@click.argument("kind", type=click.Choice(["trust", "roster", "waiver"]))
@click.argument("file", type=PATH)
@click.option("--key", type=PATH, required=True, help="Private key of the signer.")
@click.option("--output", "-o", type=PATH, required=True, help="Where the envelope goes.")
@password_file
def command(kind: str, file: Path, key: Path, output: Path, password_file: Path | None) -> None:
    """Check FILE (YAML or JSON) and sign it into a DSSE envelope.

    Every problem of the file is shown at once, and nothing is written then.
    """
    from gateproof.adapters.files import read, write_whole
    from gateproof.adapters.keyfiles import read_signer
    from gateproof.documents import canonical
    from gateproof.errors import UsageError
    from gateproof.trust import DocumentKind, parse_document, sign_document

    if output.resolve() in (file.resolve(), key.resolve()):
        raise UsageError(
            "the envelope would overwrite what it is made from", where=str(output), hint="name another file"
        )
    document = parse_document(DocumentKind(kind), read(file, 1024 * 1024))
    envelope = sign_document(DocumentKind(kind), document, read_signer(key, read_password(password_file)))
    write_whole(output, envelope)
    click.echo(f"signed {kind}  {output}", err=True)
    emit(f"{canonical.digest(envelope)}\n")
