"""Calls of builtins by their Rego names, in a context of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.compiler.budget import Limits
from gateproof.rego.builtins import BUILTINS, resolve
from gateproof.rego.context import Context

Call = Callable[..., Any]


def _call(ctx: Context, name: str, *args: Any) -> Any:
    function = resolve(name)
    return function(ctx, *args) if BUILTINS[name].context else function(*args)


@pytest.fixture
def call() -> Call:
    """``call(name, *operands)`` with the default budget, at a fixed time."""
    return lambda name, *args: _call(Context(now_ns=1_700_000_000_000_000_000, seed=b"seed"), name, *args)


@pytest.fixture
def poor_call() -> Call:
    """The same with a budget that only small results fit into."""
    limits = Limits(steps=2_000, size=2_000)
    return lambda name, *args: _call(Context(now_ns=0, limits=limits), name, *args)
