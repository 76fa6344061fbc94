"""All rules of all modules, by where their documents stand below ``data``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gateproof.rego.errors import COMPILE_ERROR, TYPE_ERROR
from gateproof.rego.syntax import Module, Node, Rule, Scalar

Path = tuple[str, ...]


class Group:
    """The clauses that make one virtual document, or one function."""

    __slots__ = ("clauses", "default", "kind", "number", "path", "uses")

    def __init__(self, number: int, path: Path, kind: str) -> None:
        self.number = number
        self.path = path
        self.kind = kind
        self.clauses: list[tuple[Module, Rule]] = []
        self.default: tuple[Module, Rule] | None = None
        self.uses: dict[Group, tuple[Module, int]] = {}

    @property
    def arity(self) -> int:
        """The number of arguments of a function."""
        module_rule = self.clauses[0] if self.clauses else self.default
        return len(module_rule[1].args) if module_rule else 0

    @property
    def place(self) -> tuple[Module, int]:
        """Where the first clause stands."""
        module, rule = self.clauses[0] if self.clauses else self.default  # type: ignore[misc]  # there is one of them
        return module, rule.at


class Tree:
    """An inner place of ``data``: packages and the static parts of rule heads."""

    __slots__ = ("children", "package")

    def __init__(self) -> None:
        self.children: dict[str, Tree | Group] = {}
        self.package = False

    def groups(self) -> Iterator[Group]:
        """All groups at or below this place."""
        for child in self.children.values():
            if isinstance(child, Group):
                yield child
            else:
                yield from child.groups()


class Index:
    """The tree of documents and the table of functions. ``problems`` collects conflicts."""

    def __init__(self) -> None:
        self.root = Tree()
        self.groups: list[Group] = []
        self.functions: dict[Path, Group] = {}
        self.problems: list[tuple[Module, int, str, str]] = []

    def build(self, rules: Iterable[tuple[Module, Rule]], packages: Iterable[list[str]]) -> None:
        """Put every rule in its place."""
        documents: list[tuple[Module, Rule, Path, bool]] = []
        for module, rule in rules:
            path, static = static_path(module, rule)
            if rule.kind == "function":
                self._function(module, rule, path)
            else:
                documents.append((module, rule, path, static))
        dynamic = {path for _, _, path, static in documents if not static}
        for module, rule, path, _ in documents:
            home = next((path[:n] for n in range(1, len(path) + 1) if path[:n] in dynamic), path)
            self._add(module, rule, home)
        for package in packages:
            self._package(tuple(package))
        for path in self.functions:
            self._package(path[:-1], function=True)
        for path, function in self.functions.items():
            self._check_alone(path, function)
        for group in self.groups:
            self._kind(group)

    def find(self, path: Iterable[str]) -> Tree | Group | None:
        """What stands at ``path``."""
        place: Tree | Group | None = self.root
        for part in path:
            if not isinstance(place, Tree):
                return None
            place = place.children.get(part)
        return place

    def inside_rule(self, path: Sequence[str]) -> bool:
        """Whether ``path`` leads below a rule, into its value."""
        return any(isinstance(self.find(path[:length]), Group) for length in range(1, len(path)))

    def _function(self, module: Module, rule: Rule, path: Path) -> None:
        group = self.functions.get(path)
        if group is None:
            group = self.functions[path] = Group(len(self.functions), path, "function")
        elif len(rule.args) != group.arity:
            self._problem(module, rule, TYPE_ERROR, "conflicting arities of function", path)
        if rule.default:
            if group.default:
                self._problem(module, rule, TYPE_ERROR, "multiple default rules", path)
            group.default = (module, rule)
        else:
            group.clauses.append((module, rule))

    def _check_alone(self, path: Path, function: Group) -> None:
        """A function shares its name with no rule, and nothing stands below it."""
        found = self.find(path)
        if found is not None:
            module, at = function.place
            code = COMPILE_ERROR if isinstance(found, Tree) and found.package else TYPE_ERROR
            self.problems.append((module, at, code, f"conflicting rules: {dotted(path)}"))

    def _add(self, module: Module, rule: Rule, path: Path) -> None:
        place = self.root
        for part in path[:-1]:
            child = place.children.get(part)
            if child is None:
                child = place.children[part] = Tree()
            if isinstance(child, Group):
                self._problem(module, rule, TYPE_ERROR, "rule conflicts with another rule above", path)
                return
            place = child
        found = place.children.get(path[-1])
        if isinstance(found, Tree):
            self._problem(module, rule, TYPE_ERROR, "rule conflicts with rules or packages below", path)
            return
        if found is None:
            found = place.children[path[-1]] = Group(len(self.groups), path, "")
            self.groups.append(found)
        if rule.default and static_path(module, rule)[0] == path:
            if found.default:
                self._problem(module, rule, TYPE_ERROR, "multiple default rules", path)
            found.default = (module, rule)
        else:
            found.clauses.append((module, rule))

    def _package(self, path: Path, *, function: bool = False) -> None:
        """Make room for a package, or for the name before a function's."""
        place = self.root
        for part in path:
            child = place.children.setdefault(part, Tree())
            if isinstance(child, Group):
                module, at = child.place
                code, other = (TYPE_ERROR, "function") if function else (COMPILE_ERROR, "package")
                self.problems.append((module, at, code, f"rule {dotted(child.path)} conflicts with {other}"))
                return
            place = child
        place.package = place.package or not function

    def _kind(self, group: Group) -> None:
        """The cheapest kind that fits all clauses."""
        depths = set()
        for module, rule in group.clauses:
            depth = len(module.package) + len(rule.path) - len(group.path)
            depths.add((rule.kind, depth))
        if depths <= {("complete", 0)}:
            group.kind = "complete"
        elif depths == {("set", 0)} and group.default is None:
            group.kind = "set"
        elif depths == {("complete", 1)} and group.default is None:
            branching = any(rule.otherwise for _, rule in group.clauses)
            group.kind = "tree" if branching else "object"
        elif any(depth == 0 for _, depth in depths) or group.default:
            module, rule = group.clauses[0]
            self._problem(module, rule, TYPE_ERROR, "conflicting rules", group.path)
        else:
            group.kind = "tree"

    def _problem(self, module: Module, rule: Rule, code: str, message: str, path: Path) -> None:
        self.problems.append((module, rule.at, code, f"{message}: {dotted(path)}"))


def matching(place: Tree | Group, path: Sequence[Node]) -> Iterator[Group]:
    """The groups that a reference may read: all below ``path``, where what is not constant fits anything."""
    if isinstance(place, Group):
        yield place
    elif not path:
        yield from place.groups()
    elif isinstance(path[0], Scalar):
        child = place.children.get(str(path[0].value))
        if child is not None:
            yield from matching(child, path[1:])
    else:
        for child in place.children.values():
            yield from matching(child, path[1:])


def static_path(module: Module, rule: Rule) -> tuple[Path, bool]:
    """The constant start of a rule's path below ``data``, and whether that is the whole of it."""
    path = [*module.package, rule.path[0].name]  # type: ignore[attr-defined]  # a Var, by the grammar
    for part in rule.path[1:]:
        name = constant_name(part)
        if name is None:
            return tuple(path), False
        path.append(name)
    return tuple(path), True


def constant_name(node: Node) -> str | None:
    """The string that ``node`` is, if it is one."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def dotted(path: Iterable[str]) -> str:
    """``data.a.b`` for people."""
    return ".".join(("data", *path))
