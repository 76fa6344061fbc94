"""`gateproof controls`: list and search the control catalogue."""

from __future__ import annotations

import click

from gateproof.cli.output import emit


@click.command("controls")
@click.argument("search", required=False, default="")
def command(search: str) -> None:
    """List the controls that SEARCH names: an id in any spelling, a topic such as "encryption at rest", or words.

    Without SEARCH, lists the frameworks.
    """
    from gateproof.catalog.frameworks import frameworks
    from gateproof.catalog.topics import find
    from gateproof.errors import UsageError

    if not search:
        lines = [f"{each.id:<20} {len(each.controls):>5} controls  {each.title}" for each in frameworks()]
    else:
        found = find(search)
        if not found:
            hint = "`gateproof controls` lists the frameworks; search for an id or for words of a title"
            raise UsageError(f"no control matches {search[:80]!r}", hint=hint)
        lines = []
        for control in found:
            lines.append(f"{control.id:<28} {control.title}")
            if control.related:
                lines += _hanging(f"see {', '.join(control.related)}")
    emit("\n".join(lines) + "\n")


def _hanging(text: str) -> list[str]:
    """``text`` in the column of the titles, wrapped to the terminal."""
    import textwrap

    from gateproof import settings

    column = " " * 29
    width = max(settings.terminal_width(), 60)
    return textwrap.wrap(text, width, initial_indent=column, subsequent_indent=f"{column}    ", break_on_hyphens=False)
