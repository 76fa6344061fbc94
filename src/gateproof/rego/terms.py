"""Terms, expressions and bodies: the part of the grammar below rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateproof.rego.errors import PARSE_ERROR, CompileError
from gateproof.rego.lexer import Token
from gateproof.rego.syntax import (
    Array,
    Call,
    Comprehension,
    Every,
    Literal,
    Node,
    Not,
    Object,
    Ref,
    Scalar,
    SetLiteral,
    Some,
    SomeIn,
    Template,
    Var,
    With,
    place,
)

V0_NAMES: Final = frozenset({"contains", "every", "if", "in"})
"""Keywords of v1 that are names in v0 unless imported."""

_ALWAYS: Final = frozenset(
    {"as", "default", "else", "false", "import", "package", "not", "null", "some", "true", "with"}
)
_LEVELS: Final = (
    {"==": "equal", "!=": "neq", "<": "lt", ">": "gt", "<=": "lte", ">=": "gte"},
    {"|": "or"},
    {"&": "and"},
    {"+": "plus", "-": "minus"},
    {"*": "mul", "/": "div", "%": "rem"},
)
_MAX_DEPTH: Final = 120
_MAX_BODY: Final = 4_000
_MAX_REF: Final = 500


class TermParser:
    """A cursor over tokens, and the productions for terms, literals and bodies."""

    def __init__(self, file: str, source: str, tokens: list[Token], *, v1: bool) -> None:
        self.file = file
        self.source = source
        self.stream = tokens
        self.v1 = v1
        self.templates = v1  # v0 has none, not even with `import rego.v1`
        self.not_bodies = False
        self.keywords = set(_ALWAYS | V0_NAMES) if v1 else set(_ALWAYS)  # names that cannot be variables
        self.depth = 0
        self.no_bodies: dict[int, CompileError] = {}  # where `|` begins no body of a comprehension, and why
        self.seek(0)

    # The cursor

    def seek(self, index: int) -> None:
        """Make token ``index`` the current one."""
        self.index = index
        self.token = self.stream[index]
        self.kind = self.token.kind

    def advance(self) -> None:
        """Go to the next token; the last one stays."""
        if self.index + 1 < len(self.stream):
            self.index += 1
            self.token = self.stream[self.index]
            self.kind = self.token.kind

    def is_word(self, word: str) -> bool:
        """Whether the current token is the keyword ``word`` (and ``word`` is a keyword here)."""
        return self.kind == "name" and self.token.value == word and word in self.keywords

    def use_v1(self) -> None:
        """``import rego.v1``: from here on the grammar is v1's."""
        self.v1 = True
        self.keywords |= V0_NAMES

    def next_continues_ref(self) -> bool:
        """Whether a ``.`` or ``[`` follows at once, which makes the current word the head of a reference."""
        following = self.stream[min(self.index + 1, len(self.stream) - 1)]
        return following.kind in (".", "[") and not following.spaced

    def expect(self, kind: str) -> None:
        """Consume ``kind`` or raise."""
        if self.kind != kind:
            raise self.unexpected(f"`{kind}`")
        self.advance()

    def unexpected(self, wanted: str) -> CompileError:
        """A parse error at the current token."""
        at = self.token.at
        if self.kind == "end" and at == len(self.source):  # the place where something could be written
            return self.error(f"unexpected end of file, expected {wanted}", len(self.source.rstrip()))
        found = "end of file" if self.kind == "end" else f"`{self.token.value}`"
        return self.error(f"unexpected {found}, expected {wanted}", at)

    def error(self, message: str, at: int) -> CompileError:
        """A parse error at an offset."""
        where = place(self.file, self.source, at)
        return CompileError(PARSE_ERROR, message, where=where, problems=[f"{where}: {PARSE_ERROR}: {message}"])

    # Bodies

    def body(self, closing: str) -> list[Literal]:
        """Literals up to ``closing``, which stays the current token."""
        if self.kind == closing:
            raise self.error("body must not be empty", self.token.at)
        literals = [self.literal()]
        while self.kind != closing:
            if self.kind == ";":
                self.advance()
            elif not self.token.line:
                raise self.unexpected(f"`{closing}`, `;` or a new line")
            literals.append(self.literal())
            if len(literals) > _MAX_BODY:
                raise self.error(f"a body has more than {_MAX_BODY} expressions", self.token.at)
        return literals

    def literal(self) -> Literal:
        """One expression with its ``not`` and ``with``."""
        at = self.token.at
        self._enter(at)
        negated = self.is_word("not") and not self.next_continues_ref()
        if negated:
            self.advance()
        if negated and self.not_bodies and self.kind == "{":
            self.advance()
            term: Node = Not(at, self.body("}"), True)
            self.advance()
            negated = False
        elif (self.is_word("some") or self.is_word("every")) and not self.next_continues_ref():
            if negated:
                raise self.error(f"illegal negation of `{self.token.value}`", at)
            term = self._some() if self.is_word("some") else self._every()
        else:
            inner = self.token.at
            term = self._expression()
            if negated and self.not_bodies:
                term, negated = Not(at, [Literal(inner, term, False, [])], False), False
        withs: list[With] = []
        while self.is_word("with") and not self.next_continues_ref():
            withs.append(self._with())
        self.depth -= 1
        return Literal(at, term, negated, withs)

    def _with(self) -> With:
        at = self.token.at
        self.advance()
        target = self.term()
        if not self.is_word("as"):
            raise self.unexpected("`as`")
        self.advance()
        return With(at, target, self.term_infix())

    def _expression(self) -> Node:
        at = self.token.at
        left = self._member(self._binary(0), pair=True)
        if self.kind in (":=", "="):
            name = "assign" if self.kind == ":=" else "eq"
            self.advance()
            right = self._member(self._binary(0), pair=True)
            return Call(at, Var(at, name), [left, right])
        return left

    def _some(self) -> Node:
        at = self.token.at
        self.advance()
        first = self._binary(0)
        second: Node | None = None
        names = [first]
        while self.kind == ",":
            self.advance()
            second = self._binary(0)
            names.append(second)
        if self.is_word("in"):
            self.advance()
            collection = self._binary(0)
            if len(names) > 2:
                raise self.error("some takes at most a key and a value before `in`", at)
            return SomeIn(at, first if second else None, second or first, collection)
        variables = [name for name in names if isinstance(name, Var)]
        if len(variables) != len(names):
            raise self.error("some declares variables only", at)
        return Some(at, variables)

    def _every(self) -> Node:
        at = self.token.at
        self.advance()
        key: Var | None = None
        value = self._every_variable()
        if self.kind == ",":
            self.advance()
            key, value = value, self._every_variable()
        if not self.is_word("in"):
            raise self.unexpected("`in`")
        self.advance()
        collection = self._binary(0)
        self.expect("{")
        body = self.body("}")
        self.advance()
        return Every(at, key, value, collection, body)

    def _every_variable(self) -> Var:
        term = self.term()
        if not isinstance(term, Var):
            raise self.error("`every` declares variables only", term.at)
        return term

    # Terms with operators

    def term_infix(self) -> Node:
        """A term with operators, as the value of a rule or of ``with``."""
        return self._member(self._binary(0), pair=True)

    def _member(self, left: Node, *, pair: bool) -> Node:
        """``left in xs``, or ``key, value in xs`` where ``pair`` allows a comma."""
        if pair and self.kind == "," and "in" in self.keywords:
            at = left.at
            self.advance()
            value = self._binary(0)
            if not self.is_word("in"):
                raise self.unexpected("`in`")
            self.advance()
            left = Call(at, Var(at, "internal.member_3"), [left, value, self._binary(0)])
        while self.is_word("in") and not self.next_continues_ref():
            self.advance()
            left = Call(left.at, Var(left.at, "internal.member_2"), [left, self._binary(0)])
        return left

    def _binary(self, level: int, first: Node | None = None) -> Node:
        """Operators of a level and above between terms, of which ``first`` may have been read."""
        if level == len(_LEVELS):
            return self.term() if first is None else first
        left = self._binary(level + 1, first)
        operators = _LEVELS[level]
        while self.kind in operators:
            at = self.token.at
            name = operators[self.kind]
            self.advance()
            left = Call(left.at, Var(at, name), [left, self._binary(level + 1)])
        return left

    def _enter(self, at: int) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self.error("terms are nested too deeply", at)

    # Terms

    def term(self) -> Node:
        """A term without operators: literal, reference, call, collection or comprehension."""
        self._enter(self.token.at)
        head = self._primary()
        at = head.at
        while self.kind in (".", "[", "(") and not self.token.spaced:
            if self.kind == "(":
                if not _callable(head):
                    raise self.unexpected("an operator")
                head = Call(at, head, self.arguments())
                if isinstance(head.function, Var) and head.function.name == "set" and not head.args:
                    head = SetLiteral(at, [])
            else:
                if isinstance(head, (Scalar, Template)):
                    raise self.error("illegal ref (head cannot be a literal)", at)
                head = Ref(at, head, self.ref_path())
        self.depth -= 1
        return head

    def ref_path(self, *, head: bool = False) -> list[Node]:
        """The ``.name`` and ``[term]`` parts that follow without blanks; the first may stand apart in a head."""
        path: list[Node] = []
        while self.kind in (".", "[") and (not self.token.spaced or (head and not path)):
            dot = self.kind == "."
            self.advance()
            if dot:
                if self.kind != "name" or self.token.spaced:
                    raise self.unexpected("a name")
                path.append(Scalar(self.token.at, self.token.value))
                self.advance()
            else:
                path.append(self._member(self._binary(0), pair=True))
                self.expect("]")
            if len(path) > _MAX_REF:
                raise self.error(f"a reference has more than {_MAX_REF} parts", self.token.at)
        return path

    def arguments(self) -> list[Node]:
        """``(a, b)``."""
        self.expect("(")
        return self._items(")")

    def _items(self, closing: str) -> list[Node]:
        items: list[Node] = []
        while self.kind != closing:
            items.append(self._member(self._binary(0), pair=False))
            if self.kind == ",":
                self.advance()
            elif self.kind != closing:
                raise self.unexpected(f"`,` or `{closing}`")
        self.advance()
        return items

    def _primary(self) -> Node:
        token = self.token
        kind, at = token.kind, token.at
        if kind == "name":
            return self._name(token)
        if kind == "string" or kind == "number":
            self.advance()
            return Scalar(at, token.value)
        if kind == "template":
            if not self.templates:
                raise self.error("template strings are not part of v0", at)
            self.advance()
            return Template(at, [part if isinstance(part, str) else self._embedded(part) for part in token.value])
        if kind == "[":
            return self._array()
        if kind == "{":
            return self._braces()
        if kind == "(":
            self.advance()
            inner = self._member(self._binary(0), pair=True)
            self.expect(")")
            return inner
        if kind == "-":
            self.advance()
            if self.kind == "number":
                number = Scalar(at, -self.token.value)
                self.advance()
                return number
            if self.kind in ("-", "("):
                raise self.unexpected("a number or a reference")
            return Call(at, Var(at, "minus"), [Scalar(at, 0), self.term()])
        raise self.unexpected("a term")

    def _embedded(self, tokens: list[Token]) -> Node:
        """The expression inside a template string."""
        inner = TermParser(self.file, self.source, tokens, v1=self.v1)
        inner.keywords = self.keywords
        inner.depth = self.depth
        inner.not_bodies = self.not_bodies
        if inner.kind == "end":
            raise self.error("empty template expression", tokens[0].at)
        literal = inner.literal()
        if inner.kind != "end":
            raise inner.unexpected("`}`")
        self._check_embedded(literal)
        return literal

    def _check_embedded(self, literal: Literal) -> None:
        """The expression of a template has a value: it declares, binds and negates nothing."""
        term = literal.term
        binds = isinstance(term, Call) and isinstance(term.function, Var) and term.function.name in ("eq", "assign")
        if binds or literal.negated or isinstance(term, (Some, SomeIn, Every, Not)):
            raise self.error("the expression in a template string must have a value of its own", literal.at)

    def _name(self, token: Token) -> Node:
        name = token.value
        if name in self.keywords and not self.next_continues_ref():
            if name in ("true", "false", "null"):
                self.advance()
                return Scalar(token.at, {"true": True, "false": False, "null": None}[name])
            following = self.stream[min(self.index + 1, len(self.stream) - 1)]
            if not (name == "contains" and following.kind == "(" and not following.spaced):
                raise self.unexpected("a term")
        self.advance()
        return Var(token.at, name)

    def _array(self) -> Node:
        at = self.token.at
        self.advance()
        if self.kind == "]":
            self.advance()
            return Array(at, [])
        first = self.term()
        return self._comprehension_or(
            lambda body: Comprehension(at, "array", None, first, body),
            lambda: Array(at, self._rest(self._binary(0, first), "]")),
            "]",
        )

    def _comprehension_or(
        self, comprehension: Callable[[list[Literal]], Node], other: Callable[[], Node], closing: str
    ) -> Node:
        """A comprehension of which the head has been read, a term without operators; or where it is none, ``other``.

        ``[{1} | {2}, 3]`` is an array: what follows the ``|`` is no body.
        """
        start, depth = self.index, self.depth
        if self.kind != "|":
            return other()
        if start not in self.no_bodies:
            try:
                self.advance()
                body = self.body(closing)
                self.advance()
                return comprehension(body)
            except CompileError as error:
                self.no_bodies[start] = error
                self.seek(start)
                self.depth = depth
        try:
            return other()
        except CompileError:
            raise self.no_bodies[start] from None

    def _rest(self, first: Node, closing: str) -> list[Node]:
        """The items of an array or set of which the first has been read, but for ``in``."""
        first = self._member(first, pair=False)
        if self.kind == ",":
            self.advance()
        elif self.kind != closing:
            raise self.unexpected(f"`,` or `{closing}`")
        return [first, *self._items(closing)]

    def _braces(self) -> Node:
        """An object, a set or a comprehension of either."""
        at = self.token.at
        self.advance()
        if self.kind == "}":
            self.advance()
            return Object(at, [])
        first = self.term()
        return self._comprehension_or(
            lambda body: Comprehension(at, "set", None, first, body),
            lambda: self._set_or_object(at, self._member(self._binary(0, first), pair=False)),
            "}",
        )

    def _set_or_object(self, at: int, first: Node) -> Node:
        """A set, an object or its comprehension, of which the first element or key has been read."""
        if self.kind != ":":
            return SetLiteral(at, self._rest(first, "}"))
        self.advance()
        value = self.term()
        return self._comprehension_or(
            lambda body: Comprehension(at, "object", first, value, body),
            lambda: Object(at, self._pairs(first, self._member(self._binary(0, value), pair=False))),
            "}",
        )

    def _pairs(self, key: Node, value: Node) -> list[tuple[Node, Node]]:
        """The members of an object of which the first has been read."""
        pairs = [(key, value)]
        while self.kind != "}":
            self.expect(",")
            if self.kind == "}":
                break
            key = self._member(self._binary(0), pair=False)
            self.expect(":")
            pairs.append((key, self._member(self._binary(0), pair=False)))
        self.advance()
        return pairs


def _callable(head: Node) -> bool:
    if isinstance(head, Var):
        return True
    return (
        isinstance(head, Ref)
        and isinstance(head.head, Var)
        and all(isinstance(part, Scalar) and isinstance(part.value, str) for part in head.path)
    )
