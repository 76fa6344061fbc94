"""`gateproof policy lint`: what a reviewer would say."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gateproof.cli import EXIT_DENY, EXIT_OK
from gateproof.cli.options import PATH
from gateproof.cli.output import destination

if TYPE_CHECKING:
    from gateproof.engines.linting import PolicyFiles, Problem


@click.command("lint")
@click.argument("paths", nargs=-1, required=True)
@click.option("--base", metavar="REF", help="Ask for a higher version where the text has changed since this git ref.")
@click.option("--fail-on-warn", is_flag=True, help="Exit 1 for warnings too.")
@click.option("--format", "form", type=click.Choice(("text", "json", "github")), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
def command(paths: tuple[str, ...], base: str | None, fail_on_warn: bool, form: str, output: Path | None) -> int:
    """Review policies written for gateproof: their folders, or folders with such folders below.

    METADATA and controls, types and parameters that are read and declared, README, samples and the rules that they do
    not reach, negations that do not hold where a value is absent, loops within loops, and whatever does not compile.
    Exit code 0 without errors, 1 with some, 2 when something could not be read.
    """
    from gateproof import wiring
    from gateproof.adapters.policy_folders import find
    from gateproof.catalog import pack
    from gateproof.engines.linting import Level, lint
    from gateproof.render import linting

    with destination(output) as deliver:
        folders = find(paths)
        known = {*pack.ids(), *(folder.id for folder in folders)}
        catalog, now = wiring.configured_catalog(), wiring.now()
        found: list[Problem] = []
        for folder in folders:
            compared = _with_base(folder, base) if base else folder
            found += lint(compared, now=now, known=known, catalog=catalog)
        deliver({"text": linting.text, "json": linting.json, "github": linting.github}[form](found, len(folders)))
    failed = any(problem.level is Level.ERROR or fail_on_warn for problem in found)
    return EXIT_DENY if failed else EXIT_OK


def _with_base(folder: PolicyFiles, ref: str) -> PolicyFiles:
    """``folder`` with the policy as it stands at ``ref``; one that does not load there counts as none."""
    from gateproof.adapters.policies import read_ref
    from gateproof.adapters.policy_folders import base_commit
    from gateproof.catalog import pack
    from gateproof.errors import PolicyError

    commit = base_commit(folder, ref)
    before = None
    with suppress(PolicyError):
        before = pack.load(read_ref(Path(folder.name).resolve(), commit))[0]
    return msgspec.structs.replace(folder, before=before, compared=True)
