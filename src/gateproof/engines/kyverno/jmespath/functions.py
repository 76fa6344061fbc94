"""Every function that there is, by name."""

from __future__ import annotations

from gateproof.engines.kyverno.jmespath import arithmetic, standard, structures, texts, times
from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function, Reference

__all__ = ["Function", "Reference", "find", "names"]

# Where Kyverno has a function of the same name as the specification, it is Kyverno's.
_FUNCTIONS: dict[str, Function] = {
    one.name: one for group in (standard, arithmetic, structures, texts, times) for one in group.FUNCTIONS
}
_REFUSED = {"random": "what it gives is not the same when a decision is repeated"}


def find(name: str) -> Function:
    """The function called ``name``. Raises JmespathError where there is none."""
    if name in _REFUSED:
        raise JmespathError(f"the function {name}() is not supported: {_REFUSED[name]}")
    if name not in _FUNCTIONS:
        raise JmespathError(f"there is no function {name}()")
    return _FUNCTIONS[name]


def names() -> frozenset[str]:
    """What they are called."""
    return frozenset(_FUNCTIONS)
