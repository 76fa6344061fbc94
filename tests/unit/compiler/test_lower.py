"""IR to Python: guards, scopes and flags do what the IR says."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from gateproof.compiler import code, ir
from gateproof.errors import PolicyError


def run(*body: ir.Stmt, **namespace: Any) -> Any:
    scope = code.load([ir.Function("f", ["x"], list(body), "")], {"UNDEFINED": None, **namespace})
    return scope["f"]


X = ir.Name("x")


def test_a_guard_at_the_top_ends_the_function() -> None:
    f = run(ir.Guard(ir.Same(X, ir.Const("a"))), ir.Return(ir.Const(1)))
    assert (f("a"), f("b")) == (1, None)


def test_a_guard_in_a_loop_ends_the_iteration() -> None:
    body: list[ir.Stmt] = [ir.Guard(ir.Same(ir.Name("v"), ir.Const("a"))), ir.Append("out", ir.Name("v"))]
    f = run(ir.Assign("out", ir.MakeList([])), ir.Loop(None, "v", X, body), ir.Return(ir.Name("out")))
    assert f("abca") == ["a", "a"]


def test_a_guard_in_a_scope_ends_the_scope_only() -> None:
    scope = ir.Scope(None, [ir.Guard(ir.Same(X, ir.Const("a"))), ir.Return(ir.Const(1))])
    f = run(scope, ir.Return(ir.Const(2)))
    assert (f("a"), f("b")) == (1, 2)


def test_success_leaves_all_loops_of_its_scope() -> None:
    seen: list[str] = []
    inner: list[ir.Stmt] = [
        ir.Do(ir.Call("see", [ir.Name("b")])),
        ir.Guard(ir.Same(ir.Name("b"), ir.Const("1"))),
        ir.Succeed("found"),
    ]
    loops: ir.Stmt = ir.Loop(None, "a", X, [ir.Loop(None, "b", X, inner)])
    f = run(ir.Scope("found", [loops]), ir.Return(ir.Name("found")), see=seen.append)
    assert f("0123") is True
    assert seen == ["0", "1"]
    assert f("023") is False


def test_success_of_an_outer_scope_from_inside_an_inner_one() -> None:
    held = ir.Scope("held", [ir.Guard(ir.Same(ir.Name("v"), ir.Const("a"))), ir.Succeed("held")])
    loop = ir.Loop(None, "v", X, [held, ir.Guard(ir.Not(ir.Name("held"))), ir.Succeed("failed")])
    f = run(ir.Scope("failed", [loop]), ir.Return(ir.Name("failed")))
    assert (f("aaa"), f("aba"), f("")) == (False, True, False)


def test_big_integers_survive() -> None:
    assert run(ir.Return(ir.BigInt(str(2**100))))(0) == 2**100


def test_the_source_is_readable() -> None:
    function = ir.Function("f", ["x"], [ir.Guard(ir.Same(X, ir.Const("a"))), ir.Return(X)], "where\nit is from")
    assert code.source([function]).splitlines() == [
        "# where it is from",
        "def f(x):",
        "    if x != 'a':",
        "        return UNDEFINED",
        "    return x",
    ]


def test_what_python_could_not_compile_is_refused_before_it_runs() -> None:
    loops: list[ir.Stmt] = [ir.Return(ir.Const(1))]
    for _ in range(20):
        loops = [ir.Loop(None, "v", X, loops)]
    assert run(*loops)("a") == 1
    with pytest.raises(PolicyError, match="nested too deeply"):
        run(ir.Loop(None, "v", X, loops))


def test_conditions_inside_each_other_are_limited() -> None:
    guards: list[ir.Stmt] = [ir.Guard(ir.Same(X, X)) for _ in range(300)]
    assert run(ir.Scope(None, [*guards[1:], ir.Return(ir.Const(1))]))("a") == 1
    with pytest.raises(PolicyError, match="nested too deeply"):
        run(ir.Scope(None, guards))


def test_functions_are_compiled_when_called_and_references_to_them_stay_good() -> None:
    functions = [
        ir.Function("f", ["x"], [ir.Return(ir.Call("g", [X]))], ""),
        ir.Function("g", ["x"], [ir.Return(ir.MakeList([X, ir.Name("constant")]))], ""),
        ir.Function("constant", ["ctx"], [ir.Return(ir.Call("make", []))], ""),
    ]
    made = count(1)
    late = {"make": lambda: made.__next__}
    scope = code.load(functions, {"UNDEFINED": None}, constants=["constant"], late=late)
    f, g = scope["f"], scope["g"]
    assert (f("a"), g("b"), f("c")) == (["a", 1], ["b", 1], ["c", 1])
    assert next(made) == 2


def test_code_that_was_compiled_beforehand_runs_in_the_same_namespace() -> None:
    def f(x: object) -> object:
        return (x, other)  # type: ignore[name-defined]  # noqa: F821 - of the namespace

    def g(x: object) -> object:
        return open(str(x))

    functions = [ir.Function(name, ["x"], [], "") for name in ("f", "g")]
    late = {"other": lambda: "late"}
    scope = code.load(functions, {"UNDEFINED": None}, late=late, compiled={"f": f.__code__, "g": g.__code__})
    assert scope["f"]("a") == ("a", "late")
    with pytest.raises(NameError, match="open"):
        scope["g"]("a")
