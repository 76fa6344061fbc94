"""Programs of the policies that judge where nobody has chosen, compiled before they are shipped: a module for each.

`tools/pack.py` writes the modules. Each has the digest of the ``SOURCES`` that it was made from, the ``PLAN`` without
the bodies of its functions, and those functions as the Python that the compiler makes of them, for people to read and
for Python to keep as bytecode like any other module's. They do not run there: only their code is taken, into the
namespace without builtins that every policy runs in.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING

import msgspec

from gateproof.catalog.pack import STARTER
from gateproof.errors import PolicyError

if TYPE_CHECKING:
    from gateproof.rego.program import Program

_HEAD = """# fmt: off
# ruff: noqa
# mypy: ignore-errors
\"\"\"The policy {policy}, compiled: written by tools/pack.py.\"\"\"

SOURCES = "{digest}"
PLAN = {plan!r}


"""


def module(policy: str) -> str:
    """Name of the module, in this package, of a policy."""
    return policy.replace("-", "_")


def shipped(policy: str, digest: str) -> Program | None:
    """The program of ``policy`` whose sources have ``digest``; None when it is to be compiled."""
    if policy not in STARTER:
        return None
    from importlib import import_module

    from gateproof.rego.program import Program

    try:
        found = vars(import_module(f"{__name__}.{module(policy)}"))
        if found["SOURCES"] != digest:  # another policy of the same id
            return None
        code = {name: each.__code__ for name, each in found.items() if isinstance(each, FunctionType)}
        return Program.from_bytes(found["PLAN"], compiled=code)
    except (ModuleNotFoundError, PolicyError):  # altered while the pack is worked on
        return None


def text(policy: str, digest: str, program: Program) -> str:
    """The module of ``policy``."""
    from gateproof.compiler import code

    functions = program.plan.functions
    bare = [msgspec.structs.replace(each, body=[], label="") for each in functions]
    plan = msgspec.msgpack.encode(msgspec.structs.replace(program.plan, functions=bare))
    return _HEAD.format(policy=policy, digest=digest, plan=plan) + code.source(functions)
