"""One engine for Rego in a process of its own, which times itself: the same code for every engine.

    python benchmarks/rego_worker.py gateproof|regorus jobs.json

``jobs.json`` holds a list of ``{"modules", "rule", "input", "data", "runs"}``; ``input`` and ``data`` are JSON texts
and are read before anything counts. Writes a line of JSON with the value of each job (or ``{"error"}``), then for each
line of standard input the least seconds that each took in ``runs`` runs (or null). Needs nothing but the engine.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

Job = dict[str, Any]
Work = Callable[[], Any]


def gateproof(job: Job) -> tuple[Work, Callable[[Any], Any]]:
    """A function that evaluates once, and one that makes JSON of what it gives."""
    from gateproof import rego

    program = rego.compile(job["modules"])
    given, data = json.loads(job["input"]), json.loads(job["data"])
    return lambda: program.evaluate(job["rule"], given, data), rego.to_json


def regorus(job: Job) -> tuple[Work, Callable[[Any], Any]]:
    """The same for regorus, which hands over sets of objects only as JSON."""
    engine = importlib.import_module("regorus").Engine()
    engine.set_rego_v0(True)
    for name, source in job["modules"].items():
        engine.add_policy(name, source)
    engine.add_data_json(job["data"])
    engine.set_input_json(job["input"])
    return lambda: engine.eval_rule_as_json(job["rule"]), json.loads


def prepared(engine: Callable[[Job], tuple[Work, Callable[[Any], Any]]], job: Job) -> tuple[Work | None, Any]:
    """The evaluation of a job and its value; None and the error of what the engine does not take."""
    try:
        evaluate, to_json = engine(job)
        return evaluate, to_json(evaluate())
    except Exception as error:  # noqa: BLE001 - whatever an engine refuses is an answer
        return None, {"error": str(error).strip().splitlines()[0]}


def least(evaluate: Work | None, runs: int) -> float | None:
    """Seconds of the best of several runs."""
    if evaluate is None:
        return None
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        evaluate()
        times.append(time.perf_counter() - started)
    return min(times)


def main(name: str, path: str) -> None:
    """Prepare all jobs, then a round for each line of standard input."""
    with open(path, encoding="utf-8") as file:
        jobs = json.load(file)
    ready = [prepared({"gateproof": gateproof, "regorus": regorus}[name], job) for job in jobs]
    print(json.dumps([value for _, value in ready]), flush=True)
    for _ in sys.stdin:
        times = [least(evaluate, job["runs"]) for (evaluate, _), job in zip(ready, jobs, strict=True)]
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
