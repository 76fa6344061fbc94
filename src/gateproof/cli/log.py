"""`gateproof log`: inspect the transparency log."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import evidence_store, root_option
from gateproof.cli.output import emit


@click.group("log")
def command() -> None:
    """Inspect the transparency log."""


@command.command("fsck")
@click.argument("store", required=False)
@click.option("--root", metavar="FINGERPRINT", help="Check the log's signatures too, under this trust root.")
def fsck_command(store: str | None, root: str | None) -> int:
    """Check every file of STORE and list everything that is wrong.

    Without --root the store is checked for agreement with itself; `gateproof verify` also asks who signed it.
    Exit code 0 when nothing is wrong, 2 otherwise.
    """
    from gateproof import wiring
    from gateproof.errors import LogError, TrustError, UsageError
    from gateproof.log.fsck import fsck
    from gateproof.render.untrusted import plain

    place = evidence_store(store)
    opened = wiring.existing_store(place)
    try:
        report = fsck(opened, wiring.log_key(opened, root) if root else None)
    except (LogError, TrustError) as error:
        # The key is found through the newest decision. Where that is damaged, everything is listed all the same.
        report = fsck(opened, None)
        if not report.problems:
            raise
        emit(f"no signature could be checked: {plain(error.message)}\n")
    emit("".join(f"{plain(problem.name)}: {plain(problem.message)}\n" for problem in report.problems))
    counts = ", ".join(f"{count} {plain(kind)}" for kind, count in sorted(report.counts.items()) if count)
    count = len(report.problems)
    summary = f"{count} problem{'' if count == 1 else 's'}; checked {counts}"
    if not any(report.counts.values()) and not report.problems:
        raise UsageError("the store is empty", where=place, hint="check the path, or record a decision first")
    if report.problems:
        click.echo(summary, err=True)
        return EXIT_UNDECIDED
    emit(f"{summary}\n")
    return EXIT_OK


@command.command("list")
@click.argument("store", required=False)
@root_option
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder that remembers checkpoints.")
def list_command(store: str | None, root: str | None, state: Path | None) -> None:
    """List the decisions in STORE, verified.

    Entry, time, verdict where it was asked, service and environment, name, digest.
    """
    from gateproof import wiring
    from gateproof.render.untrusted import plain

    lines = []
    for record in wiring.open_evidence(evidence_store(store), root, state).reader.records():
        core = record.core
        place = f"{plain(core.scene.service) or '-'}/{core.scene.environment}"
        lines.append(f"{record.entry:>6}  {core.decided_at}  {record.verdict:<9}  {place}  {plain(record.name)}\n")
        lines.append(f"        {record.digest}\n")
    emit("".join(lines))
