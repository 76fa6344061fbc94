"""`make bench`: what gateproof costs, as ratios to a peer or to the bare minimum, each measured in this run.

Peers that are not built (`make peers`) are named and left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import admission, cel, gatekeeper, hostile, kubernetes, measure, plans, rego

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
import gc, sys
gc.disable()
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
_VACUITY = """
import gc, json, sys, time
gc.disable()
from gateproof import inputs
from gateproof.catalog import pack
from gateproof.engines.rego import RegoEngine
from gateproof.rego import compile, vacuity
def plain(sources): return compile({each.name: each.text for each in sources})
def watched(sources): return vacuity.watched({each.name: each.text for each in sources})
subject = inputs.parse(open(sys.argv[1], "rb").read())
policies = [*pack.load({"s3.rego": open(sys.argv[2]).read()}), *pack.builtin()]
for policy in policies:
    watches, times = [], {plain: [], watched: []}
    def observe(policy, program):
        watches.append(vacuity.Watch(program))
        return watches[-1]
    def engine(compiler, observe):
        program = []
        return RegoEngine(lambda sources: (program or program.append(compiler(sources)) or program)[0], observe=observe)
    engines = {plain: engine(plain, None), watched: engine(watched, observe)}
    for _ in range(int(sys.argv[3])):
        for compiler, each in engines.items():
            began = time.process_time()
            each.evaluate(policy, subject, {}, now="2026-11-23T00:00:00Z")
            found = watches.pop().vacuous() if watches else ()
            times[compiler].append(time.process_time() - began)
    print(json.dumps([policy.id, min(times[plain]), min(times[watched]), len(found)]))
"""
_WHOLE_PACK = """
import gc, json, sys, time
gc.disable()
import msgspec
from gateproof import engines, inputs
from gateproof.catalog import bundle, pack
from gateproof.catalog.default_gate import DEFAULT
from gateproof.inputs.context import Context
raw = open(sys.argv[1], "rb").read()
judges = bundle.build(pack.builtin(), DEFAULT)
def decode(): msgspec.json.decode(raw)
def judge(): return engines.evaluate(inputs.parse(raw), judges, Context(), {}, now="2026-11-23T00:00:00Z")
judge()
times = {decode: [], judge: []}
for _ in range(9):
    for work, each in times.items():
        began = time.process_time()
        work()
        each.append(time.process_time() - began)
print(json.dumps([len(judges.policies), min(times[decode]), min(times[judge])]))
"""
_START = "import click, msgspec"
_CHECKOV = ("--quiet", "--compact", "--framework", "terraform_plan", "--skip-download")
_PUBLIC_BUCKETS = ("CKV_AWS_20", "CKV_AWS_57")


def main() -> None:
    """Run every benchmark and print a line for each."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = {resources: Path(folder) / f"plan-{resources}.json" for resources in (1, 200, 2_000, 20_000)}
        for resources, path in sizes.items():
            # In a process of its own: a child's peak starts at what its parent holds.
            subprocess.run([sys.executable, plans.__file__, str(resources), str(path)], check=True)
        print(f"{'':<52} {'ratio':>10}   {'aim':<22} measured")
        article_rules(sizes[20_000])
        vacuity()
        whole_pack()
        cold_start(sizes[1])
        against_checkov(sizes)
        against_conftest(sizes)
    rego.run()
    cel.run()
    gatekeeper.run()
    kubernetes.run()
    admission.run()
    hostile.run()


def article_rules(plan: Path) -> None:
    """The article's two rules on 20,000 resources, reading included, against decoding the same file."""
    cost = measure.race(
        {
            "floor": measure.python(_DECODE_MSGSPEC, str(plan)),
            "jiter": measure.python(_DECODE, str(plan)),
            "ours": measure.python(_JUDGE, str(plan), str(ARTICLE)),
        }
    )
    floor, jiter, ours = cost["floor"], cost["jiter"], cost["ours"]
    name, size = "two rules on 20,000 resources / decoding", plan.stat().st_size / 1e6
    detail = f"{ours.seconds:.2f} s, decoding {floor.seconds:.2f} s (jiter {jiter.seconds:.2f} s), {size:.0f} MB"
    measure.report(f"{name}: time", ours.seconds / floor.seconds, "at most 2.5", detail)
    detail = f"{ours.peak:.0f} MiB, decoding {floor.peak:.0f} MiB (jiter {jiter.peak:.0f} MiB)"
    measure.report(f"{name}: peak", ours.peak / floor.peak, "at most 1.5", detail)


def vacuity() -> None:
    """What it costs to find rules that could not fire, against evaluating: the article's rules and the pack's.

    The plan writes blocks, as Terraform does, so that one of the article's rules fails on every encryption. `check`
    watches bare Rego, as the article's is; the pack is watched by its tests alone, and then not inlined either.
    """
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_bytes(plans.plan(20_000))
        command = [sys.executable, "-c", _VACUITY, str(plan), str(ARTICLE), "15"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    article, *pack = map(json.loads, done.stdout.splitlines())
    together = [
        f"the pack, {len(pack)} policies",
        *(sum(column) for column in zip(*(row[1:] for row in pack), strict=True)),
    ]
    for (policy, plain, watched, found), aim in ((article, "at most 0.1"), (together, "")):
        detail = f"{plain * 1000:.1f} ms, watched {watched * 1000:.1f} ms, {found} found"
        measure.report(f"vacuity / evaluation: {policy}", watched / plain - 1, aim, detail)


def whole_pack() -> None:
    """All built-in policies on 2,000 resources, reading included, against decoding the same file and 1 ms a policy.

    Policies are compiled already; the plan of buckets is the shape of the other benchmarks, the mixed one has every
    type that some policy judges.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in (("buckets", plans.plan(2_000)), ("all types", plans.mixed(2_000))):
            path = Path(folder) / "plan.json"
            path.write_bytes(raw)
            command = [sys.executable, "-c", _WHOLE_PACK, str(path)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            policies, decoding, judging = json.loads(done.stdout)
            allowed = 3 * decoding + policies / 1000
            detail = f"{judging * 1000:.0f} ms of {allowed * 1000:.0f} ms: {policies} policies, "
            detail += f"decoding {decoding * 1000:.1f} ms, {len(raw) / 1e6:.1f} MB"
            measure.report(f"whole pack, 2,000 resources, {name}", judging / allowed, "at most 1", detail)


def cold_start(plan: Path) -> None:
    """`gateproof check` on one resource with the three policies, against importing click and msgspec."""
    with tempfile.TemporaryDirectory() as place:
        folder, repository, cache = (Path(place) / name for name in ("folder", "repository", "cache"))
        folder.mkdir()
        _repository(repository)
        command = [*GATEPROOF, "check", str(plan)]
        check = measure.Command(command, (1,), "3 policies: 1 DENY", {"XDG_CACHE_HOME": str(cache)}, folder)
        commands = {
            "floor": measure.python(_START)._replace(folder=folder),
            "ours": check,
            "git": check._replace(folder=repository),
            "CI": check._replace(env={"CI": "true"}),
        }
        cost = measure.race(commands, runs=30)
    floor = cost["floor"].seconds
    for key, name, aim in (
        ("ours", "", "at most 2"),
        ("git", ", in a repository", "at most 2"),
        ("CI", ", no cache (CI)", "at most 2"),
    ):
        detail = f"{cost[key].seconds * 1000:.0f} ms against {floor * 1000:.0f} ms"
        measure.report(f"cold start{name} / import click, msgspec", cost[key].seconds / floor, aim, detail)


def _repository(folder: Path) -> None:
    """A small git repository in ``folder``, of one commit, without a gateproof.yaml."""
    author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
    folder.mkdir()
    (folder / "main.tf").write_text('resource "aws_s3_bucket" "b" {}\n')
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message", "A bucket"]):
        subprocess.run(["git", *command], cwd=folder, check=True)


def against_checkov(sizes: dict[int, Path]) -> None:
    """The whole process and its growth from 200 to 2,000 resources, against checkov's public-bucket checks."""
    checkov = measure.peer("checkov")
    if checkov is None:
        print("checkov is not installed (make peers): left out")
        return
    commands = {}
    for resources in (200, 2_000):
        path, public = str(sizes[resources]), plans.public_buckets(resources)
        buckets = resources // 2
        commands[f"theirs, {resources}"] = measure.Command(
            [checkov, *_CHECKOV, "--check", ",".join(_PUBLIC_BUCKETS), "-f", path],
            ok=(1,),
            says=f"Passed checks: {len(_PUBLIC_BUCKETS) * buckets - public}, Failed checks: {public}, ",
            env={"BC_SKIP_MAPPING": "TRUE", "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false"},
        )
        commands[f"ours, {resources}"] = _article_on(path)
    cost = {name: each.seconds for name, each in measure.race(commands, runs=3).items()}
    theirs, ours = cost["theirs, 2000"], cost["ours, 2000"]
    growth = theirs - cost["theirs, 200"], max(ours - cost["ours, 200"], 1e-3)
    detail = f"checkov +{growth[0]:.2f} s, gateproof +{growth[1]:.3f} s"
    measure.report("checkov / gateproof: growth 200 → 2,000", growth[0] / growth[1], "at least 20", detail)
    detail = f"checkov {theirs:.2f} s, gateproof {ours:.3f} s"
    measure.report("checkov / gateproof: process, 2,000 resources", theirs / ours, "at least 20", detail)
    whole_pack_against_checkov(checkov, sizes[2_000])


def whole_pack_against_checkov(checkov: str, plan: Path) -> None:
    """All built-in policies, process to process, against all of checkov's checks of plans."""
    ours = [*GATEPROOF, "check", str(plan), "--policy", "pack", "--format", "json"]
    theirs = [checkov, *_CHECKOV, "-f", str(plan)]
    offline = {"BC_SKIP_MAPPING": "TRUE", "CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false"}
    commands = {
        "theirs": measure.Command(theirs, ok=(1,), says="Failed checks: ", env=offline),
        "ours": measure.Command(ours, ok=(1,), says='"DENY"'),
    }
    cost = {name: each.seconds for name, each in measure.race(commands, runs=3).items()}
    detail = f"checkov {cost['theirs']:.1f} s, gateproof {cost['ours']:.2f} s"
    name = "checkov, all checks / gateproof, whole pack: process"
    measure.report(name, cost["theirs"] / cost["ours"], "at least 30", detail)


def against_conftest(sizes: dict[int, Path]) -> None:
    """The same policy and plan, process to process, against conftest."""
    conftest = measure.peer("conftest")
    if conftest is None:
        print("conftest is not built (make peers): left out")
        return
    for resources, aim in ((1, ""), (20_000, "aim at 3")):
        # The printed rule says the same of every foreign key, so all of them are one message.
        path, found = str(sizes[resources]), plans.public_buckets(resources) + bool(plans.foreign_keys(resources))
        theirs = [conftest, "test", path, "-p", str(ARTICLE), "--rego-version", "v0", "--all-namespaces"]
        said = f" {found} failure{'' if found == 1 else 's'}, "
        cost = measure.race({"theirs": measure.Command(theirs, (1,), said), "ours": _article_on(path)}, runs=5)
        them, us = cost["theirs"], cost["ours"]
        detail = f"conftest {them.seconds:.3f} s, gateproof {us.seconds:.3f} s"
        detail += f" (peaks {them.peak:.0f} and {us.peak:.0f} MiB)"
        name = f"conftest / gateproof: process, {resources:,} resource{'' if resources == 1 else 's'}"
        measure.report(name, them.seconds / us.seconds, aim, detail)


def _article_on(plan: str) -> measure.Command:
    """The whole of `gateproof check` with the article's policy, which denies every plan of ours."""
    return measure.Command([*GATEPROOF, "check", "--policy", str(ARTICLE), plan], (1,), "1 policy: 1 DENY")


if __name__ == "__main__":
    main()
