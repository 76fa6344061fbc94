"""Coverage: which policies enforce which controls at which of the five layers, and where nothing does. Pure.

A policy enforces the controls that it cites, at the layers that it names; one that names none works wherever what it
judges is at hand. That a policy is configured for a layer does not show that a gate stands there: the evidence does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

import msgspec

from gateproof.catalog.enforcement import Topic, deployment_topics
from gateproof.catalog.frameworks import Catalog, Framework
from gateproof.catalog.policy import InputKind, Policy
from gateproof.catalog.scales import Layer

_BEFORE_RUNTIME = (Layer.PRE_COMMIT, Layer.CI, Layer.CD)
_LAYERS_OF: Mapping[InputKind, tuple[Layer, ...]] = {
    InputKind.TERRAFORM_PLAN: _BEFORE_RUNTIME,
    InputKind.KUBERNETES: (*_BEFORE_RUNTIME, Layer.RUNTIME),
    InputKind.GITHUB_WORKFLOW: (Layer.PRE_COMMIT, Layer.CI),
    InputKind.DOCKERFILE: (Layer.PRE_COMMIT, Layer.CI),
}
"""Where each kind of input is at hand: a plan is applied before anything runs, a workflow is judged before it does."""


class State(StrEnum):
    """What is done for a control."""

    ENFORCED = "enforced"
    GAP = "gap"
    NOT_BY_A_GATE = "not by a gate"


class Cell(msgspec.Struct, frozen=True):
    """A control at a layer: the policies that enforce it there, and by what it can be enforced where that is known."""

    layer: Layer
    policies: tuple[str, ...]
    possible: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the control could be enforced here, and nothing does."""
        return bool(self.possible and not self.policies)


class Line(msgspec.Struct, frozen=True):
    """A control with its five cells. ``reason`` says why no gate can enforce it; a ``heading`` has no state."""

    id: str
    title: str
    cells: tuple[Cell, ...]
    state: State | None
    reason: str = ""
    designation: str = ""
    baselines: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Its id within the framework."""
        return self.id.partition(":")[2]

    @property
    def heading(self) -> bool:
        """Whether it only groups others."""
        return self.state is None

    @property
    def open(self) -> tuple[Layer, ...]:
        """Layers at which it could be enforced and is not."""
        return tuple(cell.layer for cell in self.cells if cell.is_open)


class Matrix(msgspec.Struct, frozen=True):
    """One framework's controls by the five layers, in its own order."""

    framework: str
    title: str
    note: str
    lines: tuple[Line, ...]

    def count(self, state: State) -> int:
        """How many controls are in ``state``, headings aside."""
        return sum(line.state is state for line in self.lines)

    @property
    def controls(self) -> int:
        """How many controls there are, headings aside."""
        return sum(not line.heading for line in self.lines)

    def at(self, layer: Layer) -> int:
        """How many controls some policy enforces at ``layer``."""
        place = [*Layer].index(layer)
        return sum(bool(line.cells[place].policies) for line in self.lines if not line.heading)


class Concern(msgspec.Struct, frozen=True):
    """A topic of deployments with its five cells: the policies that cite any of the controls that tell it."""

    topic: str
    cells: tuple[Cell, ...]


def concerns(policies: Iterable[Policy]) -> tuple[Concern, ...]:
    """Every topic that touches deployments, with what enforces it where."""
    enforcing = _enforcing(policies)
    return tuple(
        Concern(
            topic.topic,
            tuple(
                Cell(
                    layer,
                    tuple(sorted({each for control in topic.telling for each in enforcing.get((control, layer), ())})),
                    topic.points.get(layer, ""),
                )
                for layer in Layer
            ),
        )
        for topic in deployment_topics()
    )


def cover(catalog: Catalog, policies: Iterable[Policy], names: Collection[str] = ()) -> tuple[Matrix, ...]:
    """What ``policies`` enforce of the frameworks of these names (``soc2`` or ``soc2@2017``; without any, of all)."""
    enforcing = _enforcing(policies)
    about = _topics_of(deployment_topics())
    return tuple(
        _matrix(framework, catalog, enforcing, about)
        for framework in catalog.frameworks
        if not names or framework.id in names or framework.name in names
    )


def line(catalog: Catalog, policies: Iterable[Policy], control: str) -> Line:
    """The line of one control, by its canonical id."""
    return _line(control, catalog, _enforcing(policies), _topics_of(deployment_topics()))


def layers(policy: Policy) -> tuple[Layer, ...]:
    """Where ``policy`` works: at the layers that it names, else wherever the inputs that it judges are at hand."""
    if policy.layers:
        return policy.layers
    found = {layer for kind in policy.kinds or _LAYERS_OF for layer in _LAYERS_OF.get(kind, ())}
    return tuple(layer for layer in Layer if layer in found)


_Enforcing = Mapping[tuple[str, Layer], list[str]]


def _enforcing(policies: Iterable[Policy]) -> _Enforcing:
    """Ids of policies by control and layer."""
    found: dict[tuple[str, Layer], list[str]] = {}
    for policy in sorted(policies, key=lambda policy: policy.id):
        for control in policy.controls:
            for layer in layers(policy):
                found.setdefault((control, layer), []).append(policy.id)
    return found


def _topics_of(topics: Iterable[Topic]) -> Mapping[str, list[Topic]]:
    found: dict[str, list[Topic]] = {}
    for topic in topics:
        for control in topic.controls:
            found.setdefault(control, []).append(topic)
    return found


def _matrix(framework: Framework, catalog: Catalog, enforcing: _Enforcing, about: Mapping[str, list[Topic]]) -> Matrix:
    lines = (_line(f"{framework.name}:{entry.id}", catalog, enforcing, about) for entry in framework.controls)
    return Matrix(framework.name, framework.title, framework.note, tuple(lines))


def _line(control: str, catalog: Catalog, enforcing: _Enforcing, about: Mapping[str, list[Topic]]) -> Line:
    entry = catalog.entries[control]
    topics = about.get(control, [])
    cells = tuple(
        Cell(
            layer,
            tuple(enforcing.get((control, layer), ())),
            "; ".join(dict.fromkeys(topic.points[layer] for topic in topics if layer in topic.points)),
        )
        for layer in Layer
    )
    reason = catalog.not_by_gate.get(control, "")
    state = State.NOT_BY_A_GATE if reason else State.GAP
    if any(cell.policies for cell in cells):
        state, reason = State.ENFORCED, ""
    return Line(
        id=control,
        title=entry.title,
        cells=cells,
        state=None if entry.heading else state,
        reason=reason,
        designation=entry.designation,
        baselines=entry.baselines,
        topics=tuple(topic.topic for topic in topics),
    )
