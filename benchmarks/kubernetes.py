"""Kyverno's policies on many manifests: `check` against `kyverno apply`, and judging against reading the YAML.

    python benchmarks/kubernetes.py [--manifests 5000]

The policies are the first 50 of ``$GATEPROOF_CASES/kyverno`` or ``../shared/cases/kyverno`` without CEL; the manifests
are made here: workloads of some 6 kB, and smaller objects beside them. Kyverno gets a tenth of the 5,000, for it takes
minutes; with ``--manifests`` it gets as many as are said, and so does `check`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import yaml
from tests.conformance import kyverno

from benchmarks import measure
from gateproof import inputs
from gateproof.catalog import pack
from gateproof.catalog.policy import Policy
from gateproof.documents.interface import Format
from gateproof.documents.reading import read
from gateproof.engines.kyverno.engine import KyvernoEngine

POLICIES, MANIFESTS = 50, 5_000
_NOW = "2026-11-23T05:00:00Z"


def run(manifests: int | None = None) -> None:
    """Print a line for each benchmark; without a number, 5,000 manifests, of which Kyverno gets a tenth."""
    home = kyverno.corpus()
    if not home.is_dir():
        print(f"there are no cases at {home}: left out")
        return
    texts = policies(home)
    # Through JSON, since what is shared would become aliases, which manifests do not have.
    count = manifests or MANIFESTS
    made = [yaml.safe_dump(json.loads(json.dumps(each))) for each in workloads(count)]
    against_reading(texts, "---\n".join(made).encode(), count)
    some = manifests or MANIFESTS // 10
    against_kyverno(texts, "---\n".join(made[:some]), some)


def policies(home: Path) -> dict[str, str]:
    """Name of the file → policy."""
    found: dict[str, str] = {}
    for case in kyverno.cases(home):
        if "cel" not in case["policy_file"] and "cel" not in case["rule_type"]:
            found.setdefault(f"{case['policy']}.yaml", (home / "files" / case["policy_file"]).read_text("utf-8"))
    return dict(sorted(found.items())[:POLICIES])


def workloads(count: int) -> Iterator[dict[str, Any]]:
    """Deployments, Pods and CronJobs that keep most rules and break some; every fourth object is a small one."""
    for number in range(count):
        metadata = {
            "name": f"object-{number}",
            "namespace": f"team-{number % 17}",
            "labels": {"app.kubernetes.io/name": f"app-{number % 97}", "app": f"app-{number % 97}", "team": "payments"},
            "annotations": {f"example.com/note-{note}": "what is said of it " * 4 for note in range(6)},
        }
        template = {"metadata": {"labels": metadata["labels"]}, "spec": _pod(number)}
        match number % 8:
            case 0 | 1 | 4:
                spec = {"replicas": 3, "selector": {"matchLabels": {"app": "a"}}, "template": template}
                yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
            case 2 | 5:
                yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": _pod(number)}
            case 6:
                job = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": template}}}
                yield {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": job}
            case 3:
                ports = [{"name": "http", "port": 80, "targetPort": 8080}]
                spec = {"selector": {"app": "a"}, "ports": ports, "type": "ClusterIP"}
                yield {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
            case _:
                data = {f"key-{key}": "value " * 20 for key in range(12)}
                yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _pod(number: int) -> dict[str, Any]:
    return {
        "serviceAccountName": f"account-{number % 13}",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(number, place) for place in range(2)],
        "initContainers": [_container(number, 9)],
        "volumes": [{"name": "data", "emptyDir": {}}, {"name": "config", "configMap": {"name": "config"}}],
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {}}
        ],
    }


def _container(number: int, place: int) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "initialDelaySeconds": 5 + place, "periodSeconds": 10}
    tag = "latest" if number % 11 == place else f"1.{number % 7}.{place}"
    return {
        "name": f"container-{place}",
        "image": f"registry.example.com/team/app-{number % 97}:{tag}",
        "imagePullPolicy": "IfNotPresent",
        "args": ["--listen=:8080", f"--name=app-{number}", "--log-format=json"],
        "env": [{"name": f"SETTING_{each}", "value": f"value-{each}-{number}"} for each in range(12)],
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "livenessProbe": probe,
        "readinessProbe": {**probe, "periodSeconds": 5},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": number % 5 != 0,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "config", "mountPath": "/etc/app"}],
    }


def against_reading(texts: dict[str, str], raw: bytes, manifests: int) -> None:
    """Judging every manifest by every policy, the YAML read and the policies compiled, against reading the YAML."""
    engine, loaded = KyvernoEngine(), [policy for each in texts.items() for policy in pack.load(dict([each]))]
    for policy in loaded:
        engine.check(policy)
    counted: list[int] = []

    def judge() -> None:
        subject = inputs.decode(encoded)
        counted[:] = [_judged(engine, policy, subject) for policy in loaded]

    encoded = inputs.parse(raw).encoded
    reading, judging = _least(lambda: read(raw, Format.YAML)), _least(judge) - _least(lambda: inputs.decode(encoded))
    detail = f"{len(raw) / 1e6:.1f} MB read in {reading:.2f} s, {sum(counted):,} results in {judging:.2f} s: "
    detail += f"{manifests * len(loaded) / judging:,.0f} policies and objects a second"
    measure.report(
        f"judging / reading: {manifests:,} manifests, {len(loaded)} policies", judging / reading, "at most 2", detail
    )


def _judged(engine: KyvernoEngine, policy: Policy, subject: inputs.Input) -> int:
    return len(engine.evaluate(policy, subject, {}, now=_NOW))


def _least(work: Callable[[], object], runs: int = 3) -> float:
    """Processor seconds of the quickest run."""
    times = []
    for _ in range(runs):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def against_kyverno(texts: dict[str, str], text: str, manifests: int) -> None:
    """The same files, process to process."""
    peer = measure.peer("kyverno")
    if peer is None:
        print("kyverno is not built (make peers): left out")
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "policies").mkdir()
        for name, policy in texts.items():
            (folder / "policies" / name).write_text(policy, encoding="utf-8")
        (folder / "objects.yaml").write_text(text, encoding="utf-8")
        check = [sys.executable, "-m", "gateproof", "check", "--policy", str(folder / "policies"), "--format", "json"]
        apply = [peer, "apply", str(folder / "policies"), "--resource", str(folder / "objects.yaml")]
        cost = measure.race(
            {
                "theirs": measure.Command([*apply, "--policy-report", "--output-format", "json"], (0, 1), '"results"'),
                "ours": measure.Command([*check, str(folder / "objects.yaml")], (0, 1), '"findings"'),
            },
            runs=1,
        )
    them, us = cost["theirs"].seconds, cost["ours"].seconds
    detail = (
        f"kyverno {them:.1f} s, gateproof {us:.1f} s; memory {cost['theirs'].peak:.0f} and {cost['ours'].peak:.0f} MiB"
    )
    measure.report(f"kyverno apply / check: {manifests:,} manifests", them / us, "more than 1", detail)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("there is nothing to measure")
    return count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Kyverno's policies on many manifests.")
    parser.add_argument("--manifests", type=_count, metavar="N", help="how many, for Kyverno as well; it takes minutes")
    run(parser.parse_args().manifests)
