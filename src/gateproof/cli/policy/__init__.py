"""`gateproof policy`: the life of a policy, from the first line to its end. Commands are imported when they run."""

from __future__ import annotations

import importlib

import click

# name → (module, one line of help); the module's `command` is the click command.
COMMANDS = {
    "list": ("gateproof.cli.policy.listing", "List the policies: which there are, and which judge here."),
    "new": ("gateproof.cli.policy.scaffolding", "Make the folder of a new policy."),
    "lint": ("gateproof.cli.policy.linting", "Say what a reviewer would say of a policy."),
    "test": ("gateproof.cli.test", "Run the tests and samples of policies: `gateproof test`."),
    "explain": ("gateproof.cli.policy.explaining", "Explain a policy, and what it says of an input."),
    "diff": ("gateproof.cli.policy.comparing", "Show what a change of policies would newly block."),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command("policy", cls=_Commands)
def command() -> None:
    """Write, review, explain and compare policies."""
