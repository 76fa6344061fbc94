"""Metrics in the OpenMetrics text format (https://prometheus.io/docs/specs/om/open_metrics_spec/), version 1.0.0."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


class Family(Protocol):
    """A metric with all its label sets."""

    def lines(self) -> Iterator[str]:
        """Its text, without the line end."""


class Counter:
    """Something that is counted; ``name`` is without ``_total``. Safe to use from one thread for each label set."""

    def __init__(self, name: str, said: str) -> None:
        self._name, self._said = name, said
        self._values: dict[Labels, float] = {}

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count ``amount`` more."""
        key = tuple(labels.items())
        self._values[key] = self._values.get(key, 0) + amount

    def value(self, **labels: str) -> float:
        """What was counted."""
        return self._values.get(tuple(labels.items()), 0)

    def lines(self) -> Iterator[str]:
        """See Family. A counter that has counted nothing and has no labels is zero."""
        yield from _described(self._name, "counter", self._said)
        for labels, value in sorted((self._values or {(): 0.0}).items()):
            yield f"{self._name}_total{_braced(labels)} {_number(value)}"


class Gauge:
    """A value as it is now."""

    def __init__(self, name: str, said: str) -> None:
        self._name, self._said = name, said
        self._values: dict[Labels, float] = {}

    def set(self, value: float, **labels: str) -> None:
        """The value is ``value``."""
        self._values[tuple(labels.items())] = value

    def clear(self) -> None:
        """Forget every label set."""
        self._values.clear()

    def lines(self) -> Iterator[str]:
        """See Family. What was never set is left out."""
        yield from _described(self._name, "gauge", self._said)
        for labels, value in sorted(self._values.items()):
            yield f"{self._name}{_braced(labels)} {_number(value)}"


class Histogram:
    """How values are spread over ``bounds``, which ascend."""

    def __init__(self, name: str, said: str, bounds: Sequence[float]) -> None:
        self._name, self._said, self._bounds = name, said, tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self) -> Iterator[str]:
        """See Family."""
        yield from _described(self._name, "histogram", self._said)
        below = 0
        for bound, count in zip((*map(_number, self._bounds), "+Inf"), self._counts, strict=True):
            below += count
            yield f'{self._name}_bucket{{le="{bound}"}} {below}'
        yield f"{self._name}_sum {_number(self._sum)}"
        yield f"{self._name}_count {below}"


def exposition(families: Mapping[str, Family] | Sequence[Family]) -> bytes:
    """The text of all ``families``, in order."""
    each = families.values() if isinstance(families, Mapping) else families
    return "".join(f"{line}\n" for family in each for line in family.lines()).encode() + b"# EOF\n"


def _described(name: str, kind: str, said: str) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    yield f"# HELP {name} {_escaped(said)}"


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}" if labels else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
