"""CEL: what an evaluation takes, against cel-go with Kubernetes' libraries, and what compiling takes.

Expressions of the kinds that admission policies are made of, on a Pod of four containers. Each is compiled once; the
peer tracks cost, as an API server does.
"""

from __future__ import annotations

import json
import math
import subprocess
import time
from typing import Any

from benchmarks import measure
from gateproof import cel

EXPRESSIONS = (
    "object.spec.containers.all(c, has(c.securityContext) && c.securityContext.runAsNonRoot)",
    "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false",
    "object.spec.containers.all(c, !c.image.endsWith(':latest') && c.image.startsWith('registry.example/'))",
    "object.spec.containers.all(c, c.?securityContext.?capabilities.?drop.orValue([]).exists(d, d == 'ALL'))",
    "object.spec.containers.all(c, quantity(c.resources.limits.memory).isLessThan(quantity('2Gi')))",
    "object.metadata.labels.exists(k, k == 'app') && object.metadata.name.matches('^[a-z]+$')",
    "object.spec.containers.map(c, c.name).join(',') + ' are fine'",
    "object.spec.containers.filter(c, c.image.contains('app1')).size() == 1 ? 'one' : 'none or several'",
)
_CONTAINER: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
    "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}},
}
POD: dict[str, Any] = {
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
    "spec": {
        "hostNetwork": False,
        "containers": [
            {"name": f"c{number}", "image": f"registry.example/team/app{number}:v1", **_CONTAINER}
            for number in range(4)
        ],
    },
}
_TIMES = 2_000
_RUNS = 9


def run() -> None:
    """Print a line for each benchmark."""
    compiling = [min(_compiling(source) for _ in range(_RUNS)) for source in EXPRESSIONS]
    detail = f"mean of {len(EXPRESSIONS)} expressions, slowest {max(compiling) * 1000:.2f} ms"
    measure.report("CEL: compiling an expression, ms", sum(compiling) / len(compiling) * 1000, "", detail)
    ours = [min(_evaluating(source) for _ in range(_RUNS)) for source in EXPRESSIONS]
    detail = f"mean of {len(EXPRESSIONS)} expressions, slowest {max(ours) * 1e6:.1f} µs"
    measure.report("CEL: evaluations a second, thousands", len(ours) / sum(ours) / 1000, "", detail)
    against_cel_go(ours)


def _compiling(source: str) -> float:
    """Seconds, with the first evaluation, which makes Python's code."""
    began = time.process_time()
    cel.compile(source, ["object"]).evaluate({"object": POD})
    return time.process_time() - began


def _evaluating(source: str) -> float:
    """Seconds of one evaluation."""
    program = cel.compile(source, ["object"])
    program.evaluate({"object": POD})
    began = time.process_time()
    for _ in range(_TIMES):
        program.evaluate({"object": POD})
    return (time.process_time() - began) / _TIMES


def against_cel_go(ours: list[float]) -> None:
    """The same expressions on the same Pod."""
    peer = measure.peer("celpeer")
    if peer is None:
        print("celpeer is not built (make peers): left out")
        return
    asked = [{"source": source, "variables": {"object": POD}, "times": _TIMES} for source in EXPRESSIONS] * _RUNS
    given = "".join(json.dumps(each) + "\n" for each in asked)
    done = subprocess.run([peer], input=given, capture_output=True, check=True, text=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [each for each in said if "error" in each or "compile" in each], said[0]
    times = [each["seconds"] / _TIMES for each in said]
    theirs = [min(times[number :: len(EXPRESSIONS)]) for number in range(len(EXPRESSIONS))]
    ratios = [other / mine for other, mine in zip(theirs, ours, strict=True)]
    detail = f"cel-go {sum(theirs) / len(theirs) * 1e6:.1f} µs, gateproof {sum(ours) / len(ours) * 1e6:.1f} µs"
    measure.report("cel-go / gateproof: geometric mean", math.exp(sum(map(math.log, ratios)) / len(ratios)), "", detail)
    slowest = min(range(len(ratios)), key=ratios.__getitem__)
    detail = f"cel-go {theirs[slowest] * 1e6:.1f} µs, gateproof {ours[slowest] * 1e6:.1f} µs"
    measure.report("cel-go / gateproof: worst case", ratios[slowest], "", detail)
