"""METADATA comments: annotations of rules, documents, packages and sub-packages (OPA's annotations page).

The text is kept as it stands and read as YAML only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from gateproof.rego.errors import PARSE_ERROR, CompileError
from gateproof.rego.index import static_path
from gateproof.rego.syntax import Module, Rule


class Annotation(msgspec.Struct, frozen=True):
    """A METADATA block: its YAML, and the path of the package or rule that it stands before."""

    yaml: str
    path: tuple[str, ...]
    on_package: bool
    at: int
    target: int

    def read(self, module: Module) -> dict[str, Any]:
        """The annotation as data, with its scope filled in and authors in their long form."""
        import yaml

        try:
            data = yaml.safe_load(self.yaml)
        except yaml.YAMLError as error:
            raise self._error(module, f"METADATA is not YAML: {error}") from None
        if not isinstance(data, dict):
            raise self._error(module, "METADATA is not a mapping")
        data.setdefault("scope", "package" if self.on_package else "rule")
        if "authors" in data:
            data["authors"] = [_author(author) for author in data["authors"]]
        if "organizations" in data:
            data["organizations"] = [str(name) for name in data["organizations"]]
        if "related_resources" in data:
            data["related_resources"] = [
                {"ref": entry} if isinstance(entry, str) else entry for entry in data["related_resources"]
            ]
        return {str(name): _json(member) for name, member in data.items()}

    def _error(self, module: Module, message: str) -> CompileError:
        where = module.place(self.at)
        return CompileError(PARSE_ERROR, message, where=where, problems=[f"{where}: {PARSE_ERROR}: {message}"])


def _author(author: Any) -> Any:
    """``Name <email>`` as an object."""
    if not isinstance(author, str):
        return author
    name, _, email = author.rpartition("<")
    if not email.endswith(">"):
        return {"name": author.strip()}
    given = {"name": name.strip()} if name.strip() else {}
    return {**given, "email": email[:-1]}


def _json(value: Any) -> Any:
    """YAML's values as JSON's: dates and odd keys become text."""
    if isinstance(value, dict):
        return {str(name): _json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def blocks(module: Module) -> Iterator[Annotation]:
    """All METADATA blocks of a module, each with what it stands before."""
    lines = module.source.split("\n")
    for number, line in enumerate(lines):
        if line.strip() not in ("# METADATA", "#METADATA"):
            continue
        at = sum(len(before) + 1 for before in lines[:number])
        block: list[str] = []
        end = at + len(line) + 1
        for following in lines[number + 1 :]:
            stripped = following.strip()
            if not stripped.startswith("#"):
                break
            block.append(stripped[1:])
            end += len(following) + 1
        text = "\n".join(entry.removeprefix(" ") for entry in block)
        if module.package_at >= at:
            yield Annotation(text, tuple(module.package), True, at, module.package_at)
            continue
        rule = next((rule for rule in module.rules if rule.at >= end - 1), None)
        if rule is not None:
            yield Annotation(text, static_path(module, rule)[0], False, at, rule.at)


def rule_annotation(module: Module, rule: Rule | None) -> dict[str, Any]:
    """What ``rego.metadata.rule()`` gives inside ``rule``: its own annotation, or an empty object."""
    for annotation in blocks(module):
        if rule is not None and not annotation.on_package and annotation.target == rule.at:
            data = annotation.read(module)
            if data["scope"] == "rule":
                return data
    return {}


def chain(modules: Sequence[Module], module: Module, rule: Rule | None, path: Sequence[str]) -> list[dict[str, Any]]:
    """What ``rego.metadata.chain()`` gives inside ``rule``: from the rule outwards to the package's parents."""
    own = tuple(path)
    found: list[tuple[int, dict[str, Any], tuple[str, ...]]] = []
    for each in modules:
        for annotation in blocks(each):
            data = annotation.read(each)
            scope = data["scope"]
            if scope == "rule" and each is module and rule is not None and annotation.target == rule.at:
                found.append((0, data, own))
            elif scope == "document" and annotation.path == own:
                found.append((1, data, own))
            elif scope == "package" and annotation.path == tuple(module.package):
                found.append((2, data, annotation.path))
            elif scope == "subpackages" and tuple(module.package[: len(annotation.path)]) == annotation.path:
                found.append((3 + len(module.package) - len(annotation.path), data, annotation.path))
    entries: list[dict[str, Any]] = [
        {"annotations": data, "path": list(at)} for _, data, at in sorted(found, key=lambda entry: entry[0])
    ]
    if not any(order == 0 for order, _, _ in found):
        entries.insert(0, {"path": list(own)})
    return entries
