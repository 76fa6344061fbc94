"""Writes random Rego: rules that are mostly well typed as far as OPA can see, and full of surprises below that.

Values of unknown type come in through ``input``, so builtins get operands that they refuse, references go nowhere and
comparisons are of anything with anything; what is undefined is left out of the answer. No rule can conflict with
itself, because a conflict ends the evaluation of all of them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

INPUT: dict[str, Any] = {
    "n": 7,
    "m": -2.5,
    "z": 0,
    "s": "Grüße, %d\n",
    "t": "a,b,,c",
    "e": "",
    "yes": True,
    "no": False,
    "nothing": None,
    "a": [3, 1, 2, 3, -1.5, "x", None, [1], {"k": "v"}, True],
    "ns": [4, 8, 15.5, -16],
    "ss": ["b", "a", "ä", "", "a"],
    "o": {"a": 1, "b": {"c": [10, {"d": "deep"}]}, "": None, "ü": "umlaut"},
    "os": [{"id": 1, "tags": ["x"]}, {"id": 2}, {"id": 1, "tags": []}],
}

_REFERENCES = (
    *(f"input.{name}" for name in INPUT),
    "input.missing",
    "input.o.b.c[1].d",
    "input.o.b.c[9]",
    'input.o[""]',
    'input["a"][8].k',
    "input.os[1].tags",
    "input.n.of.number",
    "input.a[-1]",
)
_NUMBERS = ("0", "1", "2", "3", "10", "-1", "0.1", "0.2", "2.5", "-7", "1000000007")
_TEXTS = ("", "a", "b", "abc", "A,b", "%v", "äöü", "日本", "0x1F", "12", "-3.5", "1e2", "a.b.c", "10.0.0.0/8", '"\\')
_PATTERNS = ("`^a`", "`[a-z]+`", "`(a|b)+,?`", "`^$`", r"`\d+`", "`ü`", "`(?i)ABC`", "`.`")
_GLOBS = ('"a*"', '"*.b.*"', '"**"', '"{a,b}*"', '"?"')
_FORMATS = ("%v", "%s", "%d", "%v-%v", "%5d|%-5s|", "%q", "%%%v", "%t", "%v %v %v", "%.2f", "%05d", "%[2]v %[1]v")
_KINDS = ("is_string", "is_number", "is_array", "is_object", "is_boolean", "is_null")
_DEPTH = 4


def module(rules: Iterable[str]) -> str:
    """The module of the package ``fuzz`` with these rules."""
    return "\n\n".join(["package fuzz", "import rego.v1", *rules]) + "\n"


class Writer:
    """Writes rules; the same ``seed`` gives the same texts."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - sample data, not a secret
        self._depth = 0
        self._locals: list[str] = []
        self._names = 0

    def rules(self, count: int) -> list[str]:
        """The texts of rules ``r0``, ``r1`` and so on, each with what it needs. Some may not pass OPA's type check."""
        forms = [self._complete, self._complete, self._chain, self._partial_set, self._partial_object, self._function]
        forms += [self._with, self._every, self._default, self._alternatives, self._ways]
        return [self._rng.choice(forms)(f"r{number}") for number in range(count)]

    # -- rules -----------------------------------------------------------------------------------------------------

    def _complete(self, name: str) -> str:
        return f"{name} := {self.value()}"

    def _chain(self, name: str) -> str:
        links = [f"{self.value()} if {{\n\t{self._body()}\n}}" for _ in range(self._rng.randint(1, 3))]
        return f"{name} := " + " else := ".join(links)

    def _default(self, name: str) -> str:
        return f"default {name} := {self._literal()}\n\n{name} := {self.value()} if {{\n\t{self._body()}\n}}"

    def _partial_set(self, name: str) -> str:
        with self._fresh("x") as variable:
            source, body, element = self._outside(variable, self.collection), self._body(), self.value()
        return f"{name} contains {element} if {{\n\tsome {variable} in {source}\n\t{body}\n}}"

    def _partial_object(self, name: str) -> str:
        with self._fresh("k") as key:
            source = self._outside(key, self.keyed)
            with self._fresh("v") as member:
                body, value = self._body(), self.value()
        return f"{name}[{key}] := {value} if {{\n\tsome {key}, {member} in {source}\n\t{body}\n}}"

    def _function(self, name: str) -> str:
        with self._fresh("p") as parameter:
            value, body = self.value(), self._body()
            other = self.value()
        function = f"f_{name}({parameter}) := {value} if {{\n\t{body}\n}} else := {other}"
        with self._fresh("y") as variable:
            source = self._outside(variable, self.collection)
        call = f"[f_{name}({variable}) | some {variable} in {source}]"
        return f"{function}\n\n{name} := [{call}, f_{name}({self._literal()})]"

    def _alternatives(self, name: str) -> str:
        """A function of several clauses, of which at most one holds."""
        clauses = []
        for kind in self._rng.sample(_KINDS, 3):
            with self._fresh("p") as parameter:
                body, value = self._body(), self.value()
            clauses.append(f"f_{name}({parameter}) := {value} if {{\n\t{kind}({parameter})\n\t{body}\n}}")
        if self._rng.random() < 0.5:
            clauses.append(f"default f_{name}(_) := {self._literal()}")
        return "\n\n".join([*clauses, self._calls(name)])

    def _ways(self, name: str) -> str:
        """A function of several clauses, which all give the same."""
        clauses = []
        for _ in range(3):
            with self._fresh("p") as parameter:
                clauses.append(f"f_{name}({parameter}) if {{\n\t{self.boolean()}\n\t{self._body()}\n}}")
        return "\n\n".join([*clauses, self._calls(name)])

    def _calls(self, name: str) -> str:
        """A rule that calls the function of the same name."""
        with self._fresh("y") as variable:
            source = self._outside(variable, self.collection)
        return f"{name} := [f_{name}({variable}) | some {variable} in {source}]"

    def _with(self, name: str) -> str:
        helper = f"h_{name} := {self.value()}"
        target = self._rng.choice(["input.n", "input.s", "input.a", "input.o", "input.missing", "input"])
        return f"{helper}\n\n{name} := result if {{\n\tresult := h_{name} with {target} as {self._literal()}\n}}"

    def _every(self, name: str) -> str:
        with self._fresh("e") as variable:
            source, condition = self._outside(variable, self.collection), self.boolean()
        used = f"not is_null({variable})"  # what an every declares must be used
        return f"{name} if every {variable} in {source} {{\n\t{used}\n\t{condition}\n}}"

    def _body(self) -> str:
        conditions = [self._condition() for _ in range(self._rng.randint(1, 2))]
        return "\n\t".join(conditions)

    def _condition(self) -> str:
        condition = self.boolean()
        # OPA 1.19.0 lets `d := input.n if { not true }` hold, so that is not asked.
        return f"not {condition}" if condition != "true" and self._rng.random() < 0.3 else condition

    # -- expressions by type ---------------------------------------------------------------------------------------

    def value(self) -> str:
        """Of any type."""
        forms = (self.number, self.text, self.boolean, self.array, self.set, self.object, self._reference)
        return self._rng.choice(forms)()

    def number(self) -> str:
        """A number, as far as the compiler can see."""
        return self._pick(
            self._rng.choice(_NUMBERS),
            *(["(<number> + <number>)", "(<number> - <number>)", "(<number> * <number>)"] * 2),
            "(<number> / <number>)",
            "(<number> % <number>)",
            "abs(<number>)",
            "ceil(<number>)",
            "floor(<number>)",
            "round(<number>)",
            "count(<collection>)",
            "count(<text>)",
            "sum(<numbers>)",
            "product(<numbers>)",
            "max(<numbers>)",
            "min(<numbers>)",
            "to_number(<text>)",
            "indexof(<text>, <text>)",
            "strings.count(<text>, <text>)",
            "bits.and(<number>, <number>)",
            "bits.or(<number>, <number>)",
            "bits.xor(<number>, <number>)",
        )

    def text(self) -> str:
        """A string, as far as the compiler can see."""
        return self._pick(
            _quoted(self._rng.choice(_TEXTS)),
            "lower(<text>)",
            "upper(<text>)",
            "trim_space(<text>)",
            "strings.reverse(<text>)",
            "base64.encode(<text>)",
            "base64url.encode(<text>)",
            "hex.encode(<text>)",
            "urlquery.encode(<text>)",
            "crypto.sha256(<text>)",
            "trim(<text>, <text>)",
            "trim_left(<text>, <text>)",
            "trim_prefix(<text>, <text>)",
            "trim_suffix(<text>, <text>)",
            "replace(<text>, <text>, <text>)",
            "substring(<text>, <number>, <number>)",
            "concat(<text>, <texts>)",
            f"format_int(<number>, {self._rng.choice((2, 8, 10, 16))})",
            *([f"sprintf({_quoted(self._rng.choice(_FORMATS))}, [<value>, <value>])"] * 3),
            "json.marshal(<value>)",
            "type_name(<value>)",
            "regex.replace(<text>, <pattern>, <text>)",
        )

    def boolean(self) -> str:
        """A truth value, as far as the compiler can see."""
        operator = self._rng.choice(("==", "!=", "<", "<=", ">", ">="))
        kind = self._rng.choice(("number", "string", "array", "object", "set", "null", "boolean"))
        return self._pick(
            self._rng.choice(("true", "false")),
            *([f"(<value> {operator} <value>)"] * 4),
            f"is_{kind}(<value>)",
            "startswith(<text>, <text>)",
            "endswith(<text>, <text>)",
            "contains(<text>, <text>)",
            "(<value> in <collection>)",
            "(<value>, <value> in <keyed>)",
            "regex.match(<pattern>, <text>)",
            "glob.match(<glob>, [], <text>)",
            "object.subset(<object>, <object>)",
            "json.is_valid(<text>)",
        )

    def array(self) -> str:
        """An array, as far as the compiler can see."""
        start, end = self._rng.randint(-3, 3), self._rng.randint(-3, 4)
        return self._pick(
            "[]",
            "[<value>]",
            "[<value>, <value>]",
            "[<value>, <value>, <value>]",
            "array.concat(<array>, <array>)",
            f"array.slice(<array>, {start}, {end})",
            "array.reverse(<array>)",
            "split(<text>, <text>)",
            "sort(<collection>)",
            f"numbers.range({start}, {end})",
            f"regex.find_n(<pattern>, <text>, {self._rng.choice((-1, 1, 2))})",
            *(["[<comprehension>]"] * 3),
        )

    def set(self) -> str:
        """A set, as far as the compiler can see."""
        return self._pick(
            "set()",
            "{<value>}",
            "{<value>, <value>}",
            "(<set> & <set>)",
            "(<set> | <set>)",
            "(<set> - <set>)",
            "union({<set>, <set>})",
            "intersection({<set>, <set>})",
            "object.keys(<object>)",
            *(["{<comprehension>}"] * 3),
        )

    def object(self) -> str:
        """An object, as far as the compiler can see."""
        first, second = (_quoted(text) for text in self._rng.sample(_TEXTS, 2))
        return self._pick(
            "{}",
            f"{{{first}: <value>}}",
            f"{{{first}: <value>, {second}: <value>}}",
            "object.union(<object>, <object>)",
            "object.union_n([<object>, <object>])",
            "object.remove(<object>, <texts>)",
            "object.filter(<object>, <texts>)",
            "json.remove(<object>, <texts>)",
            "json.filter(<object>, <texts>)",
            *(["{<object_comprehension>}"] * 3),
        )

    def numbers(self) -> str:
        """An array of numbers."""
        return self._pick("input.ns", "[<number>, <number>]", "[<number>]")

    def texts(self) -> str:
        """An array of strings."""
        return self._pick("input.ss", "[<text>, <text>]", "[<text>]")

    def collection(self) -> str:
        """Something with elements."""
        return self._pick("input.a", "input.os", "input.o", "<array>", "<set>", "<object>")

    def keyed(self) -> str:
        """Something whose elements have keys, each once."""
        return self._pick("input.a", "input.os", "input.o", "<array>", "<object>")

    def pattern(self) -> str:
        """A regular expression."""
        return self._rng.choice(_PATTERNS)

    def glob(self) -> str:
        """A pattern of file names."""
        return self._rng.choice(_GLOBS)

    def comprehension(self) -> str:
        """What stands between the brackets of an array's or a set's comprehension."""
        with self._fresh("x") as name:
            source = self._outside(name, self.collection)
            return f"{self.value()} | some {name} in {source}; {self._condition()}"

    def object_comprehension(self) -> str:
        """What stands between the braces of an object's comprehension."""
        with self._fresh("k") as key:
            source = self._outside(key, self.keyed)
            with self._fresh("v") as member:
                return f"{key}: {self.value()} | some {key}, {member} in {source}; {self._condition()}"

    # -- parts -----------------------------------------------------------------------------------------------------

    def _pick(self, leaf: str, *forms: str) -> str:
        """One of ``forms``, its parts filled in; ``leaf`` where it gets deep, or now and then a reference to anything.

        In a form, ``<number>`` stands for what ``number`` writes.
        """
        chance = self._rng.random()
        if chance < 0.12:
            return self._reference()
        if self._depth >= _DEPTH or chance < 0.25:
            return leaf
        self._depth += 1
        try:
            return re.sub(r"<(\w+)>", lambda part: str(getattr(self, part[1])()), self._rng.choice(forms))
        finally:
            self._depth -= 1

    def _reference(self) -> str:
        if self._locals and self._rng.random() < 0.6:
            return self._rng.choice(self._locals)
        return self._rng.choice(_REFERENCES)

    def _literal(self) -> str:
        return _quoted(self._rng.choice([*INPUT.values(), *_TEXTS, {"n": 1, "a": [1], "s": "new"}]))

    @contextmanager
    def _fresh(self, prefix: str) -> Iterator[str]:
        """A new local variable, which expressions may use inside."""
        self._names += 1
        name = f"{prefix}{self._names}"
        self._locals.append(name)
        yield name
        self._locals.remove(name)

    def _outside(self, name: str, write: Callable[[], str]) -> str:
        """What ``write`` writes where the local variable ``name`` is not known yet."""
        self._locals.remove(name)
        written = write()
        self._locals.append(name)
        return written


def _quoted(value: Any) -> str:
    """A Rego literal: JSON is one."""
    return json.dumps(value, ensure_ascii=False)
