"""`gateproof init`: the first gateproof.yaml, and the six weeks after it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateproof.cli import EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import PATH
from gateproof.cli.output import emit
from gateproof.settings import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateproof.onboarding.inventory import Repository
    from gateproof.onboarding.snippets import Snippet
    from gateproof.onboarding.starter import Choice
    from gateproof.settings import Settings

_MAX_BYTES = 1024 * 1024


@click.command("init")
@click.argument("folder", required=False, type=PATH)
@click.option("--with", "extras", type=click.Choice(("ci", "pre-commit")), multiple=True, help="Write this file, too.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@click.option("--week", type=click.IntRange(1, 6), help="Write nothing: say what this week of the rollout is about.")
def command(folder: Path | None, extras: tuple[str, ...], dry_run: bool, yes: bool, week: int | None) -> int:
    """Turn on three policies that fit the repository FOLDER (default: the one of the working directory).

    Looks at what is there, as `gateproof inventory` does, shows gateproof.yaml as a diff with the reason for each
    policy, and writes it when told to. What exists is never overwritten: then what it lacks is shown, nothing of it is
    changed, and the exit code is 2.
    """
    from gateproof.adapters import git
    from gateproof.catalog import pack
    from gateproof.cli.inventory import survey
    from gateproof.onboarding.starter import choose

    place = folder or git.repository(Path.cwd()) or Path.cwd()
    repository = survey(place)
    choices = choose(repository, pack.builtin())
    if week is not None:
        if extras or dry_run or yes:
            raise click.UsageError("--week writes nothing: leave out --with, --dry-run and --yes")
        return _week(place, repository, choices, week)
    return _set_up(place, repository, choices, extras, dry_run=dry_run, yes=yes)


def _set_up(
    place: Path, repository: Repository, choices: Sequence[Choice], extras: Sequence[str], *, dry_run: bool, yes: bool
) -> int:
    from gateproof.onboarding import starter
    from gateproof.render import onboarding as render

    # 1. What would be new, and what is there already and lacks something.
    new: dict[str, str] = {}
    lacking: list[str] = []
    shown = [render.choices(choices)]
    for name, before, after, notes in _proposed(place, repository, choices, extras):
        if before is None:
            new[name] = after
        elif before != after:
            lacking.append(name)
        if before != after:
            shown.append(render.change(starter.diff(name, before, after), notes))
    # 2. All of it is shown before anything is written.
    offers = [] if extras else _offers(repository, choices)
    emit("\n".join([*shown, *map(render.snippet, offers)]))
    for name in lacking:
        click.echo(f"{name} exists and stays as it is: what it lacks is shown as a diff", err=True)
    if new and not dry_run:
        if not _confirmed(place, list(new), yes=yes):
            click.echo("nothing was written", err=True)
            return EXIT_UNDECIDED
        _write(place, new)
    elif not new and not lacking:
        click.echo("there is nothing to add", err=True)
    return EXIT_UNDECIDED if lacking and not dry_run else EXIT_OK


def _proposed(
    place: Path, repository: Repository, choices: Sequence[Choice], extras: Sequence[str]
) -> Iterator[tuple[str, str | None, str, tuple[str, ...]]]:
    """Each file that is wanted: its name, what it says now (None: it is not there), what it would say, and notes."""
    from gateproof.errors import UsageError
    from gateproof.onboarding import starter

    text, lacking = _existing(place)
    after = starter.compose(choices, place.resolve().name)
    yield NAME, text, after if text is None else starter.completed(text, choices, lacking), ()
    available = dict(_snippets(repository, choices))
    for extra in dict.fromkeys(extras):
        snippet = available.get(extra)
        if snippet is None:
            raise UsageError(
                f"there is nothing that could be judged at {extra} yet",
                where=f"--with {extra}",
                hint="`gateproof inventory` says what is missing; leave --with out",
            )
        before = _text(place, snippet.path)
        if before is None or not _is_gated(repository, extra):
            yield snippet.path, before, snippet.text if before is None else f"{before}\n{snippet.text}", snippet.notes


def _snippets(repository: Repository, choices: Sequence[Choice]) -> Iterator[tuple[str, Snippet]]:
    from gateproof.onboarding import snippets

    kinds = {kind for choice in choices for kind in choice.kinds}
    for name, made in (("pre-commit", snippets.pre_commit), ("ci", snippets.ci)):
        if snippet := made(repository, kinds):
            yield name, snippet


def _offers(repository: Repository, choices: Sequence[Choice]) -> list[Snippet]:
    """What could be put to work beside the file, and is not there yet."""
    return [snippet for name, snippet in _snippets(repository, choices) if not _is_gated(repository, name)]


def _is_gated(repository: Repository, layer: str) -> bool:
    """Whether gateproof runs there already."""
    return any(gate.tool == "gateproof" and gate.layer == layer for gate in repository.gates)


def _existing(place: Path) -> tuple[str | None, tuple[str, ...]]:
    """The gateproof.yaml that is there, and what it lacks. Raises ConfigError for one that cannot be read."""
    from gateproof.documents import Format, read
    from gateproof.onboarding.starter import missing
    from gateproof.settings.reading import read_settings

    text = _text(place, NAME)
    if text is None:
        return None, ()
    read_settings(text.encode(), str(place / NAME))
    return text, missing(read(text.encode(), Format.YAML)[0].value)


def _text(place: Path, name: str) -> str | None:
    """What the file says, None where there is none. What a link out of ``place`` leads to is not shown."""
    from gateproof.adapters.files import read
    from gateproof.errors import ConfigError, InputError

    path = place / name
    if not os.path.lexists(path):
        return None
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(place)):
        raise ConfigError("a link leads out of the repository", where=str(path), hint="put the file itself there")
    try:
        return read(path, _MAX_BYTES).decode("utf-8")
    except InputError as error:
        raise ConfigError(error.message, where=error.where, hint=error.hint) from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8", where=str(path), hint="save the file as UTF-8") from None


def _confirmed(place: Path, names: Sequence[str], *, yes: bool) -> bool:
    """Whether the files may be written. Raises UsageError where nobody can be asked."""
    from gateproof.errors import UsageError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "nothing was written: there is nobody to ask", where=str(place), hint="look at the diff, then give --yes"
        )
    return click.confirm(f"Write {' and '.join(names)}?", err=True)


def _write(place: Path, new: dict[str, str]) -> None:
    from gateproof.adapters.new_files import write_new
    from gateproof.render.untrusted import plain

    write_new(place, new)
    for name in new:
        click.echo(f"written: {plain(str(place / name))}", err=True)
    click.echo("next: commit gateproof.yaml to the protected branch; then `gateproof init --week 1`", err=True)


def _week(place: Path, repository: Repository, choices: Sequence[Choice], number: int) -> int:
    from gateproof import settings, wiring
    from gateproof.onboarding.weeks import Standing, week
    from gateproof.render import onboarding as render

    text, _ = _existing(place)
    said = _settings(place, text)
    standing = Standing(
        text=text or "",
        is_there=text is not None,
        policies=_turned_on(said),
        service=said.service,
        tier=said.tier,
        data_classification=said.data_classification,
        rows=said.gate.rows,
        store=said.evidence.store,
        key=said.evidence.key,
        trust_policy=said.trust.policy,
        roster=said.trust.roster,
        root=said.trust.root,
        waivers=said.trust.waivers,
    )
    planned = week(number, repository, standing, choices, wiring.now())
    emit(render.week(planned, settings.terminal_width()))
    return EXIT_OK


def _turned_on(said: Settings) -> tuple[str, ...]:
    from gateproof.catalog import pack

    chosen = said.policies.pack
    ids = tuple(policy.id for policy in pack.builtin()) if chosen is True else chosen or ()
    return tuple(each for each in ids if each not in said.policies.disabled)


def _settings(place: Path, text: str | None) -> Settings:
    from gateproof.settings import Settings
    from gateproof.settings.reading import read_settings

    return Settings() if text is None else read_settings(text.encode(), str(place / NAME))
