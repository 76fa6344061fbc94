"""A policy: a Constraint and its ConstraintTemplate, and the ExpansionTemplates that stand beside them.

What Gatekeeper has beside these judges nothing: as a policy, it is always a SKIP, and says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from gateproof.catalog.gatekeeper import CONSTRAINTS, EXPANSIONS, TEMPLATES, why_idle
from gateproof.catalog.policy import Source
from gateproof.engines.gatekeeper import constraint as constraints
from gateproof.engines.gatekeeper import expansion, template
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.kubernetes.manifests import HINT, Manifest, Problems, manifests
from gateproof.errors import PolicyError


class Idle(msgspec.Struct, frozen=True):
    """What judges nothing, and why."""

    reason: str


@lru_cache(maxsize=512)
def load(sources: tuple[Source, ...]) -> Judge | Idle:
    """What ``sources`` hold. Raises PolicyError with every problem, each with its file and line."""
    found = manifests(sources)
    if not found:
        raise PolicyError("there is no object of Gatekeeper in it", where=_names(sources), hint=HINT)
    templates = [each for each in found if each.group == TEMPLATES]
    judged = [each for each in found if each.group == CONSTRAINTS]
    expansions = [each for each in found if each.group == EXPANSIONS]
    if len(found) > len(templates) + len(judged) + len(expansions):
        return Idle(_why_idle(found))
    match judged, templates:
        case [], []:
            _read_expansions(expansions)
            return Idle("there is no Constraint for what is expanded: it judges nothing")
        case [], [one]:
            check_template(one)
            return Idle("there is no Constraint for this ConstraintTemplate: it judges nothing")
        case [one], []:
            problems = Problems()
            problems.add(one, ("kind",), f"there is no ConstraintTemplate whose constraints are {one.kind}")
            raise problems.about("the constraint")
        case [one], [by]:
            judge = compose(by, one, expansions)
            if not judge.constraint.action:
                return Idle("no enforcement point that it names is gateproof's: it is enforced by vap.k8s.io alone")
            return judge
    raise PolicyError("it is more than one constraint and its template", where=_names(sources), hint=HINT)


def compose(by: Manifest, judged: Manifest, expansions: Sequence[Manifest]) -> Judge:
    """A constraint, its template and the expansions beside them. Raises PolicyError with every problem."""
    problems = Problems()
    found = template.read(by, problems)
    constraint = constraints.read(judged, found, problems) if found else None
    if found is None or constraint is None:
        raise problems.about("the constraint and its template")
    template.check(found)
    return Judge(template=found, constraint=constraint, expansions=_read_expansions(expansions))


def check_template(manifest: Manifest) -> None:
    """Load a template and throw it away. Raises PolicyError with every problem."""
    problems = Problems()
    found = template.read(manifest, problems)
    if found is None:
        raise problems.about("the template")
    template.check(found)


def _read_expansions(found: Sequence[Manifest]) -> tuple[expansion.Expansion, ...]:
    problems, made = Problems(), []
    for each in found:
        if each.kind != expansion.KIND:
            problems.add(each, ("kind",), f"{each.kind} is not known ({expansion.KIND})")
        elif (one := expansion.read(each, problems)) is not None:
            made.append(one)
    expansion.check_cycles(made, problems.found)
    if problems.found:
        raise problems.about("the expansions")
    return tuple(sorted(made, key=lambda one: one.name))


def _why_idle(found: Sequence[Manifest]) -> str:
    if len(found) == 1 and (why := why_idle(found[0].group)):
        return why
    problems = Problems()
    for each in found:
        problems.add(each, ("kind",), f"{each.kind} of {each.group or 'the core group'} makes no policy of Gatekeeper")
    raise problems.about("the policy")


def _names(sources: Sequence[Source]) -> str:
    return ", ".join(dict.fromkeys(source.name for source in sources))
