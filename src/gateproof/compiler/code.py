"""IR functions to functions that run, in a namespace that holds nothing but what it is given."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from typing import Any

from gateproof.compiler import ir
from gateproof.errors import PolicyError


def load(functions: Sequence[ir.Function], namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Define ``functions`` over ``namespace`` and no builtins; the result is their (mutable) namespace."""
    from gateproof.compiler import lower

    scope: dict[str, Any] = {"__builtins__": {}, **namespace}
    enabled = gc.isenabled()
    gc.disable()
    try:
        code = compile(lower.module(functions), "<policy>", "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise PolicyError(
            f"the policy is nested too deeply to compile ({error})",
            hint="split the rule with the deepest nesting into several rules",
        ) from None
    finally:
        if enabled:
            gc.enable()
    exec(code, scope)  # noqa: S102 - built from nodes, never from text; see the lowering
    return scope


def source(functions: Sequence[ir.Function]) -> str:
    """The Python of ``functions`` for people to read, each under a comment that says where it comes from."""
    import ast

    from gateproof.compiler import lower

    parts: list[str] = []
    for function in functions:
        label = " ".join(function.label.split())
        parts.append(f"# {label}\n{ast.unparse(lower.module([function]))}\n")
    return "\n\n".join(parts)
