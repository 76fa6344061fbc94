"""Macros to the intermediate representation: loops, and variables that are made when they are read.

What they cost is what cel-go's expansions of them cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from gateproof.cel.operators import LIST_COST
from gateproof.cel.syntax import Bind, Comprehension, SortBy, Unwrap
from gateproof.compiler import ir

if TYPE_CHECKING:
    from gateproof.cel.planner import Planner

CTX: Final = ir.Name("ctx")


def comprehension(planner: Planner, node: Comprehension) -> ir.Expr:
    """A macro that goes through a list or map."""
    range_ = planner.assign(planner.lower(node.range))
    planner.nested += 1
    over = "elements" if len(node.names) == 1 else "pairs"
    with planner.variables(node.names) as names:
        result = _MACROS[node.macro](planner, node, ir.Call(over, [range_]), names)
    planner.nested -= 1
    return result


def _loop(planner: Planner, source: ir.Expr, names: list[str], body: list[ir.Stmt]) -> None:
    key = names[0] if len(names) == 2 else None
    planner.block.append(ir.Loop(key, names[-1], source, body))


def _quantified(planner: Planner, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
    """``all`` and ``exists``: a chain of as many terms as there are elements."""
    decides = ir.Const(node.macro == "exists")
    result, term = planner.assign(ir.Const(not decides.value), "b"), planner.name("b")
    assert node.test is not None  # noqa: S101 - as the parser made it
    with planner.inner() as body:
        planner.charge.steps += 2 + (node.macro == "exists")
        body.append(ir.If(ir.Is(result, decides), [ir.Break()]))
        body.append(ir.Charge(1))
        body.append(planner.attempted(node.test, term))
        undecided = ir.Is(result, ir.Const(not decides.value))
        keep = ir.If(undecided, [ir.Assign(result.id, ir.Name(term))])
        body.append(ir.If(ir.Is(ir.Name(term), decides), [ir.Assign(result.id, decides)], [keep]))
    planner.charge.steps += 1
    _loop(planner, source, names, body)
    return planner.call("truth", result)


def _exactly_one(planner: Planner, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
    found = planner.assign(ir.MakeList([]))
    assert node.test is not None  # noqa: S101 - as the parser made it
    with planner.inner() as body:
        test = planner.test(node.test)
        body.append(ir.If(test, [ir.Charge(2), ir.Append(found.id, ir.Const(True))]))
    planner.charge.steps += 2
    _loop(planner, source, names, body)
    return planner.call("single", found)


def _collected(planner: Planner, node: Comprehension, source: ir.Expr, names: list[str]) -> ir.Expr:
    """``filter``, ``map`` and the macros that make lists and maps."""
    is_map = node.macro in ("transformMap", "transformMapEntry")
    made = planner.assign(ir.MakeDict([]) if is_map else ir.MakeList([]))
    with planner.inner() as body:
        test = None if node.test is None else planner.test(node.test)
        with planner.inner() as taken:
            _collect(planner, node, made, names)
        if test is None:
            body.extend(taken)
        else:
            body.append(ir.If(test, taken))
    planner.charge.steps += 1
    _loop(planner, source, names, body)
    return made


def _collect(planner: Planner, node: Comprehension, made: ir.Name, names: list[str]) -> None:
    """Add what one element becomes."""
    if node.result is None:
        planner.charge.steps += LIST_COST + 3
        planner.block.append(ir.Append(made.id, ir.Name(names[-1])))
        return
    value = planner.lower(node.result)
    planner.charge.steps += 3 if node.macro == "transformMap" else 2
    match node.macro:
        case "transformMap":
            planner.block.append(ir.Do(ir.Call("insert", [made, ir.Name(names[0]), value])))
        case "transformMapEntry":
            planner.block.append(ir.Do(ir.Call("insert_all", [made, value])))
        case _:
            planner.charge.steps += 0 if node.result in planner.constants else LIST_COST
            planner.block.append(ir.Append(made.id, value))


def bind(planner: Planner, node: Bind) -> ir.Expr:
    """``cel.bind``: the value is made when the body first asks, by a function of its own; it or its error is kept."""

    def made(kept: str) -> list[ir.Stmt]:
        nested, planner.nested = planner.nested, 0
        value = planner.name()
        attempt = planner.attempted(node.value, value)
        planner.nested = nested
        return [attempt, ir.Append(kept, ir.Name(value))]

    with planner.deferred(node.name, made):
        return planner.lower(node.body)


def unwrap(planner: Planner, node: Unwrap) -> ir.Expr:
    """``optMap``: as ``target.hasValue() ? optional.of(cel.bind(name, target.value(), body)) : optional.none()``."""
    left = ir.Attribute(ir.Attribute(CTX, "budget"), "steps")
    before = planner.assign(left)
    with planner.inner() as block:
        target = planner.assign(planner.call("unwrapped", planner.lower(node.target)))
    planner.block += block
    after = planner.assign(left)

    def made(kept: str) -> list[ir.Stmt]:
        again = ir.Do(ir.Call("again", [CTX, before, after]))
        return [again, ir.Charge(1), ir.Append(kept, ir.Attribute(target, "value"))]

    result = planner.name()
    outer = planner.scope
    planner.scope = {**outer, "#before": before.id, "#after": after.id, "#target": target.id}
    with planner.inner() as body, planner.deferred(node.name, made):
        planner.charge.steps += 0 if node.flat else 1
        value = planner.lower(node.body)
        body.append(ir.Assign(result, planner.call("unwrapped" if node.flat else "optional", value)))
    planner.scope = outer
    planner.charge.steps += 1
    otherwise: list[ir.Stmt] = [ir.Charge(1), ir.Assign(result, ir.Name("none"))]
    planner.block.append(ir.If(ir.Attribute(target, "present"), body, otherwise))
    return ir.Name(result)


def sort_by(planner: Planner, node: SortBy) -> ir.Expr:
    """The keys of all elements, then the elements in their order."""
    target = planner.assign(planner.lower(node.target))
    keys = planner.assign(ir.MakeList([]))
    planner.nested += 1
    with planner.inner() as body, planner.variables((node.name,)) as (variable,):
        planner.charge.steps += 2 + (0 if node.key in planner.constants else LIST_COST)
        body.append(ir.Append(keys.id, planner.lower(node.key)))
    planner.nested -= 1
    planner.charge.steps += 3
    planner.block.append(ir.Loop(None, variable, ir.Call("items_of", [target]), body))
    typed = ir.Const(planner.checked.types[node.key].name != "dyn")
    return planner.call("sorted_by", CTX, target, keys, typed)


_MACROS: Final[dict[str, Callable[[Planner, Comprehension, ir.Expr, list[str]], ir.Expr]]] = {
    **dict.fromkeys(("all", "exists"), _quantified),
    "exists_one": _exactly_one,
    **dict.fromkeys(("filter", "map", "transformList", "transformMap", "transformMapEntry"), _collected),
}
