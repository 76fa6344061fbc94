"""Bare Rego against schemas: rules that could not fire on any input of a schema, found without an input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateproof.compiler import Limits
from gateproof.errors import EvaluationError
from gateproof.inputs.exemplars import Exemplars
from gateproof.rego.vacuity import Vacuous, Watch, watched

_LIMITS = Limits(steps=500_000_000)
_TEST = re.compile(r"\.(todo_)?test_[^.]*$")
_CHANGE = re.compile(r"input\.(?:resource_changes|planned_values\.root_module\.resources)\[(\d+)\]")


def foreseen(modules: Mapping[str, str], data: Any, exemplars: Sequence[Exemplars]) -> tuple[str, ...]:
    """What is said of each rule of ``modules`` that could fire on no input of the schemas; tests are left alone.

    Where an evaluation ends with an error, nothing is concluded from any, and that is said.
    """
    program = watched(modules)
    closed = {id(one): names for each in exemplars for one, names in each.closed}
    watch = Watch(program, closed)
    paths = [path for path in program.rules if not _TEST.search(path)]
    for each in exemplars:
        for document in each.documents:
            for path in paths:
                try:
                    program.evaluate(path, document, data, observer=watch, limits=_LIMITS)
                except EvaluationError as error:
                    return (f"nothing was concluded from the schema: {path}: {error}",)
    return tuple(dict.fromkeys(_said(one, exemplars) for one in watch.vacuous()))


def _said(one: Vacuous, exemplars: Sequence[Exemplars]) -> str:
    """The sentence about a rule, with the type of a resource for its place in the exemplar."""
    message = one.message.replace("could not fire:", "cannot fire on any input of the schema:")
    if found := _CHANGE.search(one.path):
        kinds = [_kind(each, int(found[1])) for each in exemplars]
        place = found[0].rpartition("[")[0]
        message = message.replace(found[0], f"{place}[_]")
        if kind := next(filter(None, kinds), ""):
            message += f", in {kind}"
    return message


def _kind(exemplars: Exemplars, number: int) -> str:
    for document in exemplars.documents:
        changes = document.get("resource_changes", ()) if isinstance(document, dict) else ()
        if number < len(changes):
            return str(changes[number]["type"])
    return ""
