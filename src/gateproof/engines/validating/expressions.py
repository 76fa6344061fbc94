"""Validations in CEL: compiled from a policy or rule, and evaluated on one request.

The order and the costs are those of an API server: ``matchConditions`` have a budget of their own; variables are
evaluated when they are first read, and what that costs counts for the policy; messages are evaluated for validations
that do not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, partial
from typing import Any, TypeVar

import msgspec

from gateproof.documents.interface import Path
from gateproof.engines.validating.cluster import Cluster
from gateproof.errors import BudgetError, EvaluationError

_T = TypeVar("_T")

Report = Callable[[Path, str], None]
"""Takes what is wrong with what stands at a path below the spec."""
Listed = tuple[Path, list[Any]]
"""A list in the spec, and where it stands."""

LONGEST_MESSAGE = 5 * 1024
LONGEST_ANNOTATION = 10 * 1024

_VARIABLES = frozenset({"object", "oldObject", "request", "namespaceObject"})
_NAME_OF_NAMESPACE = re.compile(r"\bnamespaceObject\s*\.\s*metadata\s*\.\s*name\b")
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_READ = re.compile(r"\bvariables\s*\.\s*\??\s*([A-Za-z_][A-Za-z0-9_]*)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HINT_NAMESPACE = "give the Namespace with the manifests, or the fact that has the cluster's objects"
_HINT_USER = "judge the request itself, as the API server sends it"
_HINT_TYPE = "convert the value, or compare it"


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression; ``about`` names it in messages. ``asks``: it reads more of a Namespace than its name."""

    about: str
    source: str
    program: Any
    asks: bool = False


class Validation(msgspec.Struct, frozen=True):
    """What has to hold, and what is said when it does not."""

    expression: Expression
    message: str = ""
    said: Expression | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What validations say about a request.

    ``unmet``: the name of the condition because of which they are not for it. ``failed``: messages of validations that
    do not hold. ``errors``: what could not be evaluated.
    """

    unmet: str = ""
    failed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    annotations: Mapping[str, str] = {}


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """What expressions can read of a request: an AdmissionRequest with its objects.

    ``namespace``: the Namespace that it is for; None for none. ``namespace_known``: whether that is more than its name.
    ``whole_request``: whether ``request`` has the objects, too. ``more``: variables that the host adds.
    """

    request: Mapping[str, Any]
    namespace: Mapping[str, Any] | None = None
    namespace_known: bool = True
    params: Any = None
    whole_request: bool = False
    more: Mapping[str, Any] = {}

    @classmethod
    def of(
        cls,
        request: Mapping[str, Any],
        namespace: str = "",
        cluster: Cluster | None = None,
        params: Any = None,
    ) -> Bindings:
        """The bindings for a request in ``namespace`` (empty: in none), with what is known of the cluster."""
        known = cluster.namespace(namespace) if cluster is not None and namespace else None
        return cls(
            request=request,
            namespace=known or ({"metadata": {"name": namespace}} if namespace else None),
            namespace_known=not namespace or known is not None,
            params=params,
        )

    def values(self) -> dict[str, Any]:
        """By the names that expressions have for them; what is not known is an error where it is read."""
        shown = {name: _shown(self.request[name], self.request) for name in ("object", "oldObject")}
        request = {key: value for key, value in {**self.request, **shown}.items() if value is not None and key != "uid"}
        if not self.whole_request:
            request = {key: value for key, value in request.items() if key not in ("object", "oldObject")}
        if not request.get("userInfo"):
            request["userInfo"] = _unknown("who asks is not known", _HINT_USER)
        return {
            **shown,
            "request": request,
            "params": self.params,
            "namespaceObject": self.namespace,
            **self.more,
        }


def _shown(value: Any, request: Mapping[str, Any]) -> Any:
    """An object with the namespace that it goes to, as an API server has it.

    The values of a Secret are errors where they are read: nobody who judges knows them, only that they are there.
    """
    if value is None:
        return None
    shown, metadata = value, value.get("metadata")
    kind, namespace = request["kind"], request["namespace"]
    if namespace and isinstance(metadata, dict) and not metadata.get("namespace") and kind["kind"] != "Namespace":
        shown = {**value, "metadata": {**metadata, "namespace": namespace}}
    if (kind["group"], kind["kind"]) != ("", "Secret"):
        return shown
    hidden = _unknown("the values of Secrets are redacted", "ask which keys there are")
    values = {name: shown[name] for name in ("data", "stringData") if isinstance(shown.get(name), dict)}
    return {**shown, **{name: dict.fromkeys(keys, hidden) for name, keys in values.items()}}


def _unknown(message: str, hint: str) -> Any:
    from gateproof import cel

    def fail() -> Any:
        raise cel.EvaluationError(message, hint=hint)

    return cel.Lazy(fail)


class Validations(msgspec.Struct, frozen=True, kw_only=True):
    """Compiled conditions, variables, validations and audit annotations.

    ``conditions_see_namespace``: of ValidatingAdmissionPolicies they do not.
    """

    conditions: tuple[Expression, ...] = ()
    variables: tuple[Expression, ...] = ()
    validations: tuple[Validation, ...] = ()
    annotations: tuple[Expression, ...] = ()
    conditions_see_namespace: bool = False

    def judge(self, bindings: Bindings) -> Verdict:
        """What they say about the request with these bindings. Whatever cannot be evaluated is among ``errors``."""
        from gateproof import cel

        if self.conditions and (verdict := self._unmet(bindings)) is not None:
            return verdict
        return _Evaluation(bindings, cel.POLICY_COST, self.variables).verdict(self.validations, self.annotations)

    def _unmet(self, bindings: Bindings) -> Verdict | None:
        """What is said where a condition does not hold, or, if none of them fails, cannot be evaluated."""
        from gateproof import cel

        if not self.conditions_see_namespace:
            bindings = msgspec.structs.replace(bindings, namespace=None, namespace_known=True)
        conditions = _Evaluation(bindings, cel.MATCH_CONDITIONS_COST)
        errors = []
        for one in self.conditions:
            try:
                if conditions.value(one, bool) is False:
                    return Verdict(unmet=one.about)
            except EvaluationError as error:
                errors.append(_told(one, error))
        return Verdict(errors=tuple(errors)) if errors else None


class _Evaluation:
    """One policy on one request: the variables that were evaluated, and what is left of the budget."""

    def __init__(self, bindings: Bindings, cost: int, variables: Iterable[Expression] = ()) -> None:
        from gateproof import cel

        self._budget = cel.Budget(cost)
        self._values = bindings.values()
        self._values["variables"] = {one.about: cel.Lazy(partial(self._evaluate, one)) for one in variables}
        self._unknown = dict(self._values)
        if not bindings.namespace_known:
            said = f"the namespace {bindings.request['namespace']} is not known, and more than its name is read"
            self._unknown["namespaceObject"] = _unknown(said, _HINT_NAMESPACE)

    def verdict(self, validations: Iterable[Validation], annotations: Iterable[Expression]) -> Verdict:
        """What ``validations`` say; all of them are asked, until there is no budget left."""
        failed: list[str] = []
        errors: list[str] = []
        for one in validations:
            try:
                if self.value(one.expression, bool) is False:
                    failed.append(self._message(one))
            except EvaluationError as error:
                errors.append(_told(one.expression, error))
                if isinstance(error, BudgetError):
                    break
        found: dict[str, str] = {}
        for each in annotations:
            try:
                value = self.value(each, str, type(None))
            except EvaluationError as error:
                errors.append(_told(each, error))
                continue
            if value and value.strip():
                found[each.about] = value.strip()[:LONGEST_ANNOTATION]
        return Verdict(failed=tuple(failed), errors=tuple(errors), annotations=found)

    def value(self, expression: Expression, *types: type) -> Any:
        """The value of ``expression``. Raises EvaluationError, also when it is of none of ``types``."""
        value = self._evaluate(expression)
        if type(value) not in types:
            raise EvaluationError(f"it is no {_NAMES[types[0]]}", hint=_HINT_TYPE)
        return value

    def _message(self, validation: Validation) -> str:
        """The message of a validation that does not hold: the expression's, if it says anything on one line."""
        if validation.said is not None:
            try:
                said = str(self.value(validation.said, str)).strip()
            except BudgetError:
                raise
            except EvaluationError:
                said = ""
            if said and "\n" not in said and len(said.encode()) <= LONGEST_MESSAGE:
                return said
        return validation.message.strip() or f"failed expression: {validation.expression.source.strip()}"

    def _evaluate(self, expression: Expression) -> Any:
        values = self._unknown if expression.asks else self._values
        return expression.program.evaluate(values, self._budget)


_NAMES = {bool: "bool", str: "string"}
_USES = {"bool": " ? true : false", "string": ".startsWith('')"}
"""What can be made of an expression of a type alone."""


def _told(expression: Expression, error: EvaluationError) -> str:
    return f"{expression.about or ' '.join(expression.source.split())}: {error.one_line}"


class Compiler:
    """Compiles the expressions of one policy or rule, and reports what is wrong with them.

    ``params``: whether there are parameters. ``functions`` and ``more``: functions and variables that the host adds;
    ``libraries``: where they are not those of an API server.
    """

    def __init__(
        self,
        report: Report,
        *,
        params: bool = False,
        functions: Mapping[str, Any] | None = None,
        more: Iterable[str] = (),
        libraries: Collection[str] | None = None,
    ) -> None:
        self._report = report
        self._names = _VARIABLES.union(more, {"params"} if params else ())
        self._functions = {**_lenient(), **(functions or {})}
        self._libraries = libraries
        self._variables: set[str] = set()

    def compile(
        self,
        *,
        conditions: Listed,
        variables: Listed,
        validations: Listed,
        annotations: Listed,
        conditions_see_namespace: bool = False,
    ) -> Validations:
        """The validations of a spec; its lists fit their schema."""
        checked = [
            self._expression((*path, "expression"), one["expression"], one["name"], "bool", variables=False)
            for path, one in _each(conditions)
        ]
        defined = []
        for path, one in _each(variables):
            name = one["name"]
            if name in self._variables or not _IDENTIFIER.fullmatch(name):
                self._report((*path, "name"), f"{name!r} is no identifier, or names another variable, too")
            defined.append(self._expression((*path, "expression"), one["expression"], name))
            self._variables.add(name)
        return Validations(
            conditions=_present(checked),
            variables=_present(defined),
            validations=_present([self._validation(path, one) for path, one in _each(validations)]),
            annotations=_present(
                [
                    self._expression((*path, "valueExpression"), one["valueExpression"], one["key"])
                    for path, one in _each(annotations)
                ]
            ),
            conditions_see_namespace=conditions_see_namespace,
        )

    def _validation(self, path: Path, raw: Mapping[str, Any]) -> Validation | None:
        expression = self._expression((*path, "expression"), raw["expression"], "", "bool")
        said = None
        if raw.get("messageExpression"):
            place = (*path, "messageExpression")
            said = self._expression(place, raw["messageExpression"], "messageExpression", "string")
        return None if expression is None else Validation(expression, raw.get("message") or "", said)

    def _expression(
        self, path: Path, source: str, about: str, wanted: str = "", *, variables: bool = True
    ) -> Expression | None:
        """``wanted``: the type that it must be of, where it must be of one."""
        from gateproof import cel

        names = self._names | {"variables"} if variables else self._names
        libraries = cel.KUBERNETES if self._libraries is None else self._libraries
        if not source.strip():
            self._report(path, "the expression is empty")
            return None
        try:
            program = cel.compile(source, names, libraries=libraries, functions=self._functions)
        except cel.CompileError as error:
            asked = [problem for problem in error.found if "'authorizer" in problem.message]
            for problem in asked[:1] or error.found:
                why = " (authorization checks ask a cluster, and are refused)" if asked else ""
                self._report(path, f"the expression, {problem}{why}")
            return None
        if wanted:
            try:
                cel.compile(f"({source}\n){_USES[wanted]}", names, libraries=libraries, functions=self._functions)
            except cel.CompileError:
                self._report(path, f"the expression is no {wanted}")
                return None
        bare = _TEXT.sub("", source)
        for name in sorted(set(_READ.findall(bare)) - self._variables):
            self._report(path, f"variables.{name} is not defined before it is read")
        return Expression(about, source, program, "namespaceObject" in _NAME_OF_NAMESPACE.sub("", bare))


@cache
def _lenient() -> dict[str, Any]:
    """``x.orValue(y)`` of what is no optional is ``x``, as in an API server; the language has an error there."""
    from gateproof import cel

    def or_value(found: Any, default: Any) -> Any:
        if type(found) is cel.Optional:
            return found.value if found.present else default
        return found

    return {"orValue": cel.Function(or_value, (2,))}


def _each(listed: Listed) -> Iterable[tuple[Path, Any]]:
    path, items = listed
    return (((*path, index), item) for index, item in enumerate(items))


def _present(found: Iterable[_T | None]) -> tuple[_T, ...]:
    return tuple(one for one in found if one is not None)
