"""`gateproof policy new`: the folder of a new policy."""

from __future__ import annotations

from pathlib import Path

import click

from gateproof.catalog.policy import InputKind
from gateproof.cli.options import PATH
from gateproof.cli.policy.listing import KINDS


@click.command("new")
@click.argument("policy_id", metavar="ID")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    default=InputKind.TERRAFORM_PLAN.value,
    show_default=True,
    help="What it judges.",
)
@click.option("--control", "controls", multiple=True, metavar="ID", help="Control that it cites. May be repeated.")
@click.option("--in", "parent", type=PATH, default=Path(), help="Make the folder in this one (default: here).")
def command(policy_id: str, kind: str, controls: tuple[str, ...], parent: Path) -> None:
    """Make the folder ID with a policy that works, its README, and samples: change them to what is wanted.

    Nothing that is there already is written over.
    """
    from gateproof import wiring
    from gateproof.adapters.files import write_new
    from gateproof.catalog.scaffold import scaffold
    from gateproof.cli.output import emit
    from gateproof.render.untrusted import plain
    from gateproof.settings import Flags

    cited = wiring.controls_named(Flags(), controls, "")
    folder = parent / policy_id
    files = scaffold(policy_id, InputKind(kind), cited)
    write_new(folder, files)
    shown = plain(str(folder))
    emit("".join(f"{plain(str(folder / name))}\n" for name in files))
    click.echo(f"next: gateproof policy lint {shown} && gateproof policy test {shown}", err=True)
