"""What `with` may put in the place of what, and expressions that hold whatever stands before them."""

from __future__ import annotations

import pytest

from gateproof import rego
from gateproof.rego.errors import CompileError


@pytest.mark.parametrize(
    "rule", ["x if walk(input, [p, v]) with walk as m\nm(y) := [[], 1]", "x if true with walk as 1"]
)
def test_a_builtin_of_many_results_is_replaced_by_nothing(rule: str) -> None:
    with pytest.raises(CompileError) as caught:
        rego.compile({"a.rego": f"package a\n\n{rule}\n"})
    assert "target must not be a relation" in "".join(caught.value.problems)


@pytest.mark.parametrize("body", ['print("a")', 'not print("a")'])
def test_print_holds(body: str) -> None:
    said: list[str] = []
    program = rego.compile({"a.rego": f"package a\n\nx if {body}\n"})
    assert program.evaluate("data.a.x", on_print=said.append) is True
    assert said == ["a"]
