"""``strings.render_template``: the part of Go's ``text/template`` that policies use.

Fields, variables, literals, ``if``/``else``/``with``/``range`` and comments. What else a template may have in Go
(pipelines, functions, definitions) is refused by an error that ends the evaluation: never rendered differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gateproof.errors import EvaluationError
from gateproof.rego.builtins.numerals import decimal, format_float
from gateproof.rego.builtins.operands import fail, object_, string
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.values import Value, to_json

_CODE = re.compile(r"""(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^}"`])*""", re.DOTALL)
_TERM = re.compile(r"\$?\w*(?:\.\w+)*|\.")
_RANGE = re.compile(r"(?:(?P<first>\$\w+)(?:\s*,\s*(?P<second>\$\w+))?\s*:=\s*)?(?P<term>\S+)")
_MISSING = object()


class Node(NamedTuple):
    """``kind`` is text, value, if, with or range; ``body`` and ``otherwise`` are what stands inside."""

    kind: str
    code: str
    body: list[Any]
    otherwise: list[Any]


def strings_render_template(ctx: Context, template: Value, variables: Value) -> str:
    """``template`` with the members of ``variables`` in it; what is missing shows as ``<undefined>``."""
    text = string(template, 1)
    object_(variables, 2)
    charge_for(ctx, variables)
    ctx.spend(1 + len(text))
    nodes, ending = _parse(_tokens(text))
    if ending is not None:
        raise fail(f"template: unexpected {{{{{ending}}}}}")
    root = to_json(variables)
    return _Renderer(ctx).render(nodes, root, {"$": root}).replace("<no value>", "<undefined>")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Texts and the codes of actions, white space trimmed where ``{{-`` and ``-}}`` ask for it."""
    at = 0
    trim = False
    while (start := text.find("{{", at)) >= 0:
        code, end = _action(text, start + 2)
        literal = text[at:start].lstrip() if trim else text[at:start]
        yield "text", literal.rstrip() if re.match(r"-\s", code) else literal
        trim = bool(re.search(r"\s-\Z", code))
        code = re.sub(r"\A-\s|\s-\Z", " ", code).strip()
        if not code.startswith("/*"):
            yield "code", code
        at = end
    yield "text", text[at:].lstrip() if trim else text[at:]


def _action(text: str, at: int) -> tuple[str, int]:
    """What stands in an action that starts at ``at``, and where it ends."""
    comment = re.compile(r"(?:-\s)?\s*/\*").match(text, at)
    if comment:
        close = text.find("*/", comment.end())
        end = text.find("}}", close) if close >= 0 else -1
    else:
        match = _CODE.match(text, at)
        end = match.end() if match and text.startswith("}}", match.end()) else -1
    if end < 0:
        raise fail("template: unclosed action")
    return text[at:end], end + 2


def _parse(tokens: Iterator[tuple[str, str]], depth: int = 0) -> tuple[list[Node], str | None]:
    """The nodes up to the ``end`` or ``else`` that closes them, and that."""
    if depth > 100:
        raise EvaluationError("a template is nested too deeply", hint="render its parts one by one")
    nodes: list[Node] = []
    for kind, code in tokens:
        word, _, rest = code.partition(" ")
        if kind == "text":
            nodes.append(Node("text", code, [], []))
        elif word in ("if", "with", "range"):
            body, ending = _parse(tokens, depth + 1)
            otherwise: list[Node] = []
            if ending == "else":
                otherwise, ending = _parse(tokens, depth + 1)
            if ending != "end":
                raise fail("template: unexpected EOF" if ending is None else f"template: unexpected {ending}")
            nodes.append(Node(word, rest.strip(), body, otherwise))
        elif code in ("end", "else"):
            return nodes, code
        else:
            nodes.append(Node("value", code, [], []))
    return nodes, None


class _Renderer:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.size = 0

    def render(self, nodes: list[Node], dot: Any, variables: dict[str, Any]) -> str:
        return "".join(self._render(node, dot, variables) for node in nodes)

    def _render(self, node: Node, dot: Any, variables: dict[str, Any]) -> str:
        self.ctx.spend(1)
        if node.kind == "text":
            return self._made(node.code)
        if node.kind == "value":
            return self._made(_shown(_evaluate(node.code, dot, variables)))
        if node.kind == "range":
            return self._range(node, dot, variables)
        value = _evaluate(node.code, dot, variables)
        if not _true(value):
            return self.render(node.otherwise, dot, variables)
        return self.render(node.body, value if node.kind == "with" else dot, variables)

    def _range(self, node: Node, dot: Any, variables: dict[str, Any]) -> str:
        match = _RANGE.fullmatch(node.code)
        if match is None:
            raise _refusal(node.code)
        values = _evaluate(match["term"], dot, variables)
        if values is _MISSING or values is None:
            values = []
        if type(values) is not list and type(values) is not dict:
            raise fail(f"template: range can't iterate over {_shown(values)}")
        pairs: list[tuple[Any, Any]] = sorted(values.items()) if isinstance(values, dict) else list(enumerate(values))
        if not pairs:
            return self.render(node.otherwise, dot, variables)
        pieces: list[str] = []
        for name, value in pairs:
            inner = dict(variables)
            if match["second"]:
                inner |= {match["first"]: name, match["second"]: value}
            elif match["first"]:
                inner[match["first"]] = value
            pieces.append(self.render(node.body, value, inner))
        return "".join(pieces)

    def _made(self, text: str) -> str:
        self.size += len(text)
        self.ctx.spend(len(text) // 16)
        self.ctx.check_size(self.size)
        return text


def _refusal(code: str) -> EvaluationError:
    return EvaluationError(
        f"strings.render_template does not offer {{{{{code}}}}}", hint="prepare the values in Rego and name them"
    )


def _evaluate(code: str, dot: Any, variables: dict[str, Any]) -> Any:
    if re.fullmatch(r'"(?:\\.|[^"\\])*"|-?\d+|true|false', code):
        return json.loads(code)
    if not code or not _TERM.fullmatch(code) or code[0] not in "$.":
        raise _refusal(code)
    head, *fields = code.split(".")
    if head and head not in variables:
        raise fail(f"template: undefined variable {head}")
    value = variables[head] if head else dot
    for place, field in enumerate(filter(None, fields)):
        if value is _MISSING or (place and value is None):
            raise fail(f"template: nil pointer evaluating {field}")
        if type(value) is not dict:
            raise fail(f"template: can't evaluate field {field}")
        value = value.get(field, _MISSING)
    return value


def _true(value: Any) -> bool:
    return value is not _MISSING and bool(value)


def _shown(value: Any) -> str:
    """``fmt.Print`` of a JSON value."""
    if value is _MISSING or value is None:
        return "<no value>"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return decimal(value)
    if type(value) is float:
        return format_float(value, "g")
    if type(value) is list:
        return f"[{' '.join(_nested(item) for item in value)}]"
    if type(value) is dict:
        return f"map[{' '.join(f'{name}:{_nested(value[name])}' for name in sorted(value))}]"
    return str(value)


def _nested(value: Any) -> str:
    return "<nil>" if value is None else _shown(value)
