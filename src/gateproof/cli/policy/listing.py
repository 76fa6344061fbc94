"""`gateproof policy list`: the policies of the configuration and of the pack."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.catalog.policy import InputKind
from gateproof.cli.options import PATH
from gateproof.cli.output import destination
from gateproof.cli.policy.options import chosen_policies

KINDS = [kind.value for kind in InputKind if kind is not InputKind.UNKNOWN]


@click.command("list")
@click.option("--control", "controls", multiple=True, metavar="ID", help="Only those that cite it. May be repeated.")
@click.option("--topic", metavar="WORDS", help='Only those about a topic, such as "encryption at rest".')
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only those that judge it.")
@click.option("--enabled", is_flag=True, help="Only those that judge here.")
@chosen_policies
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
def command(
    controls: tuple[str, ...],
    topic: str | None,
    kinds: tuple[str, ...],
    enabled: bool,
    policies: tuple[str, ...],
    config: Path | None,
    base: str | None,
    form: str,
    output: Path | None,
) -> None:
    """List every policy at hand, those of the configuration and those of the pack, and whether it judges here."""
    from gateproof import settings, wiring
    from gateproof.catalog.listing import matching
    from gateproof.render import policy_list
    from gateproof.settings import Flags

    with destination(output) as deliver:
        flags = Flags(policies=policies, config=config, base=base)
        wanted = wiring.controls_named(flags, controls, topic or "")
        _, listed = wiring.listed(flags)
        found = matching(listed, controls=wanted, kinds=[InputKind(kind) for kind in kinds])
        found = tuple(each for each in found if each.enabled or not enabled)
        now = wiring.now()
        deliver(
            policy_list.json(found, now) if form == "json" else policy_list.text(found, now, settings.terminal_width())
        )
