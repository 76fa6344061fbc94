"""Linting: what a reviewer would say of a policy written for gateproof, before one has to.

What it says about itself (``metadata``), how its Rego reads (``text``), and what its samples show (``trials``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from gateproof import engines, rego
from gateproof.catalog import pack
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.policy import EngineName, Policy
from gateproof.engines.linting import metadata, text, trials
from gateproof.engines.linting.interface import MAIN, Level, PolicyFiles, Problem
from gateproof.engines.rego import sources_of
from gateproof.errors import GateproofError, PolicyError
from gateproof.inputs import contract
from gateproof.rego.errors import CompileError

__all__ = ["Level", "PolicyFiles", "Problem", "lint"]

_PLACE = re.compile(
    r"(?:policy \S+ )?(?P<file>[^\s:]+\.rego)(?::(?P<line>[0-9]+))?(?::[0-9]+)?: (?P<message>.*)", re.DOTALL
)


def lint(
    files: PolicyFiles, *, now: str, known: Collection[str] = (), catalog: Catalog | None = None
) -> tuple[Problem, ...]:
    """Every problem of a policy, by file and line; ``now`` is RFC 3339 UTC.

    ``known`` are the ids of the policies that there are, ``catalog`` the controls (default: those that are shipped).
    """
    try:
        loaded = pack.load(files.sources, catalog)
        engines.check(*loaded)
    except PolicyError as error:
        return tuple(sorted(_refused(files, error)))
    ours = [policy for policy in loaded if policy.engine is EngineName.REGO_RESOURCE]
    if len(ours) != 1 or len(loaded) != 1:
        message = (
            "this folder must be one policy: METADATA of its package with custom.id, and no other package with deny"
        )
        return (Problem(files.path(MAIN), 0, Level.ERROR, "metadata", message),)
    [policy] = ours
    found = [
        *_mistyped(files, policy),
        *metadata.problems(files, policy, now=now, known={*known, policy.id}),
        *text.problems(files, policy),
        *trials.problems(files, policy, now=now, catalog=catalog),
    ]
    return tuple(sorted(set(found)))


def _mistyped(files: PolicyFiles, policy: Policy) -> list[Problem]:
    """What its own files read of the input and is not there, or is of another type."""
    sources = {source.name: source.text for source in sources_of(policy)}
    try:
        rego.compile(sources, schema=contract.schema(policy.kinds))
    except CompileError as error:  # of the library, parts may be about other kinds of input
        own = [said for said in error.problems if (match := _PLACE.match(said)) and match["file"] in files.rego]
        return _placed(files, own, "input")
    return []


def _refused(files: PolicyFiles, error: GateproofError) -> list[Problem]:
    """Why the policy does not load or compile, each problem at its place."""
    return _placed(files, error.problems or (f"{error} ({error.hint})",))


def _placed(files: PolicyFiles, problems: Iterable[str], code: str = "") -> list[Problem]:
    found = []
    for said in problems:
        match = _PLACE.match(said)
        file = (match["file"] if match else MAIN).removeprefix(f"{files.id}/")
        line = int(match["line"] or 0) if match else 0
        message = " ".join((match["message"] if match else said).partition("\n")[0].split())
        kind = "rego" if re.match(r"rego_\w+:|builtin ", message) else "metadata"
        found.append(Problem(files.path(file), line, Level.ERROR, code or kind, message))
    return found
