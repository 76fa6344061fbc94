"""`gateproof controls`: the control catalogue, and where its controls are enforced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli.options import PATH
from gateproof.cli.output import destination

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateproof.catalog.frameworks import Catalog, Control, Framework
    from gateproof.catalog.policy import Policy

FORMATS = ("text", "json", "html")
_MANY = 12
"""So many related controls are listed beside one that was found; the control's own page has all of them."""


@click.command("controls")
@click.argument("search", required=False, default="")
@click.option("--coverage", is_flag=True, help="Show every control by the five layers: what enforces it, and the gaps.")
@click.option(
    "--framework",
    "named",
    multiple=True,
    metavar="NAME|FILE",
    help="Only this framework: soc2, nist-800-53, pci-dss, hipaa, or a file of one's own (YAML, JSON, OSCAL). May be "
    "repeated.",
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="PATH",
    help="Policies as in `gateproof check`: a file or folder, or 'pack' for all the built-in ones. May be repeated.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
@click.option("--config", type=PATH, help="Use this gateproof.yaml.")
@click.option("--base", metavar="REF", help="Git ref of the protected branch (default: the remote's default branch).")
def command(
    search: str,
    coverage: bool,
    named: tuple[str, ...],
    policies: tuple[str, ...],
    form: str,
    output: Path | None,
    config: Path | None,
    base: str | None,
) -> None:
    """List the controls that SEARCH names: an id in any spelling, a topic such as "encryption at rest", or words.

    An id shows that control: which enabled policies enforce it at which layers, where nothing does, what is related to
    it, and what evidence answers for it. Without SEARCH, lists the frameworks, or the controls of --framework.
    """
    from gateproof import settings, wiring
    from gateproof.catalog.frameworks import shipped
    from gateproof.settings import Flags

    if search and coverage:
        raise click.UsageError("--coverage shows whole frameworks: leave SEARCH out, or choose with --framework")
    if form == "html" and not coverage:
        raise click.UsageError("--format html is for --coverage")
    with destination(output) as deliver:
        files = [each for each in named if not _names(shipped(), each) and os.path.lexists(each)]
        known, bundle = wiring.enabled(Flags(policies=policies, config=config, base=base), *files)
        chosen = [*_chosen(known, [each for each in named if each not in files]), *_last(known, len(files))]
        width = settings.terminal_width()
        if coverage:
            deliver(_coverage(known, bundle.policies, chosen, form))
        elif search and (control := known.spelled(search)):
            deliver(_one(known, bundle.policies, control, form, width))
        elif search:
            deliver(_found(known, search, chosen, form, width))
        else:
            deliver(_frameworks(known, chosen, form))
    if output:
        click.echo(f"written to {output}", err=True)


def _names(catalog: Catalog, name: str) -> bool:
    return any(name.lower() in (each.id, each.name) for each in catalog.frameworks)


def _chosen(catalog: Catalog, names: Iterable[str]) -> list[str]:
    """Names of the frameworks that are asked for. Raises UsageError for one that there is not."""
    from gateproof.errors import UsageError

    found = []
    for name in names:
        matching = [each.name for each in catalog.frameworks if name.lower() in (each.id, each.name.lower())]
        if not matching:
            there = ", ".join(each.id for each in catalog.frameworks)
            raise UsageError(
                f"{name[:80]!r} is neither a framework nor a file", where="--framework", hint=f"there are {there}"
            )
        found += matching
    return found


def _last(catalog: Catalog, count: int) -> list[str]:
    """Names of the frameworks that were added last: those of the files on the command line."""
    return [each.name for each in catalog.own[len(catalog.own) - count :]]


def _coverage(catalog: Catalog, policies: Sequence[Policy], chosen: Sequence[str], form: str) -> str:
    from gateproof import settings
    from gateproof.catalog.coverage import concerns, cover

    topics, matrices = concerns(policies), cover(catalog, policies, chosen)
    ids = [policy.id for policy in policies]
    if form == "html":
        from gateproof.render.coverage_html import render

        return render(topics, matrices, ids)
    from gateproof.render import coverage

    if form == "json":
        return coverage.json(topics, matrices, ids)
    return coverage.text(topics, matrices, ids, settings.terminal_width())


def _one(catalog: Catalog, policies: Sequence[Policy], control: str, form: str, width: int) -> str:
    from gateproof.catalog.coverage import line
    from gateproof.catalog.enforcement import deployment_topics
    from gateproof.render.coverage import control_json, control_text

    topics = [topic for topic in deployment_topics() if control in topic.controls]
    found, related = line(catalog, policies, control), catalog.controls[control].related
    return control_json(found, related, topics) if form == "json" else control_text(found, related, topics, width)


def _found(catalog: Catalog, search: str, chosen: Sequence[str], form: str, width: int) -> str:
    from gateproof.catalog.topics import find
    from gateproof.errors import UsageError

    found = [each for each in find(search, catalog) if not chosen or each.id.partition(":")[0] in chosen]
    if not found:
        hint = "`gateproof controls` lists the frameworks; search for an id or for words of a title"
        raise UsageError(f"no control matches {search[:80]!r}", hint=hint)
    return _listed(found, form, width)


def _frameworks(catalog: Catalog, chosen: Sequence[str], form: str) -> str:
    import msgspec

    from gateproof.render.untrusted import json_document, plain

    if chosen:
        among = [each for key, each in catalog.controls.items() if key.partition(":")[0] in chosen]
        return _listed(among, form, 0)
    if form == "json":
        about = [
            {"id": each.id, "version": each.version, "title": each.title, "controls": _count(each)}
            for each in catalog.frameworks
        ]
        return json_document(msgspec.json.encode(about))
    lines = [f"{plain(each.id):<20} {_count(each):>5} controls  {plain(each.title)}" for each in catalog.frameworks]
    return "\n".join(lines) + "\n"


def _count(framework: Framework) -> int:
    return sum(not entry.heading for entry in framework.controls)


def _listed(controls: Iterable[Control], form: str, width: int) -> str:
    """The controls, a line each; with a ``width``, what is related to them below, wrapped to it."""
    import textwrap

    import msgspec

    from gateproof.render.untrusted import json_document, plain

    if form == "json":
        return json_document(msgspec.json.encode(list(controls)))
    lines = []
    column = " " * 29
    for control in controls:
        lines.append(f"{plain(control.id):<28} {plain(control.title)}")
        if control.related and width:
            more = len(control.related) - _MANY
            rest = [f"and {more} more, see `gateproof controls {control.id}`"] if more > 0 else []
            related = textwrap.wrap(
                f"see {', '.join(map(plain, [*control.related[:_MANY], *rest]))}",
                max(width, 60),
                initial_indent=column,
                subsequent_indent=f"{column}    ",
                break_on_hyphens=False,
            )
            lines += map(plain, related)
    return "\n".join(lines) + "\n"
