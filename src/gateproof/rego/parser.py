"""Tokens to modules: OPA's grammar, v1 and v0."""

from __future__ import annotations

from collections.abc import Mapping

from gateproof.rego.errors import CompileError, Unsupported, excerpted
from gateproof.rego.lexer import Lexer, Token
from gateproof.rego.resolver import INFIX, ROOTS, dotted_name
from gateproof.rego.syntax import (
    Call,
    Comprehension,
    Import,
    Module,
    Node,
    Ref,
    Rule,
    Scalar,
    SetLiteral,
    Var,
    children,
)
from gateproof.rego.terms import V0_NAMES, TermParser

_MAX_PROBLEMS = 20
_KEYED = 2
"""The length of the reference of a head such as ``p[x]`` or ``p.x``."""


def parse_module(file: str, source: str, *, v0: bool | None = None) -> Module:
    """The module in ``source``.

    ``v0``: True and False fix the version. None tries v1 first and v0 when that fails; where both
    fail, the problems of v1 are reported, or those of v0 where they come later in the file (so the
    version that understood more of it speaks). ``import rego.v1`` always means v1.
    Raises :class:`CompileError` with every problem found.
    """
    try:
        module = _parsed(Lexer(file, source), v0)
        _check_annotations(module)
        return module
    except Unsupported:
        raise
    except CompileError as error:
        error.problems = tuple(excerpted(error.problems, {file: source}))
        raise


def _check_annotations(module: Module) -> None:
    if "METADATA" in module.source:
        from gateproof.rego.annotations import blocks

        blocks(module)


def _parsed(lexer: Lexer, v0: bool | None) -> Module:
    tokens = lexer.tokens()
    if v0 is not None:
        return _Parser(lexer, tokens, v1=not v0).module()
    try:
        return _Parser(lexer, tokens, v1=True).module()
    except CompileError as v1_error:
        try:
            return _Parser(lexer, tokens, v1=False).module()
        except CompileError as v0_error:
            raise (v0_error if _first(v0_error) > _first(v1_error) else v1_error) from None


def parse_modules(sources: Mapping[str, str], *, v0: bool | None = None) -> list[Module]:
    """The modules in ``sources``, file name to text. Raises :class:`CompileError` with every problem of every file."""
    parsed: list[Module] = []
    failed: list[CompileError] = []
    for file, source in sources.items():
        try:
            parsed.append(parse_module(file, source, v0=v0))
        except Unsupported:
            raise
        except CompileError as error:
            failed.append(error)
    if failed:
        raise _failure([problem for error in failed for problem in error.problems], failed[0])
    return parsed


def _failure(problems: list[str], first: CompileError) -> CompileError:
    """The error that says all of ``problems``, of which ``first`` is the first."""
    message = first.message if len(problems) == 1 else f"the policy does not parse: {len(problems)} problems"
    hint = "correct the policy and run again"
    return CompileError(first.code, message, where=first.where, hint=hint, problems=problems)


def parse_query(query: str, *, imports: list[Import] | None = None, file: str = "query") -> Module:
    """A query (a body without braces) as a module whose only rule has the query as its body."""
    try:
        lexer = Lexer(file, query)
        body = _Parser(lexer, lexer.tokens(), v1=True).body("end")
    except CompileError as error:
        error.problems = tuple(excerpted(error.problems, {file: query}))
        raise
    rule = Rule(0, [Var(0, "query")], "complete", [], None, Scalar(0, True), body, None, False, True)
    return Module(file, query, [], 0, imports or [], [rule], [], True)


def _constant(node: Node) -> bool:
    """Whether a term is the same everywhere: literals, collections of them, and comprehensions."""
    if isinstance(node, Comprehension):
        return True
    return not isinstance(node, (Var, Ref, Call)) and all(_constant(child) for child in children(node))


def _first(error: CompileError) -> tuple[int, int]:
    line, column = (error.where or "").rsplit(":", 2)[1:]
    return int(line), int(column)


class _Parser(TermParser):
    """Adds packages, imports and rules to terms and bodies."""

    def __init__(self, lexer: Lexer, tokens: list[Token], *, v1: bool) -> None:
        super().__init__(lexer.file, lexer.source, tokens, v1=v1)
        self.comments = lexer.comments
        self.apart = False

    def module(self) -> Module:
        """The whole file; problems of all its rules are raised together."""
        package, package_at = self._package()
        problems: list[CompileError] = []
        imports: list[Import] = []
        rules: list[Rule] = []
        while self.kind != "end":
            try:
                if self.is_word("import") and not self.next_continues_ref():
                    imports.append(self._import())
                else:
                    rules.extend(self._rules())
                self._end_of_statement()
            except CompileError as error:
                # Its frames would hold this list, and all that called the compiler, until cycles are collected.
                problems.append(error.with_traceback(None))
                self._recover()
        if problems:
            lines = [line for problem in problems[:_MAX_PROBLEMS] for line in problem.problems]
            raise _failure(lines, problems[0])
        return Module(self.file, self.source, package, package_at, imports, rules, self.comments, self.v1)

    def _end_of_statement(self) -> None:
        if self.kind == ";":
            raise self.unexpected("a new line")

    def _recover(self) -> None:
        """Go on at the next line that starts in its first column with a name."""
        while self.kind != "end":
            self.advance()
            at = self.token.at
            if self.kind == "name" and (at == 0 or self.source[at - 1] == "\n"):
                return

    def _package(self) -> tuple[list[str], int]:
        if not self.is_word("package"):
            raise self.unexpected("package")
        at = self.token.at
        self.advance()
        path = self._static_path()
        self._end_of_statement()
        return path, at

    def _static_path(self) -> list[str]:
        if self.kind != "name":
            raise self.unexpected("a name")
        path = [self.token.value]
        self.advance()
        for term in self.ref_path():
            if not isinstance(term, Scalar) or not isinstance(term.value, str):
                raise self.error("the path of a package or import consists of strings", term.at)
            path.append(term.value)
        return path

    def _import(self) -> Import:
        at = self.token.at
        self.advance()
        path = self._static_path()
        alias = None
        if self.is_word("as"):
            self.advance()
            if self.kind != "name" or self.token.value in self.keywords | ROOTS:
                raise self.unexpected("a name")
            alias = self.token.value
            self.advance()
        self._apply_import(path, alias, at)
        return Import(at, path, alias)

    def _apply_import(self, path: list[str], alias: str | None, at: int) -> None:
        if path[0] == "rego":
            if path != ["rego", "v1"] or (alias and not self.v1):
                raise self.error("invalid import, must be `rego.v1`", at)
            self.use_v1()
        elif path[:2] == ["future", "keywords"]:
            names = [path[2]] if len(path) == 3 else sorted(V0_NAMES)
            self.not_bodies = self.not_bodies or names == ["not"]
            if len(path) > 3 or not set(names) <= V0_NAMES | {"not"} or alias:
                raise self.error("unexpected keyword, must be one of contains, every, if, in", at)
            self.keywords |= set(names)
            if "every" in names:
                self.keywords.add("in")
        elif path[0] not in ("data", "input"):
            raise self.error("unexpected import path, must begin with one of: data, future, input, rego", at)

    # Rules

    def _rules(self) -> list[Rule]:
        """A rule, or several where bodies are chained: ``p if { … } { … }``."""
        at = self.token.at
        default = self.is_word("default") and not self.next_continues_ref()
        if default:
            self.advance()
        rule = self._head(at)
        rule.default = default
        if default:
            return [self._default(rule)]
        rules = [rule]
        self._rule_body(rule)
        while rule.body and self.kind == "{" and rule.otherwise is None:
            again = Rule(
                self.token.at, rule.path, rule.kind, rule.args, rule.key, rule.value, [], None, False, rule.assigned
            )
            self._braced_body(again)
            rules.append(again)
        for one in rules:
            one.value = one.value or (None if one.kind == "set" else Scalar(one.at, True))
        return rules

    def _default(self, rule: Rule) -> Rule:
        """A default rule, which is the same whatever it is asked."""
        if rule.value is None:
            if rule.kind == "set" or len(rule.path) == _KEYED:
                raise self.error("illegal default rule (must have a value)", rule.at)
            rule.value = Scalar(rule.at, True)
        if not _constant(rule.value):
            raise self.error("illegal default rule (value cannot contain a call, reference or variable)", rule.at)
        names: set[str] = set()
        for arg in rule.args:
            if not isinstance(arg, Var):
                raise self.error("illegal default rule (arguments must be variables)", arg.at)
            if arg.name in names:
                raise self.error(f"illegal default rule (arguments cannot be repeated: {arg.name})", arg.at)
            names |= {arg.name} - {"_"}
        return rule

    def _head(self, at: int) -> Rule:
        """Name, arguments, key and value of a rule."""
        if self.kind != "name" or (self.token.value in self.keywords and not self.next_continues_ref()):
            raise self.unexpected("a rule")
        if self.token.value == "_":
            raise self.error("`_` cannot be used for rule name", at)
        path: list[Node] = [Var(self.token.at, self.token.value)]
        self.advance()
        self.apart = self.token.spaced and self.kind in (".", "[", "(")
        path += self.ref_path(head=True)
        rule = Rule(at, path, "complete", [], None, None, [], None, False, False)
        called = self.kind == "(" and (not self.token.spaced or len(path) == 1)
        if called:
            rule.args = self.arguments()
            rule.kind = "function" if rule.args else "complete"
            if any(not isinstance(p, Scalar) for p in path[1:]):
                raise self.error("function name must be a static reference", at)
        if self.is_word("contains") and not self.next_continues_ref():
            if called:
                raise self.error("`contains` is for rules with many values, not for functions", self.token.at)
            self.advance()
            rule.kind = "set"
            rule.key = self.term_infix()
            return rule
        if self.kind in (":=", "="):
            rule.assigned = self.kind == ":="
            self.advance()
            rule.value = self.term_infix()
        elif called and self.kind not in ("{", "name"):
            self._bare_call(rule)
        return rule

    def _bare_call(self, rule: Rule) -> None:
        """``f(x)`` alone is a function that is true, unless it calls a builtin."""
        from gateproof.rego.builtins import BUILTINS

        name = dotted_name(Ref(rule.at, rule.path[0], rule.path[1:]))
        if name in BUILTINS or name in INFIX or name == "print":
            raise self.error("rule name conflicts with built-in function", rule.at)
        if not rule.args:
            raise self.error("rule argument list must take at least one argument", rule.at)

    def _rule_body(self, rule: Rule) -> None:
        has_if = self.is_word("if") and not self.next_continues_ref()
        if has_if:
            self.advance()
            self._if_body(rule)
        elif self.kind == "{" and not self.v1:
            self._v0_partial_set(rule)
            self._braced_body(rule)
        else:
            self._bodiless(rule)
        if rule.body:
            self._else(rule)

    def _if_body(self, rule: Rule) -> None:
        """One expression, or a body in braces where no expression could begin with those.

        ``{x}`` is a body, because a set always holds; ``{}``, ``{k: v}`` and ``{x | …}`` are expressions.
        """
        if self.kind != "{":
            rule.body = [self.literal()]
            if isinstance(rule.body[0].term, SetLiteral):
                raise self.error("a set always holds; a body was expected", rule.body[0].at)
            return
        start, depth = self.index, self.depth
        try:
            literal = self.literal()
        except CompileError:
            literal = None
        if literal is None or isinstance(literal.term, SetLiteral):
            self.seek(start)
            self.depth = depth
            self._braced_body(rule)
        else:
            rule.body = [literal]

    def _bodiless(self, rule: Rule) -> None:
        if self.kind == "{":
            raise self.error("`if` keyword is required before rule body", self.token.at)
        if self.apart and rule.kind != "set":
            raise self.error("var cannot be used for rule name", rule.at)
        if rule.kind in ("set", "function") or rule.value is not None:
            return
        if len(rule.path) == 1:
            raise self.error("var cannot be used for rule name", rule.at)
        if not self.v1:
            self._v0_partial_set(rule)
        elif len(rule.path) == _KEYED:
            raise self.error("`contains` keyword is required for partial set rules", rule.at)
        else:
            raise self.error("rule must have value assignment and/or body declaration", rule.at)

    def _v0_partial_set(self, rule: Rule) -> None:
        """In v0 ``p[x] { … }`` without a value is the set of ``x``."""
        if rule.kind == "complete" and rule.value is None and len(rule.path) == _KEYED:
            rule.kind = "set"
            rule.key = rule.path.pop()

    def _braced_body(self, rule: Rule) -> None:
        self.advance()
        rule.body = self.body("}")
        self.advance()

    def _else(self, rule: Rule) -> None:
        if not self.is_word("else") or self.next_continues_ref():
            return
        if rule.kind == "set":
            raise self.error("else keyword cannot be used on partial rules", self.token.at)
        at = self.token.at
        self.advance()
        other = Rule(at, rule.path, rule.kind, rule.args, None, None, [], None, False, rule.assigned)
        if self.kind in (":=", "="):
            self.advance()
            other.value = self.term_infix()
        valued = other.value is not None
        other.value = other.value or Scalar(at, True)
        if self.is_word("if") and not self.next_continues_ref():
            self.advance()
            self._if_body(other)
        elif self.kind == "{" and not self.v1:
            self._braced_body(other)
        elif not valued:
            raise self.unexpected("a body or value after else")
        elif self.kind == "{":
            raise self.error("`if` keyword is required before rule body", self.token.at)
        rule.otherwise = other
        if other.body:
            self._else(other)
        elif self.is_word("else") and not self.next_continues_ref():
            raise self.unexpected("a rule")
