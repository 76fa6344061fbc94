"""An inventory → text for a terminal, and JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from gateproof.onboarding.inventory import Inventory, Labelling, Provable, Repository, State
from gateproof.render.untrusted import json_document, plain

_MOST = 3
_MARKS = {State.TODAY: "●", State.STEP: "◐", State.POLICY: "○", State.ELSEWHERE: "△", State.NOTHING: "·"}


def json(inventory: Inventory) -> str:
    """As JSON: docs/reference/inventory.schema.json."""
    return json_document(msgspec.json.encode(inventory))


def text(inventory: Inventory, width: int = 100) -> str:
    """What each repository has, and which controls could be proved there."""
    lines: list[str] = []
    for repository in inventory.repositories:
        lines += ["", *_repository(repository, max(width, 60))] if lines else _repository(repository, max(width, 60))
    if len(inventory.repositories) > 1:
        lines += ["", *_together(inventory.repositories)]
    return "\n".join(lines) + "\n"


def _repository(repository: Repository, width: int) -> list[str]:
    lines = [plain(repository.name), ""]
    for name, said in _rows(repository):
        head = f"  {name:<16} "
        lines += _hanging(head, said or ["none"], width)
    lines += ["", "  Controls that touch deployments: what could be proved here with gateproof"]
    for state in State:
        found = [each for each in repository.provable if each.state is state]
        if found:
            lines += ["", f"  {_MARKS[state]} {state.value}"]
        for needed in dict.fromkeys(each.step for each in found):
            for each in found:
                lines += _provable(each, width) if each.step == needed else []
            lines += _hanging("      next: ", [needed], width) if needed else []
    if repository.left_out:
        lines += ["", "  Left out"]
        example = {each.reason: each.path for each in reversed(repository.left_out_at)}
        for reason, count in repository.left_out.items():
            such = f", such as {example[reason]}" if reason in example else ""
            lines += _hanging(f"    {count:>6}  ", [f"{reason}{such}"], width)
    return lines


def _hanging(head: str, said: Iterable[str], width: int) -> list[str]:
    """Each of ``said``, wrapped, in a column of its own behind ``head``."""
    lines: list[str] = []
    for each in said:
        lines += textwrap.wrap(
            plain(each),
            width,
            initial_indent=" " * len(head) if lines else head,
            subsequent_indent=" " * (len(head) + 2),
            break_on_hyphens=False,
            break_long_words=False,
        )
    return lines


def _rows(repository: Repository) -> Iterator[tuple[str, list[str]]]:
    roots = repository.roots
    types = sum((Counter(module.resources) for module in repository.terraform), Counter[str]())
    modules = [module.path for module in repository.terraform if not module.root]
    yield (
        "Terraform",
        [
            *_listed("root", "roots", [f"{each.path}{f' ({each.backend})' if each.backend else ''}" for each in roots]),
            *_listed("module", "modules", modules),
            *([f"{types.total()} resources of {len(types)} types: {_names(_by_count(types))}"] if types else []),
            *_listed("plan as JSON", "plans as JSON", [plan.path for plan in repository.plans]),
        ],
    )
    kinds = sum((Counter(manifest.kinds) for manifest in repository.manifests), Counter[str]())
    yield (
        "Kubernetes",
        [
            *_listed("manifest file", "manifest files", [each.path for each in repository.manifests]),
            *([f"{kinds.total()} objects: {_names(_by_count(kinds))}"] if kinds else []),
            *_listed("Helm chart", "Helm charts", [each.path for each in repository.charts]),
            *_listed("kustomization", "kustomizations", repository.kustomizations),
        ],
    )
    yield "Dockerfiles", _listed("Dockerfile", "Dockerfiles", repository.dockerfiles)
    pinned = sum(image.pinned for image in repository.images)
    images = [image.name for image in repository.images]
    yield "Images", [f"{len(images)}, {pinned} pinned by digest: {_names(images)}"] if images else []
    yield (
        "Pipelines",
        [
            f"{each.path} ({each.system})"
            + (f", environments {_names(each.environments)}" if each.environments else "")
            for each in repository.pipelines[:_MOST]
        ]
        + _more(len(repository.pipelines)),
    )
    yield (
        "Gates",
        [
            f"{tool} at {layer}: {place}" + ("" if enforcing else ", which can stop nothing")
            for (tool, layer, place), enforcing in _gates(repository).items()
        ],
    )
    engines = Counter(policy.engine for policy in repository.policies)
    yield "Policies", [f"{count} {engine}" for engine, count in sorted(engines.items())]
    yield (
        "Owners",
        [
            f"{each.path}: {each.rules} rules" + ("" if each.everything else ", some files have no owner")
            for each in repository.owners[:_MOST]
        ],
    )
    yield "Tags and labels", [_label(each) for each in repository.labels]
    yield "gateproof", list(repository.configured)


def _gates(repository: Repository) -> dict[tuple[str, str, str], bool]:
    """Each tool at a layer with the first file that it is in; enforcing where any of its runs is."""
    found: dict[tuple[str, str, str], bool] = {}
    for gate in repository.gates:
        key = (gate.tool, gate.layer.value, gate.path)
        found[key] = found.get(key, False) or gate.enforcing
    return dict(sorted(found.items()))


def _label(label: Labelling) -> str:
    total = label.seen + label.missing + label.unknown
    said = f"{label.label} on {label.seen} of {total}"
    if label.unknown:
        said += f", {label.unknown} by an expression (a plan tells)"
    return f"{said}; missing: {_names(label.missing_at, label.missing)}" if label.missing else said


def _provable(each: Provable, width: int) -> list[str]:
    already = f"here already: {', '.join(each.gates)}" if each.gates else ""
    said = "; ".join(filter(None, (_names(each.policies), already)))
    head = f"    {each.topic:<38} "
    return _hanging(head, [said], width) if said else [head.rstrip()]


def _together(repositories: Sequence[Repository]) -> Iterator[str]:
    yield f"{len(repositories)} repositories; in how many each control could be proved"
    yield ""
    yield f"  {'':<38} {'  '.join(state.value for state in State)}"
    for topics in zip(*(repository.provable for repository in repositories), strict=True):
        counts = Counter(each.state for each in topics)
        cells = "  ".join(str(counts[state] or "·").center(len(state.value)) for state in State)
        yield f"  {topics[0].topic:<38} {cells}".rstrip()


def _listed(one: str, many: str, names: Sequence[str]) -> list[str]:
    return [f"{len(names)} {one if len(names) == 1 else many}: {_names(names)}"] if names else []


def _names(names: Iterable[str], total: int | None = None) -> str:
    listed = list(names)
    rest = (len(listed) if total is None else total) - len(listed[:_MOST])
    return ", ".join(listed[:_MOST]) + (f" and {rest} more" if rest > 0 else "")


def _by_count(counted: Counter[str]) -> list[str]:
    return [f"{count} {name}" for name, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def _more(count: int) -> list[str]:
    return [f"and {count - _MOST} more"] if count > _MOST else []
