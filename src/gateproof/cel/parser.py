"""Tokens to a syntax tree: CEL's grammar, of which macros are expanded as their calls are read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, NoReturn

from gateproof.cel import lexer, macros
from gateproof.cel.lexer import Source, Token
from gateproof.cel.syntax import Call, Chain, Choice, Ident, Index, ListOf, Literal, MapOf, Node, Select, height
from gateproof.cel.values import INT_MAX, UINT_MAX, Uint

DEEPEST: Final = 50
"""Brackets, calls, choices and negations inside each other."""
LONGEST: Final = 120
"""Operators or selections after each other, and nodes of the tree below each other."""

_BINARY: Final = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 1),
    **dict.fromkeys("+-", 2),
    **dict.fromkeys("*/%", 3),
}
_RESERVED: Final = frozenset(
    {"as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "namespace"}
    | {"package", "return", "var", "void", "while"}
)


class _SyntaxError(Exception):
    """Reading cannot go on; the source knows why."""


def parse(source: Source, libraries: Collection[str]) -> Node:
    """The tree of the expression. ``libraries`` have the macros that it may use. Raises CompileError."""
    parser = _Parser(source, libraries)
    try:
        node = parser.expression()
        if parser.kind != "end":
            parser.unexpected("an operator or the end")
    except _SyntaxError:
        node = Literal(None, 0)
    if height(node) > LONGEST:
        source.report(0, f"more than {LONGEST} operations inside each other")
    source.check()
    return node


class _Parser:
    def __init__(self, source: Source, libraries: Collection[str]) -> None:
        self._source = source
        self._libraries = libraries
        self._tokens = lexer.tokens(source)
        self._next = 0
        self._depth = 0

    @property
    def kind(self) -> str:
        """The kind of the next token."""
        return self._tokens[self._next].kind

    def unexpected(self, wanted: str) -> NoReturn:
        """Report the next token."""
        token = self._tokens[self._next]
        found = "the end of the expression" if token.kind == "end" else f"{token.value!r}"
        self._fail(token.at, f"expected {wanted}, found {found}")

    def _fail(self, at: int, message: str) -> NoReturn:
        self._source.report(at, message)
        raise _SyntaxError

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _skip(self, kind: str) -> bool:
        """Take the next token if it is of this kind."""
        if self.kind != kind:
            return False
        self._next += 1
        return True

    def _expect(self, kind: str, wanted: str = "") -> Token:
        if self.kind != kind:
            self.unexpected(wanted or repr(kind))
        return self._take()

    def expression(self) -> Node:
        """A choice, or what may stand in one."""
        at = self._tokens[self._next].at
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(at, f"nested more than {DEEPEST} deep")
        node = self._chain("||")
        if self.kind == "?":
            place = self._take().at
            yes = self._chain("||")
            self._expect(":")
            node = Choice(node, yes, self.expression(), place)
        self._depth -= 1
        return node

    def _chain(self, operator: str) -> Node:
        """Terms joined by ``||``, each of terms joined by ``&&``."""
        inner: Callable[[], Node] = (lambda: self._chain("&&")) if operator == "||" else self._relation
        terms = [inner()]
        at = self._tokens[self._next].at
        while self._skip(operator):
            terms.append(inner())
        return terms[0] if len(terms) == 1 else Chain("||" if operator == "||" else "&&", terms, at)

    def _relation(self) -> Node:
        return self._binary(1)

    def _binary(self, least: int) -> Node:
        """Operators that bind at least as tightly as ``least``; equal ones from left to right."""
        node = self._unary()
        for _ in range(LONGEST):
            token = self._tokens[self._next]
            strength = _BINARY.get(token.kind, 0)
            if strength < least or not strength:
                return node
            self._next += 1
            node = Call(token.kind, None, [node, self._binary(strength + 1)], token.at)
        return self._fail(self._tokens[self._next].at, f"more than {LONGEST} operators after each other")

    def _unary(self) -> Node:
        token = self._tokens[self._next]
        if token.kind not in ("!", "-"):
            return self._member()
        count = 0
        while self._skip(token.kind):
            count += 1
        if token.kind == "-" and self.kind in ("int", "double"):
            count -= 1
            node = self._selections(self._number(self._take(), negative=True))
        else:
            node = self._member()
        return Call("!" if token.kind == "!" else "-_", None, [node], token.at) if count % 2 else node

    def _member(self) -> Node:
        return self._selections(self._primary())

    def _selections(self, node: Node) -> Node:
        """What follows a primary: fields, calls and indices."""
        for _ in range(LONGEST):
            token = self._tokens[self._next]
            if token.kind == ".":
                self._next += 1
                optional = self._optional()
                name = self._expect("name", "the name of a field")
                if self.kind == "(" and not optional:
                    self._next += 1
                    node = self._call(node, str(name.value), name.at)
                else:
                    node = Select(node, str(name.value), token.at, optional=optional)
            elif token.kind == "[":
                self._next += 1
                optional = self._optional()
                node = Index(node, self.expression(), token.at, optional=optional)
                self._expect("]")
            elif token.kind == "{" and isinstance(node, Ident | Select):
                self._fail(token.at, "messages are not supported: only maps can be made with braces")
            else:
                return node
        return self._fail(self._tokens[self._next].at, f"more than {LONGEST} selections after each other")

    def _optional(self) -> bool:
        """Whether a question mark comes next; it is taken."""
        at = self._tokens[self._next].at
        if not self._skip("?"):
            return False
        if "optional" not in self._libraries:
            self._fail(at, "optional values are not supported here")
        return True

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "(":
                node = self.expression()
                self._expect(")")
                return node
            case "[":
                return self._list(token.at)
            case "{":
                return self._map(token.at)
            case "." | "name":
                return self._named(token)
            case "int" | "uint" | "double":
                return self._number(token, negative=False)
            case "string" | "bytes":
                return Literal(token.value, token.at)  # type: ignore[arg-type]  # of the kind just found
            case "true" | "false":
                return Literal(token.kind == "true", token.at)
            case "null":
                return Literal(None, token.at)
        self._next -= 1
        return self.unexpected("an expression")

    def _named(self, token: Token) -> Node:
        rooted = token.kind == "."
        name = self._expect("name", "a name") if rooted else token
        text = str(name.value)
        if self._skip("("):
            return self._call(None, text, name.at)
        if text in _RESERVED:
            self._fail(name.at, f"{text!r} is a reserved word")
        return Ident(text, name.at, rooted)

    def _number(self, token: Token, *, negative: bool) -> Literal:
        value = token.value
        if isinstance(value, float):
            return Literal(-value if negative else value, token.at)
        number = int(str(value))
        if token.kind == "uint":
            if number > UINT_MAX:
                self._source.report(token.at, "invalid uint literal")
            return Literal(Uint(number), token.at)
        if number > INT_MAX + negative:
            self._source.report(token.at, "invalid int literal")
        return Literal(-number if negative else number, token.at)

    def _call(self, target: Node | None, function: str, at: int) -> Node:
        """A call whose opening bracket was just taken."""
        args: list[Node] = []
        if not self._skip(")"):
            args.append(self.expression())
            while self._skip(","):
                args.append(self.expression())
            self._expect(")", "',' or ')'")
        return macros.expand(Call(function, target, args, at), self._libraries, self._source)

    def _list(self, at: int) -> Node:
        items: list[tuple[Node, bool]] = []
        while not self._skip("]"):
            optional = self._optional()
            items.append((self.expression(), optional))
            if not self._skip(","):
                self._expect("]", "',' or ']'")
                break
        return ListOf(items, at)

    def _map(self, at: int) -> Node:
        entries: list[tuple[Node, Node, bool]] = []
        while not self._skip("}"):
            optional = self._optional()
            key = self.expression()
            self._expect(":")
            entries.append((key, self.expression(), optional))
            if not self._skip(","):
                self._expect("}", "',' or '}'")
                break
        return MapOf(entries, at)
