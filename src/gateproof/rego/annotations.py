"""METADATA comments: annotations of rules, documents, packages and sub-packages (OPA's annotations page).

A block is a line ``# METADATA`` in the first column and the comment lines that follow at once, which are YAML. It is
about the statement after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from gateproof.errors import DocumentError
from gateproof.rego.errors import PARSE_ERROR, TYPE_ERROR, CompileError
from gateproof.rego.index import dotted, static_path
from gateproof.rego.syntax import Module, Ref, Rule, Scalar, Var

MARK = "METADATA"
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_TEXT = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|`[^`]*`')
_SCOPES = ("rule", "document", "package", "subpackages")


class Block(msgspec.Struct, frozen=True):
    """A METADATA block: its YAML, and its first and last line, counted from 1."""

    yaml: str
    line: int
    last: int

    def values(self) -> dict[str, Any]:
        """The mapping that the block is. Raises DocumentError, whose line is that of the source."""
        from gateproof.documents import Format, read

        if not self.yaml.strip():
            raise DocumentError("expected a METADATA block, found whitespace", line=self.line, column=1)
        try:
            found = read(self.yaml.encode("utf-8", "surrogatepass"), Format.YAML)
        except DocumentError as error:
            error.line = min(self.line + (error.line or 0), self.last)
            raise
        for note in (note for document in found for note in document.notes):
            raise DocumentError(f"METADATA: {note.message}", line=self.line, column=1)
        value = found[0].value if found else {}
        if len(found) > 1 or not (value is None or isinstance(value, dict)):
            raise DocumentError("METADATA must be one mapping", line=self.line, column=1)
        return value or {}


class Annotation(msgspec.Struct, frozen=True):
    """What a block says (``values``, in their long forms) of the package or rule at ``path``; ``rule`` is that rule."""

    values: dict[str, Any]
    scope: str
    path: tuple[str, ...]
    rule: Rule | None
    module: Module
    at: int


def found(source: str) -> Iterator[Block]:
    """The blocks of a source, each as it stands."""
    if MARK not in source:
        return
    # Line by line, but not inside of raw strings, where a test may have the text of a policy.
    lines = _TEXT.sub(_blanked, source).split("\n")
    number = 0
    while number < len(lines):
        number += 1
        if not _marks(lines[number - 1]):
            continue
        start, text = number, []
        while number < len(lines) and lines[number].startswith("#") and not _marks(lines[number]):
            text.append(lines[number].rstrip("\r")[1:].removeprefix(" "))
            number += 1
        yield Block("".join(line + "\n" for line in text), start, number)


def _blanked(token: re.Match[str]) -> str:
    """A comment or string as it is; a raw string without its lines."""
    text = token[0]
    return "`" + "\n" * text.count("\n") + "`" if text.startswith("`") else text


def _marks(line: str) -> bool:
    return line.startswith("#") and line[1:].strip().startswith(MARK)


def blocks(module: Module) -> list[Annotation]:
    """The annotations of a module. Raises :class:`CompileError` with all that is wrong with them."""
    annotations: list[Annotation] = []
    problems: list[str] = []
    for block in found(module.source):
        try:
            annotations.append(_annotation(module, block))
        except DocumentError as error:
            line = error.line or block.line
            problems.append(f"{module.file}:{line}:{error.column or 1}: {PARSE_ERROR}: {error.message}")
    if problems:
        place, _, message = problems[0].partition(f": {PARSE_ERROR}: ")
        raise CompileError(PARSE_ERROR, message, where=place, problems=problems)
    return annotations


def _annotation(module: Module, block: Block) -> Annotation:
    values = block.values()
    at = _offset(module.source, block.line)
    end = _offset(module.source, block.last + 1)
    statements = {module.package_at: "package", **{each.at: "import" for each in module.imports}}
    rules = {rule.at: rule for rule in reversed(module.rules)}
    target = min((each for each in (*statements, *rules) if each >= end), default=None)
    rule = rules.get(target) if target is not None else None
    entrypoint = _typed(values, "entrypoint", bool, block)
    kind = "rule" if rule else statements.get(target, "nothing") if target is not None else "nothing"
    usual = {"rule": "document" if entrypoint else "rule", "nothing": ""}.get(kind, kind)
    scope = _typed(values, "scope", str, block) or usual
    if scope not in _SCOPES:
        allowed = ", ".join(_SCOPES[:-1])
        raise _error(block, f"invalid annotation scope {scope!r}. Use one of {allowed} or {_SCOPES[-1]}")
    wanted = "rule" if scope in ("rule", "document") else "package"
    if kind != wanted:
        raise _error(block, f"annotation scope {scope!r} must be applied to a {wanted} (found {kind})")
    if entrypoint and scope not in ("document", "package"):
        raise _error(block, f"an entrypoint is a document or a package, not of scope {scope!r}")
    path = static_path(module, rule)[0] if rule else tuple(module.package)
    return Annotation(_normal(values, scope, block), scope, path, rule, module, at)


def _offset(source: str, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = source.find("\n", at) + 1
        if not at:
            return len(source)
    return at


def _error(block: Block, message: str) -> DocumentError:
    return DocumentError(message, line=block.line, column=1)


# The long forms


def _normal(values: dict[str, Any], scope: str, block: Block) -> dict[str, Any]:
    """What OPA keeps of ``values``: the known names, in their long forms, unless they are empty."""
    given: dict[str, Any] = {
        "title": _typed(values, "title", str, block),
        "entrypoint": _typed(values, "entrypoint", bool, block),
        "description": _typed(values, "description", str, block),
        "organizations": [_text(item, "organizations", block) for item in _typed(values, "organizations", list, block)],
        "related_resources": _each(values, "related_resources", _resource, block),
        "authors": _each(values, "authors", _author, block),
        "schemas": _each(values, "schemas", _schema, block),
        "custom": _typed(values, "custom", dict, block),
        "labels": _typed(values, "labels", dict, block),
    }
    return {"scope": scope, **{name: value for name, value in given.items() if value}}


def _each(values: dict[str, Any], name: str, long: Callable[[Any, Block], Any], block: Block) -> list[Any]:
    return [long(item, block) for item in _typed(values, name, list, block)]


def _typed(values: dict[str, Any], name: str, kind: type, block: Block) -> Any:
    """The value called ``name``, of the type ``kind``; the empty one where there is none."""
    value = values.get(name)
    if value is None:
        return kind()
    if kind is str:
        return _text(value, name, block)
    if not isinstance(value, kind):
        raise _error(block, f"METADATA: {name} must be of the type {kind.__name__}")
    return value


def _text(value: Any, name: str, block: Block) -> str:
    if isinstance(value, dict | list):
        raise _error(block, f"METADATA: {name} must be a string")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _resource(entry: Any, block: Block) -> dict[str, str]:
    from urllib.parse import quote

    given = {"ref": entry} if isinstance(entry, str) else entry
    ref = given.get("ref") if isinstance(given, dict) else None
    if not isinstance(ref, str) or not ref.strip() or _BAD_ESCAPE.search(ref):
        raise _error(block, "invalid related-resource definition: a URL or an object with `ref` is expected")
    description = given.get("description")
    written = {"ref": quote(ref.strip(), safe="!#$%&'()*+,/:;=?@[]~")}
    return {**written, "description": description} if description and isinstance(description, str) else written


def _author(entry: Any, block: Block) -> dict[str, str]:
    """``Name <email>`` as an object."""
    if isinstance(entry, dict):
        name, email = (entry.get(part) if isinstance(entry.get(part), str) else "" for part in ("name", "email"))
    elif isinstance(entry, str) and entry.split():
        *words, last = entry.split()
        email = last[1:-1] if last.startswith("<") and last.endswith(">") else ""
        name = " ".join(words if email or last == "<>" else [*words, last])
    else:
        name = email = ""
    long = {part: text.strip() for part, text in (("name", name or ""), ("email", email or "")) if text.strip()}
    if not long:
        raise _error(block, "invalid author definition: a name, an email address or both are expected")
    return long


def _schema(entry: Any, block: Block) -> dict[str, Any]:
    """``path: schema`` with both as lists, or with the schema itself as ``definition``."""
    if not isinstance(entry, dict) or len(entry) != 1:
        raise _error(block, "invalid schema declaration: `path: schema` is expected")
    [(name, schema)] = entry.items()
    path = _reference(str(name))
    if path is None:
        raise _error(block, f"invalid document reference {name!r} of a schema")
    if isinstance(schema, dict):
        return {"path": path, "definition": schema}
    reference = _reference(schema) if isinstance(schema, str) else None
    if not reference or reference[0] != "schema":
        raise _error(block, f"invalid schema reference for {name!r}: `schema`, `schema.name` or an object is expected")
    return {"path": path, "schema": reference}


def _reference(text: str) -> list[Any] | None:
    """The parts of a reference such as ``input.a["b"]``."""
    from gateproof.rego.parser import parse_query

    try:
        [literal] = parse_query(text).rules[0].body
    except (CompileError, ValueError):
        return None
    term = literal.term
    if isinstance(term, Var):
        return [term.name]
    if isinstance(term, Ref) and isinstance(term.head, Var):
        parts = [part.value for part in term.path if isinstance(part, Scalar)]
        return [term.head.name, *parts] if len(parts) == len(term.path) else None
    return None


# What policies see


def redeclared(modules: Sequence[Module]) -> list[tuple[str, str]]:
    """Code and text of the problems of annotations that are about the same package or document."""
    seen: dict[tuple[str, tuple[str, ...]], str] = {}
    problems: list[tuple[str, str]] = []
    for module in modules:
        for each in blocks(module):
            place = module.place(each.at)
            if each.scope == "rule":
                continue
            # Documents and sub-packages share the names below data; packages have names of their own.
            first = seen.setdefault(("package" if each.scope == "package" else "path", each.path), place)
            if first != place:
                message = f"{each.scope} annotation redeclared: {dotted(each.path)}, first at {first}"
                problems.append((TYPE_ERROR, f"{place}: {TYPE_ERROR}: {message}"))
    return problems


def rule_annotation(module: Module, rule: Rule | None) -> dict[str, Any]:
    """What ``rego.metadata.rule()`` gives inside ``rule``: its own annotation, or an empty object."""
    return next(iter(_of_rule(module, rule)), {})


def _of_rule(module: Module, rule: Rule | None) -> list[dict[str, Any]]:
    """The annotations that stand before ``rule``, the closest first."""
    return [
        each.values
        for each in reversed(blocks(module))
        if rule is not None and each.scope == "rule" and each.rule is not None and each.rule.at == rule.at
    ]


def chain(modules: Sequence[Module], module: Module, rule: Rule | None, path: Sequence[str]) -> list[dict[str, Any]]:
    """What ``rego.metadata.chain()`` gives inside ``rule``: from the rule outwards to the package's parents."""
    own = list(path)
    links: list[dict[str, Any]] = [{"annotations": values, "path": own} for values in _of_rule(module, rule)]
    around: list[tuple[int, dict[str, Any]]] = []
    package = tuple(module.package)
    for each in (annotation for other in modules for annotation in blocks(other)):
        link = {"annotations": each.values, "path": list(each.path)}
        if each.scope == "document" and each.path == tuple(path):
            around.append((0, link))
        elif each.scope == "package" and each.path == package:
            around.append((1, link))
        elif each.scope == "subpackages" and package[: len(each.path)] == each.path:
            around.append((2 + len(package) - len(each.path), link))
    return [*(links or [{"path": own}]), *(link for _, link in sorted(around, key=lambda entry: entry[0]))]
