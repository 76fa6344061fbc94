"""Changes to the allowed samples of a policy that it should notice. Also runs alone, and counts:

    python -m tests.unit.policies.mutations [ID …]

Every value of an allowed sample for whose place the policy's denied samples have another value, one that no allowed
sample has, is changed to each of those, one at a time. A policy notices a change when it then says something else of
any resource.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import InputKind, Policy
from gateproof.documents import Format, read

NOW = "2026-11-23T05:00:00Z"
_Names = tuple[str, ...]


class Mutated(NamedTuple):
    """A place in a sample (its names, without indices), and whether the policy noticed any change to it."""

    sample: str
    place: str
    noticed: bool


class _Sample(NamedTuple):
    name: str
    documents: list[Any]
    parts: list[tuple[str, tuple[Any, ...]]]
    """Type and path of each part that is compared with parts of the same type: resources, objects."""
    written: Callable[[list[Any]], bytes]


def mutations(policy: Policy) -> Iterator[Mutated]:
    """What becomes of each change to each allowed sample of a built-in policy."""
    allowed, denied = (
        [_read(path) for path in sorted((pack.POLICIES / policy.id / kind).iterdir())] for kind in ("allowed", "denied")
    )
    good, bad = _values(allowed), _values(denied)
    for sample in allowed:
        before = _judged(policy, sample.written(sample.documents))
        for type, root in sample.parts:
            for path, _ in _places(_at(sample.documents, root)):
                names = _names(path)
                wrong = [value for value in bad.get((type, names), ()) if value not in good.get((type, names), ())]
                if wrong:
                    changed = (_changed(sample.documents, (*root, *path), value) for value in wrong)
                    noticed = any(_judged(policy, sample.written(one)) != before for one in changed)
                    yield Mutated(sample.name, ".".join(names), noticed)


def _read(path: Path) -> _Sample:
    raw = path.read_bytes()
    parsed = inputs.parse(raw)
    kind = parsed.subject.kind
    if kind is InputKind.TERRAFORM_PLAN:
        plan = json.loads(raw)
        changes = enumerate(plan.get("resource_changes") or ())
        found = [
            (each["type"], (0, "resource_changes", number, "change", "after"))
            for number, each in changes
            if each.get("change", {}).get("after")
        ]
        return _Sample(path.name, [plan], found, lambda documents: json.dumps(documents[0]).encode())
    if kind is InputKind.DOCKERFILE:
        lines = raw.decode().replace("\\\n", " ").splitlines()
        words = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
        instructions = [{name: value} for name, value in words]
        return _Sample(path.name, instructions, _whole(instructions), _dockerfile)
    # A workflow's `on` is no boolean, which inputs know; documents of lists would come apart.
    workflow = kind is InputKind.GITHUB_WORKFLOW
    values = list(parsed.documents) if workflow else [document.value for document in read(raw, Format.YAML)]
    return _Sample(path.name, values, _whole(values), _yaml)


def _whole(values: list[Any]) -> list[tuple[str, tuple[Any, ...]]]:
    return [(str(value.get("kind", "")), (number,)) for number, value in enumerate(values)]


def _yaml(documents: list[Any]) -> bytes:
    return "\n---\n".join(map(json.dumps, documents)).encode()


def _dockerfile(instructions: list[Any]) -> bytes:
    return "\n".join(f"{name} {value}" for one in instructions for name, value in one.items()).encode()


def _values(samples: list[_Sample]) -> dict[tuple[str, _Names], list[Any]]:
    found: dict[tuple[str, _Names], list[Any]] = {}
    for sample in samples:
        for type, root in sample.parts:
            for path, value in _places(_at(sample.documents, root)):
                values = found.setdefault((type, _names(path)), [])
                if value not in values:
                    values.append(value)
    return found


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if path:
        yield path, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from _places(member, (*path, step))


def _names(path: tuple[Any, ...]) -> _Names:
    return tuple(step for step in path if isinstance(step, str))


def _at(documents: list[Any], path: tuple[Any, ...]) -> Any:
    value: Any = documents
    for step in path:
        value = value[step]
    return value


def _changed(documents: list[Any], path: tuple[Any, ...], value: Any) -> list[Any]:
    changed = copy.deepcopy(documents)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _judged(policy: Policy, raw: bytes) -> list[tuple[str, str]]:
    subject = inputs.parse(raw)
    if subject.problem:
        return [("", subject.problem)]
    results = engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW)
    return sorted((result.resource, str(result.outcome)) for result in results)


if __name__ == "__main__":
    total = [0, 0]
    for policy in pack.builtin(sys.argv[1:] or None):
        found = list(mutations(policy))
        noticed = sum(each.noticed for each in found)
        total = [total[0] + noticed, total[1] + len(found)]
        missed = sorted({each.place for each in found if not each.noticed})
        print(f"{policy.id:<34} {noticed:4} of {len(found):4}  {' '.join(missed)}")  # noqa: T201 - it counts for people
    print(f"{'':<34} {total[0]:4} of {total[1]:4}")  # noqa: T201
