"""What a plan's ``configuration`` says about its resources: which refer to which, and where their modules come from.

Terraform lists references per expression of a *configuration* resource (``aws_s3_bucket.b``); policies ask about
*instances* (``module.m["eu"].aws_s3_bucket.b[0]``). References are followed through the inputs of module calls,
module outputs and ``each.value``; locals are not part of a plan, so references through them stay unknown. Where an
index is not written out, an instance is linked to the instance with its own key, and to all when there is none.

Source: https://developer.hashicorp.com/terraform/internals/json-format (configuration and expression representation).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, NamedTuple

from gateproof.errors import LimitError
from gateproof.inputs.plan import ResourceChange, objects

Key = str | int | None
Steps = tuple[tuple[str, Key], ...]
"""Instances of modules from the root on: name of the call, and the index of the instance."""

_INDEX = r'(?:\[([0-9]+|"(?:[^"\\]|\\.)*")\])?'
_MODULE_STEP = rf"module\.([^.\[\]]+){_INDEX}(?:\.|$)"
_MODULE_OUTPUT = rf"module\.([^.\[\]]+){_INDEX}(?:\.([^.\[\]]+))?"
_RESOURCE = rf"((?:data\.|ephemeral\.)?[^.\[\]]+\.[^.\[\]]+){_INDEX}"
_compiled = cache(re.compile)  # when first asked for, and then at once: `re` looks it up anew each time
_PREFIXES = frozenset({"data", "ephemeral"})
_NOT_RESOURCES = frozenset({"count", "each", "local", "path", "self", "terraform"})

MAX_STEPS = 5_000_000
"""Work on the references of one plan: enough for hundreds to each of the largest plans' resources."""


class Reference(NamedTuple):
    """One parsed reference: ``kind`` is ``resource``, ``module``, ``var`` or ``each``.

    ``name`` is the resource's address in its module, the module call or the variable; ``key`` the written index.
    """

    kind: str
    name: str
    key: Key = None
    output: str = ""


References = tuple[Reference, ...]


def _key(text: str | None) -> Key:
    """Index as addresses write it (``0``, ``"eu"``) → its value."""
    if text is None:
        return None
    if text[0] != '"':
        # More digits than any count has: kept as text, which then matches no instance.
        return int(text) if len(text) < 20 else text
    import json

    try:
        value = str(json.loads(text)).replace("$${", "${").replace("%%{", "%{")
        value.encode()
        return value
    except ValueError:  # no JSON string, or half of a surrogate pair, which nothing could print
        return text[1:-1]


class Located(NamedTuple):
    """Where a resource stands: module instances from the root, address in its module without index, and index."""

    module_address: str
    modules: Steps
    resource: str
    mode: str
    type: str
    name: str
    key: Key


def locate(resource: ResourceChange) -> Located:
    """Take a resource's place from its members and, where a plan cut by hand lacks them, from its address."""
    address = resource.address or resource.module_address or ""
    steps: list[tuple[str, Key]] = []
    end = position = 0
    while address.startswith("module.", position) and (match := _compiled(_MODULE_STEP).match(address, position)):
        steps.append((match[1], _key(match[2])))
        end, position = match.end(2) + 1 if match[2] else match.end(1), match.end()
    mode, kind, name, key = resource.mode, resource.type, resource.name, resource.index
    complete = mode and kind and name and (key is not None or not address.endswith("]"))
    if not complete and (match := re.fullmatch(_RESOURCE, address[position:])):
        *head, kind, name = match[1].split(".")
        mode = mode or (head[0] if head else "managed")
        key = _key(match[2]) if key is None else key
    mode = mode or "managed"
    written = f"{kind}.{name}" if mode == "managed" else f"{mode}.{kind}.{name}"
    return Located(address[:end], tuple(steps), written, mode, kind, name, key)


def parse_reference(text: str) -> Reference | None:
    """One entry of an expression's ``references``, or None when it cannot lead to a resource."""
    head, _, rest = text.partition(".")
    if head == "var":
        return Reference("var", re.split(r"[.\[]", rest, maxsplit=1)[0])
    if head == "each":
        return Reference("each", "value") if re.match(r"value\b", rest) else None
    if head == "module":
        match = re.match(_MODULE_OUTPUT, text)
        return Reference("module", match[1], _key(match[2]), match[3]) if match and match[3] else None
    if head in _NOT_RESOURCES:
        return None
    if "[" not in text and "]" not in text:  # as nearly all are
        steps = text.split(".", 3)
        named = 3 if head in _PREFIXES and len(steps) > 2 and steps[2] else 2
        return Reference("resource", ".".join(steps[:named])) if len(steps) > 1 and head and steps[1] else None
    match = re.match(_RESOURCE, text)
    return Reference("resource", match[1], _key(match[2])) if match else None


def parse_references(texts: Iterable[object]) -> References:
    """All references of one expression.

    Terraform lists each reference again without its index; those repetitions are dropped.
    """
    found = [ref for text in texts if isinstance(text, str) and (ref := parse_reference(text))]
    if len(found) == 2 and found[0] == found[1]:  # as for nearly all: an attribute of a resource, and the resource
        return (found[0],)
    indexed = {ref._replace(key=None) for ref in found if ref.key is not None}
    return tuple(dict.fromkeys([ref for ref in found if ref not in indexed] if indexed else found))


def _expressions(value: object) -> list[tuple[str, References]]:
    """(attribute path without list indices, references) of every expression in ``value`` that refers to something."""
    found: list[tuple[str, References]] = []
    _collect(value, "", found)
    return found


def _collect(value: object, path: str, found: list[tuple[str, References]]) -> None:
    if isinstance(value, list):
        for child in value:
            _collect(child, path, found)
    elif isinstance(value, dict):
        references = value.get("references")
        listed = references if isinstance(references, list) else None
        if "constant_value" in value or (listed is not None and {str}.issuperset(map(type, listed))):
            if listed and (parsed := parse_references(listed)):
                found.append((path, parsed))
        else:
            for name, child in value.items():
                if isinstance(child, (dict, list)):
                    _collect(child, f"{path}.{name}" if path else name, found)


def _references(expression: object) -> References:
    """All references of an expression, whatever its shape, in order."""
    return tuple(dict.fromkeys(ref for _, references in _expressions(expression) for ref in references))


class Block:
    """A resource or module call of the configuration: what its expressions refer to, parsed once."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self._links: dict[str, References] | None = None
        self._configured: list[str] | None = None
        self._each: References | None = None

    # There is a block for each resource: a lock around each of these would take longer than most of them.

    @property
    def links(self) -> dict[str, References]:
        """Attribute path → references."""
        if self._links is None:
            self._links = {}
            for path, references in _expressions(self.raw.get("expressions")):
                before = self._links.get(path)
                self._links[path] = tuple(dict.fromkeys((*before, *references))) if before else references
        return self._links

    @property
    def configured(self) -> list[str]:
        """Names of the attributes and blocks that are set."""
        if self._configured is None:
            self._configured = sorted(objects(self.raw.get("expressions")))
        return self._configured

    @property
    def each(self) -> References:
        """References of ``for_each``, which ``each.value`` stands for."""
        if self._each is None:
            found = _references(self.raw.get("for_each_expression"))
            self._each = tuple([ref for ref in found if ref.kind != "each"])
        return self._each


class Module:
    """A module of the configuration, the same for all its instances."""

    def __init__(self, raw: object, sources: list[dict[str, Any]]) -> None:
        self.raw = objects(raw)
        self.sources = sources
        self._outputs: dict[str, References] = {}

    @cached_property
    def resources(self) -> dict[str, Block]:
        """Address within the module (``data.aws_x.y``, ``aws_x.y``) → resource."""
        listed = self.raw.get("resources")
        rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
        return {row["address"]: Block(row) for row in rows if isinstance(row.get("address"), str)}

    @cached_property
    def calls(self) -> dict[str, tuple[Block, Module]]:
        """Name of a module call → the call and the module it calls."""
        calls: dict[str, tuple[Block, Module]] = {}
        for name, value in objects(self.raw.get("module_calls")).items():
            call = objects(value)
            source = {"call": name, "source": call.get("source"), "version_constraint": call.get("version_constraint")}
            calls[name] = Block(call), Module(call.get("module"), [*self.sources, source])
        return calls

    def configured(self, resource: str) -> list[str] | None:
        """Names of the attributes and blocks that a resource's configuration sets, in order; None without any."""
        block = self.resources.get(resource)
        return block.configured if block else None

    def provider_config(self, resource: str) -> str | None:
        """Key of the provider configuration that a resource is under; None where that is not told."""
        block = self.resources.get(resource)
        key = block.raw.get("provider_config_key") if block else None
        return key if isinstance(key, str) else None

    def output(self, name: str) -> References:
        """References of one output's expression."""
        if name not in self._outputs:
            output = objects(objects(self.raw.get("outputs")).get(name))
            self._outputs[name] = _references(output.get("expression"))
        return self._outputs[name]


_NOWHERE = Module({}, [])
_NO_CALL = Block({})


class Scope:
    """An instance of a module, with the instances of resources and of modules in it."""

    def __init__(self, module: Module, call: Block = _NO_CALL, parent: Scope | None = None, key: Key = None) -> None:
        self.module = module
        self.call = call
        self.parent = parent
        self.key = key
        self.children: dict[str, dict[Key, Scope]] = {}
        self.everything: dict[str, list[str]] = {}
        self.by_key: dict[str, dict[Key, list[str]]] = {}

    def child(self, name: str, key: Key) -> Scope:
        """The instance ``module.<name>[<key>]`` in this one."""
        instances = self.children.setdefault(name, {})
        if key not in instances:
            call, module = self.module.calls.get(name, (_NO_CALL, _NOWHERE))
            instances[key] = Scope(module, call, self, key)
        return instances[key]

    def add(self, resource: str, key: Key, address: str) -> None:
        """Note that ``resource`` (its address within the module) has the instance ``address``."""
        self.everything.setdefault(resource, []).append(address)
        self.by_key.setdefault(resource, {}).setdefault(key, []).append(address)

    def instances(self, reference: Reference, key: Key) -> list[str] | None:
        """Instances that a reference means when it stands in something whose own key is ``key``."""
        by_key = self.by_key.get(reference.name)
        if by_key is None:
            return None
        if reference.key is not None:
            return by_key.get(reference.key)
        return by_key.get(key) or self.everything[reference.name]

    def modules(self, reference: Reference, key: Key) -> list[Scope]:
        """The same for instances of a module."""
        instances = self.children.get(reference.name, {})
        wanted = key if reference.key is None else reference.key
        if wanted in instances:
            return [instances[wanted]]
        return list(instances.values()) if reference.key is None else []


class Configuration:
    """All module instances of a plan. Add every resource first, then ask what each refers to."""

    def __init__(self, raw: object) -> None:
        self._root = Scope(Module(objects(raw).get("root_module"), []))
        self._scopes: dict[Steps, Scope] = {(): self._root}
        self._followed: dict[tuple[int, Key, Reference, References], list[str]] = {}
        self._joined: dict[tuple[int, ...], list[str]] = {}
        self._steps = 0

    def scope(self, modules: Steps) -> Scope:
        """The module instance at the end of ``modules``."""
        scope = self._scopes.get(modules)
        if scope is None:
            scope = self._root
            for name, key in modules:
                scope = scope.child(name, key)
            self._scopes[modules] = scope
        return scope

    def references(self, scope: Scope, resource: str, key: Key) -> dict[str, list[str]]:
        """Attribute path of the instance → addresses that it refers to. Lists are shared: do not change them.

        Raises LimitError when references multiply beyond ``MAX_STEPS``.
        """
        block = scope.module.resources.get(resource)
        if block is None:
            return {}
        links = {path: self._targets(scope, key, refs, block.each) for path, refs in block.links.items()}
        return {path: addresses for path, addresses in links.items() if addresses}

    def _targets(self, scope: Scope, key: Key, references: References, each: References) -> list[str]:
        """Addresses that the references of one expression lead to."""
        if len(references) == 1 and references[0].kind == "resource":
            return scope.instances(references[0], key) or []
        found = []
        for ref in references:
            if ref.kind == "resource":
                found.append(scope.instances(ref, key) or [])
                continue
            # What lies behind a variable or a module is the same for every instance whose key says nothing there.
            matters = ref.kind == "each" or key in scope.children.get(ref.name, ())
            name = (id(scope), key if matters else None, ref, each if ref.kind == "each" else ())
            if name not in self._followed:
                self._followed[name] = self._follow(scope, key, ref, each)
            found.append(self._followed[name])
        return self._join(found)

    def _follow(self, scope: Scope, key: Key, reference: Reference, each: References) -> list[str]:
        """Addresses behind one reference. A work list, so that no chain of modules is too long."""
        found: list[list[str]] = []
        work = [(scope, key, reference, each)]
        seen: set[tuple[int, Key, Reference]] = set()
        while work:
            scope, key, ref, each = work.pop()
            if (id(scope), key, ref) in seen:
                continue
            seen.add((id(scope), key, ref))
            self._spend(1)
            if ref.kind == "resource":
                found.append(scope.instances(ref, key) or [])
            elif ref.kind == "each":
                work.extend((scope, key, target, ()) for target in reversed(each))
            elif ref.kind == "module":
                for child in reversed(scope.modules(ref, key)):
                    work.extend((child, None, target, ()) for target in reversed(child.module.output(ref.output)))
            elif scope.parent is not None:
                given = scope.call.links.get(ref.name, ())
                work.extend((scope.parent, scope.key, target, scope.call.each) for target in reversed(given))
        return self._join(found)

    def _join(self, lists: list[list[str]]) -> list[str]:
        """One list of all, made once for the same lists: many instances refer to the same things."""
        lists = [addresses for addresses in lists if addresses]
        if len(lists) < 2:
            return lists[0] if lists else []
        name = tuple(map(id, lists))
        if name not in self._joined:
            self._spend(sum(map(len, lists)))
            self._joined[name] = list(dict.fromkeys(address for addresses in lists for address in addresses))
        return self._joined[name]

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise LimitError(
                f"the plan's references multiply to more than {MAX_STEPS} addresses",
                hint="index the references (each.key, count.index), so that they do not mean all instances",
            )
