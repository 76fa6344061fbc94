"""Which guardrails serve the controls that somebody asks for; and what else would, where none does."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from gateproof.catalog.enforcement import topics
from gateproof.catalog.frameworks import Catalog
from gateproof.catalog.policy import Policy
from gateproof.errors import UsageError
from gateproof.guardrails.guardrail import OPTIONS, Guardrail, Kind, Parameters, guardrails

_MANY = 6


class Choice(msgspec.Struct, frozen=True):
    """``chosen``: what will be made, in the order of its file. ``left_out``: what lacks parameters, and which."""

    chosen: tuple[Guardrail, ...]
    left_out: tuple[tuple[Guardrail, tuple[str, ...]], ...] = ()


def choose(
    kind: Kind,
    wanted: Sequence[str],
    parameters: Parameters,
    catalog: Catalog,
    policies: Callable[[], Sequence[Policy]],
) -> Choice:
    """The guardrails of ``kind`` that serve what is ``wanted``, in the order of their file.

    ``wanted``: controls and topics as the catalogue spells them, or ids of guardrails; empty for all that have their
    parameters. ``policies`` gives those to point to where no guardrail serves. Raises UsageError with
    everything that cannot be served.
    """
    available = guardrails(kind)
    serving = {text: _serving(text, available, catalog) for text in wanted}
    problems = [
        problem for text, found in serving.items() if (problem := _unserved(text, found, parameters, catalog, policies))
    ]
    if problems:
        raise UsageError(
            f"no {kind} can be made for all that is asked for",
            problems=problems,
            hint=f"`gateproof generate {kind} --list` shows what there is",
        )
    meant = [each for each in available if not wanted or any(each in found for found in serving.values())]
    lacking = {each.id: _lacking(each, parameters) for each in meant}
    chosen = tuple(each for each in meant if not lacking[each.id])
    return Choice(chosen, tuple((each, lacking[each.id]) for each in meant if lacking[each.id]))


def _serving(text: str, available: Sequence[Guardrail], catalog: Catalog) -> list[Guardrail]:
    """The guardrails that serve a control, a topic or the guardrail of that name."""
    if named := [each for each in available if each.id == text]:
        return named
    topic, control = _topic(text), catalog.spelled(text)
    return [each for each in available if topic in each.topics or control in each.controls]


def _topic(text: str) -> str | None:
    said = " ".join(text.lower().split())
    return next((each.topic for each in topics() if said == each.topic or said in each.words), None)


def _lacking(guardrail: Guardrail, parameters: Parameters) -> tuple[str, ...]:
    return tuple(OPTIONS[name] for name in guardrail.parameters if not getattr(parameters, name))


def _unserved(
    text: str,
    found: Sequence[Guardrail],
    parameters: Parameters,
    catalog: Catalog,
    policies: Callable[[], Sequence[Policy]],
) -> str:
    """Why ``text`` cannot be served, and what would serve it; empty when it can."""
    if any(not _lacking(each, parameters) for each in found):
        return ""
    if found:
        needs = " or ".join(f"{' '.join(_lacking(each, parameters))} for {each.id}" for each in found)
        return f"{text[:60]}: give {needs}"
    topic, control = _topic(text), catalog.spelled(text)
    if topic is None and control is None:
        return f"{text[:60]!r}: neither a control, nor a topic, nor a guardrail of this kind"
    others = [f"`gateproof generate {other}`" for other in Kind if _serving(text, guardrails(other), catalog)]
    if others:
        return f"{text[:60]}: not by this platform's lock; {', '.join(others)} serves it"
    controls = {control} if control else {each for one in topics() if one.topic == topic for each in one.telling}
    served = [policy.id for policy in policies() if controls & set(policy.controls)]
    if served:
        more = f" and {len(served) - _MANY} more" if len(served) > _MANY else ""
        return f"{text[:60]}: not by a platform lock; policies serve it: {', '.join(served[:_MANY])}{more}"
    reason = catalog.not_by_gate.get(control or "")
    return f"{text[:60]}: not by a platform lock" + (f": {reason}" if reason else ", and by no policy of the pack")
