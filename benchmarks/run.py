"""`make bench`: what gateproof costs, as ratios to a peer or to the bare minimum, each measured in this run.

Peers that are not built (`make peers`) are named and left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure, plans

ARTICLE = measure.ROOT / "tests" / "golden" / "article" / "s3.rego"
GATEPROOF = [sys.executable, "-m", "gateproof"]

_DECODE = """
import gc, sys, jiter
gc.disable()
raw = open(sys.argv[1], "rb").read()
jiter.from_json(raw)
"""
_DECODE_MSGSPEC = """
import gc, sys, msgspec
gc.disable()
raw = open(sys.argv[1], "rb").read()
msgspec.json.decode(raw)
"""
_JUDGE = """
import sys
from gateproof import inputs, engines
from gateproof.catalog import pack
from gateproof.catalog.bundle import build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.inputs.context import Context
raw = open(sys.argv[1], "rb").read()
policies = pack.load({"s3.rego": open(sys.argv[2]).read()})
bundle = build(policies, DEFAULT)
results = engines.evaluate(inputs.parse(raw), bundle, Context(), {}, now="2026-11-23T00:00:00Z")
assert any(result.findings for result in results)
"""
_START = "import click, msgspec"


def main() -> None:
    """Run every benchmark and print a line for each."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = {}
        for resources in (1, 200, 2_000, 20_000):
            sizes[resources] = Path(folder) / f"plan-{resources}.json"
            sizes[resources].write_bytes(plans.plan(resources, blocks=False))
        print(f"{'':<52} {'ratio':>10}   {'aim':<22} measured")
        article_rules(sizes[20_000])
        cold_start(sizes[1])
        against_checkov(sizes[200], sizes[2_000])
        against_conftest(sizes[1], sizes[20_000])


def article_rules(plan: Path) -> None:
    """The article's two rules on 20,000 resources, reading included, against decoding the same file."""
    floor = measure.python(_DECODE_MSGSPEC, str(plan))
    jiter = measure.python(_DECODE, str(plan))
    ours = measure.python(_JUDGE, str(plan), str(ARTICLE))
    size = plan.stat().st_size / 1e6
    detail = f"{ours.seconds:.2f} s, decoding {floor.seconds:.2f} s (jiter {jiter.seconds:.2f} s), {size:.0f} MB"
    measure.report(
        "two rules on 20,000 resources / decoding: time", ours.seconds / floor.seconds, "at most 2.5", detail
    )
    detail = f"{ours.peak:.0f} MiB, decoding {floor.peak:.0f} MiB (jiter {jiter.peak:.0f} MiB)"
    measure.report("two rules on 20,000 resources / decoding: peak", ours.peak / floor.peak, "at most 1.5", detail)


def cold_start(plan: Path) -> None:
    """`gateproof check` on one resource with the three policies, against importing click and msgspec."""
    floor = measure.python(_START, runs=15)
    check = [*GATEPROOF, "check", str(plan)]
    measure.process(check, runs=1, ok=(0, 1, 2))
    warm = measure.process(check, runs=15, ok=(0, 1, 2))
    bare = measure.process(check, runs=15, ok=(0, 1, 2), env={"CI": "true"})
    detail = f"{warm.seconds * 1000:.0f} ms against {floor.seconds * 1000:.0f} ms"
    measure.report("cold start / import click, msgspec", warm.seconds / floor.seconds, "at most 2", detail)
    detail = f"{bare.seconds * 1000:.0f} ms"
    measure.report("cold start without the cache (CI)", bare.seconds / floor.seconds, "", detail)


def against_checkov(small: Path, large: Path) -> None:
    """The whole process and its growth from 200 to 2,000 resources, against checkov's public-bucket checks."""
    checkov = measure.peer("checkov")
    if checkov is None:
        print("checkov is not installed (make peers): left out")
        return
    theirs = [checkov, "--quiet", "--compact", "--framework", "terraform_plan", "--check", "CKV_AWS_20,CKV_AWS_57"]
    theirs += ["--skip-download", "-f"]
    ours = [*GATEPROOF, "check", "--policy", str(ARTICLE)]
    env = {"BC_SKIP_MAPPING": "TRUE", "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false"}
    cost = {
        (name, plan): measure.process([*command, str(plan)], runs=3, ok=(0, 1, 2), env=env)
        for name, command in (("theirs", theirs), ("ours", ours))
        for plan in (small, large)
    }
    growth = {name: max(cost[name, large].seconds - cost[name, small].seconds, 1e-3) for name in ("theirs", "ours")}
    detail = f"checkov +{growth['theirs']:.2f} s, gateproof +{growth['ours']:.3f} s"
    measure.report("checkov / gateproof: growth 200 → 2,000", growth["theirs"] / growth["ours"], "at least 20", detail)
    whole = cost["theirs", large].seconds / cost["ours", large].seconds
    detail = f"checkov {cost['theirs', large].seconds:.2f} s, gateproof {cost['ours', large].seconds:.2f} s"
    measure.report("checkov / gateproof: process, 2,000 resources", whole, "at least 20", detail)


def against_conftest(small: Path, large: Path) -> None:
    """The same policy and plan, process to process, against conftest."""
    conftest = measure.peer("conftest")
    if conftest is None:
        print("conftest is not built (make peers): left out")
        return
    for plan, aim in ((small, ""), (large, "aim at 3")):
        theirs = [conftest, "test", str(plan), "-p", str(ARTICLE), "--rego-version", "v0", "--all-namespaces"]
        ours = [*GATEPROOF, "check", "--policy", str(ARTICLE), str(plan)]
        them = measure.process(theirs, runs=3, ok=(0, 1))
        us = measure.process(ours, runs=3, ok=(0, 1, 2))
        detail = f"conftest {them.seconds:.2f} s, gateproof {us.seconds:.2f} s"
        resources = "1 resource" if plan == small else "20,000 resources"
        measure.report(f"conftest / gateproof: process, {resources}", them.seconds / us.seconds, aim, detail)


if __name__ == "__main__":
    main()
