"""Command line: arguments → flow → render → exit code. The only place that exits.

Exit codes: 0 ALLOW or WARN, 1 DENY (and WARN under ``--fail-on-warn``), 2 UNDECIDED, usage errors and everything that
prevented an answer, 130 when interrupted. The report goes to standard output, talk to standard error. Commands are
imported when they run.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import Any, NoReturn

import click

from gateproof import __version__
from gateproof.errors import GateproofError, UsageError

EXIT_OK = 0
EXIT_DENY = 1
EXIT_UNDECIDED = 2
EXIT_INTERRUPTED = 130

# name → (module, one line of help); the module's `command` is the click command.
COMMANDS = {
    "check": ("gateproof.cli.check", "Judge Terraform plans and Kubernetes manifests, and gate them."),
    "serve": ("gateproof.cli.serve", "Answer AdmissionReviews of a cluster."),
    "test": ("gateproof.cli.test", "Run the tests and samples of policies."),
    "policy": ("gateproof.cli.policy", "Write, review, explain and compare policies."),
    "eval": ("gateproof.cli.eval", "Run a Rego query."),
    "audit": ("gateproof.cli.audit", "Judge what runs in a cluster, and what has drifted."),
    "answer": ("gateproof.cli.answer", "Answer an auditor's question from the evidence."),
    "verify": ("gateproof.cli.verify", "Check the evidence store against a pinned trust root."),
    "replay": ("gateproof.cli.replay", "Decide a past decision again, from what was stored."),
    "log": ("gateproof.cli.log", "Inspect the transparency log."),
    "keygen": ("gateproof.cli.keygen", "Make a key pair."),
    "sign": ("gateproof.cli.sign", "Sign a trust policy, roster or waiver."),
    "trust": ("gateproof.cli.trust", "Set up keys and a trust policy."),
    "bundle": ("gateproof.cli.bundle", "Build, sign, push, pull and verify policy bundles."),
    "controls": ("gateproof.cli.controls", "List and search the control catalogue."),
    "inventory": ("gateproof.cli.inventory", "Say what repositories have, and which controls could be proved there."),
    "generate": ("gateproof.cli.generate", "Write locks of the cloud platforms for controls."),
    "deploy": ("gateproof.cli.deploy", "Write the Kubernetes objects that the admission server runs as."),
    "init": ("gateproof.cli.init", "Turn on the first policies, and follow a rollout week by week."),
    "doctor": ("gateproof.cli.doctor", "Find what is misconfigured, and say what to do."),
}


class _Commands(click.Group):
    """A group that imports a command when it is asked for, so that `check` does not pay for the others."""

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

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"No such command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def cli(debug: bool) -> None:
    """Compliance as code: executable gates, signed proof, answers that can be checked offline."""
    click.get_current_context().obj = debug


_RECURSION = 20_000
KEPT: list[object] = []
"""What a command leaves for the end of the process to free."""


def main() -> NoReturn:
    """Run the command line and exit."""
    from gateproof.cli.output import settle

    # Inputs are large trees without cycles, which the collector would only trace again and again; a command that goes
    # through many files collects between them.
    gc.disable()
    # Depth is limited by budgets that count the same everywhere; the interpreter's own limit must not come first.
    sys.setrecursionlimit(_RECURSION)
    arguments = sys.argv[1:]
    code = _answered(arguments)
    settle()
    # Straight out: freeing a large plan piece by piece would take as long as judging it. Nothing is left to do, for
    # files and stores are closed by their own blocks, and the streams are flushed.
    os._exit(code)


def _answered(arguments: list[str]) -> int:
    """The exit code; whatever prevented an answer has been explained on standard error."""
    from gateproof.cli.output import explain, explain_unforeseen, explain_usage

    try:
        return _run(arguments)
    except click.ClickException as error:
        explain_usage(error)
    except GateproofError as error:
        explain(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was recorded", err=True)
        return EXIT_INTERRUPTED
    except Exception as error:
        if "--debug" in arguments[:2]:
            raise
        explain_unforeseen(error)
    return EXIT_UNDECIDED


def _run(arguments: list[str]) -> int:
    """The exit code of the command that ``arguments`` ask for."""
    if sys.stdout is None:
        raise UsageError("standard output is closed", hint="redirect it to a file, or to /dev/null")
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    empty = "" in arguments or any(option.startswith("--") and option.endswith("=") for option in options)
    if empty and "--compat" not in options:  # conftest passes over what is empty
        raise UsageError("an argument is empty", hint="is a variable not set? leave the option out, or give it a value")
    try:
        code = cli.main(arguments, prog_name="gateproof", standalone_mode=False)
    except SystemExit as exit_:
        # click exits with 1, which means DENY here, when the reader of the output went away (`| head`).
        return EXIT_UNDECIDED if exit_.code else EXIT_OK
    return code if isinstance(code, int) else EXIT_OK
