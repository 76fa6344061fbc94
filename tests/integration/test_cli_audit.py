"""`gateproof audit`: dumps of every form, drift against recorded decisions, bad dumps, and how it grows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gateproof import inputs
from gateproof.documents import Format, read
from gateproof.inputs import admission

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, House

pytestmark = pytest.mark.integration

LABELS = {"environment": "prod", "tier": "1", "data_classification": "restricted"}


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {**LABELS, **labels}}}


def pod(name: str, space: str = "shop", *, root: bool = False, **spec: Any) -> dict[str, Any]:
    context = {"runAsNonRoot": not root, "readOnlyRootFilesystem": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": space, "uid": f"uid-{name}"},
        "spec": {"containers": [{"name": "web", "image": "web", "securityContext": context}], **spec},
    }


def dumped(*objects: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {}}, indent=4)


CLUSTER = (namespace("shop"), namespace("play", environment="dev"), pod("good"), pod("bad", root=True))


def report(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def test_dumps_of_every_form_say_the_same(gateproof: Gateproof) -> None:
    items = dumped(*CLUSTER)
    gateproof.write("list.json", items)
    gateproof.write("stream.json", "\n".join(map(json.dumps, CLUSTER)))
    gateproof.write("list.yaml", yaml.safe_dump(json.loads(items)))
    gateproof.write("stream.yaml", "---\n".join(map(yaml.safe_dump, CLUSTER)))
    for number, each in enumerate(CLUSTER):
        gateproof.write(f"folder/{number}.yaml", yaml.safe_dump(each))
    places = ("list.json", "stream.json", "list.yaml", "stream.yaml", "folder", "-")
    calls = {place: ("audit", place, "--format", "json", "--at", "2026-11-23T05:00:00Z") for place in places}
    runs = gateproof.each(calls, stdin=items.encode())
    assert {name: run.code for name, run in runs.items()} == dict.fromkeys(places, 1)
    assert len({run.out for run in runs.values()}) == 1
    found = report(runs["-"].out)
    assert found["verdicts"] == {"ALLOW": 2, "WARN": 1, "DENY": 1, "UNDECIDED": 0}
    assert found["drift"] is None


def test_the_namespace_says_how_strict(gateproof: Gateproof) -> None:
    bad = {"shop": pod("bad", "shop", root=True), "play": pod("bad", "play", root=True)}
    lenient = namespace("play", environment="dev", tier="3", data_classification="public")
    run = gateproof("audit", "-", "--format", "json", stdin=dumped(*bad.values(), lenient, namespace("shop")).encode())
    counts = {each["namespace"]: each["counts"] for each in report(run.out)["namespaces"]}
    assert (counts["shop"]["fail"], counts["shop"]["warn"]) == (1, 0)
    assert (counts["play"]["fail"], counts["play"]["warn"]) == (0, 1)
    unknown = gateproof("audit", "-", stdin=dumped(bad["play"]).encode())
    assert (unknown.code, "1 DENY" in unknown.out) == (1, True)


def test_the_settings_of_the_server_count_whole(gateproof: Gateproof) -> None:
    settings = "version: 1\nadmission:\n  namespaces:\n    - {names: [sh*], environment: dev, tier: 3,"
    gateproof.write("server.yaml", f"{settings} data_classification: public}}\n")
    dump = dumped(pod("bad", root=True)).encode()
    assert gateproof("audit", "-", "--config", "server.yaml", stdin=dump).code == 0
    assert gateproof("audit", "-", stdin=dump).code == 1


def test_a_policy_report_is_printed(gateproof: Gateproof) -> None:
    run = gateproof("audit", "-", "--format", "policyreport", "-o", "reports.yaml", stdin=dumped(*CLUSTER).encode())
    assert (run.code, run.out) == (1, "")
    documents = [each.value for each in read((gateproof.folder / "reports.yaml").read_bytes(), Format.YAML)]
    assert [each["kind"] for each in documents] == ["ClusterPolicyReport", "PolicyReport"]
    assert documents[1]["results"][0]["resources"][0]["name"] == "bad"


def recorded(gateproof: Gateproof, house: House, judged: dict[str, Any], **request: Any) -> None:
    """Record a decision on the AdmissionReview of an object, as admission would."""
    subject = inputs.parse(json.dumps(judged).encode())
    (resource,) = inputs.resources(subject)
    review = admission.review({**admission.request(subject, resource), **request}, "r")
    name = gateproof.write("review.json", json.dumps(review))
    done = gateproof("check", name, "--layer", "runtime", *house.options())
    assert "proof   entry" in done.out, done.out + done.err


def test_drift_is_told(house: House, gateproof: Gateproof) -> None:
    recorded(gateproof, house, pod("same"))
    recorded(gateproof, house, pod("changed"))
    recorded(gateproof, house, pod("refused", root=True))
    recorded(gateproof, house, pod("tried"), dryRun=True)
    live = [pod("same", nodeName="n1"), pod("changed", hostNetwork=True), pod("refused", root=True), pod("tried")]
    live.append(pod("dns", "kube-system"))
    run = gateproof(
        "audit", "-", "--evidence", "store", "--root", house.root, "--format", "json", stdin=dumped(*live).encode()
    )
    assert run.code == 1, run.err
    drift = report(run.out)["drift"]
    assert drift["let_in"] == 2
    found = {each["resource"].rpartition("/")[2]: (each["kind"], each["paths"]) for each in drift["objects"]}
    assert found == {
        "changed": ("changed", ["spec.hostNetwork"]),
        "refused": ("refused", []),
        "tried": ("unseen", []),
    }
    text = gateproof("audit", "-", "--evidence", "store", "--root", house.root, stdin=dumped(*live).encode())
    assert "3 drifted, 2 were let in" in text.out
    old = pod("tried")
    old["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z"
    quiet = gateproof("audit", "-", "--evidence", "store", "--root", house.root, stdin=dumped(old).encode())
    assert (quiet.code, "1 objects are older" in quiet.out) == (0, True), quiet.out
    calm = gateproof("audit", "-", "--evidence", "store", "--root", house.root, stdin=dumped(live[0]).encode())
    assert (calm.code, "0 drifted" in calm.out) == (0, True)


def test_today_counts(house: House, gateproof: Gateproof) -> None:
    recorded(gateproof, house, pod("old"))
    gateproof.write("strict.rego", 'package strict\n\nimport rego.v1\n\ndeny contains "no" if input.kind == "Pod"\n')
    run = gateproof(
        *("audit", "-", "--evidence", "store", "--root", house.root, "--policy", "strict.rego", "--format", "json"),
        stdin=dumped(pod("old")).encode(),
    )
    assert report(run.out)["drift"]["counts"] == {"denied-today": 1}, run.err


def test_a_dump_that_is_half_there_is_no_report(gateproof: Gateproof) -> None:
    text = dumped(*CLUSTER)
    gateproof.write("half.json", text[: len(text) // 2])
    gateproof.write("empty.json", dumped())
    gateproof.write("pipe.yaml", "")
    calls = {
        "half": ("audit", "half.json"),
        "written": ("audit", "half.json", "-o", "report.txt"),
        "empty": ("audit", "empty.json"),
        "nothing": ("audit", "pipe.yaml"),
        "missing": ("audit", "missing.json"),
        "neither": ("audit",),
        "both": ("audit", "half.json", "--context", "c"),
        "evidence": ("audit", "half.json", "--evidence", "missing", "--root", f"sha256:{'0' * 64}"),
    }
    words = {
        "half": "half.json",
        "written": "breaks off",
        "empty": "there is no object",
        "nothing": "there is no object",
        "missing": "there is no such file",
        "neither": "give a DUMP",
        "both": "give a DUMP",
        "evidence": "no evidence store",
    }
    runs = gateproof.each(calls)
    assert {name: run.refused(words[name]) for name, run in runs.items()} == {name: [] for name in calls}
    assert not (gateproof.folder / "report.txt").exists()


def test_what_is_no_object_is_undecided(gateproof: Gateproof) -> None:
    gateproof.write("a.json", json.dumps(pod("good")) + '{"apiVersion": "v1"}{"items": [1], "kind": "PodList"}')
    run = gateproof("audit", "a.json")
    assert (run.code, run.faults()) == (2, [])
    assert "2 pieces of the dump could not be read" in run.out


def test_kubectl_is_asked_for_what_is_guarded(gateproof: Gateproof, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    dump = tmp_path / "dump.json"
    dump.write_text(dumped(*CLUSTER))
    kubectl = tools / "kubectl"
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncase "$*" in *secrets*) exit 0;; esac\ncat {dump}\n')
    kubectl.chmod(0o755)
    run = gateproof("audit", "--kubeconfig", "k.yaml", "--context", "c", env={"PATH": f"{tools}:/usr/bin:/bin"})
    assert (run.code, "1 DENY" in run.out) == (1, True), run.err
    everything, secrets = (tmp_path / "asked").read_text().splitlines()
    assert everything.startswith("--kubeconfig k.yaml --context c get namespaces,pods,")
    assert "secrets" not in everything
    assert "--field-selector type=kubernetes.io/service-account-token" in secrets
    kubectl.write_text("#!/bin/sh\necho 'forbidden: \x1b[31m' >&2\nexit 1\n")
    env = {"PATH": f"{tools}:/usr/bin:/bin"}
    assert gateproof("audit", "--context", "c", env=env).refused("could not get everything", "forbidden") == []
    assert gateproof("audit", "--context", "c", env={"PATH": "/nonexistent"}).refused("kubectl cannot be run") == []


_MEASURE = """
import gc, sys, tracemalloc
from gateproof.cli import cli
gc.disable()
tracemalloc.start()
calls = 0
if sys.argv[2] == "calls":
    tracemalloc.stop()
    def count(frame, event, argument):
        global calls
        calls += event == "call"
    sys.setprofile(count)
cli.main(["audit", sys.argv[1], "-o", sys.argv[3]], prog_name="gateproof", standalone_mode=False)
sys.setprofile(None)
print(calls or tracemalloc.get_traced_memory()[1])
"""


def test_it_is_linear_and_its_memory_is_flat(gateproof: Gateproof, tmp_path: Path) -> None:
    def measured(objects: int, what: str) -> int:
        dump = tmp_path / f"{objects}.json"
        if not dump.exists():
            spaces = [namespace(f"n{number}") for number in range(10)]
            pods = (pod(f"p{number}", f"n{number % 10}", root=number % 100 == 0) for number in range(objects))
            dump.write_text(dumped(*spaces, *pods))
        arguments = [sys.executable, "-c", _MEASURE, str(dump), what, str(tmp_path / "report.txt")]
        done = subprocess.run(
            arguments, cwd=gateproof.folder, env=gateproof.environment, capture_output=True, text=True, check=True
        )
        assert re.search(rf"^{objects + 10} objects", (tmp_path / "report.txt").read_text(), re.MULTILINE)
        return int(done.stdout)

    few, many, most = (measured(number, "calls") for number in (500, 1_000, 2_000))
    assert 0.9 < (most - many) / (2 * (many - few)) < 1.1
    assert measured(5_000, "memory") < 1.05 * measured(1_000, "memory")
