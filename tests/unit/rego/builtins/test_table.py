"""The table of builtins: every entry resolves, and nothing is loaded before it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from gateproof.rego.builtins import BUILTINS, REFUSED, resolve


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_every_builtin_takes_what_the_table_says(name: str) -> None:
    entry = BUILTINS[name]
    parameters = inspect.signature(resolve(name)).parameters
    assert len(parameters) == entry.arity + entry.context


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_relations_are_generators(name: str) -> None:
    assert inspect.isgeneratorfunction(resolve(name)) == BUILTINS[name].relation


def test_nothing_is_both_offered_and_refused() -> None:
    assert not BUILTINS.keys() & REFUSED.keys()


def test_importing_the_table_loads_no_family_and_no_library() -> None:
    code = (
        "import sys, gateproof.rego.builtins as b\n"
        "heavy = {'re2', 'yaml', 'cryptography', 'jsonschema_rs', 'zoneinfo'}\n"
        "print(sorted(heavy & set(sys.modules)), [m for m in sys.modules if m.startswith(b.__name__ + '.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        resolve("no.such.builtin")
