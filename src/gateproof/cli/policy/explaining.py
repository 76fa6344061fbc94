"""`gateproof policy explain`: what a policy requires, what the gate would do, and what it says of an input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gateproof.catalog.scales import Classification, Environment, Tier
from gateproof.cli.options import PATH
from gateproof.cli.output import destination
from gateproof.cli.policy.options import chosen_policies
from gateproof.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateproof.catalog.bundle import Bundle
    from gateproof.catalog.listing import Listed
    from gateproof.render.policy_explained import Explanation
    from gateproof.settings import Flags


@click.command("explain")
@click.argument("policy_id", metavar="ID")
@click.argument("input_file", metavar="[INPUT]", required=False)
@click.option(
    "--env",
    "environment",
    type=click.Choice([each.value for each in Environment]),
    help="Where the change goes (default: prod).",
)
@click.option("--tier", type=click.Choice([each.value for each in Tier]), help="Tier of the service.")
@click.option("--classification", type=click.Choice([each.value for each in Classification]), help="Of the data.")
@click.option("--fact", "facts", multiple=True, metavar="FILE", help="Fact that the policy needs (JSON).")
@click.option("--at", metavar="TIME", help="Explain as of this time (RFC 3339, UTC).")
@chosen_policies
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
def command(policy_id: str, input_file: str | None, form: str, output: Path | None, **options: object) -> None:
    """Explain the policy ID: what it requires, for which controls, with which parameters, and where it blocks.

    With INPUT (a file, or - for standard input), what it says of each resource, and the values it had before it. A
    policy that does not judge here is explained as if it did.
    """
    from gateproof import settings, wiring
    from gateproof.gate.effects import effects
    from gateproof.render import policy_explained

    flags = msgspec.convert({**options, "surface": "cli"}, settings.Flags)
    with destination(output) as deliver:
        bundle, listed = wiring.listed(flags)
        found = _chosen(policy_id, listed)
        now = flags.at or wiring.now()
        titles = wiring.control_titles(flags, found.policy.controls)
        judged = _judged(input_file, found, bundle, flags) if input_file else None
        explanation = policy_explained.Explained(
            found, titles, effects(bundle.gate_table, found.policy, now), judged, now
        )
        if form == "json":
            deliver(policy_explained.json(explanation))
        else:
            deliver(policy_explained.text(explanation, settings.terminal_width()))


def _chosen(policy_id: str, listed: Sequence[Listed]) -> Listed:
    found = next((each for each in listed if each.policy.id == policy_id), None)
    if found is None:
        from difflib import get_close_matches

        near = get_close_matches(policy_id, [each.policy.id for each in listed], n=3)
        hint = f"near it are {', '.join(near)}" if near else "`gateproof policy list` lists them"
        raise UsageError(f"there is no policy {policy_id[:80]!r}", hint=hint)
    return found


def _judged(name: str, listed: Listed, bundle: Bundle, flags: Flags) -> Explanation:
    """What the one policy says of the input ``name``. Raises InputError where it cannot be judged."""
    from gateproof import inputs, wiring
    from gateproof.adapters.files import load
    from gateproof.engines import readings
    from gateproof.flow import judge_input
    from gateproof.render.policy_explained import Explanation

    source = load(name)
    subject = inputs.parse(source.raw)
    if problem := source.problem or (subject.problem if not subject.documents else ""):
        raise InputError(problem, where=source.name, hint="name a plan, manifests, a workflow or a Dockerfile")
    run = wiring.run(flags)
    alone = msgspec.structs.replace(bundle, policies=(listed.policy,), asserted=())
    context = run.context
    if listed.policy.layers and context.layer not in listed.policy.layers:
        context = msgspec.structs.replace(context, layer=listed.policy.layers[0])
    decision = judge_input(subject, alone, run.grounds.facts, context, (), None, run.now)
    places = {(finding.document, finding.path) for result in decision.core.results for finding in result.findings}
    at = {place: readings.at(subject, *place) for place in places}
    return Explanation(source.name, decision, at, readings.named(listed.policy, subject))
