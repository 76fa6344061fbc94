"""What hostile policies and inputs cost before their budget ends them, at everybody's limits. Also runs alone.

    python benchmarks/hostile.py            the worst of all cases, for `make bench`
    python benchmarks/hostile.py --all      every case, the slowest first
    python benchmarks/hostile.py --steps    microseconds for a step of each case, the dearest first

Each case is a process of its own, so that its peak of memory is its own. What is expected of a policy as it is meant,
on 100,000 resources, stands beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.unit.rego.hostile import CASES

from benchmarks import measure, plans

ARTICLE = measure.ROOT / "tests" / "golden" / "article" / "s3.rego"
_LONGEST = 180
_CASE = """
import json, resource, sys, time
sys.path.insert(0, sys.argv[1])
from tests.unit.rego.hostile import CASES
from gateproof import rego
from gateproof.errors import GateproofError
from gateproof.rego.metering import Meter
case = next(case for case in CASES if case.name == sys.argv[2])
given = case.given()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
steps = 0
try:
    program = rego.compile({"p.rego": case.source}, v0=False)
    meter = Meter(program)
    try:
        program.evaluate("data.p.x", given, now_ns=0, observer=meter)
    finally:
        steps = meter.steps
except GateproofError as error:
    said = str(error).partition("\\n")[0]
else:
    said = ""
seconds = time.process_time() - began
peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps([seconds, peak, steps, said]))
"""
_REAL = """
import json, sys
from gateproof import inputs
from gateproof.catalog import pack
from gateproof.engines.rego import RegoEngine
from gateproof.rego.metering import Meter
subject = inputs.parse(open(sys.argv[1], "rb").read())
for policy in [*pack.load({"s3.rego": open(sys.argv[2]).read()}), *pack.builtin()]:
    meters = []
    def observe(policy, program):
        meters.append(Meter(program))
        return meters[-1]
    RegoEngine(observe=observe).evaluate(policy, subject, {}, now="2026-11-23T00:00:00Z")
    taken = [(meter.steps, meter.budget.allowance) for meter in meters if hasattr(meter, "budget")]
    if taken:  # it may have nothing to judge here
        print(json.dumps([policy.id, *max(taken)]))
"""


class Outcome(NamedTuple):
    """CPU seconds, MiB beyond those before, steps, and what the error says."""

    seconds: float
    peak: float
    steps: int
    said: str


def run() -> None:
    """The worst of all cases, a line each for time and memory."""
    outcomes = {case.name: _outcome(case.name) for case in CASES}
    slowest = max(outcomes, key=lambda name: outcomes[name].seconds)
    largest = max(outcomes, key=lambda name: outcomes[name].peak)
    many = f"{len(outcomes)} policies and inputs"
    measure.report(f"hostile, of {many}: seconds", outcomes[slowest].seconds, "at most 8", slowest)
    measure.report(f"hostile, of {many}: MiB", outcomes[largest].peak, "at most 500", largest)
    real_jobs()


def real_jobs() -> None:
    """The steps of policies as they are meant, of those that they may take, on 100,000 resources: the most."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_bytes(plans.plan(100_000))
        command = [sys.executable, "-c", _REAL, str(plan), str(ARTICLE)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
    policy, taken, allowance = max(found, key=lambda each: each[1] / each[2])
    detail = f"{policy}: {taken:,} of {allowance:,} steps"
    measure.report(f"steps of 100,000 resources, of {len(found)} policies", taken / allowance, "at most 0.3", detail)


def _outcome(name: str) -> Outcome:
    command = [sys.executable, "-c", _CASE, str(measure.ROOT), name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_LONGEST)
    return Outcome(*json.loads(done.stdout))


def _table(*, by_step: bool) -> None:
    outcomes = [(case.name, _outcome(case.name)) for case in CASES]

    def cost(outcome: Outcome) -> float:
        return outcome.seconds / max(outcome.steps, 100_000) * 1e6 if by_step else outcome.seconds

    for name, each in sorted(outcomes, key=lambda pair: -cost(pair[1])):
        print(f"{name:<42} {cost(each):>8.2f} {each.peak:>6.0f} MiB {each.steps:>10,} steps  {each.said}")


if __name__ == "__main__":
    if sys.argv[1:]:
        _table(by_step="--steps" in sys.argv)
    else:
        run()
