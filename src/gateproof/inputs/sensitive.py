"""What a Terraform plan itself marks as sensitive, replaced wherever the plan format repeats it.

Markers stand beside the values (``before_sensitive``, ``after_sensitive``, ``sensitive_values``, ``sensitive``). The
configuration repeats literals of the source without any marker, so those of marked attributes, variables and outputs
are replaced as well. Plans of format 0.1 have no markers: there is nothing to go by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import eq
from typing import Any

from gateproof.documents.interface import Path
from gateproof.inputs.configuration import locate
from gateproof.inputs.plan import Change, Plan, ResourceChange, objects
from gateproof.inputs.redact import Redactor, is_marked

Names = tuple[str, ...]
Marked = dict[tuple[Names, str], set[Names]]
"""(module calls, resource's address in its module) → marked attributes: names on the way, without list indices."""


def redact(document: dict[str, Any], plan: Plan, redactor: Redactor) -> None:
    """Replace sensitive values in ``document``, freshly decoded, in place; ``plan`` is its typed view."""
    marked: Marked = {}
    for name, changes in (("resource_changes", plan.resource_changes), ("resource_drift", plan.resource_drift)):
        for index, resource in enumerate(changes or ()):
            change = resource.change
            before, after = change.before_sensitive, change.after_sensitive
            if (after and is_marked(after)) or (before and is_marked(before)):
                _note(marked, resource)
                _change(document[name][index]["change"], change, redactor, (name, index, "change"))
    for index, deferred in enumerate(plan.deferred_changes or ()):
        path: Path = ("deferred_changes", index, "resource_change", "change")
        _note(marked, deferred.resource_change)
        raw = document["deferred_changes"][index]["resource_change"]["change"]
        _change(raw, deferred.resource_change.change, redactor, path)
    root = objects(objects(document.get("configuration")).get("root_module"))
    outputs = _sensitive(root, "outputs")
    for name, change in (plan.output_changes or {}).items():
        if name in outputs:  # plans before 1.0 may lack the markers
            change.before_sensitive = change.after_sensitive = True
        _change(document["output_changes"][name], change, redactor, ("output_changes", name))
    _values(document.get("planned_values"), redactor, ("planned_values",))
    _values(objects(document.get("prior_state")).get("values"), redactor, ("prior_state", "values"))
    given = objects(document.get("variables"))
    for name in _sensitive(root, "variables"):
        _hide(given.get(name), "value", redactor, ("variables", name))
    _module(root, (), marked, redactor, ("configuration", "root_module"))


def _hide(holder: Any, name: str, redactor: Redactor, path: Path) -> None:
    if isinstance(holder, dict) and name in holder:
        holder[name] = redactor.hide(holder[name], 0, (*path, name))


def _change(raw: dict[str, Any], change: Change, redactor: Redactor, path: Path) -> None:
    for name, marker in (("before", change.before_sensitive), ("after", change.after_sensitive)):
        if marker and name in raw:
            raw[name] = redactor.hide_marked(raw[name], marker, 0, (*path, name))


def _note(marked: Marked, resource: ResourceChange) -> None:
    """Remember which attributes of the configuration resource have literals to replace."""
    place = locate(resource)
    names = marked.setdefault((tuple(call for call, _ in place.modules), place.resource), set())
    for marker in (resource.change.before_sensitive, resource.change.after_sensitive):
        names.update(_marked_names(marker))


def _marked_names(marker: Any, names: Names = ()) -> Iterator[Names]:
    if isinstance(marker, dict):
        for name, child in marker.items():
            yield from _marked_names(child, (*names, name))
    elif isinstance(marker, list):
        for child in marker:
            yield from _marked_names(child, names)
    elif is_marked(marker):
        yield names


def _values(values: Any, redactor: Redactor, path: Path) -> None:
    """A values representation: outputs, and modules with the values and markers of each resource."""
    for name, output in objects(objects(values).get("outputs")).items():
        if objects(output).get("sensitive"):
            _hide(output, "value", redactor, (*path, "outputs", name))
    modules = [(objects(values).get("root_module"), (*path, "root_module"))]
    while modules:
        module, at = modules.pop()
        for index, resource in _rows(module, "resources"):
            marker = resource.get("sensitive_values")
            if "values" in resource and is_marked(marker):
                place: Path = (*at, "resources", index, "values")
                resource["values"] = redactor.hide_marked(resource["values"], marker, 0, place)
        modules.extend((child, (*at, "child_modules", index)) for index, child in _rows(module, "child_modules"))


def _rows(holder: Any, name: str) -> list[tuple[int, dict[str, Any]]]:
    listed = objects(holder).get(name)
    return [(i, row) for i, row in enumerate(listed) if isinstance(row, dict)] if isinstance(listed, list) else []


def _sensitive(module: dict[str, Any], members: str) -> list[str]:
    """Names of the variables or outputs that a module of the configuration declares sensitive."""
    return [name for name, row in objects(module.get(members)).items() if objects(row).get("sensitive")]


def _module(module: dict[str, Any], calls: tuple[str, ...], marked: Marked, redactor: Redactor, path: Path) -> None:
    """Literals in the configuration of one module and the modules that it calls."""
    variables = objects(module.get("variables"))
    for name in _sensitive(module, "variables"):
        _hide(variables[name], "default", redactor, (*path, "variables", name))
    for name in _sensitive(module, "outputs"):
        _literals(module["outputs"][name].get("expression"), redactor, (*path, "outputs", name, "expression"))
    for index, resource in _rows(module, "resources") if marked else ():
        if names := marked.get((calls, str(resource.get("address")))):
            _literals(resource.get("expressions"), redactor, (*path, "resources", index, "expressions"), names)
    for name, call in objects(module.get("module_calls")).items():
        called = objects(objects(call).get("module"))
        at: Path = (*path, "module_calls", name)
        expressions = objects(objects(call).get("expressions"))
        for variable in _sensitive(called, "variables"):
            _literals(expressions.get(variable), redactor, (*at, "expressions", variable))
        _module(called, (*calls, name), marked, redactor, (*at, "module"))


def _literals(
    expression: Any, redactor: Redactor, path: Path, marked: Collection[Names] = ((),), names: Names = ()
) -> None:
    """Every ``constant_value`` in an expression or blocks of expressions that holds, or is in, something marked."""
    if isinstance(expression, list):
        for index, child in enumerate(expression):
            _literals(child, redactor, (*path, index), marked, names)
    elif isinstance(expression, dict):
        for name, child in expression.items():
            if name != "constant_value":
                _literals(child, redactor, (*path, name), marked, (*names, name))
            elif any(all(map(eq, names, other)) for other in marked):
                expression[name] = redactor.hide(child, 0, (*path, name))
