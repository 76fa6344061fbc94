"""`gateproof inventory`: what repositories have, and which controls could be proved there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli.options import PATH
from gateproof.cli.output import destination

if TYPE_CHECKING:
    from gateproof.onboarding.inventory import Repository


@click.command("inventory")
@click.argument("folders", metavar="[FOLDER]...", nargs=-1, type=PATH)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
def command(folders: tuple[Path, ...], form: str, output: Path | None) -> None:
    """Say what the repository FOLDER has (default: the working directory), or each of those in it.

    Terraform, charts, kustomizations, manifests, Dockerfiles and images, pipelines with the checks that they run,
    policies, owners, tags and labels; and, for each control that touches deployments, whether gateproof could prove it
    today, or which step is missing. Nothing is run, links are not followed, and values are not shown.
    """
    from gateproof import settings
    from gateproof.adapters.tree import repositories
    from gateproof.onboarding.inventory import Inventory
    from gateproof.onboarding.recognition import SKIPPED_FOLDERS
    from gateproof.render import inventory as render

    with destination(output) as deliver:
        found = [place for folder in folders or (Path(),) for place in repositories(folder, SKIPPED_FOLDERS)]
        inventory = Inventory(repositories=tuple(survey(place) for place in dict.fromkeys(found)))
        deliver(render.json(inventory) if form == "json" else render.text(inventory, settings.terminal_width()))
    if output:
        click.echo(f"written to {output}", err=True)


def survey(place: Path) -> Repository:
    """What the repository at ``place`` has, by the built-in policies."""
    from gateproof.adapters.files import as_text
    from gateproof.adapters.tree import look
    from gateproof.catalog import pack
    from gateproof.onboarding import recognition
    from gateproof.onboarding.survey import survey as surveyed

    files = look(place, recognition.limit, recognition.SKIPPED_FOLDERS)
    name = str(place) if str(place) != "." else place.resolve().name
    return surveyed(as_text(name), files, pack.builtin())
