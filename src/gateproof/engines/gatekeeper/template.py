"""ConstraintTemplates: from YAML to a rule that can be evaluated.

What Gatekeeper asks of a template is asked here, by name and line, when it is loaded
(https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates): one target, a name that is its kind
in lower case, a rule ``violation``, libraries below ``package lib``, and no data but ``data.lib`` and
``data.inventory``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from gateproof.catalog.gatekeeper import TEMPLATES, reads_inventory
from gateproof.documents import canonical
from gateproof.documents.interface import Path
from gateproof.engines import rego as rego_engine
from gateproof.engines.kubernetes import schema
from gateproof.engines.kubernetes.manifests import Manifest, Problems
from gateproof.errors import PolicyError

if TYPE_CHECKING:
    from gateproof.engines.gatekeeper.native import Native
    from gateproof.rego.program import Program
    from gateproof.rego.syntax import Module, Node

KIND = "ConstraintTemplate"
TARGET = "admission.k8s.gatekeeper.sh"
CEL = "K8sNativeValidation"
_REGO = "Rego"
_VERSIONS = ("v1", "v1beta1", "v1alpha1")
_STRICT = "v1"
"""The version whose templates keep no parameters that their schema does not know, unless they say so."""
_OPERATIONS = ("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
_VIOLATION = "violation"
_EXTERNAL = "external_data"
_LITERAL = re.compile(r"(?:^|[:\-]\s)\s*\|[0-9+-]*\s*(?:#.*)?$")


class Rego(msgspec.Struct, frozen=True):
    """Rego of a template: modules as pairs of name and text, the one with ``violation`` first; all v0 or all v1."""

    modules: tuple[tuple[str, str], ...]
    v0: bool


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A ConstraintTemplate. ``parameters`` is their schema; None: it takes none. Empty ``operations``: all of them.

    ``reads_inventory``: whether it reads ``data.inventory``.
    """

    kind: str
    code: Rego | Native
    parameters: dict[str, Any] | None = None
    operations: tuple[str, ...] = ()
    reads_inventory: bool = False


class Rule(msgspec.Struct, frozen=True):
    """A compiled template: a program, and the path of its ``violation`` below ``data``."""

    program: Any
    path: tuple[str, ...]


def read(manifest: Manifest, problems: Problems) -> Template | None:
    """The template in ``manifest``; None after problems."""
    return _Reader(manifest, problems).template()


def check(template: Template) -> None:
    """Compile what is not compiled yet. Raises PolicyError with every problem and its line."""
    if isinstance(template.code, Rego):
        rule(template.code)


@lru_cache(maxsize=256)
def rule(rego: Rego) -> Rule:
    """``rego`` compiled, once for all constraints of a template. Raises PolicyError with every problem and its line."""
    path = _path(rego)
    program = rego_engine.cached(canonical.digest_of(("gatekeeper", rego)), lambda: _compiled(rego))
    return Rule(program, path)


def _path(rego: Rego) -> tuple[str, ...]:
    """The path of ``violation``, from the text of the package alone: what was compiled before is not parsed again."""
    from gateproof.catalog.rego_text import module

    return (*module(*rego.modules[0]).package.split("."), _VIOLATION)


def _compiled(rego: Rego) -> Program:
    from gateproof.rego import compile as compile_rego
    from gateproof.rego.parser import parse_modules

    entry, *libraries = parse_modules(dict(rego.modules), v0=rego.v0)
    found = [*_entry(entry)]
    for library in libraries:
        if library.package[:1] != ["lib"] or len(library.package) == 1:
            name = ".".join(library.package)
            found.append(f"{library.place(library.package_at)}: the package of a library is below lib, not {name}")
    for module in (entry, *libraries):
        found += _references(module)
    if found:
        raise PolicyError("the template's Rego cannot be used", hint="see Gatekeeper's rules for Rego", problems=found)
    return compile_rego(dict(rego.modules), v0=rego.v0)


def _entry(module: Module) -> list[str]:
    if module.package[0] in ("lib", "inventory"):
        return [f"{module.place(module.package_at)}: the package of a template is not below lib or inventory"]
    named = (rule.path[0] for rule in module.rules if rule.path and rule.kind != "function")
    if _VIOLATION not in {getattr(head, "name", None) for head in named}:
        return [f"{module.place(module.package_at)}: there is no rule violation: it could never fail"]
    return []


def _references(module: Module) -> list[str]:
    """What the module refers to and may not."""
    from gateproof.rego.syntax import Call, Ref, Scalar, Var, children

    # What reads the inventory needs the fact, and that is told by the text.
    is_told, found = reads_inventory(module.source), []
    for each in module.imports:
        allowed = each.path[:2] == ["data", "lib"] or each.path[0] in ("future", "rego")
        if not allowed:
            found.append(f"{module.place(each.at)}: import {'.'.join(each.path)}: only data.lib can be imported")
    waiting: list[Node] = [*module.rules]
    while waiting:
        node = waiting.pop()
        below = list(children(node))
        if isinstance(node, Ref) and isinstance(node.head, Var) and node.head.name == "data":
            first = node.path[0] if node.path else None
            name = first.value if isinstance(first, Scalar) else None
            if name not in ("lib", "inventory") or (name == "inventory" and not is_told):
                found.append(f"{module.place(node.at)}: of data, only data.lib and data.inventory can be read")
            below = [each for each in below if each is not node.head]
        elif isinstance(node, Var) and node.name == "data":
            found.append(f"{module.place(node.at)}: of data, only data.lib and data.inventory can be read")
        elif isinstance(node, Call) and isinstance(node.function, Var) and node.function.name == _EXTERNAL:
            found.append(f"{module.place(node.at)}: {_EXTERNAL} (a Provider is asked while judging) is not supported")
        waiting.extend(below)
    return found


class _Reader:
    """Reads one template and collects what is wrong with it."""

    def __init__(self, manifest: Manifest, problems: Problems) -> None:
        self._manifest = manifest
        self._problems = problems
        self._wrong = False

    def template(self) -> Template | None:
        manifest = self._manifest
        if (manifest.group, manifest.kind) != (TEMPLATES, KIND):
            self._refuse(("kind",), f"must be a {KIND} of {TEMPLATES}, not a {manifest.kind}")
            return None
        if manifest.version not in _VERSIONS:
            self._refuse(("apiVersion",), f"{manifest.version!r} is not one of {', '.join(_VERSIONS)}")
        kind = self._text(("spec", "crd", "spec", "names", "kind"))
        if not kind:
            self._refuse(("spec", "crd", "spec", "names"), "it does not say the kind of its constraints")
        elif manifest.name != kind.lower():
            self._refuse(("metadata", "name"), f"must be its kind in lower case, {kind.lower()}, not {manifest.name!r}")
        parameters = self._parameters()
        target = self._target()
        code = None if target is None else self._code(target)
        operations = () if target is None else self._operations(target)
        if self._wrong or code is None or kind is None:
            return None
        return Template(
            kind=kind,
            code=code,
            parameters=parameters,
            operations=operations,
            reads_inventory=isinstance(code, Rego) and reads_inventory(manifest.value),
        )

    def _target(self) -> Path | None:
        targets = self._value(("spec", "targets"))
        if not isinstance(targets, list) or len(targets) != 1:
            count = len(targets) if isinstance(targets, list) else "none"
            self._refuse(("spec", "targets"), f"must be a list of exactly one target; it has {count}")
            return None
        path: Path = ("spec", "targets", 0)
        if not isinstance(targets[0], dict):
            self._refuse(path, "a target is an object")
            return None
        if targets[0].get("target") != TARGET:
            self._refuse((*path, "target"), f"must be {TARGET}, not {targets[0].get('target')!r}")
            return None
        return path

    def _parameters(self) -> dict[str, Any] | None:
        path = ("spec", "crd", "spec", "validation")
        validation = self._value(path)
        if validation is not None and not isinstance(validation, dict):
            self._refuse(path, "must be an object")
            return None
        said = (validation or {}).get("legacySchema")
        legacy = said if isinstance(said, bool) else self._manifest.version != _STRICT
        found = (validation or {}).get("openAPIV3Schema")
        if found is None:
            return {schema.PRESERVE: True} if legacy else None
        flaws = list(schema.flaws(found, (*path, "openAPIV3Schema")))
        for place, flaw in flaws:
            self._refuse(place, flaw)
        if flaws:
            return None
        return schema.preserving(found) if legacy else dict(found)

    def _operations(self, target: Path) -> tuple[str, ...]:
        path = (*target, "operations")
        found = self._value(path) or []
        if not isinstance(found, list) or any(each not in _OPERATIONS for each in found):
            self._refuse(path, f"must be a list of {', '.join(_OPERATIONS)}")
            return ()
        return () if "*" in found else tuple(found)

    def _code(self, target: Path) -> Rego | Native | None:
        """What a target is judged by: of code in both languages the CEL, as Gatekeeper chooses; else its Rego."""
        code = self._value((*target, "code")) or []
        if not isinstance(code, list):
            self._refuse((*target, "code"), "must be a list")
            return None
        engines = [each.get("engine") if isinstance(each, dict) else None for each in code]
        if CEL in engines:
            return self._native((*target, "code", engines.index(CEL), "source"))
        if self._text((*target, "rego")):
            return self._modules(target, v0=True)
        if _REGO in engines:
            source = (*target, "code", engines.index(_REGO), "source")
            return self._modules(source, v0=self._text((*source, "version")) != "v1")
        if engines:
            known = f"{_REGO} and {CEL}"
            self._refuse((*target, "code"), f"no code of the engines {known}; it has {', '.join(map(str, engines))}")
        else:
            self._refuse(target, "there is neither rego nor code")
        return None

    def _native(self, source: Path) -> Native | None:
        from gateproof.engines.gatekeeper import native

        found = native.read(self._manifest, source, self._value(source), self._problems)
        self._wrong = self._wrong or found is None
        return found

    def _modules(self, source: Path, *, v0: bool) -> Rego | None:
        """The modules of a source, each with as many empty lines before it as make its lines those of the YAML."""
        name = self._manifest.source.name
        texts: list[tuple[str, Path, Any]] = [(name, (*source, "rego"), self._value((*source, "rego")))]
        libraries = self._value((*source, "libs")) or []
        if not isinstance(libraries, list):
            self._refuse((*source, "libs"), "must be a list of Rego modules")
            return None
        for number, text in enumerate(libraries):
            texts.append((f"{name} (libs[{number}])", (*source, "libs", number), text))
        for _, path, text in texts:
            if not isinstance(text, str) or not text.strip():
                self._refuse(path, "must be Rego")
                return None
        return Rego(tuple((name, self._placed(path, text)) for name, path, text in texts), v0)

    def _placed(self, path: Path, text: str) -> str:
        line = self._manifest.line(path)
        written = self._manifest.source.text.split("\n")[line - 1]
        return "\n" * (line if _LITERAL.search(written) else line - 1) + text

    def _text(self, path: Path) -> str | None:
        value = self._value(path)
        if value is not None and not isinstance(value, str):
            self._refuse(path, "must be a string")
            return None
        return value

    def _value(self, path: Path) -> Any:
        """What stands at ``path``; None where there is nothing, or something that has no such members."""
        value: Any = self._manifest.value
        for step in path:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value

    def _refuse(self, path: Path, message: str) -> None:
        self._wrong = True
        self._problems.add(self._manifest, path, message)
