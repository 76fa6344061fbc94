"""What Rego costs here: ratios to regorus and to OPA, and growth with the input. Also runs alone.

    python benchmarks/rego.py

Engines run in processes of their own and time themselves, in turns; the best of all rounds counts. Values are compared
before anything is timed, and what differs is said and left out.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.conformance import gatekeeper

from benchmarks import measure, plans

if TYPE_CHECKING:
    from gateproof.rego import Program

ARTICLE = measure.ROOT / "tests" / "golden" / "article" / "s3.rego"
RULE = "data.tf.aws.s3.deny"
_WORKER = Path(__file__).with_name("rego_worker.py")
_OURS = sys.executable
Job = dict[str, Any]


def main() -> None:
    """Run every benchmark of Rego and print a line for each."""
    print(f"{'':<52} {'ratio':>10}   {'aim':<22} measured")
    run()


def run() -> None:
    """The benchmarks without the head of their table."""
    plan = plans.plan(20_000, blocks=False)
    regorus = measure.PEERS / "regorus" / "bin" / "python"
    if not regorus.exists():
        print("regorus is not installed (make peers): left out")
    else:
        article_against_regorus(plan, regorus)
        gatekeeper_against_regorus(regorus)
    opa = measure.peer("opa")
    if opa is None:
        print("opa is not built (make peers): left out")
    else:
        article_against_opa(plan, opa)
    compiling()
    scaling()


def article_against_regorus(plan: bytes, regorus: Path) -> None:
    """The article's two rules, the input already read."""
    job = _job({"s3.rego": ARTICLE.read_text()}, RULE, plan.decode(), runs=1)
    (theirs,), (ours,) = _race(regorus, [job], rounds=9)
    detail = f"regorus {theirs * 1000:.0f} ms, gateproof {ours * 1000:.0f} ms"
    measure.report("regorus / gateproof: 20,000 resources, input read", theirs / ours, "at least 4", detail)


def article_against_opa(plan: bytes, opa: str) -> None:
    """The same against what OPA says that evaluation took, and process to process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _worker(
            _OURS, "gateproof", [_job({"s3.rego": ARTICLE.read_text()}, RULE, plan.decode(), runs=1)], folder
        ) as ours,
    ):
        path = Path(folder) / "plan.json"
        path.write_bytes(plan)
        command = [opa, "eval", "--v0-compatible", "-d", str(ARTICLE), "-i", str(path), RULE]
        timed: list[tuple[float, float]] = []
        for _ in range(5):
            said = json.loads(subprocess.run([*command, "--metrics"], capture_output=True, check=True).stdout)
            _same([said["result"][0]["expressions"][0]["value"]], ours.values)
            timed.append((said["metrics"]["timer_rego_query_eval_ns"] / 1e9, ours.round()[0]))
        theirs, mine = map(min, zip(*timed, strict=True))
        detail = f"OPA {theirs * 1000:.0f} ms, gateproof {mine * 1000:.0f} ms"
        measure.report("OPA's own evaluation timer / gateproof", theirs / mine, "at least 4", detail)
        check = [sys.executable, "-m", "gateproof", "check", "--policy", str(ARTICLE), str(path)]
        commands = {
            "theirs": measure.Command(command),
            "ours": measure.Command(check, (1,), "1 policy: 1 DENY"),
        }
        cost = measure.race(commands, runs=5)
    them, us = cost["theirs"].seconds, cost["ours"].seconds
    detail = f"opa eval {them:.2f} s, gateproof check {us:.2f} s"
    measure.report("OPA / gateproof: process, 20,000 resources", them / us, "at least 4", detail)


def gatekeeper_against_regorus(regorus: Path) -> None:
    """All cases of Gatekeeper's library, each evaluation by itself, the input ready."""
    home = gatekeeper.corpus()
    if not home.is_dir():
        print(f"there are no cases at {home}: left out")
        return
    jobs = []
    for case in gatekeeper.cases(home):
        template = gatekeeper.template(home / "files" / case["template"])
        given, data = gatekeeper.question(home, case)
        jobs.append(_job(template.modules, template.violation, json.dumps(given), json.dumps(data), runs=20))
    theirs, ours = _race(regorus, jobs, rounds=12)
    ratios = [them / us for them, us in zip(theirs, ours, strict=True)]
    mean = math.exp(statistics.mean(map(math.log, ratios)))
    detail = f"{len(ratios)} cases, medians {statistics.median(theirs) * 1e6:.1f} and "
    detail += f"{statistics.median(ours) * 1e6:.1f} µs"
    measure.report("regorus / gateproof: Gatekeeper, geometric mean", mean, "at least 2", detail)
    slowest = min(range(len(ratios)), key=ratios.__getitem__)
    detail = f"regorus {theirs[slowest] * 1e6:.1f} µs, gateproof {ours[slowest] * 1e6:.1f} µs"
    measure.report("regorus / gateproof: Gatekeeper, worst case", ratios[slowest], "at least 0.7", detail)


def compiling() -> None:
    """The median of all Gatekeeper templates, and the same program from its stored plan."""
    from gateproof import rego

    home = gatekeeper.corpus()
    if not home.is_dir():
        return
    templates = [gatekeeper.template(path).modules for path in sorted(home.rglob("template.yaml"))]
    stored = [rego.compile(modules).to_bytes() for modules in templates]
    fresh = statistics.median(_best(lambda modules=modules: rego.compile(modules), 3) for modules in templates)
    again = statistics.median(_best(lambda raw=raw: rego.Program.from_bytes(raw), 3) for raw in stored)
    detail = f"median of {len(templates)} templates {fresh * 1000:.1f} ms, stored {again * 1000:.2f} ms"
    measure.report("compiling Gatekeeper templates, ms", fresh * 1000, "under 15", detail)


# Objects are few enough to stay in a processor's cache, so that the growth is that of the work.
_NAMED = [{"name": f"n{number}", "group": number % 97, "tags": ["a", "b"]} for number in range(3_000)]
_FLAT = list(range(100_000))
_GROWING: Mapping[str, tuple[str, Sequence[Any]]] = {
    "iteration": ('x if { some r in input; r.name == "none" }', _NAMED),
    "array comprehension": ("x := count([r.name | some r in input; r.group > 40])", _NAMED),
    "set building": ("x := count({r.name | some r in input})", _NAMED),
    "set of objects": ("x := count({r | some r in input})", _NAMED),
    "object building": ("x := count({r.name: r | some r in input})", _NAMED),
    "partial set": ("x contains r.name if some r in input", _NAMED),
    "union of sets": ("x := count({r.name | some r in input} | {r.group | some r in input})", _NAMED),
    "join by key": ("m := {r.name: r | some r in input}\nx := count([1 | some r in input; m[r.name]])", _NAMED),
    "join by set": ("s := {r.name | some r in input}\nx := count([1 | some r in input; r.name in s])", _NAMED),
    "walk, nested": ("x := count([1 | walk(input, [_, v]); is_string(v)])", _NAMED),
    "walk, flat": ("x := count([1 | walk(input, [_, v]); v == 0.5])", _FLAT),
    "walk, paths": ("x := count([p | walk(input, [p, _])])", _FLAT),
    "joining strings": ('x := count(concat(",", [r.name | some r in input]))', _NAMED),
    "splitting strings": ('x := count(split(concat(",", [r.name | some r in input]), ","))', _NAMED),
}


def scaling() -> None:
    """What ten times the input costs of the processor's time, with the cyclic collector paused as it is at every gate.

    A collection traces all that is alive, whatever it was that made the last objects: it grows with the process.
    """
    from gateproof import rego
    from gateproof.documents import collector

    for name, (body, items) in _GROWING.items():
        program = rego.compile({"p.rego": f"package p\n{body}"}, v0=False)
        small, large = items[: len(items) // 10], items
        with collector.paused():
            costs = [(_evaluation(program, small, 5), _evaluation(program, large, 1)) for _ in range(5)]
        least, most = map(min, zip(*costs, strict=True))
        detail = f"{len(small):,} in {least * 1000:.1f} ms, {len(large):,} in {most * 1000:.1f} ms"
        measure.report(f"ten times the input: {name}", most / least, "at most 12", detail)


def _evaluation(program: Program, given: Any, runs: int) -> float:
    return _best(lambda: program.evaluate("data.p.x", given), runs, clock=time.process_time)


class _Worker:
    """A running engine. ``values`` are those of its jobs, :meth:`round` the seconds that each took."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.values: list[Any] = self._read()

    def round(self) -> list[float]:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        times: list[float] = self._read()
        return times

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("an engine ended")
        return json.loads(line)


@contextmanager
def _worker(python: str | Path, engine: str, jobs: Sequence[Job], folder: str) -> Iterator[_Worker]:
    path = Path(folder) / f"{engine}.json"
    path.write_text(json.dumps(jobs))
    command = [str(python), str(_WORKER), engine, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield _Worker(process)
        assert process.stdin
        process.stdin.close()


def _race(regorus: Path, jobs: Sequence[Job], *, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of regorus and of gateproof for each job that both answer, the same."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _worker(regorus, "regorus", jobs, folder) as theirs,
        _worker(_OURS, "gateproof", jobs, folder) as ours,
    ):
        same = _same(theirs.values, ours.values)
        times = [(theirs.round(), ours.round()) for _ in range(rounds)]
    return tuple(  # type: ignore[return-value]
        [min(each[side][number] for each in times) for number in same] for side in (0, 1)
    )


def _same(theirs: Sequence[Any], ours: Sequence[Any]) -> list[int]:
    """The numbers of the jobs to which both give the same value; the others are said."""
    same = []
    for number, (them, us) in enumerate(zip(theirs, ours, strict=True)):
        if _sorted(them) == _sorted(us):
            same.append(number)
        else:
            print(f"left out, values differ: {json.dumps(them)[:160]} and {json.dumps(us)[:160]}")
    if not same:
        raise RuntimeError("no two values are the same")
    return same


def _sorted(value: Any) -> Any:
    """A set's elements in a fixed order: engines print sets as arrays, in orders of their own."""
    return sorted(value, key=json.dumps) if isinstance(value, list) else value


def _job(modules: Mapping[str, str], rule: str, given: str, data: str = "{}", *, runs: int) -> Job:
    return {"modules": modules, "rule": rule, "input": given, "data": data, "runs": runs}


def _best(work: Any, runs: int, *, clock: Callable[[], float] = time.perf_counter) -> float:
    times = []
    for _ in range(runs):
        started = clock()
        work()
        times.append(clock() - started)
    return min(times)


if __name__ == "__main__":
    os.environ.pop("CI", None)
    main()
