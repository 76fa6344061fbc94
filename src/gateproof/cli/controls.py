"""`gateproof controls`: list and search the control catalogue."""

from __future__ import annotations

import click


@click.command("controls")
@click.argument("search", required=False, default="")
def command(search: str) -> int:
    """List the controls that SEARCH names: an id in any spelling, a topic such as "encryption at rest", or words.

    Without SEARCH, lists the frameworks.
    """
    from gateproof.catalog.frameworks import frameworks
    from gateproof.catalog.topics import find

    if not search:
        for framework in frameworks():
            click.echo(f"{framework.id:<20} {len(framework.controls):>5} controls  {framework.title}")
        return 0
    found = find(search)
    for control in found:
        click.echo(f"{control.id:<28} {control.title}")
        if control.related:
            click.echo(f"{'':<28} see {', '.join(control.related)}")
    if not found:
        click.echo(f"no control matches {search!r}", err=True)
    return 0 if found else 2
