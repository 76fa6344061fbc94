"""HCL 2, in the form that conftest's hcl2 parser (hcl2json) gives to policies.

Blocks nest under their type and labels and come as lists: ``{"resource": {"aws_s3_bucket": {"b": [{…}]}}}``. Literals,
lists and objects are values; a template keeps its interpolations; any other expression is its source text in ``${…}``.
``python-hcl2`` (extra ``hcl``) checks the grammar; what its tree says about places is all that is used of it.

Different from hcl2json: integers keep all their digits; an expression of constants is evaluated only when it is a sign
or ``!`` before a literal; strip markers and the text between ``${`` and ``}`` of a here-document stay as written. The
grammar also lets several attributes or blocks stand on one line, which Terraform refuses, and knows names of ASCII
letters only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from gateproof.documents.interface import Document, Format, Limits, Note, Path
from gateproof.documents.places import Wanted
from gateproof.documents.refusals import shown, too_deep, unreadable
from gateproof.documents.text import place
from gateproof.errors import LimitError, MissingExtraError

if TYPE_CHECKING:
    from lark import Token, Tree

    Node = Tree[Token] | Token

# The grammar's pattern for here-documents takes time that grows with the square of a run of blanks.
_MAX_BYTES = 2 * 1024 * 1024
_BLANKS = re.compile(r"\n\s{500}")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_FINITE_DIGITS = 4000  # Python refuses to convert integers with more


def read(text: str, limits: Limits) -> tuple[Document, ...]:
    """Read one HCL body."""
    builder = _Builder(text, limits)
    value = builder.body(_parse(text), ())
    return (Document(value, Format.HCL, notes=tuple(builder.notes)),)


def locate(text: str, roots: Mapping[int, Wanted]) -> None:
    """Set the offset of every wanted block, attribute and element."""
    root = roots.get(0)
    if root is None:
        return
    builder = _Builder(text, Limits(), root)
    root.offset = 0
    builder.body(_parse(text), ())


def _parse(text: str) -> Tree[Token]:
    try:
        import hcl2
        from lark.exceptions import LarkError, UnexpectedInput
    except ImportError:
        raise MissingExtraError("python-hcl2", "hcl") from None
    if len(text) > _MAX_BYTES:
        raise LimitError(f"the HCL document is larger than {_MAX_BYTES} characters", hint="split it")
    blanks = _BLANKS.search(text)
    if blanks:
        at = place(text, blanks.start())
        raise LimitError("500 blanks in a row", hint="remove them", line=at.line, column=at.column)
    try:
        tree: Tree[Token] = hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        offset = min(max(error.pos_in_stream or 0, 0), len(text))
        found = repr(text[offset : offset + 20].split("\n")[0]) if offset < len(text) else "the end"
        hint = "correct the HCL at this place, or just before it"
        raise unreadable(Format.HCL, f"{found} cannot stand here", hint, place(text, offset)) from None
    except (LarkError, RecursionError) as error:
        hint = "correct the HCL, for example with terraform validate"
        raise unreadable(Format.HCL, str(error).split("\n")[0], hint, place(text, 0)) from None
    return _child(tree, "body")


class _Builder:
    """Turns the parse tree into values and marks ``wanted`` offsets on the way; recursion is bounded by depth."""

    def __init__(self, text: str, limits: Limits, wanted: Wanted | None = None) -> None:
        self.text = text
        self.limits = limits
        self.wanted = wanted
        self.notes: list[Note] = []

    def body(self, tree: Tree[Token], path: Path) -> dict[str, Any]:
        self._check_depth(tree, path)
        result: dict[str, Any] = {}
        for node in _trees(tree):
            if node.data == "attribute":
                self._attribute(node, path, result)
            elif node.data == "block":
                self._block(node, path, result)
        return result

    def _attribute(self, node: Tree[Token], path: Path, result: dict[str, Any]) -> None:
        name_tree, value_tree = _trees(node)
        name = _text(name_tree)
        if name in result:
            self._refuse(node, f"{shown(name)} is defined twice in this body", "keep one of them")
        self._mark((*path, name), node)
        result[name] = self.value(value_tree, (*path, name))

    def _block(self, node: Tree[Token], path: Path, result: dict[str, Any]) -> None:
        names = [self._name(child) for child in _trees(node) if child.data != "body"]
        holder = result
        for name in names[:-1]:
            path = (*path, name)
            self._mark(path, node)
            holder = holder.setdefault(name, {})
            if not isinstance(holder, dict):
                self._refuse(node, f"{shown(name)} stands with and without a label", "name them differently")
        path = (*path, names[-1])
        self._mark(path, node)
        bodies = holder.setdefault(names[-1], [])
        if not isinstance(bodies, list):
            self._refuse(node, f"{shown(names[-1])} stands as a block and as something else", "name them differently")
        path = (*path, len(bodies))
        self._mark(path, node)
        bodies.append(self.body(_child(node, "body"), path))

    def value(self, node: Tree[Token], path: Path) -> Any:
        """A literal, list, object or template as a value; anything else as its source in ``${…}``."""
        if node.data == "expr_term":
            term = node.children[0]
            if not isinstance(term, str):  # else it is an opening parenthesis
                return self._term(term, path)
        if node.data == "unary_op":
            return self._unary(node, path)
        return self._source(node)

    def _term(self, node: Tree[Token], path: Path) -> Any:
        match node.data:
            case "string":
                return self._template(node)
            case "int_lit" | "float_lit":
                return self._number(node)
            case "literal_value":
                return {"true": True, "false": False, "null": None}[_text(node)]
            case "tuple":
                return self._tuple(node, path)
            case "object":
                return self._object(node, path)
            case "heredoc_template" | "heredoc_template_trim":
                return _heredoc(_text(node))
        return self._source(node)

    def _unary(self, node: Tree[Token], path: Path) -> Any:
        operand = self.value(next(_trees(node)), path)
        operator = str(node.children[0])
        if operator == "!" and isinstance(operand, bool):
            return not operand
        if operator == "-" and isinstance(operand, int | float) and not isinstance(operand, bool):
            return -operand
        return self._source(node)

    def _tuple(self, node: Tree[Token], path: Path) -> list[Any]:
        self._check_depth(node, path)
        values: list[Any] = []
        for child in _trees(node):
            self._mark((*path, len(values)), child)
            values.append(self.value(child, (*path, len(values))))
        return values

    def _object(self, node: Tree[Token], path: Path) -> dict[str, Any]:
        self._check_depth(node, path)
        result: dict[str, Any] = {}
        for element in _trees(node):
            if element.data != "object_elem":
                continue
            key_tree, value_tree = _trees(element)
            key = self._key(key_tree)
            if key in result:
                at = place(self.text, _start(element))
                self.notes.append(Note(f"duplicate key {shown(key)}: the last one counts", (*path, key), at))
            self._mark((*path, key), element)
            result[key] = self.value(value_tree, (*path, key))
        return result

    def _key(self, node: Tree[Token]) -> str:
        inner = next(_trees(node))
        if inner.data == "keyword":
            return _text(inner)
        term = inner.children[0]
        if inner.data == "expr_term" and not isinstance(term, str):
            if term.data == "string":
                return self._template(term)
            if term.data in ("identifier", "int_lit", "float_lit", "literal_value"):
                return _text(term)
        return self._source(inner)

    def _name(self, node: Tree[Token]) -> str:
        if node.data != "string":
            return _text(node)
        if any(not isinstance(part.children[0], str) for part in _trees(node)):
            self._refuse(node, "a label cannot hold an interpolation", "write the label out")
        return self._template(node)

    def _template(self, node: Tree[Token]) -> str:
        """A quoted template: escapes are read, interpolations and directives keep their source without outer blanks."""
        parts: list[str] = []
        for part in _trees(node):
            inner = part.children[0]
            if isinstance(inner, str):
                parts.append(inner if inner.type.startswith("ESCAPED_") else self._unescape(part, str(inner)))
            else:
                source = self._slice(inner)
                parts.append(source[:2] + source[2:-1].strip() + "}")
        return "".join(parts)

    def _unescape(self, node: Tree[Token], text: str) -> str:
        if "\n" in text:
            self._refuse(node, "a quoted string cannot span lines", "use a here-document")

        def character(match: re.Match[str]) -> str:
            escape = match[1]
            if escape in _ESCAPES:
                return _ESCAPES[escape]
            code = int(escape[1:], 16) if len(escape) > 1 else -1
            if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                self._refuse(node, f"the escape {match[0]!r} is unknown", "double the backslash")
            return chr(code)

        return _ESCAPE.sub(character, text)

    def _number(self, node: Tree[Token]) -> int | float:
        text = _text(node)
        if len(text) > _FINITE_DIGITS:
            self._refuse(node, "the number has too many digits", "write it as a string")
        if node.data == "int_lit":
            return int(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self._refuse(node, "the number is too large", "write it as a string")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value

    def _source(self, node: Tree[Token]) -> str:
        return "${" + self._slice(node) + "}"

    def _slice(self, node: Tree[Token]) -> str:
        return self.text[_start(node) : _stop(node)]

    def _check_depth(self, node: Tree[Token], path: Path) -> None:
        if len(path) > self.limits.max_depth:
            raise too_deep(self.limits.max_depth, place(self.text, _start(node)))

    def _mark(self, path: Path, node: Tree[Token]) -> None:
        wanted = self.wanted
        for step in path:
            wanted = wanted.children.get(step) if wanted else None
        if wanted and wanted.offset is None:
            wanted.offset = _start(node)

    def _refuse(self, node: Tree[Token], problem: str, hint: str) -> NoReturn:
        raise unreadable(Format.HCL, problem, hint, place(self.text, _start(node)))


def _heredoc(source: str) -> str:
    """The text of a here-document; ``<<-`` takes off the indentation that all its lines share."""
    rest = source.partition("\n")[2].rstrip()
    body = rest[: rest.rfind("\n") + 1]  # without the line of the closing word
    if not source.startswith("<<-"):
        return body
    lines = body.split("\n")
    margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] if line.strip() else line.lstrip(" \t") for line in lines)


def _trees(node: Tree[Token]) -> Iterator[Tree[Token]]:
    """The parts of a node that are neither punctuation nor line ends and comments."""
    for child in node.children:
        if not isinstance(child, str) and child.data != "new_line_or_comment":
            yield child


def _child(node: Tree[Token], data: str) -> Tree[Token]:
    return next(child for child in _trees(node) if child.data == data)


def _text(node: Tree[Token]) -> str:
    return "".join(str(child) for child in node.children)


def _start(node: Tree[Token]) -> int:
    offset: int = getattr(node.meta, "start_pos", 0)
    return offset


def _stop(node: Node) -> int:
    """Where a node ends, without the line ends and comments that the grammar counts in."""
    while not isinstance(node, str):
        rest = [child for child in node.children if isinstance(child, str) or child.data != "new_line_or_comment"]
        if not rest:
            return _start(node)
        node = rest[-1]
    return node.end_pos or 0
