"""`gateproof doctor`: what is misconfigured, where, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gateproof.cli import EXIT_DENY, EXIT_OK, EXIT_UNDECIDED
from gateproof.cli.options import PATH
from gateproof.cli.output import destination
from gateproof.errors import GateproofError, PolicyError, TrustError
from gateproof.settings import NAME

if TYPE_CHECKING:
    from gateproof.onboarding.diagnosis import Diagnosis, Problem
    from gateproof.onboarding.inventory import Repository
    from gateproof.settings import Flags, Resolved
    from gateproof.trust import Trust

_T = TypeVar("_T")

_WHY = {
    "inputs": "what is here is not known",
    "settings": "no change can be judged until it can be read",
    "policies": "a gate whose policies do not load decides nothing",
    "trust": "nothing can be recorded, and no waiver counts",
}
_STRICTEST = "tier 1 with restricted data counts, and nothing that a pull request changes is held against anything"


@click.command("doctor")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--output", "-o", type=PATH, help="Write here instead of standard output.")
@click.option("--config", type=PATH, help="Use this gateproof.yaml.")
@click.option("--base", metavar="REF", help="Git ref of the protected branch (default: the remote's default branch).")
@click.option("--at", metavar="TIME", help="As of this time (RFC 3339 UTC), to see what will have ended by then.")
def command(form: str, output: Path | None, config: Path | None, base: str | None, at: str | None) -> int:
    """Find what is misconfigured in the repository of the working directory.

    Settings and the protected branch, policies and overlays, rows of the gate table, waivers, trust, keys, the evidence
    store, pipelines, the clock. Nothing is changed. Exit code 0 when nothing is wrong, 1 when something is, 2 when
    something could not be checked and the rest is in order.
    """
    from gateproof import settings
    from gateproof.render import diagnosis as render
    from gateproof.settings import Flags

    with destination(output) as deliver:
        found = _diagnose(Flags(config=config, base=base, at=at), at)
        deliver(render.json(found) if form == "json" else render.text(found, settings.terminal_width()))
    if found.problems:
        return EXIT_DENY
    return EXIT_UNDECIDED if found.unchecked else EXIT_OK


def _diagnose(flags: Flags, at: str | None) -> Diagnosis:
    from gateproof import settings, wiring
    from gateproof.adapters import git, setup
    from gateproof.cli.inventory import survey
    from gateproof.documents.instants import is_instant
    from gateproof.errors import UsageError
    from gateproof.onboarding import diagnosis

    if at is not None and not is_instant(at):
        raise UsageError(f"{at[:40]!r} is not a time", where="--at", hint="write it in UTC: 2026-11-23T05:00:00Z")
    now = at or wiring.now()
    folder = flags.config.resolve().parent if flags.config else Path.cwd()
    top = git.repository(folder)
    visit = _Visit(now)
    # 1. What needs no settings.
    repository = visit.attempt("inputs", lambda: survey(top or folder))
    if repository is None:
        visit.skip("inputs", "the built-in policies do not load")
        return visit.diagnosis()
    visit.add("inputs", diagnosis.inputs(repository))
    visit.add("pipelines", diagnosis.pipelines(repository))
    wrote = setup.git_wrote(top) if top and at is None else ""
    if wrote:
        visit.add("clock", diagnosis.clock(now, wrote))
    # 2. The settings, and the branch that protects them.
    resolved = visit.attempt("settings", lambda: settings.load(flags, folder=Path.cwd(), git=git))
    visit.add("base", _base(resolved, top, flags))
    if resolved is None:
        for check in ("policies", "gate-rows", "overlays", "waivers", "trust", "key", "evidence"):
            visit.skip(check, f"{NAME}, or what protects it, could not be read")
        return visit.diagnosis()
    # 3. What they name.
    trusted = _trust(resolved, flags, visit)
    enabled = _policies(resolved, flags, repository, visit)
    _waivers(resolved, enabled, trusted, visit)
    evidence = resolved.settings.evidence
    if evidence.key:
        visit.add("key", diagnosis.key(setup.key_file(evidence.key, top), trusted, now))
    if evidence.store:
        visit.add("evidence", _store(evidence.store, top))
    return visit.diagnosis()


class _Visit:
    """Collects what the checks say."""

    def __init__(self, now: str) -> None:
        from gateproof.onboarding.diagnosis import Unchecked

        self.now = now
        self._problems: list[Problem] = []
        self._checked: dict[str, None] = {}
        self._unchecked: list[Unchecked] = []

    def add(self, check: str, problems: Iterable[Problem]) -> None:
        """A check was made."""
        self._checked[check] = None
        self._problems += problems

    def skip(self, check: str, why: str) -> None:
        """A check could not be made."""
        from gateproof.onboarding.diagnosis import Unchecked

        self._unchecked.append(Unchecked(check, why))

    def attempt(self, check: str, make: Callable[[], _T]) -> _T | None:
        """What ``make`` makes. What it raises is what is wrong, with policies or trust if they are at fault."""
        from gateproof.onboarding.diagnosis import of_error

        try:
            made = make()
        except GateproofError as error:
            kinds = ((PolicyError, "policies"), (TrustError, "trust"))
            name = next((name for kind, name in kinds if isinstance(error, kind)), check)
            self.add(name, of_error(name, error, _WHY[name]))
            return None
        self.add(check, ())
        return made

    def diagnosis(self) -> Diagnosis:
        """All of it; what several checks came upon is told once."""
        from gateproof.onboarding.diagnosis import Diagnosis

        return Diagnosis(tuple(self._checked), tuple(dict.fromkeys(self._problems)), tuple(self._unchecked))


def _base(resolved: Resolved | None, top: Path | None, flags: Flags) -> Iterator[Problem]:
    from gateproof.adapters import git, setup
    from gateproof.onboarding.diagnosis import Problem

    if not setup.git_is_there():
        why = "what the protected branch holds cannot be read"
        yield Problem("base", "git is not installed", "PATH", why, "install git")
    elif top is None:
        yield Problem("base", "this is no git repository", str(Path.cwd()), _STRICTEST, "run it in a clone")
    elif resolved is not None and resolved.base is None:
        branch = flags.base or git.default_branch(top)
        if branch is None:
            hint = "git remote set-head origin --auto, or name the branch with --base"
            hint += "; this clone is shallow: check out with fetch-depth: 0" if setup.is_shallow(top) else ""
            yield Problem("base", "git does not know the default branch of the remote", str(top), _STRICTEST, hint)
        else:
            hint = f"commit {NAME} to it" if resolved.tree else f"gateproof init, and commit {NAME} to it"
            yield Problem("base", f"there is no {NAME} on {branch}", str(top), _STRICTEST, hint)
    if resolved is not None and resolved.base is None and resolved.tree is None:
        why = "the service, its tier and its data are not known, so the strictest counts"
        yield Problem("settings", f"there is no {NAME}", str(top or Path.cwd()), why, "gateproof init")


def _trust(resolved: Resolved, flags: Flags, visit: _Visit) -> Trust | None:
    """The trust policy and roster, if they are named and open."""
    from gateproof import wiring
    from gateproof.onboarding import diagnosis

    run = visit.attempt("settings", lambda: wiring.run(flags))
    trusted = run.grounds.trust if run else None
    if trusted is not None:
        visit.add("trust", diagnosis.trust(trusted, visit.now))
    elif resolved.settings.trust.policy:
        visit.skip("waivers", "whether their signatures count: the trust policy did not open")
    return trusted


def _policies(resolved: Resolved, flags: Flags, repository: Repository, visit: _Visit) -> set[str] | None:
    """Ids of the policies that judge; None where they do not load."""
    from gateproof import wiring
    from gateproof.catalog.pack import STARTER
    from gateproof.onboarding import diagnosis

    chosen, own = resolved.settings.policies, resolved.settings.gate.rows
    visit.add("overlays", diagnosis.overlays(chosen.overlays, visit.now))
    loaded = visit.attempt("policies", lambda: wiring.listed(flags))
    if loaded is None:
        visit.skip("gate-rows", "the policies do not load")
        return None
    bundle, listed = loaded
    known = [each.policy.id for each in listed]
    by_default = () if resolved.base and chosen.pack != STARTER else STARTER
    found = diagnosis.policies(bundle.policies, chosen.disabled, known, repository, visit.now, by_default=by_default)
    visit.add("policies", found)
    visit.add("gate-rows", diagnosis.rows(own, bundle.gate_table, bundle.policies, visit.now))
    return {policy.id for policy in bundle.policies}


def _waivers(resolved: Resolved, enabled: set[str] | None, trusted: Trust | None, visit: _Visit) -> None:
    from gateproof.adapters import setup
    from gateproof.onboarding import diagnosis
    from gateproof.onboarding.diagnosis import Problem

    if enabled is None:
        visit.skip("waivers", "the policies do not load")
        return
    files, unreadable = setup.waiver_files(resolved.waivers)
    why, ask = "every check ends with an error", "check trust.waivers"
    visit.add("waivers", [Problem("waivers", each, "trust.waivers", why, ask) for each in unreadable])
    visit.add("waivers", diagnosis.waivers(files, enabled, trusted, visit.now))


def _store(place: str, top: Path | None) -> Iterator[Problem]:
    from gateproof import wiring
    from gateproof.adapters import setup
    from gateproof.onboarding import diagnosis

    try:
        wiring.store(place)
    except GateproofError as error:
        yield from diagnosis.of_error("evidence", error, "every check that records ends with an error")
    else:
        yield from diagnosis.store(setup.store_place(place, top))
