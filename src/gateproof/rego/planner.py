"""Modules to a plan: rules and functions become IR functions; all problems are reported together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gateproof.compiler import ir
from gateproof.rego.bodies import BodyPlanner
from gateproof.rego.builtins import BUILTINS, REFUSED
from gateproof.rego.charging import charge
from gateproof.rego.dependencies import dependencies_first, recursive
from gateproof.rego.emitter import CTX, UNDEFINED
from gateproof.rego.errors import (
    COMPILE_ERROR,
    RECURSION_ERROR,
    TYPE_ERROR,
    UNSAFE_VAR_ERROR,
    CompileError,
    Unsupported,
    excerpted,
)
from gateproof.rego.expressions import TermPlanner
from gateproof.rego.fusion import Alternatives, fuse, join, nodes
from gateproof.rego.index import Group, Index, Tree, dotted
from gateproof.rego.inlining import inline
from gateproof.rego.plan import FORMAT, Plan, RulePlan, local_name
from gateproof.rego.resolver import Resolver, dotted_name, wildcard
from gateproof.rego.safety import Safety
from gateproof.rego.shortcuts import ARITHMETIC, COMPARISONS
from gateproof.rego.standing import standing
from gateproof.rego.syntax import (
    Array,
    Builtin,
    Call,
    Literal,
    Module,
    Node,
    Object,
    Ref,
    Rule,
    Scalar,
    SetLiteral,
    Var,
    With,
    children,
)
from gateproof.rego.values import key

OPERATORS = frozenset(ARITHMETIC | COMPARISONS.keys() | {"equal", "neq"})
_REFUSED_ARITY = {"http.send": 1, "net.lookup_ip_addr": 1, "opa.runtime": 0, "rego.parse_module": 2}
_MAX_PROBLEMS = 50
_RESULT = ir.Name("result")
_OUT = ir.Name("out")


class Planner:
    """Plans a set of modules, and queries against them.

    ``bodies`` plans bodies; tracing has one of its own. ``fuses``: the clauses of a set or an object are one function.
    ``folds``: what is constant is not asked of the rule that says it.
    """

    bodies: type[BodyPlanner] = BodyPlanner
    fuses = True
    folds = True

    def __init__(self, modules: Sequence[Module], host: Mapping[str, int], schema: object = None) -> None:
        """``host`` maps the names of the host's own builtins to their arities. ``schema`` is that of the input."""
        self.modules = modules
        self.host = host
        self.schema = schema
        self.names: dict[str, object] = {**BUILTINS, **REFUSED, **host, **dict.fromkeys(OPERATORS)}
        self.index = Index()
        self.safety = Safety(self.arity)
        self.problems: list[tuple[str, str]] = []
        self.functions: list[ir.Function] = []
        self.several: list[Alternatives] = []
        self.used: list[str] = []
        self.constants: list[str] = []
        self.weights: dict[str, int] = {}  # members of constants, at any depth
        self.empty: set[str] = set()
        self.sets: set[str] = set()  # constants that are sets
        self.nodes: list[list[str]] = []
        self.mocked: dict[str, str] = {}
        self.rewrites = False  # whether some `with` replaces data
        self._folded: dict[Group, ir.Expr | None] = {}
        self.module: Module = modules[0] if modules else Module("", "", [], 0, [], [], [], True)
        self.rules_of: dict[tuple[str, ...], set[str]] = {}

    def plan(self, query: Module | None = None) -> Plan:
        """The plan of all modules, with the bindings of ``query`` if there is one."""
        for module in self.modules:
            names = self.rules_of.setdefault(tuple(module.package), set())
            names.update(rule.path[0].name for rule in module.rules)  # type: ignore[attr-defined]  # a Var, by the grammar
        if any("METADATA" in module.source for module in self.modules):
            from gateproof.rego.annotations import redeclared

            self.problems += redeclared(self.modules)
        resolved = [(module, rule) for module in self.modules for rule in self._resolve(module)]
        asked = self._resolve(query) if query else []
        self.index.build(resolved, [module.package for module in self.modules])
        for module, at, code, message in self.index.problems:
            self.problems.append((code, f"{module.place(at)}: {code}: {message}"))
        for _, rule in [*resolved, *((self.module, rule) for rule in asked)]:
            self._find_mocked(rule)
        outputs = self._query(query, asked[0]) if query else []
        rules = [self._rule(group) for group in self.index.groups]
        for group in self.index.functions.values():
            self._function(group)
        self._check_recursion()
        self._check_types(query, asked)
        self._raise()
        self.functions = join(self.functions, self.several, inline=self.fuses)
        if self.fuses:
            self.functions = fuse(self.functions, rules)
        if self.folds:
            self.functions = inline(self.functions, self.constants)
        charge(self.functions, self.constants)
        tree = _tree(self.index.root)
        plan = Plan(FORMAT, self.functions, self.constants, rules, tree, self.nodes, self.used, outputs)
        plan.standing = standing(plan)
        return plan

    def _resolve(self, module: Module) -> list[Rule]:
        problems: list[tuple[int, str, str]] = []
        names = self.rules_of.get(tuple(module.package), set()) if module.package else set()
        resolver = Resolver(module, names, self.names, problems)
        rules = [resolver.rule(rule) for rule in module.rules]
        for rule in module.rules if self.host else ():
            name = dotted_name(Ref(rule.at, rule.path[0], rule.path[1:]))
            if name in self.host:
                problems.append((rule.at, COMPILE_ERROR, f"rule {name} has the name of a builtin of the host"))
        self.problems += [(code, f"{module.place(at)}: {code}: {message}") for at, code, message in problems]
        return rules

    # What the planners of bodies ask and report

    def problem(self, at: int, code: str, message: str) -> None:
        """Note a problem in the module that is being planned."""
        self.problems.append((code, f"{self.module.place(at)}: {code}: {message}"))

    def unsafe(self, var: Var) -> None:
        """Note a variable that nothing binds."""
        name = var.name.partition("#")[0]
        known = name in self.names or name == "set"
        hint = " (a function must be called)" if known else ""
        self.problem(var.at, UNSAFE_VAR_ERROR, f"var {name} is unsafe{hint}")

    def refuse(self, at: int, what: str) -> None:
        """Refuse a construct of the module that is being planned."""
        raise Unsupported(f"not supported: {what}", where=self.module.place(at))

    def uses(self, group: Group | None, others: list[Group], at: int) -> None:
        """Note that the clause being planned depends on ``others``."""
        if group is not None:
            for other in others:
                group.uses.setdefault(other, (self.module, at))

    def constant(self, value: ir.Expr, *, weight: int = 1, empty: bool = False) -> ir.Name:
        """A collection, or a key, that is the same in every evaluation: made once, when the program is loaded."""
        name = f"constant_{len(self.constants)}"
        self.weights[name] = weight
        self.constants.append(name)
        if empty:
            self.empty.add(name)
        self.functions.append(ir.Function(name, ["ctx"], [ir.Return(value)], "constant"))
        return ir.Name(name)

    def folded(self, group: Group) -> ir.Expr | None:
        """The value of a rule that is a constant and stays so; None for any other rule."""
        if not self.folds or self.rewrites:
            return None
        if group not in self._folded:
            self._folded[group] = self._fold(group)
        return self._folded[group]

    def _fold(self, group: Group) -> ir.Expr | None:
        if group.kind != "complete" or len(group.clauses) != 1 or group.default:
            return None
        rule = group.clauses[0][1]
        if rule.body or rule.otherwise or rule.value is None or not _is_literal(rule.value):
            return None
        planner = TermPlanner(self, group)
        value = planner.value(rule.value)
        return None if planner.out else value

    def node(self, names: list[str]) -> int:
        """The number of an inner place of the tree."""
        if names not in self.nodes:
            self.nodes.append(names)
        return self.nodes.index(names)

    def arity(self, call: Call) -> int | None:
        """The number of arguments that the function of ``call`` takes."""
        function = call.function
        if isinstance(function, Ref):
            path = tuple(part.value for part in function.path if isinstance(part, Scalar))
            group = self.index.functions.get(path)  # type: ignore[arg-type]  # what is no path is not found
            return group.arity if group else None
        name = function.name if isinstance(function, Var) else ""
        if name in self.host:
            return self.host[name]
        if name in REFUSED:
            self._refused(name, call)
            return _REFUSED_ARITY[name]
        if name in BUILTINS:
            return BUILTINS[name].arity
        return 2 if name in OPERATORS or name == "internal.member_2" else None

    def builtin(self, name: str, node: Node) -> tuple[str, int, bool] | None:
        """The local name, the arity and whether it is a relation, of a builtin; None after a problem."""
        if name not in self.host and name not in BUILTINS:
            if name in REFUSED:
                self._refused(name, node)
                return self._local(name), _REFUSED_ARITY[name], False
            self.problem(node.at, TYPE_ERROR, f"undefined function {name}")
            return None
        if name not in self.host and BUILTINS[name].deprecated and self.module.v1:
            self.problem(node.at, TYPE_ERROR, f"deprecated built-in function calls in expression: {name}")
        relation = self.is_relation(name)
        arity = self.host[name] if name in self.host else BUILTINS[name].arity
        return self._local(name), arity, relation

    def is_relation(self, name: str) -> bool:
        """Whether ``name`` is a builtin with many results."""
        return name not in self.host and name in BUILTINS and BUILTINS[name].relation

    def _refused(self, name: str, node: Node) -> None:
        """Refuse a builtin unless some `with` replaces it (a call outside of that ends in an error)."""
        if name not in self.mocked:
            hint = "leave it out and give what it fetches as a fact; an embedder may pass builtins to rego.compile"
            where = self.module.place(node.at)
            raise Unsupported(f"builtin {name} is not supported: {REFUSED[name]}", where=where, hint=hint)

    def _local(self, name: str) -> str:
        if name not in self.used:
            self.used.append(name)
        return local_name(self.used.index(name), name)

    def function_name(self, node: Node) -> str | None:
        """The name by which a function can be replaced, if ``node`` names one."""
        if isinstance(node, Builtin):
            return node.name
        if isinstance(node, Ref) and isinstance(node.head, Var) and node.head.name == "data":
            path = tuple(part.value for part in node.path if isinstance(part, Scalar))
            if path in self.index.functions:
                return dotted(path)  # type: ignore[arg-type]  # it was found, so it is a path
        return None

    def function_local(self, group: Group | None, name: str, node: Node) -> str:
        """The generated name of the function ``name``, to be passed as a value."""
        if isinstance(node, Ref):
            other = self.index.functions[tuple(part.value for part in node.path)]  # type: ignore[attr-defined]  # constant names
            self.uses(group, [other], node.at)
            return f"function_{other.number}"
        found = self.builtin(name, node)
        return found[0] if found else "UNDEFINED"

    def metadata(self, planner: TermPlanner, name: str, node: Call) -> ir.Expr:
        """``rego.metadata.rule`` and ``rego.metadata.chain`` are known when compiling."""
        from gateproof.rego.annotations import chain, rule_annotation
        from gateproof.rego.literals import literal_of

        group = planner.group
        rule = planner.rule
        path = group.path if group else ()
        value: object
        if name == "rego.metadata.chain":
            value = chain(self.modules, self.module, rule, path)
        else:
            value = rule_annotation(self.module, rule)
        return planner.value(literal_of(node.at, value))

    # Rules and functions

    def _find_mocked(self, node: Node) -> None:
        if isinstance(node, With):
            name = self.function_name(node.target)
            if name is not None:
                self.mocked[name] = name
            elif not (_is_root(node.target, "input") or isinstance(node.target, Builtin)):
                self.rewrites = True
        for child in children(node):
            self._find_mocked(child)

    def _rule(self, group: Group) -> RulePlan:
        name = f"rule_{group.number}"
        emit = {"complete": self._complete, "set": self._set, "object": self._object}.get(group.kind, self._branch)
        names = []
        for number, (module, rule) in enumerate(group.clauses):
            self.module = module
            if rule.default:
                self.refuse(rule.at, "a default beside rules with variables in their heads")
            emit(group, rule, f"{name}_{number}")
            names.append(f"{name}_{number}")
        default = self._default(group, f"{name}_default", ["ctx"])
        module, at = group.place
        if group.kind == "complete" and (len(names) > 1 or default):
            self.several.append(Alternatives(f"{name}_any", ["ctx"], names, default, _uniform(group)))
            names = [f"{name}_any"]
        return RulePlan(list(group.path), group.kind, names, module.place(at))

    def _function(self, group: Group) -> None:
        name = f"function_{group.number}"
        params = ["ctx", *[f"a{number}" for number in range(group.arity)]]
        names = [f"{name}_{number}" for number in range(len(group.clauses))]
        single = len(names) == 1 and group.default is None
        for local, (module, rule) in zip([name] if single else names, group.clauses, strict=True):
            self.module = module
            self._chain(group, rule, local, params)
        default = self._default(group, f"{name}_default", params)
        if not single:
            self.several.append(Alternatives(name, params, names, default, self.fuses and _uniform(group)))

    def _default(self, group: Group, name: str, params: list[str]) -> str | None:
        if group.default is None:
            return None
        module, rule = group.default
        self.module = module
        self._chain(group, rule, name, params)
        return name

    def _emit(self, group: Group | None, name: str, params: list[str], body: list[ir.Stmt], at: int) -> None:
        _drop_unused_keys(body)
        label = f"{dotted(group.path)} ({self.module.place(at)})" if group else "query"
        self.functions.append(ir.Function(name, params, body, label))

    def _complete(self, group: Group, rule: Rule, name: str) -> None:
        self._chain(group, rule, name, ["ctx"])

    def _chain(self, group: Group, rule: Rule, name: str, params: list[str]) -> None:
        """A clause and its `else` branches, as a function that returns the value."""
        planner = self.bodies(self, group)
        body: list[ir.Stmt] = []
        branch: Rule | None = rule
        while branch:
            root: list[ir.Stmt] = []
            planner.restart(root, branch)
            planner.body(_parameters(planner, branch) + branch.body)
            assert branch.value is not None  # noqa: S101 - the parser gives every such rule a value
            value = planner.value(branch.value)
            planner.conclude()
            if planner.looping and not isinstance(value, ir.Const):
                planner.out.append(ir.Assign("result", ir.Call("agree", [CTX, _RESULT, value])))
                leave: list[ir.Stmt] = [ir.Guard(ir.Not(ir.Is(_RESULT, UNDEFINED))), ir.Return(_RESULT)]
                body += [ir.Assign("result", UNDEFINED), ir.Scope(None, root), ir.Scope(None, leave)]
            else:
                planner.out.append(ir.Return(value))
                body += [ir.Scope(None, root)] if branch.otherwise else root
            branch = branch.otherwise
        self._emit(group, name, params, body, rule.at)

    def _clause(self, group: Group, rule: Rule, name: str, finish: Callable[[BodyPlanner], None]) -> None:
        """A clause that adds to ``out``."""
        if rule.otherwise:
            self.problem(rule.at, COMPILE_ERROR, "else keyword cannot be used on partial rules")
        planner = self.bodies(self, group)
        root: list[ir.Stmt] = []
        planner.restart(root, rule)
        planner.body(rule.body)
        finish(planner)
        planner.conclude()
        self._emit(group, name, ["ctx", "out"], root, rule.at)

    def _set(self, group: Group, rule: Rule, name: str) -> None:
        def finish(planner: BodyPlanner) -> None:
            member = planner.value(rule.key or Scalar(rule.at, None))
            member = member if isinstance(member, (ir.Name, ir.Const)) else planner.assign(member)
            planner.out.append(ir.Store("out", planner.key_of(member), member))

        self._clause(group, rule, name, finish)

    def _object(self, group: Group, rule: Rule, name: str) -> None:
        def finish(planner: BodyPlanner) -> None:
            name = planner.value(rule.path[-1])
            value = planner.value(rule.value or Scalar(rule.at, True))
            planner.out.append(ir.Do(ir.Call("put", [CTX, _OUT, name, value])))

        self._clause(group, rule, name, finish)

    def _branch(self, group: Group, rule: Rule, name: str) -> None:
        """A clause of a document of which several rules make parts, at any depth."""
        start = len(group.path) - len(self.module.package)
        inner = f"{name}_value"
        if rule.otherwise:
            if not all(isinstance(part, Scalar) for part in rule.path[1:]):
                self.refuse(rule.at, "else on a rule with variables in its head")
            self._chain(group, rule, inner, ["ctx"])
            rule = Rule(rule.at, rule.path, rule.kind, [], None, rule.value, [], None, rule.default, True)
        else:
            inner = ""

        def finish(planner: BodyPlanner) -> None:
            path: list[ir.Expr] = [planner.value(part) for part in rule.path[start:]]
            if rule.kind == "set":
                value, function = planner.value(rule.key or Scalar(rule.at, None)), "contribute_member"
            else:
                function = "contribute"
                if inner:
                    value = planner.require(ir.Call(inner, [CTX]))
                else:
                    value = planner.value(rule.value or Scalar(rule.at, True))
            planner.out.append(ir.Do(ir.Call(function, [CTX, _OUT, ir.MakeList(path), value])))

        self._clause(group, rule, name, finish)

    def _query(self, module: Module | None, rule: Rule) -> list[str]:
        """The function ``query``, which appends the bindings of each solution; the names of its variables."""
        assert module is not None  # noqa: S101 - called with one
        before, self.module = self.module, module
        planner = self.bodies(self, None)
        root: list[ir.Stmt] = []
        planner.restart(root, rule)
        planner.body(rule.body)
        names = [name for name in planner.bound if not wildcard(name)]
        values = [planner.bound[name] for name in names]
        planner.out.append(ir.Append("out", ir.MakeList(values)))
        planner.conclude()
        self._emit(None, "query", ["ctx", "out"], root, rule.at)
        self.module = before
        return [name.partition("#")[0] for name in names]

    # Problems

    def _check_recursion(self) -> None:
        for module, at, path in recursive([*self.index.groups, *self.index.functions.values()]):
            message = f"rule {dotted(path)} is recursive"
            self.problems.append((RECURSION_ERROR, f"{module.place(at)}: {RECURSION_ERROR}: {message}"))

    def _check_types(self, query: Module | None, asked: list[Rule]) -> None:
        """Check what every rule does with its values, those first that others use."""
        from gateproof.rego.typecheck import Checker

        checker = Checker(self.arity, self.host, self.schema)

        def report(at: int, message: str) -> None:
            self.problem(at, TYPE_ERROR, message)

        for group in dependencies_first([*self.index.groups, *self.index.functions.values()]):
            for module, rule in [*group.clauses, *([group.default] if group.default else [])]:
                self.module = module
                checker.rule(module.package, rule, report)
        if query is not None:
            self.module = query
            for rule in asked:
                checker.query(rule.body, report)

    def _raise(self) -> None:
        if not self.problems:
            return
        lines = sorted(dict.fromkeys(line for _, line in self.problems), key=_position)[:_MAX_PROBLEMS]
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        hint = "correct the policy and run again"
        lines = excerpted(lines, {module.file: module.source for module in self.modules})
        raise CompileError(self.problems[0][0], f"the policy does not compile: {count}", hint=hint, problems=lines)


def _position(line: str) -> tuple[str, int, int]:
    """Where the problem is that ``line`` tells of, for sorting."""
    found = re.match(r"(.*?):(\d+):(\d+): rego_", line, re.DOTALL)
    return (found[1], int(found[2]), int(found[3])) if found else (line, 0, 0)


def _parameters(planner: BodyPlanner, rule: Rule) -> list[Literal]:
    """Bind the parameters of a function; those that have to be computed become conditions of its body."""
    conditions: list[Literal] = []
    for number, arg in enumerate(rule.args if not rule.default else []):
        local = ir.Name(f"a{number}")
        planner.defined.add(local.id)
        if isinstance(arg, (Var, Scalar, Array, Object)):
            planner.match(local, arg)
        else:
            name = Var(arg.at, f"_#argument{number}")
            planner.bound[name.name] = local
            conditions.append(Literal(arg.at, Call(arg.at, Var(arg.at, "equal"), [name, arg]), False, []))
    return conditions


def _is_literal(node: Node) -> bool:
    """Whether a term is a value, written out."""
    return isinstance(node, (Scalar, Array, SetLiteral, Object)) and all(map(_is_literal, children(node)))


def _is_root(node: Node, name: str) -> bool:
    """Whether a term is, or refers to, the root document ``name``."""
    head = node.head if isinstance(node, Ref) else node
    return isinstance(head, Var) and head.name == name


def _drop_unused_keys(body: list[ir.Stmt]) -> None:
    """Iterate over values alone where nothing reads the keys: half of the work of a loop."""
    used = {node.id for node in nodes(body) if isinstance(node, ir.Name)}
    for node in nodes(body):
        if isinstance(node, ir.Loop) and node.key and node.key not in used and isinstance(node.source, ir.Call):
            node.key, node.source = None, ir.Call("values", node.source.args)


def _uniform(group: Group) -> bool:
    """Whether all clauses give one and the same constant."""
    found: set[object] = set()
    for _, rule in group.clauses:
        branch: Rule | None = rule
        while branch:
            found.add(key(branch.value.value) if isinstance(branch.value, Scalar) else id(branch))
            branch = branch.otherwise
    return len(found) == 1


def _tree(place: Tree) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, child in place.children.items():
        result[name] = child.number if isinstance(child, Group) else _tree(child)
    return result
