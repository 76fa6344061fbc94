"""gator, Gatekeeper's own command line, puts the same objects to the same constraints: the same violations."""

from __future__ import annotations

import json
import random
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from gateproof.catalog.policy import Source
from gateproof.documents import Format, read
from gateproof.engines.gatekeeper import suite as suites
from gateproof.engines.gatekeeper.inventory import inventory
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.policy import compose
from gateproof.engines.gatekeeper.review import namespaces_in, of_object
from gateproof.engines.kubernetes.manifests import Manifest, manifests
from gateproof.engines.suites import SuiteCase

NOW = "2026-11-23T05:00:00Z"
CEL = "K8sNativeValidation"
LANGUAGES = pytest.mark.parametrize("cel", [True, False], ids=["CEL before Rego", "Rego alone"])

Peer = Callable[[str], str]
Found = Counter[tuple[str, str, str]]
"""How often a constraint says something of an object: (the constraint, the name of the object, message)."""
ERROR = "it cannot be evaluated"
_ERROR = re.compile(r"\beval_\w+_error: |^expression '.*' resulted in error: ", re.DOTALL)


def theirs(peer: Peer, folder: Path) -> Found:
    command = [peer("gator"), "test", "--filename", str(folder), "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr[-2000:]
    return Counter(
        (
            f"{each['constraint']['kind']}.{each['constraint']['metadata']['name']}",
            each["violatingObject"]["metadata"]["name"],
            ERROR if _ERROR.search(each["msg"]) else each["msg"],
        )
        for each in json.loads(done.stdout or "null") or ()
    )


def ours(folder: Path) -> Found:
    """The same, with every object there is in the inventory, as `gator test` has it."""
    known = manifests(Source(path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml")))
    values = [each.value for each in known]
    data, namespaces = inventory(values), namespaces_in(values)
    found: Found = Counter()
    for judge in judges(known):
        for value in values:
            review = of_object(value, namespaces=namespaces)
            for violation in judge.judge(review, data) or ():
                name = f"{judge.constraint.kind}.{judge.constraint.name}"
                message = ERROR if violation.is_error else violation.message
                found[name, value["metadata"]["name"], message] += 1
    return found


def judges(known: Sequence[Manifest]) -> Iterator[Judge]:
    templates = {
        each.value["spec"]["crd"]["spec"]["names"]["kind"]: each for each in known if each.kind == "ConstraintTemplate"
    }
    expansions = [each for each in known if each.kind == "ExpansionTemplate"]
    for each in known:
        if each.group == "constraints.gatekeeper.sh":
            yield compose(templates[each.kind], each, expansions)


def write(folder: Path, name: str, values: Iterable[Any]) -> None:
    text = "\n---\n".join(json.dumps(value, indent=1) for value in values)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def documents(path: Path) -> list[dict[str, Any]]:
    return [document.value for document in read(path.read_bytes(), Format.YAML) if isinstance(document.value, dict)]


@pytest.fixture(scope="module")
def corpus(cases: Path) -> Path:
    home = cases / "gatekeeper"
    if not home.is_dir():
        pytest.skip("the cases of ../shared/cases/gatekeeper are not here")
    return home


@pytest.fixture(scope="module")
def rows(corpus: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (corpus / "cases.jsonl").read_text(encoding="utf-8").splitlines()]


EXPANSIONS = [
    {
        "apiVersion": "expansion.gatekeeper.sh/v1beta1",
        "kind": "ExpansionTemplate",
        "metadata": {"name": name},
        "spec": {
            "applyTo": [{"groups": [group], "versions": ["v1"], "kinds": kinds}],
            "templateSource": source,
            "generatedGVK": {"group": makes[0], "version": "v1", "kind": makes[1]},
        },
    }
    for name, group, kinds, source, makes in (
        ("workloads", "apps", ["Deployment", "StatefulSet", "DaemonSet"], "spec.template", ("", "Pod")),
        ("jobs", "batch", ["Job"], "spec.template", ("", "Pod")),
        ("cronjobs", "batch", ["CronJob"], "spec.jobTemplate", ("batch", "Job")),
    )
]


def policies(corpus: Path, rows: Iterable[dict[str, Any]], folder: Path, *, cel: bool) -> None:
    """Every template of the corpus, with its code in CEL or without, and every constraint under a name of its own."""
    constraints, templates = {}, {}
    for row in rows:
        templates[row["template"]] = documents(corpus / "files" / row["template"])[0]
        constraints[row["constraint"]] = documents(corpus / "files" / row["constraint"])[0]
    by_kind = {each["spec"]["crd"]["spec"]["names"]["kind"]: each for each in templates.values()}
    for [target] in (each["spec"]["targets"] for each in by_kind.values()):
        if not cel and "code" in target:
            target["code"] = [each for each in target["code"] if each["engine"] != CEL]
    write(folder, "templates", by_kind.values())
    named = [{**each, "metadata": {"name": f"constraint-{n}"}} for n, each in enumerate(constraints.values())]
    write(folder, "constraints", named)


def objects(corpus: Path, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every object of the corpus once, each in a namespace and under a name of its own; none is a request."""
    paths = sorted({row["object"] for row in rows if not row["admission_review"]})
    found: dict[str, dict[str, Any]] = {}
    for value in (value for path in paths for value in documents(corpus / "files" / path)):
        found.setdefault(json.dumps(value, sort_keys=True), value)
    return [renamed(value, f"object-{n}", f"space-{n % 3}") for n, value in enumerate(found.values())]


def renamed(value: dict[str, Any], name: str, namespace: str) -> dict[str, Any]:
    about = {key: each for key, each in value.get("metadata", {}).items() if key not in ("generateName", "namespace")}
    where = {} if value["kind"] == "Namespace" else {"namespace": namespace}
    return {**value, "metadata": {**about, "name": name, **where}}


def namespaces() -> list[dict[str, Any]]:
    spaces = {"space-0": {"team": "a"}, "space-1": {"team": "b"}, "space-2": {}}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in spaces.items()
    ]


def mutated(value: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """``value`` with some members gone, or with values that others have, its name and kind aside."""
    made = deepcopy(value)
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [made[key] for key in made if key not in ("apiVersion", "kind", "metadata")]
    waiting.append(made["metadata"].get("annotations"))
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list) and each:
            places += [(each, key) for key in (each if isinstance(each, dict) else range(len(each)))]
            waiting += each.values() if isinstance(each, dict) else each
    for holder, key in chance.sample(places, min(len(places), 3)):
        if isinstance(holder, dict) and key in holder and chance.random() < 0.5:
            del holder[key]
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = chance.choice([True, False, 0, 1000, "", "latest", "100m", [], ["ALL"], {}, "nginx:1.0"])
    return made


@LANGUAGES
def test_constraints_of_the_corpus_on_all_of_its_objects(
    peer: Peer, corpus: Path, rows: list[dict[str, Any]], tmp_path: Path, cel: bool
) -> None:
    """Each constraint meets the objects of all others too, and what expansions make of them."""
    policies(corpus, rows, tmp_path, cel=cel)
    write(tmp_path, "expansions", EXPANSIONS)
    write(tmp_path, "namespaces", namespaces())
    write(tmp_path, "objects", objects(corpus, rows))
    found, expected = ours(tmp_path), theirs(peer, tmp_path)
    assert found - expected == Counter()
    assert expected - found == Counter()
    assert found.total() > 500
    assert any(message.startswith("[Implied by cronjobs]") or "Implied" in message for _, _, message in found)


@LANGUAGES
@pytest.mark.parametrize("seed", range(2))
def test_constraints_of_the_corpus_on_mutated_objects(
    peer: Peer, corpus: Path, rows: list[dict[str, Any]], tmp_path: Path, seed: int, cel: bool
) -> None:
    chance = random.Random(seed)  # noqa: S311 - samples, not secrets
    policies(corpus, rows, tmp_path, cel=cel)
    write(tmp_path, "namespaces", namespaces())
    write(tmp_path, "objects", [mutated(value, chance) for value in objects(corpus, rows)])
    found, expected = ours(tmp_path), theirs(peer, tmp_path)
    assert found - expected == Counter()
    assert expected - found == Counter()


TEMPLATE = {
    "apiVersion": "templates.gatekeeper.sh/v1",
    "kind": "ConstraintTemplate",
    "metadata": {"name": "findall"},
    "spec": {
        "crd": {"spec": {"names": {"kind": "FindAll"}}},
        "targets": [
            {
                "target": "admission.k8s.gatekeeper.sh",
                "code": [
                    {
                        "engine": "Rego",
                        "source": {
                            "version": "v1",
                            "rego": 'package findall\n\nviolation contains {"msg": msg} if {\n'
                            '\tmsg := json.marshal(object.remove(input.review, ["object"]))\n}\n',
                        },
                    }
                ],
            }
        ],
    },
}
MATCHES: list[dict[str, Any]] = [
    {},
    {"kinds": [{"apiGroups": ["apps"], "kinds": ["*"]}]},
    {"kinds": [{"apiGroups": ["*"], "kinds": ["Pod"]}, {"kinds": ["Namespace"]}]},
    {"kinds": [{"apiGroups": [""]}]},
    {"scope": "Cluster"},
    {"scope": "Namespaced"},
    {"namespaces": ["space-*"]},
    {"namespaces": ["*-1", "space-2"]},
    {"namespaces": ["*pace*"]},
    {"excludedNamespaces": ["space-1"]},
    {"excludedNamespaces": ["*0"]},
    {"name": "object-1*"},
    {"name": "*1"},
    {"labelSelector": {"matchLabels": {"app": "nginx"}}},
    {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["nginx", "demo"]}]}},
    {"labelSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
    {"namespaceSelector": {"matchLabels": {"team": "a"}}},
    {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}},
    {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["b", "c"]}]}},
    {"source": "Generated"},
    {"source": "Original", "kinds": [{"kinds": ["Pod"]}]},
]


def test_match_and_what_a_rule_sees(peer: Peer, corpus: Path, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    write(tmp_path, "templates", [TEMPLATE])
    constraint = {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "FindAll"}
    write(
        tmp_path,
        "constraints",
        [{**constraint, "metadata": {"name": f"m-{n}"}, "spec": {"match": each}} for n, each in enumerate(MATCHES)],
    )
    write(tmp_path, "expansions", EXPANSIONS)
    write(tmp_path, "namespaces", namespaces())
    write(tmp_path, "objects", objects(corpus, rows))
    # What is in no namespace `gator test` takes for something in a namespace without a name: `gator verify` does not.
    judged = {each["metadata"]["name"] for each in [*namespaces(), *objects(corpus, rows)]}
    found, expected = (
        Counter({key: n for key, n in each.items() if key[1] in judged})
        for each in (ours(tmp_path), theirs(peer, tmp_path))
    )
    assert found - expected == Counter()
    assert expected - found == Counter()
    assert len({name for name, _, _ in found}) == len(MATCHES)


def test_suites(peer: Peer, corpus: Path, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Every case of the corpus as a suite, and once more with the opposite expected: each outcome is the same."""
    made = []
    for number, row in enumerate(rows):
        asserted = [{key: value for key, value in each.items() if value is not None} for each in row["assertions"]]
        for each in asserted:
            each["violations"] = {True: "yes", False: "no"}.get(each["violations"], each["violations"])
        opposite = [{"violations": "no" if row["expect_violation"] else "yes"}]
        paths = {name: str(corpus / "files" / row[name]).lstrip("/") for name in ("template", "constraint", "object")}
        stock = [str(corpus / "files" / name).lstrip("/") for name in row["inventory"]]
        case = {"object": _up(tmp_path, paths["object"]), "inventory": [_up(tmp_path, name) for name in stock]}
        made.append(
            {
                "name": f"test-{number}",
                "template": _up(tmp_path, paths["template"]),
                "constraint": _up(tmp_path, paths["constraint"]),
                "cases": [
                    {"name": "right", "assertions": asserted, **case},
                    {"name": "wrong", "assertions": opposite, **case},
                ],
            }
        )
    document = {"apiVersion": "test.gatekeeper.sh/v1alpha1", "kind": "Suite", "tests": made}
    path = tmp_path / "suite.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run([peer("gator"), "verify", "-v", str(path)], capture_output=True, text=True, check=False)
    expected = Counter(line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line.startswith("    --- "))
    found = Counter(
        "PASS" if case.outcome == "pass" else "FAIL" for case in _run(document, tmp_path) if "/" in case.name
    )
    assert found == expected == Counter({"PASS": len(rows), "FAIL": len(rows)})


def _up(folder: Path, path: str) -> str:
    """``path``, from the root of the file system, relative to ``folder``."""
    return "../" * (len(folder.parts) - 1) + path


def _run(document: dict[str, Any], folder: Path) -> Iterator[SuiteCase]:
    from gateproof.adapters.gator_suites import suite_in

    suite = suite_in(str(folder / "suite.yaml"))
    assert suite is not None
    assert suites.is_suite(document)
    yield from suites.run(suite, now=NOW)
