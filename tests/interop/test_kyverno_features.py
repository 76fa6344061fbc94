"""Kyverno's own command line on rules that use every feature, and on many objects that differ a little."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

Peer = Callable[[str], str]
FEATURES = Path(__file__).with_name("kyverno") / "features.yaml"
SEED, OBJECTS = 20_261_123, 160

VALUES: tuple[Any, ...] = (
    *(None, "a", "abc", "b", "", "*", "a*", "0", "100", "-5", "v1", "1.9.3", "1.10.0", "1Gi", "1024Mi", "1h", "60m"),
    *("3600", "3600s", 3600, 0, 1, 1.0, 1.5, 50, 101, 1000000, True, False, {}, {"a": "b"}, []),
    *(["a", 1], ["a"], ["abc", "x"], [1, 50], [500, 2], ["1Gi", "5Mi"], [True], [1000000], ["1000000"], [None]),
)
IMAGES = ("nginx:1", "nginx", "nginx:latest", "quay.io/x/y:1", "ghcr.io/a/b@sha256:" + "0" * 64)


@pytest.fixture(scope="module")
def both() -> ModuleType:
    """The module that asks both sides."""
    spec = importlib.util.spec_from_file_location("kyverno_both", Path(__file__).with_name("test_kyverno.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def container(name: str, source: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "image": source.choice(IMAGES)}
    if source.random() < 0.7:
        made["resources"] = {"limits": {"memory": source.choice(["1Gi", "512Mi", "2Gi", 1024])}}
    if source.random() < 0.4:
        made.setdefault("resources", {})["requests"] = {"memory": source.choice(["1Gi", "512Mi"])}
    if source.random() < 0.6:
        made["ports"] = [{"p": source.choice([80, 443, 8080])} for _ in range(source.randint(0, 3))]
    return made


def made(number: int, source: random.Random) -> dict[str, Any]:
    """A Pod or, for every third number, a Deployment, with parts that no cluster knows."""
    spec: dict[str, Any] = {"containers": [container(name, source) for name in source.choice(["a", "ab", "b", "cba"])]}
    value = VALUES[number % len(VALUES)]
    if value is not None or source.random() < 0.2:
        spec["x"] = value
    for name, chance, choices in (
        ("initContainers", 0.5, [[{"name": "i", "image": image}] for image in ("busybox", "busybox:1", "nginx:1")]),
        ("text", 0.6, ["abc", "b", "a", "app", "large", "o"]),
        ("texts", 0.6, [["a"], ["a", "b"], ["c"], []]),
        ("size", 0.3, ["small", "large", "huge"]),
    ):
        if source.random() < chance:
            spec[name] = source.choice(choices)
    metadata: dict[str, Any] = {"name": f"o-{number}"}
    if source.random() < 0.7:
        metadata["labels"] = {"app": source.choice([f"o-{number}", "x", "none"]), "abc": "ob"}
    if source.random() < 0.2:
        metadata["namespace"] = "other"
    if number % 3 == 2:
        template = {"metadata": {"labels": metadata.get("labels", {})}, "spec": spec}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def test_every_feature_on_objects_at_random(peer: Peer, both: ModuleType, tmp_path: Path) -> None:
    source = random.Random(SEED)  # noqa: S311 - sample data
    objects = tmp_path / "objects.yaml"
    objects.write_text("\n---\n".join(json.dumps(made(number, source)) for number in range(OBJECTS)), encoding="utf-8")
    policies = []
    for document in yaml.safe_load_all(FEATURES.read_text(encoding="utf-8")):
        policies.append(tmp_path / f"{document['metadata']['name']}.yaml")
        policies[-1].write_text(json.dumps(document), encoding="utf-8")
    found, expected = both.ours(policies, objects), both.theirs(peer, policies, objects)
    different = {
        " ".join(key): (found.get(key, "skip"), expected.get(key, "skip"))
        for key in found.keys() | expected.keys()
        if found.get(key, "skip") != expected.get(key, "skip")
    }
    assert different == {}
    assert {"pass", "fail", "skip", "error"} <= set(found.values())
