"""What generated code pays for its own operations.

Loops pay a step for each iteration and calls of builtins pay for themselves; either covers a few operations around it.
Longer runs of statements get a charge wherever so many more have been reached, so that no body, however long, is much
more work than its steps say. Short bodies, which is nearly all of them, stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from gateproof.compiler import ir

_OPERATIONS = 10
"""Operations in a step: of generated code, these take about as long as an iteration with a call in it."""
_RUN = 3 * _OPERATIONS
"""Operations that are not paid for by themselves: what stands around a step may take a few times as long as it."""
_CALL = 2
_FUNCTION = 4
_COLLECTION = 4
_KEY = 3
_FUNCTIONS = ("function_", "mocked")


def charge(functions: Sequence[ir.Function], constants: Collection[str]) -> None:
    """Put charges into the bodies of ``functions``; ``constants`` are evaluated when a program is loaded, for free."""
    free = frozenset(constants)
    for function in functions:
        if function.name not in free:
            _charge(function.body, 0)
            if function.name.startswith(_FUNCTIONS) and any(map(_calls_function, function.body)):
                function.body.insert(0, ir.Charge(1))  # or functions that call others twice would be exponentially free


def _charge(statements: list[ir.Stmt], done: int) -> tuple[int, int]:
    """Put charges into ``statements``, before which ``done`` operations are not yet paid.

    How many are not after all of them, and how many are not if the first guard among them fails.
    """
    charged: list[ir.Stmt] = []
    failed = -1
    for statement in statements:
        done += _operations(statement)
        if done > _RUN:
            charged.append(ir.Charge(done // _OPERATIONS))
            done %= _OPERATIONS
        if isinstance(statement, ir.Loop):
            _charge(statement.body, 0)
        elif isinstance(statement, ir.Scope):
            done = _charge_scope(statement.body, done)
        elif isinstance(statement, ir.Guard) and failed < 0:
            failed = done
        charged.append(statement)
    statements[:] = charged
    return done, failed if failed >= 0 else done


def _charge_scope(body: list[ir.Stmt], done: int) -> int:
    """Put charges into a scope; what its guards keep from running is paid for where it runs, within them."""
    inside, done = _charge(body, done)
    if inside - done > _OPERATIONS:
        leaves = isinstance(body[-1], (ir.Return, ir.Succeed))
        body.insert(len(body) - leaves, ir.Charge((inside - done) // _OPERATIONS))
    return done


def _calls_function(node: object) -> bool:
    """Whether a function of the policy is called anywhere in ``node``."""
    if isinstance(node, ir.Call) and node.function.startswith(_FUNCTIONS):
        return True
    if isinstance(node, (list, tuple)):
        return any(map(_calls_function, node))
    return isinstance(node, msgspec.Struct) and any(
        _calls_function(getattr(node, name)) for name in node.__struct_fields__
    )


def _operations(node: object) -> int:
    """The operations of a statement or an expression, without those of the statements in it."""
    match node:
        case ir.Assign(value=value) | ir.Do(value) | ir.Append(value=value) | ir.Return(value):
            return 1 + _operations(value)
        case ir.Store(key=ir.Const(), value=ir.Const()):
            return 0  # it tells an observer that something has held
        case ir.Store(key=key, value=value):
            return 1 + _operations(key) + _operations(value)
        case ir.Guard(test=test):
            return 1 + _operations(test)
        case ir.Loop(source=source):
            return 1 + _operations(source)
        case ir.Call(function=function, args=args):
            return (_FUNCTION if function.startswith(("function_", "rule_")) else _CALL) + sum(map(_operations, args))
        case ir.Field(value=value) | ir.Attribute(owner=value) | ir.Item(sequence=value):
            return 1 + _operations(value)
        case ir.KeyOf(value):
            return 0 if isinstance(value, ir.Const) else _KEY + _operations(value)
        case ir.When(quick=quick, call=call):
            return 1 + max(_operations(quick), _operations(call))
        case ir.Method(args=args):
            return 1 + sum(map(_operations, args))
        case ir.MakeList(items):
            return _COLLECTION + len(items) // 2 + sum(map(_operations, items))
        case ir.MakeDict(pairs):
            return 2 * _COLLECTION + sum(1 + _operations(key) + _operations(value) for key, value in pairs)
        case ir.Text(parts):
            return _COLLECTION + len(parts) // 2
        case ir.Not(test):
            return _operations(test)
        case ir.All(tests):
            return sum(map(_operations, tests))
        case ir.Infix() | ir.Among():
            return 2
        case ir.Is() | ir.Same() | ir.IsKind():
            return 1
    return 0  # names, constants, scopes, flags, and what only reports to an observer
