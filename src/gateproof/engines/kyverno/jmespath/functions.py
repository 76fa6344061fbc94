"""Every function that there is, by name. Groups are imported when a function of theirs is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function, Reference

__all__ = ["Function", "Reference", "find", "names"]

_GROUPS = ("standard", "arithmetic", "texts", "structures", "times")
_REFUSED = {"random": "what it gives is not the same when a decision is repeated"}


def find(name: str) -> Function:
    """The function called ``name``. Raises JmespathError where there is none."""
    if name in _REFUSED:
        raise JmespathError(f"the function {name}() is not supported: {_REFUSED[name]}")
    for group in _GROUPS:
        if (found := _functions(group).get(name)) is not None:
            return found
    raise JmespathError(f"there is no function {name}()")


def names() -> frozenset[str]:
    """What they are called."""
    return frozenset(name for group in _GROUPS for name in _functions(group))


@cache
def _functions(group: str) -> dict[str, Function]:
    module = import_module(f"gateproof.engines.kyverno.jmespath.{group}")
    return {one.name: one for one in module.FUNCTIONS}
