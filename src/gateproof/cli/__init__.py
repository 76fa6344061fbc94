"""Command line: arguments → flow → render → exit code. The only place that exits.

Exit codes: 0 ALLOW or WARN, 1 DENY (and WARN under ``--fail-on-warn``), 2 UNDECIDED, usage errors and everything that
prevented an answer. The report goes to standard output, talk to standard error. Commands are imported when they run.
"""

from __future__ import annotations

import gc
import importlib
import sys
from typing import Any, NoReturn

import click

from gateproof.errors import GateproofError

EXIT_OK = 0
EXIT_DENY = 1
EXIT_UNDECIDED = 2

# name → (module, one line of help); the module's `command` is the click command.
COMMANDS = {
    "check": ("gateproof.cli.check", "Judge plans and manifests, and gate them."),
    "answer": ("gateproof.cli.answer", "Answer an auditor's question from the evidence."),
    "verify": ("gateproof.cli.verify", "Check the evidence store against a pinned trust root."),
    "replay": ("gateproof.cli.replay", "Decide a past decision again, from what was stored."),
    "log": ("gateproof.cli.log", "Inspect the transparency log."),
    "keygen": ("gateproof.cli.keygen", "Make a key pair."),
    "sign": ("gateproof.cli.sign", "Sign a trust policy, roster or waiver."),
    "trust": ("gateproof.cli.trust", "Set up keys and a trust policy."),
    "controls": ("gateproof.cli.controls", "List and search the control catalogue."),
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
@click.version_option(package_name="gateproof", message="%(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def cli(debug: bool) -> None:
    """Compliance as code: executable gates, signed proof, answers that can be checked offline."""
    click.get_current_context().obj = debug


def main() -> NoReturn:
    """Run the command line and exit."""
    # Inputs are large trees without cycles, which the collector would only trace again and again; a command that goes
    # through many files collects between them.
    gc.disable()
    debug = "--debug" in sys.argv[1:3]
    try:
        code = cli.main(prog_name="gateproof", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else EXIT_OK)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_UNDECIDED)
    except click.Abort:
        click.echo("interrupted; nothing was recorded", err=True)
        sys.exit(130)
    except GateproofError as error:
        _explain(error)
        sys.exit(EXIT_UNDECIDED)
    except BrokenPipeError:
        # The reader went away (`| head`): the answer did not arrive, so it does not count as one.
        sys.stderr.close()
        sys.exit(EXIT_UNDECIDED)
    except Exception as error:
        if debug:
            raise
        from gateproof.render.untrusted import plain

        click.echo(f"error: internal: {type(error).__name__}: {plain(str(error))}", err=True)
        click.echo("next:  this is a bug in gateproof; run again with `gateproof --debug …` and report it", err=True)
        sys.exit(EXIT_UNDECIDED)


def _explain(error: GateproofError) -> None:
    from gateproof.render.untrusted import plain

    lines = str(error).split("\n")
    click.echo(f"error: {plain(lines[0])}", err=True)
    for line in lines[1:]:
        click.echo(f"       {plain(line)}", err=True)
    if error.hint:
        click.echo(f"next:  {plain(error.hint)}", err=True)
