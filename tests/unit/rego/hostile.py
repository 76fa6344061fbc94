# ruff: noqa: E501 - a policy stays on its line
"""Policies and inputs that mean harm: each would take the machine's time or memory if nothing counted.

The unit tests run them with a small budget, ``benchmarks/hostile.py`` with the one that everybody gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

STEPS: Final = "evaluation needs more than"
SIZE: Final = "a value is larger than"
OUTPUT: Final = "the answer has more than"
BITS: Final = "the result has more than 16384 bits"
DIGITS: Final = "digits"


class Case(NamedTuple):
    """``body`` is what follows ``package p``, and asks for ``x``; ``gist`` is in the message of the error."""

    name: str
    body: str
    gist: str = STEPS
    given: Callable[[], Any] = lambda: list(range(400))

    @property
    def source(self) -> str:
        """The module."""
        return f"package p\n{self.body}"


def doubling(rule: str, first: str = '["a", "b"]', levels: int = 60) -> str:
    """Rules ``s0 … s60``, each made of the one before by ``rule``."""
    lines = [f"s0 := {first}", *[rule.replace("NEXT", f"s{n + 1}").replace("LAST", f"s{n}") for n in range(levels)]]
    return "\n".join([*lines, f"x := s{levels}"])


def repeated(expression: str, *, setup: str = "") -> str:
    """``expression``, of which ``i`` is a number that is new each time, again and again."""
    loops = "some a in numbers.range(1, 4000); some b in numbers.range(1, 4000); i := (a * 4000) + b"
    return f"{setup}\nx := count([1 | {loops}; {expression}; i < 0])"


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


_TEXT = 'text := concat("", [sprintf("%d,", [n]) | some n in numbers.range(1, 5000)])'
_LISTS = "one := numbers.range(1, 5000)\nother := array.concat(numbers.range(1, 4999), [0])"
_SETS = "one := {n | some n in numbers.range(1, 5000)}\nother := {n | some n in numbers.range(2, 5001)}"
_OBJECTS = 'one := {sprintf("k%d", [n]): n | some n in numbers.range(1, 3000)}\nother := object.union(one, {"z": 1})'
_BIG = "big := bits.lsh(1, 15000)"

CASES = [
    # Loops
    Case("loops: product", "x := count([1 | some a in input; some b in input; some c in input; some d in input])"),
    Case("loops: a sum that never is", "x if { some a in input; some b in input; some c in input; a + b == c + 0.5 }"),
    Case("loops: every", "x if every a in input { every b in input { every c in input { c >= a - b } } }"),
    Case("loops: not", "x if not y\ny if { some a in input; some b in input; some c in input; a + b == c + 0.5 }"),
    Case("loops: partial set", "x contains [a, b, c] if { some a in input; some b in input; some c in input }"),
    Case("loops: tree", "x[a][b] contains c if { some a in input; some b in input; some c in input }"),
    Case("loops: set of arrays", "x := {[a, b, c] | some a in input; some b in input; some c in input}"),
    Case("loops: objects", 'x := [{"a": a, "b": b, "c": c} | some a in input; some b in input; some c in input]'),
    Case("loops: array of numbers", "x := [a | some a in input; some b in input; some c in input]"),
    Case("loops: arithmetic", repeated("y := ((i * i) + (i % 7)) - (((i * 3) + (i % 11)) * ((i + 1) - (i * 2)))")),
    Case("loops: fractions", repeated("y := ((i / 7.3) * 1.1) + ((i / 3.7) - 0.1)")),
    Case("loops: long body", repeated("; ".join(["i != 0.5"] * 400))),
    Case("loops: long body of look-ups", repeated("; ".join(f"not input.a{n}.b" for n in range(100)))),
    Case("loops: literals", repeated("y := " + "[i, " * 60 + "1" + "]" * 60)),
    Case("loops: wide literal", repeated("y := [" + ", ".join(["i"] * 500) + "]")),
    Case("loops: wide object", repeated("y := {" + ", ".join(f'"k{n}": i' for n in range(300)) + "}")),
    Case("loops: comparisons", repeated("; ".join(["i <= 16004000"] * 50))),
    Case("functions: short ones", "f(n) := n + 1\n" + repeated("y := " + "f(" * 30 + "i" + ")" * 30)),
    Case(
        "functions: chain",
        "\n".join(f"f{n}(v) := w if {{ u := f{n + 1}(v); w := f{n + 1}(u) }}" for n in range(60))
        + "\nf60(v) := v\nx := f0(1)",
    ),
    Case("functions: many clauses", "\n".join(f"f(n) := {c} if n == {c}.5" for c in range(300)) + repeated("f(i)")),
    Case("with: repeated", "y := count(input)\n" + repeated("y == 0.5 with input as [i]")),
    Case("with: data", "y := 1\n" + repeated("data.q.r == 0.5 with data.q.r as [i]")),
    Case("with: deep", "y := input\n" + repeated("y == 0.5 " + "with input.a.b.c as i " * 30)),
    Case("with: many rules", "\n".join(f"r{n} := {n}" for n in range(500)) + repeated("data.p.r1 with data.p.r2 as i")),
    # Collections
    Case("collections: numbers.range", "x := numbers.range(0, 1000000000000)", SIZE),
    Case("collections: numbers.range_step", "x := numbers.range_step(0, 1000000000000, 3)", SIZE),
    Case("collections: walk of walks", "x := count([1 | walk(input, [_, a]); walk(input, [_, b]); walk(input, [_, c])])"),
    Case("collections: doubling arrays", doubling("NEXT := [LAST, LAST]"), SIZE),
    Case("collections: doubling objects", doubling('NEXT := {"a": LAST, "b": LAST}'), SIZE),
    Case("collections: doubling sets", doubling("NEXT := {[1, LAST], [2, LAST]}")),
    Case("collections: doubling comprehensions", doubling("NEXT := [LAST | some _ in [1, 2]]"), SIZE),
    Case("collections: doubling rules", doubling('NEXT[k] := LAST if some k in ["a", "b"]'), SIZE),
    Case("collections: array.concat", doubling("NEXT := array.concat(LAST, LAST)")),
    Case("collections: array.flatten", doubling("NEXT := array.flatten([LAST, LAST])")),
    Case("collections: arrays compared", repeated("one < other", setup=_LISTS)),
    Case("collections: arrays equal", repeated("one == other", setup=_LISTS)),
    Case("collections: sets compared", repeated("one < other", setup=_SETS)),
    Case("collections: sets equal", repeated("one == other", setup=_SETS)),
    Case("collections: objects compared", repeated("one > other", setup=_OBJECTS)),
    Case("collections: union", repeated("v := count(one | other)", setup=_SETS)),
    Case("collections: intersection", repeated("v := count(one & other)", setup=_SETS)),
    Case("collections: difference", repeated("v := count(one - other)", setup=_SETS)),
    Case("collections: keys of objects", repeated("v := object.get({one: 1}, one, 0)", setup=_LISTS)),
    Case("collections: keys of object.get", repeated("v := object.get({}, [one], 0)", setup=_LISTS)),
    Case("collections: members that are large", repeated("one in [other, other]", setup=_LISTS)),
    Case("collections: object.union", repeated("v := object.union(one, other)", setup=_OBJECTS)),
    Case("collections: object.union_n", repeated("v := object.union_n([one, other, one])", setup=_OBJECTS)),
    Case("collections: object.subset", repeated("object.subset(other, one); i == 0.5", setup=_OBJECTS)),
    Case("collections: runs", repeated("object.subset(one, other); i == 0.5", setup=_LISTS)),
    Case("collections: sort", repeated("v := sort(array.reverse(one))", setup=_LISTS)),
    Case("collections: sort of arrays", repeated("v := sort([[n, 1] | some n in one])", setup=_LISTS)),
    Case("collections: sum of fractions", repeated("v := sum([0.1, i, 0.3, 0.7, 1.1, 1.3])")),
    Case("collections: product", repeated("v := product([0.1, i, 0.3, 0.7, 1.1, 1.3])")),
    Case("collections: json.patch", repeated('v := json.patch({"a": one}, [{"op": "add", "path": "a/0", "value": i}])', setup=_LISTS)),
    Case("collections: json.filter", repeated('v := json.filter({"a": one}, ["a/0", "a/1"])', setup=_LISTS)),
    Case("collections: json.remove", repeated('v := json.remove({"a": one}, ["a/0", "a/1"])', setup=_LISTS)),
    Case(
        "collections: copies by json.patch",
        'x := json.patch({"a": [1, 2]}, [p | some n in numbers.range(1, 100); '
        'p := {"op": "copy", "from": "a", "path": sprintf("a/%d", [0])}])',
        OUTPUT,
    ),
    Case("graphs: reachable", repeated("v := graph.reachable(g, {1})", setup="g := {n: [n + 1, n + 2] | some n in numbers.range(1, 3000)}")),
    Case("graphs: all paths", "g := {n: [n + 1, n + 2] | some n in numbers.range(1, 60)}\nx := graph.reachable_paths(g, {1})"),
    Case("networks: cidr_expand", 'x := net.cidr_expand("10.0.0.0/4")', SIZE),
    Case("networks: cidr_expand again", repeated('v := net.cidr_expand("10.0.0.0/20")')),
    Case("networks: cidr_contains", repeated('net.cidr_contains("10.0.0.0/8", "10.0.0.1"); i == 0.5')),
    Case("networks: cidr_merge", repeated('v := net.cidr_merge([sprintf("10.0.%d.0/24", [n]) | some n in numbers.range(1, 200)])')),
    # Numbers
    Case("numbers: squaring", doubling("NEXT := LAST * LAST", "1000000007")),
    Case("numbers: products of large ones", repeated("v := big * big", setup=_BIG)),
    Case("numbers: quotients of large ones", repeated("v := (big * big) / (big + i)", setup=_BIG)),
    Case("numbers: rests of large ones", repeated("v := (big * big) % (big + i)", setup=_BIG)),
    Case("numbers: sums of large ones", repeated("v := big + i", setup=_BIG)),
    Case("numbers: large ones with fractions", repeated("bits.lsh(1, 1000) * 0.5 == i")),
    Case("numbers: bits", repeated("v := bits.xor(big, bits.lsh(i, 15000))", setup=_BIG)),
    Case("numbers: shifts", "x := bits.lsh(1, 1000000000)", BITS),
    Case("numbers: long text", repeated('v := sprintf("%d", [bits.lsh(i, 12000)])')),
    Case("numbers: json.marshal of a long one", "x := json.marshal(bits.lsh(1, 15000))", DIGITS),
    # Text
    Case("text: concat doubles", doubling('NEXT := concat("", [LAST, LAST])', '"aaaa"'), SIZE),
    Case("text: sprintf doubles", doubling('NEXT := sprintf("%s%s", [LAST, LAST])', '"aaaa"'), SIZE),
    Case("text: templates double", doubling('NEXT := $"{LAST}{LAST}"', '"aaaa"'), SIZE),
    Case("text: replace grows", doubling('NEXT := replace(LAST, "a", "aaaaaaaa")', '"aaaa"'), SIZE),
    Case("text: replace_n grows", doubling('NEXT := strings.replace_n({"a": "aaaaaaaa"}, LAST)', '"aaaa"'), SIZE),
    Case("text: regex.replace grows", doubling('NEXT := regex.replace(LAST, "a", "aaaaaaaa")', '"aaaa"')),
    Case("text: precision", repeated('v := sprintf("%.500f", [i])')),
    Case("constants: doubling, as a key", f"x := count({{s}}) if {{ s0 := [1]; {'; '.join(f's{n + 1} := [s{n}, s{n}]' for n in range(40))}; s := s40 }}", SIZE),
    Case("constants: doubling, compared", f"x if {{ s0 := [1]; {'; '.join(f's{n + 1} := [s{n}, s{n}]' for n in range(40))}; t := [s39, s39]; s40 != t }}", SIZE),
    Case("text: sprintf joins", 'x := {sprintf("%v %v %v", [a, b, c]): 1 | some a in input; some b in input; some c in input}'),
    Case("text: sprintf of values", repeated('v := sprintf("%v %v", [[i, {"a": i}], {i, "b"}])')),
    Case("text: templates", repeated('v := $"{i} and {i} and {i}"')),
    Case("text: concat", repeated('v := concat("-", ["a", "b", "c", "d", "e", "f", "g", "h"])')),
    Case("text: concat of much", repeated('v := concat("", parts)', setup='parts := ["0123456789abcdef" | some _ in numbers.range(1, 5000)]')),
    Case("text: split", repeated('v := split(text, ",")', setup=_TEXT)),
    Case("text: split into characters", repeated('v := split(text, "")', setup=_TEXT)),
    Case("text: contains", repeated('contains(text, "none"); i == 0.5', setup=_TEXT)),
    Case("text: contains, badly", repeated("contains(hay, needle)", setup='hay := concat("", ["a" | some _ in numbers.range(1, 20000)])\nneedle := concat("", ["b", substring(hay, 0, 5000)])')),
    Case("text: indexof_n", repeated('v := indexof_n(text, "1")', setup=_TEXT)),
    Case("text: startswith of much", repeated("startswith(text, other)", setup=_TEXT + '\nother := concat("", [text, "z"])')),
    Case("text: lower", repeated('v := lower(text)', setup=_TEXT.replace("%d,", "%dÄ"))),
    Case("text: trim", repeated('v := trim(text, "0123456789")', setup=_TEXT)),
    Case("text: equality of much", repeated("one == other", setup=_TEXT + '\none := concat("", [text, "a"])\nother := concat("", [text, "b"])')),
    Case("text: strings.render_template", repeated('v := strings.render_template("{{range .a}}{{.}}{{end}}", {"a": one})', setup=_LISTS)),
    Case("text: nested templates", repeated('v := strings.render_template("' + "{{range .a}}" * 6 + "x" + "{{end}}" * 6 + '", {"a": [{"a": [1, 2]}]})')),
    Case("text: any_prefix_match", repeated('strings.any_prefix_match(parts, ["z", "y"])', setup='parts := [sprintf("%d", [n]) | some n in numbers.range(1, 1000)]')),
    # Patterns
    Case("regex: always another", repeated('regex.match(sprintf("^a%d(b|c)*[d-z]+$", [i]), "abc")')),
    Case("regex: large, always another", repeated('regex.match(sprintf("(a{%d}|b){500}", [(i % 50) + 1]), "abc")')),
    Case("regex: catastrophic elsewhere", repeated('regex.match("^(a+)+$", text)', setup='text := concat("", [concat("", ["a" | some _ in numbers.range(1, 20000)]), "b"])')),
    Case("regex: many states", repeated('regex.match("(.*a.{12}){3}b", text)', setup='text := concat("", [["a", "c"][bits.and(n, 1)] | some n in numbers.range(1, 5000)])')),
    Case("regex: find_n", repeated('v := regex.find_n("[0-9]", text, -1)', setup=_TEXT)),
    Case("regex: submatches", repeated('v := regex.find_all_string_submatch_n("([0-9])([0-9]*)(,)", text, -1)', setup=_TEXT)),
    Case("regex: replace", repeated('v := regex.replace(text, "([0-9])", "$1$1")', setup=_TEXT)),
    Case("regex: split", repeated('v := regex.split(",", text)', setup=_TEXT)),
    Case("regex: globs_match", repeated('regex.globs_match("' + "[a-z]*" * 20 + '", "' + "[a-y]*b" * 20 + '")')),
    Case("regex: template_match", repeated('regex.template_match(sprintf("urn:foo:{.*%d}", [i]), "urn:foo:bar", "{", "}")')),
    Case("globs: stars", repeated('glob.match("' + "a*" * 60 + 'b", [], text)', setup='text := concat("", ["a" | some _ in numbers.range(1, 3000)])')),
    Case("globs: always another", repeated('glob.match(sprintf("%d*{a,b}*", [i]), [], "abc")')),
    # Formats
    Case("json.marshal", repeated('v := json.marshal(one)', setup=_OBJECTS)),
    Case("json.marshal, shared", doubling("NEXT := [LAST, LAST]", levels=12).replace("x :=", "y :=") + repeated("v := json.marshal(y)")),
    Case("json.marshal, indented", repeated('v := json.marshal_with_options(one, {"indent": "        "})', setup=_LISTS)),
    Case("json.unmarshal", repeated("v := json.unmarshal(text)", setup='text := json.marshal(numbers.range(1, 5000))')),
    Case("json.unmarshal, deep", 'x := json.unmarshal(concat("", ["[" | some _ in numbers.range(1, 50000)]))'),
    Case("yaml.unmarshal", repeated("v := yaml.unmarshal(text)", setup='text := yaml.marshal(numbers.range(1, 500))')),
    Case("yaml.marshal", repeated('v := yaml.marshal(one)', setup=_LISTS)),
    Case(
        "yaml.unmarshal, aliases",
        "x := yaml.unmarshal(`" + "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)) + "`)",
        "once aliases are expanded",
    ),
    Case("base64", repeated('v := base64.encode(text)', setup=_TEXT)),
    Case("base64.decode", repeated('v := base64.decode(coded)', setup=_TEXT + "\ncoded := base64.encode(text)")),
    Case("hex", repeated('v := hex.encode(text)', setup=_TEXT)),
    Case("urlquery", repeated('v := urlquery.encode(text)', setup=_TEXT)),
    Case("urlquery.decode_object", repeated("v := urlquery.decode_object(text)", setup='text := concat("&", [sprintf("a%d=b", [n]) | some n in numbers.range(1, 1000)])')),
    Case("crypto.sha256", repeated('v := crypto.sha256(text)', setup=_TEXT)),
    Case("crypto.md5 of little", repeated('v := crypto.md5("abc")')),
    Case("crypto.hmac", repeated('v := crypto.hmac.sha512(text, "key")', setup=_TEXT)),
    Case("certificates that are none", repeated("v := crypto.x509.parse_certificates(coded)", setup=_TEXT + "\ncoded := base64.encode(text)")),
    Case("io.jwt.decode", repeated('v := io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln")')),
    Case("io.jwt.verify", repeated('io.jwt.verify_hs256("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", "k"); i == 0.5')),
    Case("time.parse_ns", repeated('v := time.parse_ns("2006-01-02T15:04:05Z07:00", "2026-11-23T00:00:00Z")')),
    Case("time.parse_rfc3339_ns", repeated('v := time.parse_rfc3339_ns("2026-11-23T00:00:00Z")')),
    Case("time.format", repeated('v := time.format([i, "Europe/Paris", "2006-01-02T15:04:05Z07:00"])')),
    Case("time.add_date", repeated("v := time.add_date(i, 1, 1, 1)")),
    Case("time.diff", repeated("v := time.diff(i, 1000000000000000000)")),
    Case("semver", repeated('v := semver.compare("1.2.3-alpha.1+build", sprintf("1.2.3-alpha.%d", [i]))')),
    Case("uri.parse", repeated('v := uri.parse(sprintf("https://a.example:80/b/c%d?d=e#f", [i]))')),
    Case("uuid", repeated('v := uuid.rfc4122(sprintf("%d", [i]))')),
    Case("units", repeated('v := units.parse_bytes("10.5Gi")')),
    Case("to_number", repeated('v := to_number("123456789.5")')),
    Case("json.match_schema", repeated('v := json.match_schema({"a": one}, {"properties": {"a": {"items": {"type": "string"}}}})', setup=_LISTS)),
    Case("json.match_schema, always another", repeated('v := json.match_schema({"a": 1}, {"properties": {"a": {"const": i}}})')),
    Case("graphql.parse_query", repeated("graphql.parse_query(sprintf(\"{ a%d { b(c: 1) { d e f } } }\", [i])) == {}")),
    Case("printing", repeated("print(input, input)")),
    Case("values that conflict", 'x := {"a": v | some i in numbers.range(1, 4000); v := [one, two][i % 2]}\n' + _LISTS + "\ntwo := array.concat(one, [])"),
    Case("values that conflict, in rules", 'x["a"].b := v if { some i in numbers.range(1, 4000); v := [one, two][i % 2] }\n' + _LISTS + "\ntwo := array.concat(one, [])"),
    Case("text in an answer", 'x := [text | some _ in numbers.range(1, 2000)]\n' + _TEXT, OUTPUT),
    Case("text in a template", 'x := $"{many}"\nmany := [text | some _ in numbers.range(1, 2000)]\n' + _TEXT, SIZE),
    Case("prefixes of lines", 'x := json.marshal_with_options(one, {"prefix": text, "indent": ""})\n' + _LISTS + "\n" + _TEXT, SIZE),
    # Inputs
    Case("input: deep", "x if { y := {input}; count(y) == 1 }", STEPS, lambda: _deep(100_000)),
    Case("input: deep, as the answer", "x := [input]", OUTPUT, lambda: _deep(100_000)),
    Case("input: deep, walked", "x := count([1 | walk(input, [p, v]); v == 0.5; count(p) == 1])", STEPS, lambda: _deep(100_000)),
    Case("input: deep, compared", "x if input < [input]", STEPS, lambda: _deep(100_000)),
    Case("input: large answer", "x := [input | some a in input]", OUTPUT, lambda: list(range(2000))),
    Case("input: paths", "x := count([p | walk(input, [p, _]); some q in p; some r in p; q == 0.5])", STEPS, lambda: _deep(120)),
]  # fmt: skip
