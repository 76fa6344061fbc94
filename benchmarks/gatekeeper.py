"""Gatekeeper's library of templates: evaluations a second, in process and against gator.

Reads the cases of ``$GATEPROOF_CASES/gatekeeper`` or ``../shared/cases/gatekeeper``. An evaluation is one constraint on
one object that it is for, with its match, parameters and messages.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.conformance import gatekeeper

from benchmarks import measure
from gateproof.catalog.policy import Source
from gateproof.documents import Format, read
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.policy import compose
from gateproof.engines.gatekeeper.review import Review
from gateproof.engines.gatekeeper.suite import review_of
from gateproof.engines.kubernetes.manifests import Manifest

_OBJECTS = 300
_SOURCE = Source("objects.yaml", "")


def run() -> None:
    """Print a line for each benchmark."""
    home = gatekeeper.corpus()
    if not home.is_dir():
        print(f"there are no cases at {home}: left out")
        return
    constraints = _constraints(home)
    in_process(home, constraints)
    against_gator(home, constraints)


def in_process(home: Path, constraints: list[tuple[Manifest, Manifest]]) -> None:
    """Every constraint on every object of the corpus that it is for, the review ready and the rules compiled."""
    judges = [compose(by, given, ()) for given, by in constraints]
    reviews = [review_of(each, ()) for each in _objects(home)]
    jobs = [(judge, review) for judge in judges for review in reviews if judge.constraint.match.selects(review)]
    times = [_best(judge, review) for judge, review in jobs]
    rate = len(times) / sum(times)
    detail = (
        f"{len(times):,} evaluations, median {statistics.median(times) * 1e6:.1f} µs, slowest {max(times) * 1e3:.2f} ms"
    )
    measure.report("Gatekeeper: evaluations a second, thousands", rate / 1000, "", detail)


def against_gator(home: Path, constraints: list[tuple[Manifest, Manifest]]) -> None:
    """The same templates, constraints and objects, process to process."""
    gator = measure.peer("gator")
    if gator is None:
        print("gator is not built (make peers): left out")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "policies").mkdir()
        templates = {by.name: by.value for _, by in constraints}
        _write(folder / "policies" / "templates.yaml", templates.values())
        _write(folder / "policies" / "constraints.yaml", (given.value for given, _ in constraints))
        objects = [each.value for each in _objects(home)]
        many = [_named(objects[number % len(objects)], number) for number in range(_OBJECTS)]
        _write(folder / "objects.yaml", many)
        ours = [sys.executable, "-m", "gateproof", "check", "--policy", str(folder / "policies"), "--format", "json"]
        commands = {
            "theirs": measure.Command(
                [gator, "test", "-f", str(folder / "policies"), "-f", str(folder / "objects.yaml"), "-o", "json"],
                (1,),
                '"msg"',
            ),
            "ours": measure.Command(
                [*ours, str(folder / "objects.yaml")], (1,), '"DENY"', {"XDG_CACHE_HOME": str(folder / "cache")}
            ),
        }
        cost = measure.race(commands, runs=3)
        judges = [compose(by, given, ()) for given, by in constraints]
        reviews = [review_of(Manifest(value, _SOURCE, 0), ()) for value in many]
    done = sum(judge.constraint.match.selects(review) for judge in judges for review in reviews)
    them, us = cost["theirs"].seconds, cost["ours"].seconds
    detail = f"gator {them:.2f} s, gateproof {us:.2f} s: {done:,} evaluations, "
    detail += f"{done / them:,.0f} and {done / us:,.0f} a second"
    measure.report(f"gator / gateproof: process, {_OBJECTS:,} objects", them / us, "at least 1", detail)


def _constraints(home: Path) -> list[tuple[Manifest, Manifest]]:
    """Each constraint of the corpus, under a name of its own, with its template; none that asks for an inventory."""
    found: dict[str, tuple[Manifest, Manifest]] = {}
    for case in gatekeeper.cases(home):
        given, by = (_manifests(home / "files" / case[name])[0] for name in ("constraint", "template"))
        if not case["inventory"] and "data.inventory" not in by.source.text:
            named = {**given.value, "metadata": {"name": f"constraint-{len(found)}"}}
            found.setdefault(case["constraint"], (Manifest(named, given.source, given.index), by))
    return list(found.values())


def _objects(home: Path) -> list[Manifest]:
    """Every object of the corpus once; requests aside."""
    paths = sorted({case["object"] for case in gatekeeper.cases(home) if not case["admission_review"]})
    return [_manifests(home / "files" / path)[0] for path in paths]


def _manifests(path: Path) -> list[Manifest]:
    source = gatekeeper.source(path)
    return [Manifest(each.value, source, each.index) for each in read(source.text.encode(), Format.YAML)]


def _named(value: dict[str, Any], number: int) -> dict[str, Any]:
    return {**value, "metadata": {**value.get("metadata", {}), "name": f"object-{number}", "namespace": "default"}}


def _write(path: Path, values: Iterable[Any]) -> None:
    path.write_text("\n---\n".join(json.dumps(value, indent=1) for value in values), encoding="utf-8")


def _best(judge: Judge, review: Review) -> float:
    """Processor seconds of the quickest of some rounds."""
    return min(_time(lambda: judge.judge(review, {})) for _ in range(7))


def _time(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(3):
        work()
    return (time.process_time() - began) / 3
