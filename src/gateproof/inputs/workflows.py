"""GitHub Actions workflows and composite actions → Input and resources.

A workflow has ``on`` and ``jobs``, an action ``runs`` with ``using``
(https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax). GitHub reads YAML 1.2, where ``on``
is a word; a cluster reads it as true, and so does our reader: the key is given its name again.
"""

from __future__ import annotations

from typing import Any

from gateproof.inputs.input import Input, Resource


def is_workflow(value: object) -> bool:
    """Whether ``value`` is a workflow or an action."""
    if not isinstance(value, dict):
        return False
    runs = value.get("runs")
    if isinstance(runs, dict) and "using" in runs:
        return True
    return isinstance(value.get("jobs"), dict) and ("on" in value or "true" in value)


def named(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with its triggers under ``on``."""
    if "true" not in document or "on" in document or "jobs" not in document:
        return document
    return {"on" if key == "true" else key: value for key, value in document.items()}


def resources(subject: Input) -> tuple[Resource, ...]:
    """The workflow (or action) as a whole, then each of its jobs. A view has

    - ``address``: ``workflow``, ``action`` or ``jobs.<id>``; ``kind``: ``workflow``, ``action`` or ``job``; ``id`` of a
      job;
    - ``object``: the job, or the whole document; ``workflow``: the whole document;
    - ``steps``: the steps of a job or of a composite action that are objects, each with its ``path`` in the document.
    """
    document = subject.documents[0]
    if "jobs" not in document:
        steps = _steps(document["runs"], ("runs", "steps"))
        return (Resource("action", "action", 0, (), _view("action", "action", "", document, document, steps)),)
    found = [Resource("workflow", "workflow", 0, (), _view("workflow", "workflow", "", document, document, []))]
    for name, job in document["jobs"].items():
        path = ("jobs", name)
        address = f"jobs.{name}"
        view = _view(address, "job", name, job, document, _steps(job, (*path, "steps")))
        found.append(Resource(address, "job", 0, (), view))
    return tuple(found)


def _view(
    address: str, kind: str, id: str, part: Any, document: dict[str, Any], steps: list[dict[str, Any]]
) -> dict[str, Any]:
    return {"address": address, "kind": kind, "id": id, "object": part, "workflow": document, "steps": steps}


def _steps(holder: Any, path: tuple[str, ...]) -> list[dict[str, Any]]:
    steps = holder.get("steps") if isinstance(holder, dict) else None
    if not isinstance(steps, list):
        return []
    return [{**step, "path": [*path, index]} for index, step in enumerate(steps) if isinstance(step, dict)]
