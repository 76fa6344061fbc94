"""`--compat`: another command stands in for the one that has this option. It is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from gateproof.cli.output import explain, explain_usage
from gateproof.errors import GateproofError, UsageError

FLAG = "--compat"
_PEER = "conftest"
_EXIT = 1
"""conftest's code for arguments that it does not take."""


class HandsOver(click.Command):
    """A command that another stands in for when its arguments ask for compatibility."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of this command, or that of the one which stands in."""
        if not asked(args):
            return super().make_context(info_name, args, parent, **extra)
        extra.setdefault("auto_envvar_prefix", _PEER.upper())
        from gateproof.cli.conftest import command

        try:
            return command.make_context(f"{info_name} {FLAG} {_PEER}", _without_flag(args), parent, **extra)
        except click.ClickException as error:
            explain_usage(error)
        except GateproofError as error:
            explain(error)
        raise click.exceptions.Exit(_EXIT)


def asked(args: Sequence[str]) -> bool:
    """Whether ``args`` have ``--compat``."""
    options = args[: args.index("--")] if "--" in args else args
    return any(arg == FLAG or arg.startswith(f"{FLAG}=") for arg in options)


def _without_flag(args: Sequence[str]) -> list[str]:
    """The arguments for conftest. Raises UsageError when compatibility with something else is asked for."""
    rest, peer = [], ""
    waiting = iter(args)
    for arg in waiting:
        if arg == FLAG:
            peer = next(waiting, "")
        elif arg.startswith(f"{FLAG}="):
            peer = arg.partition("=")[2]
        else:
            rest.append(arg)
            continue
        if peer != _PEER:
            raise UsageError(f"there is no compatibility with {peer[:40]!r}", hint=f"write {FLAG} {_PEER}")
    return rest
