"""Policies as conftest runs them: which rules of a namespace are asked about a configuration, and what counts as what.

A rule ``deny``, ``violation`` or ``warn``, also with a suffix, holds messages: strings, or objects with ``msg``. Every
clause is a test; what has no message is a success. Rules named in ``exception`` are exempt: ``exception`` holds lists
of names, without ``deny_``, ``violation_`` or ``warn_``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof import rego
from gateproof.engines.conftest import documents
from gateproof.errors import EvaluationError, GateproofError, PolicyError
from gateproof.rego.printing import Placed

if TYPE_CHECKING:
    from gateproof.rego.program import HostBuiltins
    from gateproof.rego.syntax import Module, Rule

FAILURE = re.compile(r"(?:deny|violation)(?:_[a-zA-Z0-9]+)*")
WARNING = re.compile(r"warn(?:_[a-zA-Z0-9]+)*")
_EXCEPTION = "exception"
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Location(msgspec.Struct, frozen=True):
    """Where a policy says that its finding is; ``line`` is a number as Rego prints it."""

    file: str = ""
    line: int | float | None = None


class Message(msgspec.Struct, frozen=True):
    """One finding: its text (untrusted), its place, and what else the policy says about it, as JSON values."""

    text: str
    location: Location | None = None
    metadata: dict[str, Any] = {}


class Query(msgspec.Struct, frozen=True):
    """One query that was asked, and the lines that ``print`` gave while it was answered."""

    query: str
    printed: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """What the rules of one namespace say about one file."""

    file: str
    namespace: str
    successes: int = 0
    warnings: tuple[Message, ...] = ()
    failures: tuple[Message, ...] = ()
    exceptions: tuple[Message, ...] = ()
    queries: tuple[Query, ...] = ()

    @property
    def tests(self) -> int:
        """How many tests were run."""
        return self.successes + len(self.warnings) + len(self.failures) + len(self.exceptions)


class File(msgspec.Struct, frozen=True):
    """What is tested: the name to show, its configuration, and the name and folder that policies see."""

    shown: str
    configuration: Any
    name: str
    folder: str


def exempt_name(rule: str) -> str:
    """The name by which ``exception`` means ``rule``: '' for ``deny``, ``x`` for ``deny_x``."""
    if rule in ("deny", "violation", "warn"):
        return ""
    for prefix in ("violation_", "deny_", "warn_"):
        rule = rule.removeprefix(prefix)
    return rule


def exemptions(value: Any, rule: str) -> int:
    """How often ``value`` of ``exception`` names ``rule``. Raises EvaluationError where it holds no lists of names."""
    if value is rego.UNDEFINED:
        return 0
    wanted = exempt_name(rule)
    lists = _members(value)
    return sum(1 for names in lists for name in _members(names) if isinstance(name, str) and name == wanted)


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | rego.RegoSet):
        return value
    raise EvaluationError(
        "exception must hold lists of names of rules",
        hint='write `exception contains rules if { rules := ["name"] }`, the name without deny_, violation_ or warn_',
    )


class Policies:
    """Compiled policies, and the documents that they see as ``data``."""

    def __init__(self, modules: Mapping[str, str], data: Mapping[str, Any], *, version: str = "v1") -> None:
        """Compile ``modules`` (file name → text) as Rego ``version``, v0 or v1. Raises PolicyError."""
        from gateproof.rego.parser import parse_module

        v0 = version == "v0"
        self._program = rego.compile(modules, v0=v0, builtins=_BUILTINS)
        self._data = data
        self._clauses: dict[str, list[Rule]] = {}
        self._paths: dict[str, list[str]] = {}
        for file, text in modules.items():
            self._add(parse_module(file, text, v0=v0))

    def _add(self, module: Module) -> None:
        namespace = _spelled(module.package)
        for rule in module.rules:
            _check_head(module, rule)
        self._clauses.setdefault(namespace, []).extend(module.rules)
        self._paths[namespace] = module.package

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The packages of all modules, in the order of the files."""
        return tuple(self._clauses)

    def check(self, file: File, namespace: str, *, now_ns: int, strict: bool = False) -> Checked:
        """Test ``file``: each member of a list by itself. ``strict``: an error of a builtin is an error.

        Raises EvaluationError; then there is no result.
        """
        parts = file.configuration if isinstance(file.configuration, list) else [file.configuration]
        asked = [self._check(file, documents.as_input(part), namespace, now_ns=now_ns, strict=strict) for part in parts]
        return _together(file.shown, namespace, asked)

    def check_combined(
        self, configurations: Mapping[str, Any], folder: str, namespace: str, *, now_ns: int, strict: bool = False
    ) -> Checked:
        """Test all ``configurations`` (path → configuration) as one document."""
        file = File("Combined", None, "Combined", folder)
        return self._check(file, documents.combined(configurations), namespace, now_ns=now_ns, strict=strict)

    def _check(self, file: File, document: Any, namespace: str, *, now_ns: int, strict: bool) -> Checked:
        given = {"name": file.name, "dir": file.folder}
        asking = _Asking(self._program, document, self._with_file(given), now_ns, strict)
        clauses = [name for rule in self._clauses.get(namespace, ()) if (name := _tested(rule))]
        package = self._paths.get(namespace, [])
        result = Checked(file.shown, namespace)
        for rule in dict.fromkeys(clauses):
            result = _added(result, *asking.rule(package, namespace, rule))
        missing = max(0, len(clauses) - result.tests)
        return msgspec.structs.replace(result, successes=result.successes + missing, queries=tuple(asking.queries))

    def _with_file(self, given: dict[str, str]) -> dict[str, Any]:
        known = self._data.get("conftest")
        return {**self._data, "conftest": {**(known if isinstance(known, dict) else {}), "file": given}}


class _Asking(msgspec.Struct):
    """The queries about one document."""

    program: rego.Program
    document: Any
    data: dict[str, Any]
    now_ns: int
    strict: bool
    queries: list[Query] = []

    def rule(self, package: Sequence[str], namespace: str, rule: str) -> tuple[str, list[Message]]:
        """What kind of results a rule has here (failures, warnings or exceptions), and the results."""
        import json

        query = f"data.{namespace}.{_EXCEPTION}[_][_] == {json.dumps(exempt_name(rule))}"
        count = exemptions(self._ask([*package, _EXCEPTION], query), rule)
        query_of_rule = f"data.{namespace}.{rule}"
        messages = list(_messages(self._ask([*package, rule], query_of_rule), query_of_rule))
        if count:
            return "exceptions", [Message(query)] * count
        return ("failures" if FAILURE.fullmatch(rule) else "warnings"), messages

    def _ask(self, path: Sequence[str], query: str) -> Any:
        printed: list[str] = []
        placed = Placed(lambda place, line: printed.append(f"{place}: {line}" if place else line))
        value = self.program.evaluate(
            path, self.document, self.data, now_ns=self.now_ns, on_print=placed, strict=self.strict
        )
        self.queries.append(Query(query, tuple(printed)))
        return value


def _messages(value: Any, query: str) -> Iterable[Message]:
    """The results of a rule, '' for a success. A value that is no collection is one success, whatever it is."""
    if value is rego.UNDEFINED:
        return
    found = value if isinstance(value, list | rego.RegoSet) else ()
    if not len(found):
        yield Message("")
    for one in found:
        if isinstance(one, str):
            yield Message(one, metadata={"query": query})
        elif isinstance(one, dict):
            yield _described(rego.to_json(one), query)


def _described(found: dict[str, Any], query: str) -> Message:
    text = found.get("msg")
    if not isinstance(text, str):
        raise EvaluationError(f"{query} holds an object without a string in msg", hint="give each message a msg")
    metadata = {name: value for name, value in found.items() if name not in ("msg", "_loc")}
    return Message(text, _location(found.get("_loc")), {**metadata, "query": query})


def _location(found: Any) -> Location | None:
    if not isinstance(found, dict):
        return None
    file, line = found.get("file"), found.get("line")
    file = file if isinstance(file, str) else ""
    line = line if isinstance(line, int | float) and not isinstance(line, bool) else None
    return Location(file, line) if file or line is not None else None


def _added(result: Checked, kind: str, messages: Sequence[Message]) -> Checked:
    bad = tuple(message for message in messages if message.text)
    more = {kind: (*getattr(result, kind), *bad), "successes": result.successes + len(messages) - len(bad)}
    return msgspec.structs.replace(result, **more)


def _together(file: str, namespace: str, parts: Sequence[Checked]) -> Checked:
    return Checked(
        file,
        namespace,
        sum(part.successes for part in parts),
        tuple(message for part in parts for message in part.warnings),
        tuple(message for part in parts for message in part.failures),
        tuple(message for part in parts for message in part.exceptions),
        tuple(query for part in parts for query in part.queries),
    )


def _spelled(package: Sequence[str]) -> str:
    """A package as conftest spells it in namespaces."""
    import json

    first, *rest = package
    return first + "".join(f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{json.dumps(name)}]" for name in rest)


def _name(rule: Rule) -> str:
    return str(getattr(rule.path[0], "name", ""))


def _tested(rule: Rule) -> str:
    """The name of a rule that is a test, else ''; ``deny[x] := y`` is one, too, and always succeeds."""
    is_named = len(rule.path) == 1 or (len(rule.path) == 2 and rule.kind == "complete")
    name = _name(rule) if is_named else ""
    return name if FAILURE.fullmatch(name) or WARNING.fullmatch(name) else ""


def _is_mere_if(rule: Rule) -> bool:
    """Whether the head looks like a set of messages and has the value true: ``deny[message] if …``."""
    is_true = getattr(rule.value, "value", None) is True
    is_implied = rule.value is not None and rule.value.at == rule.at
    return is_true and (len(rule.path) > 2 or (len(rule.path) == 2 and is_implied))


def _check_head(module: Module, rule: Rule) -> None:
    """Refuse heads that conftest refuses."""
    name = _name(rule)
    is_test = FAILURE.fullmatch(name) or WARNING.fullmatch(name)
    if is_test and _is_mere_if(rule):
        raise PolicyError(
            f"the rule {name} uses `if` without `contains`",
            where=module.place(rule.at),
            hint=f"write `{name} contains message if …`",
        )
    if (is_test or name == _EXCEPTION) and rule.kind == "function" and len(rule.path) == 1:
        raise PolicyError(
            f"{name} is a function, and conftest asks for a set of messages",
            where=module.place(rule.at),
            hint="give the function another name",
        )


def _parse_config(parser: Any, text: Any) -> Any:
    if not (isinstance(parser, str) and isinstance(text, str)):
        raise rego.BuiltinError("eval_type_error", "parse_config: operands must be strings")
    try:
        return documents.as_input(documents.parse(text.encode("utf-8", "replace"), parser))
    except GateproofError as error:
        raise rego.BuiltinError("eval_builtin_error", f"parse_config: {error}") from None


def _reads_files(name: str) -> Any:
    def refuse(*_: Any) -> Any:
        raise EvaluationError(f"{name} reads files while a policy runs, and is refused", hint="pass them as --data")

    return refuse


_BUILTINS: HostBuiltins = {
    "parse_config": (2, _parse_config),
    "parse_config_file": (1, _reads_files("parse_config_file")),
    "parse_combined_config_files": (1, _reads_files("parse_combined_config_files")),
}
