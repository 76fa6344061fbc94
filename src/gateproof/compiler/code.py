"""IR functions to functions that run, in a namespace that holds nothing but what it is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import CodeType, FunctionType
from typing import Any

from gateproof.compiler import ir
from gateproof.errors import PolicyError

_MOST_LOOPS = 20
"""Python's own limit on loops and attempts inside each other."""
_MOST_NESTED = 300
"""Statements inside each other; well below Python's recursion limit."""


def load(
    functions: Sequence[ir.Function],
    namespace: Mapping[str, Any],
    *,
    constants: Collection[str] = (),
    late: Mapping[str, Callable[[], Any]] = {},
    compiled: Mapping[str, CodeType] = {},
) -> dict[str, Any]:
    """Define ``functions`` over ``namespace`` and no builtins; the result is their (mutable) namespace.

    A function is compiled when it is first called: much of a policy is about what an input does not have. ``late``
    makes values of the namespace when the first function to name one is compiled. So does a function whose name is
    among ``constants``: its value, for the argument None, stands for it. ``compiled`` has the code of functions that
    need not be compiled. Raises PolicyError for what Python could not compile.
    """
    for function in functions:
        _check(function.body)
    return _Loader(functions, namespace, constants, late, compiled).scope


def source(functions: Sequence[ir.Function]) -> str:
    """The Python of ``functions`` for people to read, each under a comment that says where it comes from."""
    import ast

    from gateproof.compiler import lower

    parts: list[str] = []
    for function in functions:
        label = " ".join(function.label.split())
        parts.append(f"# {label}\n{ast.unparse(lower.module(function))}\n")
    return "\n\n".join(parts)


def _first_call(*args: Any, define: Any) -> Any:
    """What every function is until it is called; it can name nothing, since its globals are the policy's."""
    return define(*args)


class _Loader:
    """Functions that replace their own code when they are first called, so that every reference to one stays good."""

    def __init__(
        self,
        functions: Sequence[ir.Function],
        namespace: Mapping[str, Any],
        constants: Collection[str],
        late: Mapping[str, Callable[[], Any]],
        compiled: Mapping[str, CodeType],
    ) -> None:
        self._compiled = compiled
        self.scope: dict[str, Any] = {"__builtins__": {}, **namespace}
        for function in functions:
            self.scope[function.name] = self._deferred(function)
        self._late: dict[str, Callable[[], Any]] = dict(late)
        for name in constants:
            self._late[name] = partial(self.scope.pop(name), None)

    def _deferred(self, function: ir.Function) -> FunctionType:
        deferred = FunctionType(_first_call.__code__, self.scope, function.name)

        def define(*args: Any) -> Any:
            code = self._compiled.get(function.name) or _compile(function)
            for name in code.co_names:
                if name in self._late and name not in self.scope:
                    self.scope[name] = self._late[name]()
            deferred.__code__ = code
            return deferred(*args)

        deferred.__kwdefaults__ = {"define": define}
        return deferred


def _compile(function: ir.Function) -> CodeType:
    from gateproof.compiler import lower

    names: dict[str, Any] = {"__builtins__": {}}
    exec(compile(lower.module(function), "<policy>", "exec"), names)  # noqa: S102 - built from nodes, never from text
    code: CodeType = names[function.name].__code__
    return code


def _check(statements: Sequence[ir.Stmt], *, nest: bool = False, loops: int = 0, depth: int = 0) -> None:
    """Refuse what is nested too deeply for Python to compile. In a scope (``nest``), a guard holds all that follows."""
    if nest:
        depth += sum(type(statement) is ir.Guard for statement in statements)
    if loops > _MOST_LOOPS or depth > _MOST_NESTED:
        raise PolicyError(
            f"the policy is nested too deeply: over {_MOST_LOOPS} loops or {_MOST_NESTED} conditions inside each other",
            hint="split the rule with the deepest nesting into several rules",
        )
    for statement in statements:
        if type(statement) is ir.Loop:
            _check(statement.body, loops=loops + 1, depth=depth + 1)
        elif type(statement) is ir.Scope:
            _check(statement.body, nest=True, loops=loops, depth=depth + 1)
        elif type(statement) is ir.Attempt:
            _check(statement.body, nest=True, loops=loops + 1, depth=depth + 1)
        elif type(statement) is ir.If:
            _check(statement.body, nest=True, loops=loops, depth=depth + 1)
            _check(statement.other, nest=True, loops=loops, depth=depth + 1)
