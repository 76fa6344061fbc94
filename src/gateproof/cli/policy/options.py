"""Options that say which policies a command is about, as `gateproof check` has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from gateproof.cli.options import PATH

_Command = Callable[..., Any]


def chosen_policies(command: _Command) -> _Command:
    """``--policy``, ``--config`` and ``--base``."""
    for option in reversed(
        (
            click.option(
                "--policy",
                "policies",
                multiple=True,
                metavar="PATH",
                help="Policies as in `gateproof check`: a file or folder, or 'pack' for all the built-in ones. May be "
                "repeated.",
            ),
            click.option("--config", type=PATH, help="Use this gateproof.yaml."),
            click.option(
                "--base", metavar="REF", help="Git ref of the protected branch (default: the remote's default branch)."
            ),
        )
    ):
        command = option(command)
    return command
