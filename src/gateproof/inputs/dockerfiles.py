"""Dockerfiles → Input and resources: one for each build stage.

The one document is the list of instructions, as policies for conftest read it (``documents.dockerfile_reader``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateproof.inputs.input import Input, Resource

_VARIABLE = re.compile(r"\\(.)|\$(?:(\w+)|\{(\w+)(?::?([-+])([^}]*))?\})")


def is_dockerfile(value: object) -> bool:
    """Whether ``value`` is the list of a Dockerfile's instructions, with a stage at least."""
    return (
        isinstance(value, list)
        and all(isinstance(one, dict) and isinstance(one.get("Cmd"), str) for one in value)
        and any(one["Cmd"] == "from" for one in value)
    )


def resources(subject: Input) -> tuple[Resource, ...]:
    """One Resource for each stage, in order. Its view has

    - ``address``: ``stage <name>``, or ``stage <number>`` where it has none; ``kind``: ``stage``; ``index``; ``name``
      (empty without one); ``last``: whether it is the stage that is built by default;
    - ``base``: the image as ``FROM`` names it; ``image``: the same with the defaults of ``ARG`` put in, null where one
      has none; ``stage``: the index of the earlier stage that it stands for, or null;
    - ``instructions``: ``FROM`` and what follows it, without comments, each with ``cmd``, ``value``, ``flags``,
      ``json``, ``sub`` and ``path``, where it stands in the document.
    """
    arguments: dict[str, str] = {}
    stages: list[dict[str, Any]] = []
    for index, one in enumerate(subject.documents[0]):
        command = one["Cmd"]
        if command == "comment":
            continue
        if command == "from":
            stages.append(_stage(one, stages, arguments))
        if stages:
            stages[-1]["instructions"].append(_instruction(one, index))
        elif command == "arg":
            arguments.update(_defaults(one))
    if stages:
        stages[-1]["last"] = True
    return tuple(Resource(stage["address"], "stage", 0, (), stage) for stage in stages)


def _stage(one: Mapping[str, Any], earlier: list[dict[str, Any]], arguments: Mapping[str, str]) -> dict[str, Any]:
    words = [str(word) for word in one.get("Value", ())]
    name = words[2] if len(words) == 3 and words[1].lower() == "as" else ""
    base = words[0] if words else ""
    image = _expanded(base, arguments)
    return {
        "address": f"stage {name or len(earlier)}",
        "kind": "stage",
        "index": len(earlier),
        "name": name,
        "last": False,
        "base": base,
        "image": image,
        "stage": next((stage["index"] for stage in earlier if image and stage["name"].lower() == image.lower()), None),
        "instructions": [],
    }


def _instruction(one: Mapping[str, Any], index: int) -> dict[str, Any]:
    return {
        "cmd": one["Cmd"],
        "value": one.get("Value", []),
        "flags": one.get("Flags", []),
        "json": one.get("JSON", False),
        "sub": one.get("SubCmd", ""),
        "path": [index],
    }


def _defaults(one: Mapping[str, Any]) -> dict[str, str]:
    """The defaults that an ``ARG`` gives."""
    pairs = [str(word).partition("=") for word in one.get("Value", ())]
    return {name: value.strip("\"'") for name, equals, value in pairs if equals}


def _expanded(text: str, arguments: Mapping[str, str]) -> str | None:
    """``text`` with variables replaced by their defaults; None where one has none."""
    missing = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal missing
        escaped, plain, braced, operator, word = match.groups()
        if escaped is not None:
            return str(escaped)
        value = arguments.get(plain or braced, "")
        if operator == "-":
            return value or str(word)
        if operator == "+":
            return str(word) if value else ""
        missing = missing or not value
        return value

    expanded = _VARIABLE.sub(replaced, text)
    return None if missing else expanded
