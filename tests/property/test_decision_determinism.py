"""The same inputs give the same bytes of ``Decision.core``: in any order, layer, thread and process, and when replayed.

Judged are the plans of ``../shared/cases/terraform-plans`` (where they are), those and the manifests of
``examples/payments``, and generated ones.
"""

from __future__ import annotations

import ast
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateproof
from gateproof import flow
from gateproof.adapters.filesystem import FileSystemStore
from gateproof.catalog import pack
from gateproof.catalog.bundle import Bundle, build
from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.scales import Environment, Layer, Severity
from gateproof.engines import rego
from gateproof.flow import replay
from gateproof.gate.decision import Decision
from gateproof.inputs.context import Claim, Context, Fact
from gateproof.testing import MemoryStore

if TYPE_CHECKING:
    from tests.conftest import Company

NOW = "2026-11-23T05:00:00Z"
PROJECT = Path(__file__).parents[2]
EXAMPLES = sorted(
    path for suffix in ("json", "yaml") for path in (PROJECT / "examples" / "payments").rglob(f"*[0-9a-z].{suffix}")
)
CASES = Path(os.environ.get("GATEPROOF_CASES", PROJECT.parent / "shared" / "cases")) / "terraform-plans"

# What is sensitive to order: several findings on one resource, sets, comprehensions, objects, a need for a fact.
BUSY = """package busy

import rego.v1

deny contains msg if {
	some change in input.resource_changes
	some name, value in change.change.after
	msg := sprintf("%s: %v is %v", [change.address, name, value])
}

deny contains msg if {
	kinds := {kind | some change in input.resource_changes; kind := change.type}
	count(kinds) > 0
	msg := sprintf("%v at %v by %v", [kinds, time.now_ns(), rand.intn("dice", 1000000)])
}

warn_names contains msg if {
	names := {change.address: change.name | some change in input.resource_changes}
	msg := json.marshal({"names": names, "zones": data.facts.inventory.zones})
}
"""


def policy(name: str, text: str, **more: Any) -> Policy:
    return Policy(
        id=name,
        engine=EngineName.REGO,
        title=name,
        severity=Severity.HIGH,
        controls=("soc2@2017:CC6.1", "nist-800-53@5:SC-28"),
        sources=(Source(f"{name}.rego", text),),
        **more,
    )


# Enabled at every layer: where other policies are enabled, another decision is right.
POLICIES = (
    *(msgspec.structs.replace(policy, layers=()) for policy in pack.builtin(pack.STARTER)),
    policy("busy", BUSY, facts=("inventory",)),
    policy("quiet", "package quiet\n\ndeny contains msg if {\n\tinput.never\n\tmsg := input.never\n}\n"),
)
COMPILED_HERE = [each for each in POLICIES if each.id not in pack.STARTER]  # those are shipped compiled
FACTS = {
    name: Fact(name=name, source="test", observed_at=NOW, max_age=60, value={"zones": ["b", "a"], "b": 1, "a": 2})
    for name in ("inventory", "approvals", "weather")
}
CLAIMS = tuple(
    Claim(field, value, source)
    for field, value, source in (
        ("tier", "1", "gateproof.yaml"),
        ("tier", "2", "--tier"),
        ("environment", "prod", "--env"),
    )
)
CONTEXT = Context(service="payments", environment=Environment.PROD, author="abe@example.com", claims=CLAIMS)
BUNDLE = build(POLICIES, DEFAULT)


def judge(raw: bytes, bundle: Bundle = BUNDLE, context: Context = CONTEXT, **given: Any) -> Decision:
    chosen = {"facts": FACTS, "waivers": (), "trust": None, "now": NOW, **given}
    return flow.judge(raw, bundle, context=context, **chosen)


def real_inputs() -> dict[str, bytes]:
    """Every input at hand, by name."""
    return {path.name: path.read_bytes() for path in (*EXAMPLES, *sorted(CASES.glob("*.json")))}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
members = st.fixed_dictionaries(
    {"acl": st.sampled_from(["private", "public-read"])},
    optional={"tags": st.dictionaries(st.text(max_size=5), values, max_size=4), "ingress": values, "bucket": values},
)
changes = st.builds(
    lambda kind, name, after: {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {}},
    },
    st.sampled_from(["aws_s3_bucket", "aws_s3_bucket_acl", "aws_ebs_volume", "aws_db_instance"]),
    st.sampled_from("abcdef"),
    members,
)
plans = st.lists(changes, max_size=6).map(
    lambda made: json.dumps({"format_version": "1.2", "resource_changes": made}).encode()
)


# -- In one process ----------------------------------------------------------------------------------------------------


@given(raw=plans | st.binary(max_size=40), random=st.randoms(use_true_random=False), layers=st.permutations([*Layer]))
@settings(max_examples=150, deadline=None)
def test_order_and_layer_decide_nothing(company: Company, raw: bytes, random: Any, layers: list[Layer]) -> None:
    waivers = [company.waiver("busy", "encryption-at-rest"), company.waiver("s3-public-access"), b"no waiver"]
    trust = company.grounds().trust
    wanted = judge(raw, waivers=waivers, trust=trust)
    for layer in layers:
        policies, given, claims, presented = [*POLICIES], [*FACTS.items()], [*CLAIMS], [*waivers, waivers[0]]
        for shuffled in (policies, given, claims, presented):
            random.shuffle(shuffled)
        context = msgspec.structs.replace(
            CONTEXT, claims=tuple(claims), layer=layer, actor=random.choice("ab"), surface=random.choice("cd")
        )
        decision = judge(raw, build(policies, DEFAULT), context, facts=dict(given), waivers=presented, trust=trust)
        assert decision.encoded == wanted.encoded


@given(raw=plans | st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_replay_gives_the_same_bytes(company: Company, raw: bytes) -> None:
    store = MemoryStore()
    grounds = company.grounds(company.waiver())
    company.record(store, grounds, company.judged("generated", raw, grounds))
    reader = company.open(store)
    replayed = replay(reader, 0)
    assert replayed.same
    assert replayed.decision.encoded == reader.view.blob(replayed.signed)


def test_policies_that_are_not_enabled_at_a_layer_are_what_makes_layers_differ() -> None:
    """The contrast to the properties above: they would not hold by saying nothing."""
    raw = json.dumps({"format_version": "1.2", "resource_changes": []}).encode()
    bundle = build(
        [*POLICIES, policy("late", "package late\n\ndeny contains 1 if false\n", layers=(Layer.CD,))], DEFAULT
    )
    at = {layer: judge(raw, bundle, msgspec.structs.replace(CONTEXT, layer=layer)).digest for layer in Layer}
    assert len(set(at.values())) == 2
    assert judge(raw, now="2026-11-23T05:00:01Z").digest != judge(raw).digest


def test_a_thousand_judgements_before_change_nothing() -> None:
    inputs = real_inputs()
    before = {name: judge(raw).digest for name, raw in inputs.items()}
    judged = 0
    for number, raw in zip(range(1000), itertools.cycle(inputs.values()), strict=False):
        judge(raw, context=msgspec.structs.replace(CONTEXT, service=str(number)), facts={} if number % 2 else FACTS)
        judged += 1
    assert judged == 1000
    assert {name: judge(raw).digest for name, raw in reversed(inputs.items())} == before


def test_threads_decide_as_one_does() -> None:
    inputs = list(real_inputs().values())
    alone = [judge(raw).encoded for raw in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            rego._loaded.cache_clear()  # so that threads compile the same policies at the same time, too
            assert [decision.encoded for decision in pool.map(judge, inputs)] == alone


class Remembering:
    """A cache of compiled policies, and how often it was asked and could answer."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.answered = 0

    def get(self, digest: str) -> bytes | None:
        self.answered += digest in self.kept
        return self.kept.get(digest)

    def put(self, digest: str, program: bytes) -> None:
        self.kept[digest] = program


def test_a_cache_of_compiled_policies_changes_nothing() -> None:
    inputs = real_inputs()
    without = {name: judge(raw).digest for name, raw in inputs.items()}
    cache = Remembering()
    try:
        rego.use_cache(cache)
        for answered in (0, len(COMPILED_HERE)):  # cold, then warm
            rego._loaded.cache_clear()
            assert {name: judge(raw).digest for name, raw in inputs.items()} == without
            assert cache.answered == answered
    finally:
        rego.use_cache(None)
        rego._loaded.cache_clear()


@pytest.mark.parametrize("frames", [0, 50, 200])
def test_the_caller_s_stack_changes_nothing(frames: int) -> None:
    nested: Any = "x"
    for _ in range(80):
        nested = {"a": [nested]}
    change = {"address": "a.a", "type": "a", "name": "a", "mode": "managed", "change": {"actions": ["create"]}}
    change["change"] = {"actions": ["create"], "before": None, "after": {"deep": nested}}
    raw = json.dumps({"format_version": "1.2", "resource_changes": [change]}).encode()

    def below(left: int) -> Decision:
        return below(left - 1) if left else judge(raw)

    assert below(frames).digest == judge(raw).digest
    assert judge(raw).core.verdict.value == "DENY"


# -- In other processes ------------------------------------------------------------------------------------------------

JUDGING = """
import sys
from pathlib import Path
import msgspec
from gateproof import flow
from gateproof.adapters.program_cache import FileProgramCache
from gateproof.catalog.bundle import Bundle
from gateproof.engines.rego import use_cache
from gateproof.inputs.context import Context, Fact

bundle, facts, context, now, cache, *paths = sys.argv[1:]
bundle = msgspec.json.decode(Path(bundle).read_bytes(), type=Bundle)
facts = msgspec.json.decode(facts, type=dict[str, Fact])
context = msgspec.json.decode(context, type=Context)
if cache:
    use_cache(FileProgramCache(Path(cache)))
for path in paths:
    decision = flow.judge(Path(path).read_bytes(), bundle, facts, context, (), None, now)
    print(Path(path).name, decision.digest)
"""


def environments(folder: Path) -> Iterator[tuple[dict[str, str], tuple[str, ...], Path, str]]:
    """Variables, options of Python, working directory and folder for the cache: no two runs share any of the first."""
    cache = str(folder / "cache")
    yield {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"}, (), folder, ""
    yield {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONUTF8": "0"}, (), PROJECT, cache
    yield {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"}, ("-O",), Path("/"), cache
    yield {"LANG": "de_DE.ISO-8859-1", "TZ": "XXX-14", "PYTHONMALLOC": "malloc"}, ("-I",), folder, ""


@pytest.mark.integration
def test_processes_decide_alike(tmp_path: Path) -> None:
    paths = [*EXAMPLES, *sorted(CASES.glob("*.json"))]
    expected = {path.name: judge(path.read_bytes()).digest for path in paths}
    bundle = tmp_path / "bundle.json"
    bundle.write_bytes(BUNDLE.encoded)
    runs = 0
    for number, (variables, options, folder, cache) in enumerate(environments(tmp_path)):
        order = paths[::-1] if number % 2 else paths
        given = [msgspec.json.encode(each).decode() for each in (FACTS, CONTEXT)]
        arguments = [str(bundle), *given, NOW, cache, *map(str, order)]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [sys.executable, *options, "-c", JUDGING, *arguments],
            cwd=folder,
            env={**kept, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert dict(line.rsplit(" ", 1) for line in done.stdout.splitlines()) == expected
        runs += 1
    assert runs == 4
    assert len(list((tmp_path / "cache").rglob("*"))) == 1 + len(COMPILED_HERE)  # so the cache was used


def gateproof_cli(arguments: list[str], folder: Path, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateproof", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.integration
def test_the_command_line_decides_alike_in_any_order_folder_and_layer(tmp_path: Path) -> None:
    work, other = tmp_path / "work", tmp_path / "other"
    for folder in (work, other):
        folder.mkdir()
    policies = {
        "busy.rego": BUSY.replace("data.facts.inventory.zones", "1"),
        "quiet.rego": POLICIES[-1].sources[0].text,
    }
    for name, text in policies.items():
        (work / name).write_text(text)
    names = [str(path) for path in EXAMPLES if path.parent.name in ("plans", "manifests")]
    assert len(names) == 5
    enabled: dict[frozenset[str], list[dict[str, str]]] = {}
    for number, layer in enumerate([*Layer, *Layer]):
        given = [word for name in policies for word in ("--policy", str(work / name))]
        given = [*given[2:], *given[:2]] if number % 2 else given
        done = gateproof_cli(
            [
                *("check", *(names[::-1] if number % 2 else names), "--policy", "pack", *given),
                *("--layer", layer, "--at", NOW, "--format", "json"),
            ],
            other if number % 2 else work,
            tmp_path,
            PYTHONHASHSEED=str(number),
            TZ=f"XXX-{number}",
            CI="1" if number % 3 else "",
        )
        assert done.returncode == 1, done.stderr
        decisions = {item["name"]: item["decision"] for item in json.loads(done.stdout)["items"]}
        here = frozenset(policy.id for policy in pack.builtin() if not policy.layers or layer in policy.layers)
        enabled.setdefault(here, []).append(decisions)
    for found in enabled.values():
        assert len(found) > 1
        assert all(one == found[0] for one in found)
        assert set(found[0]) == set(names)


@pytest.mark.integration
def test_a_replay_in_another_process_gives_the_same_bytes(company: Company, tmp_path: Path) -> None:
    company.fill(FileSystemStore(tmp_path / "store"))
    for number, zone in enumerate(("UTC", "Asia/Kathmandu", "America/St_Johns")):
        done = gateproof_cli(
            ["replay", "--all", "--evidence", str(tmp_path / "store"), "--root", company.root.fingerprint],
            tmp_path,
            tmp_path,
            PYTHONHASHSEED=str(number),
            TZ=zone,
            LC_ALL=("C", "C.UTF-8", "tr_TR.UTF-8")[number],
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("same bytes") == 3
        assert "DIFFERENT" not in done.stdout


REGO_CORPUS = """
import hashlib, json, sys
from gateproof import rego
from gateproof.errors import GateproofError

for line in open(sys.argv[1], encoding="utf-8"):
    case = json.loads(line)
    modules = {f"{number}.rego": text for number, text in enumerate(case.get("modules") or [])}
    try:
        program = rego.compile(modules, query=case["query"], v0=False)
        said = hashlib.sha256(program.to_bytes()).hexdigest()
        found = program.bindings(case.get("input", rego.UNDEFINED), case.get("data"), now_ns=1, seed=b"x")
        said += json.dumps([rego.to_json(one) for one in found])
    except GateproofError as error:
        said = f"{error} {getattr(error, 'problems', ())}"
    print(case["note"], hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest())
"""


@pytest.mark.integration
@pytest.mark.conformance
def test_rego_compiles_and_evaluates_alike_under_every_hash_seed() -> None:
    corpus = CASES.parent / "opa" / "cases.jsonl"
    if not corpus.is_file():
        pytest.skip("the cases of ../shared/cases/opa are not here")
    found = []
    for seed in ("0", "1", "random"):
        done = subprocess.run(
            [sys.executable, "-c", REGO_CORPUS, str(corpus)],
            env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(done.stdout.splitlines())
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 2000


# -- Purity ------------------------------------------------------------------------------------------------------------

OUTSIDE = ("open", "os.", "socket.", "subprocess.", "shutil.", "tempfile.", "sqlite3.", "ctypes.", "urllib.", "glob.")
FORBIDDEN = {
    "time": ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep", "localtime"),
    "random": ("random", "randint", "getrandbits", "choice", "shuffle", "seed"),
    "os": ("urandom", "getrandom", "getenv", "getpid", "getcwd", "stat", "listdir", "open"),
    "secrets": ("token_bytes", "token_hex", "randbelow"),
    "uuid": ("uuid1", "uuid4", "getnode"),
    "builtins": ("open", "input", "print"),
    "socket": ("socket", "create_connection", "getaddrinfo", "gethostname"),
}
_armed: list[str] | None = None


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if _armed is not None and event.startswith(OUTSIDE):
        _armed.append(f"{event} {arguments}")


@pytest.fixture(scope="module")
def audited() -> None:
    """Hooks of the audit cannot be taken away again; without a list to write to, this one does nothing."""
    sys.addaudithook(_audit)


@pytest.mark.usefixtures("audited")
def test_judging_touches_nothing_outside(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its modules are loaded. The interpreter's own audit sees what C code does, too."""
    global _armed
    inputs = real_inputs()
    inputs["busy"] = company.plan(a="public-read", b="private")
    grounds = company.grounds(company.waiver("busy"))
    options: dict[str, Any] = {"waivers": grounds.waivers, "trust": grounds.trust}
    expected = {name: judge(raw, **options).encoded for name, raw in inputs.items()}
    rego._loaded.cache_clear()  # compiling is part of judging

    class NoEnvironment(dict[str, str]):
        def _refuse(self, *_: object) -> Any:
            raise AssertionError("the environment was read")

        __getitem__ = __contains__ = __iter__ = get = items = keys = _refuse

    touched: list[str] = []
    with monkeypatch.context() as patched:
        for module, names in FORBIDDEN.items():
            for name in names:
                if hasattr(sys.modules.get(module), name):
                    patched.setattr(sys.modules[module], name, _forbid(f"{module}.{name}", touched))
        patched.setattr(os, "environ", NoEnvironment())
        _armed = touched
        try:
            found = {name: judge(raw, **options).encoded for name, raw in inputs.items()}
        finally:
            _armed = None
    assert touched == []
    assert found == expected


def _forbid(name: str, touched: list[str]) -> Any:
    def refuse(*_: object, **__: object) -> Any:
        touched.append(name)
        raise AssertionError(f"{name} was called")

    return refuse


@pytest.mark.usefixtures("audited")
def test_the_audit_would_see_a_file_and_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contrast: what the test above looks for does turn up."""
    global _armed
    touched: list[str] = []
    monkeypatch.setattr(sys.modules["time"], "time", _forbid("time.time", touched))
    _armed = touched
    try:
        os.listdir(".")
        Path(__file__).read_bytes()
        with pytest.raises(AssertionError):
            sys.modules["time"].time()
    finally:
        _armed = None
    assert [event.partition(" ")[0] for event in touched] == ["os.listdir", "open", "time.time"]


PURE = ("documents", "compiler", "rego", "catalog", "inputs", "engines", "trust", "gate", "evidence", "log", "answers")
NEVER = {"os", "time", "random", "socket", "subprocess", "secrets", "tempfile", "locale", "threading", "platform"}
CLOCKS = {f"{name}.{method}" for name in ("datetime", "date", "dt.datetime") for method in ("now", "utcnow", "today")}
ALLOWED: Mapping[str, set[str]] = {
    # Salts for the encryption of private keys must be random; judging and verifying never encrypt.
    "trust/pkcs8.py": {"os"},
}


def test_nothing_that_decides_imports_the_outside_or_asks_for_the_time() -> None:
    root = Path(gateproof.__file__).parent
    found: dict[str, set[str]] = {}
    files = [path for package in PURE for path in sorted((root / package).rglob("*.py"))]
    for path in [*files, root / "flow.py"]:
        said = set(_outside(ast.parse(path.read_bytes())))
        if said:
            found[path.relative_to(root).as_posix()] = said
    assert found == ALLOWED
    assert len(files) > 100


def _outside(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from NEVER.intersection(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from NEVER.intersection([(node.module or "").partition(".")[0]])
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS:
            yield ast.unparse(node)
