"""What does not compile: the code, the place, and all problems at once."""

from __future__ import annotations

import pytest

from gateproof import rego


def problems(source: str) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(rego.CompileError) as caught:
        rego.compile({"p.rego": source}, v0=False)
    return caught.value.code, caught.value.problems


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("x := ", "rego_parse_error", "p.rego:2:5"),
        ("x if { y := [1 }", "rego_parse_error", "p.rego:2:16"),
        ("x { true }", "rego_parse_error", "p.rego:2:3"),
        ("import foo.bar", "rego_parse_error", "p.rego:2:1"),
        ("x := 01", "rego_parse_error", "p.rego:2:6"),
        ('x := "\\q"', "rego_parse_error", "p.rego:2:6"),
        ("x if y > 1", "rego_unsafe_var_error", "p.rego:2:6"),
        ("x if not input[_]", "rego_unsafe_var_error", "p.rego:2:16"),
        ("x := [y | z = 1]", "rego_unsafe_var_error", "p.rego:2:7"),
        ("x if { y := 1; y := 2 }", "rego_compile_error", "p.rego:2:16"),
        ("x := y\ny := x", "rego_recursion_error", "p.rego:3:6"),
        ("f(a) := f(a)", "rego_recursion_error", "p.rego:2:9"),
        ("x := nothing(1)", "rego_type_error", "p.rego:2:6"),
        ("x := count(1, 2, 3)", "rego_type_error", "p.rego:2:6"),
        ("x := f(1, 2)\nf(a) := a", "rego_type_error", "p.rego:2:6"),
        ("f(a) := a\nf(a, b) := a", "rego_type_error", "p.rego:3:1"),
        ("x := 1\nx contains 1", "rego_type_error", "p.rego:2:1"),
        ("default x := 1\ndefault x := 2", "rego_type_error", "p.rego:3:1"),
        ("x if true with foo as 1", "rego_type_error", "p.rego:2:16"),
        ("x if y with data.p.y.a as 1\ny := {}", "rego_compile_error", "p.rego:2:13"),
    ],
)
def test_code_and_place(body: str, code: str, place: str) -> None:
    found, lines = problems(f"package p\n{body}")
    assert found == code
    assert any(line.startswith(f"{place}: {code}: ") for line in lines), lines


def test_all_problems_are_reported_at_once() -> None:
    _, lines = problems("package p\na if x\nb if y\nc := nothing(1)")
    assert [line.split(": ")[0] for line in lines] == ["p.rego:2:6", "p.rego:3:6", "p.rego:4:6"]


def test_parse_problems_of_several_rules_are_reported_at_once() -> None:
    _, lines = problems("package p\na if {\nb := )\nc := ]\n")
    assert len(lines) >= 2


def test_what_cannot_be_decided_as_opa_does_is_refused() -> None:
    with pytest.raises(rego.Unsupported, match="default beside"):
        rego.compile({"p.rego": "package p\ndefault x.a := 3\nx[k] := 1 if some k in [1]"}, v0=False)


@pytest.mark.parametrize("name", ["http.send", "net.lookup_ip_addr", "opa.runtime", "rego.parse_module"])
def test_builtins_that_reach_outside_are_refused_by_name(name: str) -> None:
    with pytest.raises(rego.Unsupported, match=name):
        rego.compile({"p.rego": f"package p\nx := {name}(1)"}, v0=False)
