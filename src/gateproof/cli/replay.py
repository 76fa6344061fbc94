"""`gateproof replay`: decide a past decision again, from what was stored."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import evidence_store, root_option
from gateproof.cli.output import emit


@click.command("replay")
@click.argument("digest", required=False)
@click.option("--all", "every", is_flag=True, help="Replay every decision in the log.")
@click.option("--evidence", "store", metavar="STORE", help="Where the evidence is.")
@root_option
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder that remembers checkpoints.")
def command(digest: str | None, every: bool, store: str | None, root: str | None, state: Path | None) -> int:
    """Judge the stored input again with the stored policies, facts and waivers, at the time of the decision.

    DIGEST is that of a decision or of its envelope. Exit code 0 when every replay gives the signed bytes, 2 otherwise.
    """
    from gateproof import wiring
    from gateproof.flow import replay
    from gateproof.render.untrusted import plain

    if bool(digest) == every:
        raise click.UsageError("give the DIGEST of one decision, or --all")
    different = 0
    lines = []
    reader = wiring.open_evidence(evidence_store(store), root, state).reader
    entries = [reader.find(digest)] if digest else [record.entry for record in reader.records()]
    for entry in entries:
        replayed = replay(reader, entry)
        record = reader.record(entry)
        word = "same bytes" if replayed.same else "DIFFERENT"
        verdict = replayed.decision.core.verdict_at(record.layer)
        lines.append(f"{word}  entry {entry}  {verdict}  {plain(record.name)}  {replayed.signed}\n")
        if not replayed.same:
            different += 1
            lines.append(f"           now {replayed.decision.digest}\n")
    emit("".join(lines))
    if different:
        come = "decision comes" if different == 1 else "decisions come"
        click.echo(f"{different} {come} out differently; was it another version of gateproof?", err=True)
    return EXIT_UNDECIDED if different else EXIT_OK
