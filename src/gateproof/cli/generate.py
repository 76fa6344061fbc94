"""`gateproof generate`: locks of the platforms, for the controls that are chosen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli.options import PATH
from gateproof.cli.output import emit

if TYPE_CHECKING:
    from gateproof.guardrails import Choice

# The same as guardrails.Kind, which is imported when a command runs.
KINDS = ("scp", "permission-boundary", "azure-policy", "org-policy")


@click.command("generate")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@click.option(
    "--control",
    "wanted",
    multiple=True,
    metavar="ID|TOPIC",
    help="A control in any spelling, a topic such as 'encryption at rest', or a guardrail. May be repeated; without "
    "it, all that have their parameters.",
)
@click.option("--format", "form", type=click.Choice(("terraform", "json")), default="terraform", show_default=True)
@click.option("--output", "-o", type=PATH, metavar="FOLDER", help="Write files there instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ID",
    help="Where they hold: a root or unit (may be repeated), a management group, an organization or folder.",
)
@click.option(
    "--except-role",
    "except_roles",
    multiple=True,
    metavar="ARN",
    help="A role that service control policies leave alone, such as break-glass. May be repeated.",
)
@click.option("--tag", "tags", multiple=True, metavar="KEY", help="A tag that is required. May be repeated.")
@click.option("--region", "regions", multiple=True, metavar="NAME", help="A region that may be used. May be repeated.")
@click.option(
    "--boundary", multiple=True, metavar="ARN", help="The boundary that new roles must have. May be repeated."
)
@click.option("--customer", "customers", multiple=True, metavar="ID", help="A customer id of Cloud Identity, C….")
@click.option(
    "--list", "listing", is_flag=True, help="Show the guardrails of KIND, or all: platforms, controls, needs."
)
def command(
    kind: str | None,
    wanted: tuple[str, ...],
    form: str,
    output: Path | None,
    force: bool,
    listing: bool,
    **given: tuple[str, ...],
) -> None:
    """Write guardrails for the controls that are chosen, as Terraform or as JSON for the platform's API.

    KIND is scp (AWS Organizations), permission-boundary (IAM), azure-policy or org-policy (Google Cloud). A control
    that no guardrail serves is refused, with what would serve it. Nothing that differs is overwritten without --force.
    """
    from gateproof import guardrails
    from gateproof.catalog import pack
    from gateproof.catalog.frameworks import shipped
    from gateproof.guardrails.rendering import boundary_pattern

    if listing:
        from gateproof.guardrails.listing import as_json, as_text, rows

        found = rows([guardrails.Kind(kind)] if kind else list(guardrails.Kind))
        emit(as_json(found) if form == "json" else as_text(found))
        return
    if kind is None:
        raise click.UsageError(f"say what to write: {', '.join(KINDS)}; or --list")
    chosen_kind = guardrails.Kind(kind)
    if chosen_kind is guardrails.Kind.BOUNDARY and not given["boundary"]:
        given["boundary"] = (boundary_pattern(),)
    parameters = guardrails.Parameters(**given)
    choice = guardrails.choose(chosen_kind, wanted, parameters, shipped(), pack.builtin)
    files = guardrails.render(chosen_kind, choice.chosen, parameters, form)
    _say(choice, files, form)
    if output is None:
        emit(_together(files))
    else:
        _write(output, files, force=force)


def _say(choice: Choice, files: Mapping[str, str], form: str) -> None:
    """What the files do not say: what is not in them; of JSON, what it costs; how many policies a target takes."""
    from gateproof.guardrails.iam import ATTACHED

    for guardrail, options in choice.left_out:
        click.echo(f"left out: {guardrail.id}, which needs {' and '.join(options)}", err=True)
    for guardrail in choice.chosen if form == "json" else ():
        if guardrail.caveat:
            click.echo(f"note: {guardrail.id}: {guardrail.caveat}", err=True)
    attached = sum(text.count('"aws_organizations_policy_attachment"') for text in files.values())
    attached = attached or sum(name.startswith("guardrails-") for name in files)
    if attached >= ATTACHED:
        click.echo(f"note: {attached} documents, and a target takes {ATTACHED - 1} beside FullAWSAccess", err=True)


def _together(files: Mapping[str, str]) -> str:
    """One file as it is; several as one JSON object, by name."""
    import json

    if len(files) == 1:
        (text,) = files.values()
        return text if text.endswith("\n") else text + "\n"
    return json.dumps({name: json.loads(text) for name, text in files.items()}, indent=2, ensure_ascii=False) + "\n"


def _write(folder: Path, files: Mapping[str, str], *, force: bool) -> None:
    """Writes what is new; what is there and differs only when told to. Raises UsageError before anything is written."""
    from gateproof.adapters.files import WholeFile, read
    from gateproof.adapters.new_files import write_new
    from gateproof.errors import UsageError
    from gateproof.render.untrusted import plain

    present = {name: folder / name for name in files if os.path.lexists(folder / name)}
    differing = [name for name, path in present.items() if not path.is_file() or read(path) != files[name].encode()]
    if differing and not force:
        raise UsageError(
            "something else is there, and stays as it is",
            where=str(folder),
            problems=differing,
            hint="compare, then give --force; or write to another folder",
        )
    home = os.path.realpath(folder)
    if led_out := [name for name in differing if not Path(os.path.realpath(folder / name)).is_relative_to(home)]:
        raise UsageError(
            "a link leads out of the folder", where=str(folder), problems=led_out, hint="remove it, or write elsewhere"
        )
    write_new(folder, {name: text for name, text in files.items() if name not in present})
    for name in differing:
        with WholeFile(folder / name) as file:
            file.write(files[name].encode())
    for name in files:
        if name not in present or name in differing:
            click.echo(f"written: {plain(str(folder / name))}", err=True)
    if all(name in present for name in files) and not differing:
        click.echo("everything is there already", err=True)
