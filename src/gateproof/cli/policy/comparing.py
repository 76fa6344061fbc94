"""`gateproof policy diff`: what a change of policies would change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.cli import EXIT_DENY, EXIT_OK
from gateproof.cli.options import PATH, root_option
from gateproof.cli.output import destination
from gateproof.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateproof.answers.recorded import Recorded
    from gateproof.catalog.gate_table import GateTable
    from gateproof.catalog.policy import Policy
    from gateproof.gate.comparing import Shift
    from gateproof.inputs.context import Context, Fact
    from gateproof.inputs.input import Input
    from gateproof.wiring import Run

FORMATS = ("text", "json", "markdown")
_SINCE = re.compile("([1-9][0-9]{0,3})d")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--input", "inputs", multiple=True, metavar="PATH", help="Plan, manifests …, or a folder. May be repeated."
)
@click.option("--from-evidence", "store", metavar="STORE", help="Judge what was recorded in this store, too.")
@click.option("--since", default="90d", show_default=True, metavar="TIME", help="From when on: 90d, or RFC 3339, UTC.")
@root_option
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder that remembers checkpoints.")
@click.option(
    "--env",
    "environment",
    type=click.Choice([each.value for each in Environment]),
    help="Where the inputs go (default: prod).",
)
@click.option("--tier", type=click.Choice([each.value for each in Tier]), help="Tier of the service.")
@click.option("--classification", type=click.Choice([each.value for each in Classification]), help="Of the data.")
@click.option("--fact", "facts", multiple=True, metavar="FILE", help="Fact that a policy needs (JSON).")
@click.option("--at", metavar="TIME", help="Judge the inputs as of this time (RFC 3339, UTC).")
@click.option("--config", type=PATH, help="Use this gateproof.yaml.")
@click.option("--base", metavar="REF", help="Git ref of the protected branch (default: the remote's default branch).")
@click.option("--fail-on-new", is_flag=True, help="Exit 1 where something is newly blocked.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
def command(
    old: str,
    new: str,
    inputs: tuple[str, ...],
    store: str | None,
    since: str,
    root: str | None,
    state: Path | None,
    fail_on_new: bool,
    form: str,
    output: Path | None,
    **options: object,
) -> int:
    """Show what NEW policies say otherwise than OLD ones, and what they would newly block, pass or leave undecided.

    OLD and NEW are folders, REF:path in this repository, files of bundles, or 'pack'. Inputs are judged by both, with
    the parameters, overlays and gate of gateproof.yaml; those from evidence in the context and by the gate that they
    were judged by then. Waivers do not count.
    """
    from gateproof import settings, wiring
    from gateproof.adapters.policy_places import read_policies
    from gateproof.catalog.comparing import differences
    from gateproof.gate.comparing import State
    from gateproof.render import policy_diff

    with destination(output) as deliver:
        run = wiring.run(msgspec.convert(options, settings.Flags))
        sides = _Sides(run, read_policies(old, run.catalog), read_policies(new, run.catalog))
        found: list[Shift] = []
        judged = 0
        for name, subject in _given(inputs):
            table = run.grounds.bundle.gate_table
            found += sides.compare(name, subject, table, run.grounds.facts, run.context, run.now)
            judged += 1
        for past in _recorded(store, _instant(since, run.now), root, state) if store else ():
            name = f"entry {past.entry} ({past.name})"
            found += sides.compare(name, past.subject, past.gate_table, past.facts, past.context, past.at)
            judged += 1
        changes = differences(sides.before, sides.after)
        report = policy_diff.PolicyDiff(old, new, changes, tuple(found), judged)
        deliver({"text": policy_diff.text, "json": policy_diff.json, "markdown": policy_diff.as_markdown}[form](report))
    newly = any(shift.after is State.BLOCKED for shift in found)
    return EXIT_DENY if fail_on_new and newly else EXIT_OK


class _Sides:
    """The policies of both sides, as the configuration of ``run`` has them used."""

    def __init__(self, run: Run, before: tuple[Policy, ...], after: tuple[Policy, ...]) -> None:
        from gateproof import engines

        self._run = run
        self.before = before
        self.after = after
        engines.check(*before)
        engines.check(*after)

    def compare(
        self, name: str, subject: Input, table: GateTable, facts: Mapping[str, Fact], context: Context, at: str
    ) -> tuple[Shift, ...]:
        """What differs on one input. Raises PolicyError where overlays do not fit the policies of a side."""
        from gateproof.catalog.comparing import as_used
        from gateproof.flow import judge_input
        from gateproof.gate.comparing import shifts

        chosen, known = self._run.resolved.settings.policies, self._run.catalog
        bundles = (
            as_used(policies, table, parameters=chosen.parameters, changes=chosen.overlays, catalog=known, now=at)
            for policies in (self.before, self.after)
        )
        decisions = [judge_input(subject, bundle, facts, context, (), None, at) for bundle in bundles]
        return shifts(name, *decisions)


def _given(paths: Sequence[str]) -> Iterator[tuple[str, Input]]:
    """The inputs at ``paths``; files of folders that are nothing we judge are passed over. Raises InputError."""
    from gateproof import inputs
    from gateproof.adapters.files import gather, load

    for path, named in gather(paths) if paths else ():
        source = load(path)
        subject = inputs.parse(source.raw)
        if subject.foreign and not named:
            continue
        if problem := source.problem or (subject.problem if not subject.documents else ""):
            raise InputError(problem, where=source.name, hint="name plans, manifests, workflows or Dockerfiles")
        yield source.name, subject


def _recorded(store: str, since: str, root: str | None, state: Path | None) -> Iterator[Recorded]:
    """What was decided since ``since``, as the log has it."""
    from gateproof import wiring
    from gateproof.answers.recorded import recorded

    yield from recorded(wiring.open_evidence(store, root, state).reader, since)


def _instant(since: str, now: str) -> str:
    """``since`` as a time, RFC 3339 UTC. Raises UsageError."""
    from datetime import timedelta

    from gateproof.documents.instants import instant, is_instant

    if days := _SINCE.fullmatch(since):
        return (instant(now) - timedelta(days=int(days[1]))).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not is_instant(since):
        raise UsageError(f"{since[:40]!r} is no time", where="--since", hint="write 90d, or 2026-11-23T05:00:00Z")
    return since
