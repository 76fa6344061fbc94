"""`gateproof verify`: check the evidence store against a pinned trust root."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import evidence_store, root_option
from gateproof.cli.output import emit


@click.command("verify")
@click.argument("store", required=False)
@root_option
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that remembers the last checkpoint (default: the user's state folder).",
)
def command(store: str | None, root: str | None, state: Path | None) -> int:
    """Check everything in STORE: every signature, digest, tree node and checkpoint.

    The fingerprint of the trust root comes to you by another way than the store. The newest checkpoint is remembered:
    a store that is older next time, or has another history, is refused. Exit code 0 when all of it holds, 2 otherwise.
    """
    from gateproof import wiring
    from gateproof.log.fsck import fsck
    from gateproof.render.untrusted import plain

    evidence = wiring.open_evidence(evidence_store(store), root, state)
    reader = evidence.reader
    report = fsck(reader.store, reader.key)
    if report.problems:
        emit("".join(f"{plain(problem.name)}: {plain(problem.message)}\n" for problem in report.problems))
        count = len(report.problems)
        click.echo(f"{count} problem{'' if count == 1 else 's'}; the checkpoint is not remembered", err=True)
        return EXIT_UNDECIDED
    decisions = sum(1 for _ in reader.records())
    evidence.remember()
    checkpoint = reader.view.checkpoint
    counts = ", ".join(f"{count} {plain(kind)}" for kind, count in sorted(report.counts.items()) if count)
    emit(
        f"verified  {decisions} decisions in {checkpoint.size} entries of {plain(checkpoint.origin)}\n"
        f"root      {reader.trust.root}\n"
        f"checked   {counts}\n"
    )
    return EXIT_OK
