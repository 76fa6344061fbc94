"""Random programs with and without type errors: `opa check` and gateproof refuse the same ones, for the same lines."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateproof import rego

PROGRAMS = 400
SEEDS = range(6)

Peer = Callable[[str], str]
Rows = set[int]

SCALARS = ["1", "2.5", '"a"', '"b"', "true", "null"]
CALLS = {
    "count": 1,
    "sum": 1,
    "max": 1,
    "sort": 1,
    "upper": 1,
    "to_number": 1,
    "abs": 1,
    "object.keys": 1,
    "array.reverse": 1,
    "is_string": 1,
    "type_name": 1,
    "json.unmarshal": 1,
    "startswith": 2,
    "concat": 2,
    "sprintf": 2,
    "split": 2,
    "array.concat": 2,
    "object.union": 2,
    "json.patch": 2,
    "regex.match": 2,
    "intersection": 1,
    "object.get": 3,
    "replace": 3,
    "substring": 3,
    "numbers.range": 2,
    "time.date": 1,
    "walk": 1,
}
OPERATORS = ["+", "-", "*", "/", "%", "|", "&", "==", "!=", "<", ">="]


class Writer:
    """Writes small modules, more or less well typed."""

    def __init__(self, seed: object, *, v0: bool = False) -> None:
        self.draw = random.Random(f"types {seed}")  # noqa: S311
        self.v0 = v0
        self.rules: list[str] = []
        self.functions: dict[str, int] = {}
        self.locals: list[str] = []
        self.count = 0
        self.package = ""

    def chance(self, one_in: int) -> bool:
        return self.draw.randrange(one_in) == 0

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    # Terms

    def term(self, depth: int = 2) -> str:
        if depth <= 0 or self.chance(3):
            return self.simple()
        kinds: list[Callable[[int], str]] = [
            self.array,
            self.array,
            self.set,
            self.object,
            self.object,
            self.call,
            self.call,
            self.call,
            self.infix,
            self.infix,
            self.comprehension,
            self.member,
            self.template,
        ]
        return self.draw.choice(kinds)(depth - 1)

    def simple(self) -> str:
        choices = [self.draw.choice(SCALARS), self.reference(), self.reference()]
        if self.locals:
            choices += [self.draw.choice(self.locals)] * 3
        return self.draw.choice(choices)

    def reference(self) -> str:
        heads = ["input", "input.a", "input.list"]
        if self.rules:
            heads += [self.draw.choice(self.rules)] * 3
            heads += [f"data.{self.package}.{self.draw.choice(self.rules)}"]
        head = self.draw.choice(heads)
        steps = [0, 0, 1, 1, 2] if head.startswith("input") else [0, 0, 0, 0, 0, 1]
        for _ in range(self.draw.choice(steps)):
            head += self.step()
        return head

    def step(self) -> str:
        steps = [".a", ".b", "[0]", "[1]", '["a b"]', "[_]", "[_]"]
        if self.locals:
            steps += [f"[{self.draw.choice(self.locals)}]"]
        return self.draw.choice(steps)

    def member(self, depth: int) -> str:
        if self.locals and self.chance(3):
            return f"{self.draw.choice(self.locals)}{self.step()}"
        return self.array(depth)

    def template(self, depth: int) -> str:
        return self.array(depth) if self.v0 else f'$"x {{{self.simple()}}} {{{self.simple()}}}"'

    def array(self, depth: int) -> str:
        return f"[{', '.join(self.term(depth) for _ in range(self.draw.randrange(4)))}]"

    def set(self, depth: int) -> str:
        items = [self.term(depth) for _ in range(self.draw.randrange(1, 4))]
        return "{" + ", ".join(items) + "}"

    def object(self, depth: int) -> str:
        keys = self.draw.sample(['"a"', '"b"', "1", '"c"'], self.draw.randrange(4))
        return "{" + ", ".join(f"{key}: {self.term(depth)}" for key in keys) + "}"

    def call(self, depth: int) -> str:
        if self.functions and self.chance(3):
            name, arity = self.draw.choice(sorted(self.functions.items()))
        else:
            name, arity = self.draw.choice(sorted(CALLS.items()))
        return f"{name}({', '.join(self.fitting(name, number, depth) for number in range(arity))})"

    def fitting(self, name: str, number: int, depth: int) -> str:
        """Nearly always an argument that is likely to be right."""
        if self.chance(8):
            return self.term(depth)
        if name in ("walk", "is_string", "type_name") or name in self.functions:
            return self.term(depth)
        if name in ("max", "sort", "count", "array.reverse", "array.concat") or (name == "sprintf" and number):
            return self.array(depth)
        if name in ("object.keys", "object.union") or (name == "object.get" and number == 0):
            return self.object(depth)
        if name in ("abs", "numbers.range", "time.date") or (name == "substring" and number):
            return self.draw.choice(["1", "input.a", "count([])"])
        if name in ("sum", "concat", "json.patch", "intersection") and (name in ("sum", "intersection") or number):
            return "input.list"
        return self.draw.choice(['"x"', "input.a", 'upper("a")'])

    def infix(self, depth: int) -> str:
        operator = self.draw.choice(OPERATORS)
        if self.chance(8) or operator in ("==", "!=", "<", ">="):
            return f"({self.term(depth)} {operator} {self.term(depth)})"
        fit = ["input.list", "{1}"] if operator in "|&" else ["1", "count([])", "input.a"]
        return f"({self.draw.choice(fit)} {operator} {self.draw.choice(fit)})"

    def comprehension(self, depth: int) -> str:
        before = list(self.locals)
        body = self.body(self.draw.randrange(1, 3), depth)
        head = self.term(min(depth, 1))
        text = {
            0: f"[{head} | {body}]",
            1: "{" + f"{head} | {body}" + "}",
            2: "{" + f"{self.simple()}: {head} | {body}" + "}",
        }[self.draw.randrange(3)]
        self.locals = before
        return text

    # Bodies

    def body(self, length: int, depth: int) -> str:
        return "; ".join(self.expression(depth) for _ in range(length))

    def expression(self, depth: int) -> str:
        kinds: list[Callable[[int], str]] = [
            self.assignment,
            self.assignment,
            self.assignment,
            self.some_in,
            self.some_in,
            self.pattern,
            self.term,
            self.term,
            self.equality,
            self.negated,
            self.every,
            self.printed,
        ]
        given = self.simple()
        text = self.draw.choice(kinds)(depth)
        if text.startswith(("some", "every", "not", "print")) or not self.chance(12):
            return text
        if self.functions and self.chance(2):
            return f"{text} with {self.draw.choice([*sorted(self.functions), 'count'])} as {given}"
        return f"{text} with input as {given}"

    def printed(self, depth: int) -> str:
        return f"print({self.term(depth)}, {self.simple()})"

    def assignment(self, depth: int) -> str:
        value, name = self.term(depth), self.name()
        self.locals.append(name)
        return f"{name} := {value}"

    def some_in(self, depth: int) -> str:
        source = self.draw.choice(["input.list", self.array(depth), self.set(depth), self.object(depth), self.simple()])
        key, value = self.name(), self.name()
        both = self.chance(2)
        self.locals += [key, value] if both else [value]
        return f"some {key}, {value} in {source}" if both else f"some {value} in {source}"

    def pattern(self, depth: int) -> str:
        first, second = self.name(), self.name()
        value = self.draw.choice(["input.a", "input.list[_]", "[1, [1, 2]]", '{"a": 1, "b": 2}', self.term(depth)])
        self.locals += [first, second]
        shape = self.draw.choice(["[{}, {}]", '{{"a": {}, "b": {}}}', "[{}, [1, {}]]", '[{}, {{"a": {}}}]'])
        return f"{shape.format(first, second)} = {value}"

    def equality(self, depth: int) -> str:
        other = self.term(depth) if self.chance(4) else "input.a"
        return f"{self.term(depth)} {self.draw.choice(['==', '=', '!='])} {other}"

    def negated(self, depth: int) -> str:
        return f"not {self.term(min(depth, 1))}"

    def every(self, depth: int) -> str:
        source, name, before = self.array(depth), self.name(), list(self.locals)
        self.locals.append(name)
        body = f"{name} != 0; {self.body(1, 1)}"
        self.locals = before
        return f"every {name} in {source} {{ {body} }}"

    # Rules

    def rule(self) -> str:
        self.locals = []
        name = f"r{len(self.rules)}"
        kind = self.draw.randrange(14)
        if kind == 0:
            return self.function(f"f{len(self.functions)}")
        body = self.body(self.draw.randrange(1, 4), 2)
        if kind == 1:
            text = f"{name} contains {self.term()} if {{ {body} }}"
        elif kind == 2:
            text = f"{name}[{self.simple()}] := {self.term()} if {{ {body} }}"
        elif kind == 3:
            text = f"{name}.a := {self.term()} if {{ {body} }}"
        elif kind == 4:
            text = f"default {name} := {self.draw.choice(SCALARS)}\n{name} := {self.term()} if {{ {body} }}"
        elif kind == 5:
            self.locals = []
            text = f"{name} := {self.term(3)}"
        elif kind == 6:
            text = f"{name} := {self.term()} if {{ {body} }}"
            self.locals = []
            text += f" else := {self.term()} if {{ {self.body(1, 1)} }}"
        elif kind in (7, 8):
            path = self.draw.choice([".a[{}]", "[{}].b", ".a.b", "[{}][{}]", ".a", '["a b"]', "[1]", ".b[2][{}]"])
            head = name + path.format(self.simple(), self.simple())
            text = f"{head} := {self.term()} if {{ {body} }}"
            self.locals = []
            text += f"\n{name}.c := {self.term()}" if self.chance(2) else ""
        elif kind == 9:
            text = f"{name}.a[{self.simple()}] contains {self.term()} if {{ {body} }}"
        elif kind == 10:
            text = f"{name}[{self.simple()}] := {self.term()} if {{ {body} }}"
            self.locals = []
            text += f"\n{name}[{self.simple()}] := {self.term()} if {{ {self.body(1, 2)} }}"
        elif kind == 11:
            text = f"{name} contains {self.term()} if {{ {body} }}"
            self.locals = []
            text += f"\n{name} contains {self.term()} if {{ {self.body(1, 2)} }}"
        else:
            text = f"{name} := {self.term()} if {{ {body} }}"
        self.rules.append(name)
        return text

    def function(self, name: str) -> str:
        first, second = self.name(), self.name()
        arity = self.draw.randrange(1, 3)
        self.locals = [first, second][:arity]
        args = ", ".join(self.locals)
        text = f"{name}({args}) := {self.term()} if {{ {self.body(2, 1)} }}"
        if self.chance(3):
            self.locals = []
            shapes = ["1", '"a"', "[x, y]", '{"a": x}', "_", "null"]
            args = ", ".join(self.draw.choice(shapes) for _ in range(arity))
            text += f"\n{name}({args}) := {self.term()}"
        self.functions[name] = arity
        return text

    def module(self, package: str) -> str:
        self.package = package
        rules = [self.rule() for _ in range(self.draw.randrange(1, 6))]
        head = f"package {package}\n\n" + ("import future.keywords\n\n" if self.v0 else "")
        return head + "\n".join(rules) + "\n"


def theirs(peer: Peer, folder: Path, programs: dict[str, str], *, v0: bool) -> dict[str, Rows | None]:
    """The rows of the errors of each program that OPA refuses; None where its compiler came no further than names.

    OPA's compiler stops after the first stage with errors, of all that it was given: what fails early is
    taken out, until what is left is right or fails in the check of types, which is the last stage.
    """
    found: dict[str, Rows | None] = {}
    left = dict(programs)
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
    while left:
        version = "--v0-compatible" if v0 else "--v1-compatible"
        command = [peer("opa"), "check", "--format", "json", "--max-errors", "0", version, "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        errors = json.loads(done.stdout or done.stderr or b"{}").get("errors", [])
        early = {_file(error) for error in errors if not _typing(error)}
        if not early:
            for error in errors:
                rows = found.setdefault(_file(error), set())
                if rows is not None and not error["message"].startswith("undefined ref: data."):
                    rows.add(error["location"]["row"])
            break
        found.update(dict.fromkeys(early))
        for name in early:
            (folder / name).unlink()
            del left[name]
    return found


def _file(error: dict[str, dict[str, str]]) -> str:
    return Path(error["location"]["file"]).name


def _typing(error: dict[str, str]) -> bool:
    words = ("match error", "undefined ref", "invalid argument")
    return error["code"] == "rego_type_error" and any(word in error["message"] for word in words)


def ours(programs: dict[str, str], *, v0: bool) -> dict[str, Rows]:
    """The rows of the errors of each program that gateproof refuses.

    Where OPA says that a reference to a rule stands is not where it stands: those are compared as far as there are any.
    """
    found: dict[str, Rows] = {}
    for name, text in programs.items():
        try:
            rego.compile({name: text}, v0=v0)
        except rego.CompileError as error:
            places = (re.match(r"[^:]*:(\d+):\d+: (?!.*undefined ref: data)", problem) for problem in error.problems)
            found[name] = {int(place[1]) for place in places if place}
    return found


@pytest.mark.parametrize("v0", [False, True], ids=["v1", "v0"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_programs_are_refused(peer: Peer, tmp_path: Path, seed: int, v0: bool) -> None:
    programs = {
        f"p{number}.rego": Writer(f"{seed} {number}", v0=v0).module(f"fuzz.p{number}") for number in range(PROGRAMS)
    }
    expected, found = theirs(peer, tmp_path, programs, v0=v0), ours(programs, v0=v0)
    names = [name for name in programs if expected.get(name, set()) is not None]
    assert {name for name in names if name in found} ^ {name for name in names if name in expected} == set()
    assert {name: found[name] for name in names if found.get(name) != expected.get(name)} == {}
    refused = sum(name in found for name in names)
    assert len(names) / 5 < refused < len(names) * 4 / 5
