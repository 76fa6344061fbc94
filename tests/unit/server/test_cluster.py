"""What a cluster has, as it is listed: Namespaces, objects, and policies as they were at one time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.server.cluster_policies import (
    Object,
    binding,
    cluster_policy,
    constraint,
    exception,
    template,
    validating,
)
from tests.unit.server.reviews import namespace

from gateproof.catalog import pack
from gateproof.documents import Format, read
from gateproof.errors import ConfigError, GateproofError, PolicyError, StoreError
from gateproof.server.cluster import Watch
from gateproof.server.loading import Loaded, load
from gateproof.settings import Flags
from gateproof.testing import NOW

KYVERNO = "kyverno.io/v1/clusterpolicies"
NAMESPACED = "kyverno.io/v1/policies"
EXCEPTIONS = "kyverno.io/v2/policyexceptions"
TEMPLATES = "templates.gatekeeper.sh/v1/constrainttemplates"
CONSTRAINTS = "constraints.gatekeeper.sh/v1beta1/*"
OWNERS = "constraints.gatekeeper.sh/v1beta1/owners"
VALIDATING = "admissionregistration.k8s.io/v1/validatingadmissionpolicies"
BINDINGS = "admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
NOISE: dict[str, Any] = {
    "managedFields": [{"manager": "kubectl"}],
    "uid": "7c9a",
    "generation": 3,
    "creationTimestamp": NOW,
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
}


class Cluster:
    """Stands in for the API server: what it has, by path. ``meanwhile`` happens before each listing."""

    def __init__(self, **has: list[Object]) -> None:
        self.has: dict[str, list[Object]] = {"/api/v1/namespaces": [namespace("shop", tier="2")], **has}
        self.meanwhile: Callable[[], None] = lambda: None
        self.version = 0

    def put(self, collection: str, *objects: Object) -> None:
        """Let ``collection`` have these alone."""
        self.has[f"/apis/{collection}"] = list(objects)

    def listed(self, path: str) -> list[Object]:
        self.meanwhile()
        if path not in self.has:
            raise StoreError("the API server answers 404", where=path, hint="install it")
        self.version += 1
        return [self._stored(one) for one in self.has[path]]

    def plurals(self, version: str) -> list[str]:
        found = [path.rpartition("/")[2] for path in self.has if path.startswith(f"/apis/{version}/")]
        if not found:
            raise StoreError("the API server answers 404", where=version, hint="install it")
        return found

    def _stored(self, one: Object) -> Object:
        """As an API server shows it: each time something else about it is new."""
        metadata = {**NOISE, **one.get("metadata", {}), "resourceVersion": str(self.version)}
        return {**one, "metadata": metadata, "status": {"seen": self.version}}


def watching(cluster: Cluster) -> Watch:
    return Watch(cluster)  # type: ignore[arg-type]


# Namespaces and objects


def test_what_a_cluster_has() -> None:
    cluster, times = Cluster(), iter([NOW, "2026-11-23T05:00:15Z", "2026-11-23T05:00:30Z", "2026-11-23T05:03:01Z"])
    watch = Watch(cluster, lambda: next(times))  # type: ignore[arg-type]
    assert watch.look(()).inventory is None
    made = {"kind": "ConfigMap", "metadata": {"name": "a"}}
    cluster.has["/api/v1/configmaps"] = [made]
    cluster.has["/apis/networking.k8s.io/v1/ingresses"] = [{"kind": "Ingress"}]
    cluster._stored = lambda one: {**one, **_with_version(one, cluster.version)}  # type: ignore[method-assign]
    asked = ("v1/configmaps", "networking.k8s.io/v1/ingresses")
    first = watch.look(asked)
    assert list(first.namespaces.objects) == ["shop"]
    assert first.inventory is not None
    assert first.inventory.value == [{"kind": "ConfigMap", "metadata": {"name": "a"}}, {"kind": "Ingress"}]
    assert watch.look(asked).inventory is first.inventory
    later = watch.look(asked).inventory
    assert later is not None
    assert later.observed_at == "2026-11-23T05:03:01Z"


def _with_version(one: Object, version: int) -> Object:
    if "metadata" not in one:
        return {}
    return {"metadata": {**one["metadata"], "resourceVersion": str(version), "managedFields": []}}


# Policies


def listed(cluster: Cluster, *collections: str) -> Mapping[str, str]:
    return watching(cluster).policies(collections)


def test_a_policy_is_what_was_written() -> None:
    cluster = Cluster()
    annotated = cluster_policy("owned")
    annotated["metadata"] |= {"labels": {"team": "a"}, "annotations": {**NOISE["annotations"], "note": "b"}}
    cluster.put(KYVERNO, annotated, cluster_policy("named", "name"))
    found = listed(cluster, KYVERNO)
    assert list(found) == [f"cluster/{KYVERNO}/named.yaml", f"cluster/{KYVERNO}/owned.yaml"]
    annotated["metadata"]["annotations"] = {"note": "b"}
    assert json.loads(found[f"cluster/{KYVERNO}/owned.yaml"]) == annotated
    assert [policy.id for policy in pack.load(found)] == ["named", "owned"]


def test_a_policy_of_a_namespace_stays_in_it() -> None:
    cluster = Cluster()
    cluster.put(NAMESPACED, cluster_policy("owned", kind="Policy", space="shop"))
    ((name, text),) = listed(cluster, NAMESPACED).items()
    assert name == f"cluster/{NAMESPACED}/shop/owned.yaml"
    assert json.loads(text)["metadata"] == {"name": "owned", "namespace": "shop"}


def test_one_namespace_alone() -> None:
    cluster = Cluster()
    alone = "kyverno.io/v2/namespaces/shop/policyexceptions"
    cluster.put(alone, exception("old", "owned"))
    assert list(listed(cluster, alone)) == [f"cluster/{EXCEPTIONS}/shop/old.yaml"]
    cluster.put(EXCEPTIONS, exception("old", "owned"))
    with pytest.raises(StoreError, match=r"shop/old\.yaml is listed twice"):
        listed(cluster, alone, EXCEPTIONS)


def test_all_of_a_version() -> None:
    cluster = Cluster()
    cluster.put(TEMPLATES, template())
    cluster.put(OWNERS, constraint())
    found = listed(cluster, TEMPLATES, CONSTRAINTS, OWNERS)
    assert list(found) == [f"cluster/{OWNERS}/everybody.yaml", f"cluster/{TEMPLATES}/owners.yaml"]
    (policy,) = pack.load(found)
    assert (policy.id, len(policy.sources)) == ("Owners.everybody", 2)


@pytest.mark.parametrize(
    "text", ["a\x85b", "\u2028\u2029", "\x7f", "\ufeff\ufffe\uffff", "\n---\n", "'\"\\{}#: ", "😀"]
)
def test_any_text_is_read_back(text: str) -> None:
    cluster = Cluster()
    policy = cluster_policy("odd")
    policy["metadata"]["annotations"] = {text: text}
    cluster.put(KYVERNO, policy)
    (found,) = listed(cluster, KYVERNO).values()
    (document,) = read(found.encode(), Format.YAML)
    assert document.value == policy


def test_names_with_slashes_are_no_folders() -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("../../a"))
    assert list(listed(cluster, KYVERNO)) == [f"cluster/{KYVERNO}/..%2F..%2Fa.yaml"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"metadata": []},
        {"metadata": {"name": ""}},
        {"metadata": {"name": 1}},
        {"metadata": {"name": "a", "namespace": 1}},
        {"metadata": {"name": "a"}, "apiVersion": "v1", "kind": "ConfigMap"},
        {"metadata": {"name": "a"}, "apiVersion": "kyverno.io/v2"},
    ],
)
def test_what_is_no_policy_of_the_collection_is_not_passed_over(wrong: Object) -> None:
    cluster = Cluster()
    cluster.has[f"/apis/{KYVERNO}"] = [cluster_policy("owned"), {"apiVersion": "kyverno.io/v1", **wrong}]
    cluster._stored = lambda one: one  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="no object of this collection") as caught:
        listed(cluster, KYVERNO)
    assert caught.value.hint


def test_a_text_that_is_none() -> None:
    cluster = Cluster()
    policy = cluster_policy("owned", "\ud800")
    cluster.put(KYVERNO, policy)
    with pytest.raises(StoreError, match="cannot be written") as caught:
        listed(cluster, KYVERNO)
    assert "owned" in str(caught.value.where)


def test_twice_in_one_list() -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"), cluster_policy("owned", "tier"))
    with pytest.raises(StoreError, match="twice"):
        listed(cluster, KYVERNO)


def test_a_change_while_it_is_listed_is_listed_again() -> None:
    """The old policy is seen and then its new exception, which never were there together."""
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"))
    cluster.put(EXCEPTIONS)
    asked: list[int] = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 2:
            cluster.put(KYVERNO, cluster_policy("owned", "tier"))
            cluster.put(EXCEPTIONS, exception("old", "owned"))

    cluster.meanwhile = meanwhile
    found = listed(cluster, KYVERNO, EXCEPTIONS)
    assert len(asked) == 6
    assert len(found) == 2
    assert "tier is missing" in found[f"cluster/{KYVERNO}/owned.yaml"]


def test_what_never_stands_still_is_refused() -> None:
    cluster, times = Cluster(), iter(range(100))
    cluster.meanwhile = lambda: cluster.put(KYVERNO, cluster_policy("owned", f"label-{next(times)}"))
    with pytest.raises(StoreError, match="change while they are listed") as caught:
        listed(cluster, KYVERNO)
    assert caught.value.hint
    assert next(times) < 10


def test_only_what_lasts_is_a_change() -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"))
    watch = watching(cluster)
    assert watch.has_changed([KYVERNO])
    watch.policies([KYVERNO])
    assert not watch.has_changed([KYVERNO])
    cluster.put(KYVERNO, cluster_policy("owned", "tier"))
    assert watch.has_changed([KYVERNO])
    watch.policies([KYVERNO])
    cluster.put(KYVERNO)
    assert watch.has_changed([KYVERNO])
    del cluster.has[f"/apis/{KYVERNO}"]
    with pytest.raises(StoreError, match="404"):
        watch.has_changed([KYVERNO])


# What a server makes of them


def loaded(folder: Path, cluster: Cluster, *collections: str, more: str = "policies: {pack: false}") -> Loaded:
    named = ", ".join(f'"{each}"' for each in collections)
    (folder / "gateproof.yaml").write_text(f"version: 1\n{more}\nadmission: {{policies: [{named}]}}\n")
    return load(Flags(config=folder / "gateproof.yaml", surface="admission"), cluster=watching(cluster))


def ids(loaded: Loaded) -> list[str]:
    return [policy.id for policy in loaded.served.grounds.bundle.policies]


def test_policies_of_every_kind(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"))
    cluster.put(EXCEPTIONS, exception("old", "owned"))
    cluster.put(TEMPLATES, template())
    cluster.put(OWNERS, constraint())
    cluster.put(VALIDATING, validating())
    cluster.put(BINDINGS, binding())
    found = loaded(tmp_path, cluster, KYVERNO, EXCEPTIONS, TEMPLATES, CONSTRAINTS, VALIDATING, BINDINGS)
    assert ids(found) == ["Owners.everybody", "owned", "owners"]
    again = loaded(tmp_path, cluster, BINDINGS, VALIDATING, CONSTRAINTS, TEMPLATES, EXCEPTIONS, KYVERNO)
    assert again.served.grounds.bundle.digest == found.served.grounds.bundle.digest
    # The bundle alone, which is the evidence, has all of the text.
    sources = [source.text for policy in found.served.grounds.bundle.policies for source in policy.sources]
    assert sum("PolicyException" in text for text in sources) == 1


@pytest.mark.parametrize(
    ("collections", "said"),
    [((OWNERS,), "Owners"), ((BINDINGS,), "no such policy is here"), ((KYVERNO, "kyverno.io/v1/gone"), "404")],
)
def test_what_is_not_whole_does_not_load(tmp_path: Path, collections: tuple[str, ...], said: str) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"))
    cluster.put(OWNERS, constraint())
    cluster.put(BINDINGS, binding())
    with pytest.raises(GateproofError) as caught:
        loaded(tmp_path, cluster, *collections)
    assert said in caught.value.one_line


def test_one_id_in_the_cluster_and_in_a_file_is_an_error(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"))
    (tmp_path / "owned.yaml").write_text(json.dumps(cluster_policy("owned", "tier")))
    with pytest.raises(PolicyError) as caught:
        loaded(tmp_path, cluster, KYVERNO, more="policies: {pack: false, paths: [owned.yaml]}")
    assert caught.value.problems == ("owned: two policies have this id",)


def test_one_id_in_two_collections_is_an_error(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owners"))
    cluster.put(NAMESPACED, *(cluster_policy("tiers", kind="Policy", space=space) for space in ("shop", "play")))
    cluster.put(VALIDATING, validating("owners"))
    with pytest.raises(PolicyError) as caught:
        loaded(tmp_path, cluster, KYVERNO, NAMESPACED, VALIDATING)
    assert caught.value.problems == ("owners: two policies have this id", "tiers: two policies have this id")


def test_what_is_not_supported_can_be_disabled(tmp_path: Path) -> None:
    cluster = Cluster()
    broken = cluster_policy("broken")
    broken["spec"]["rules"][0]["match"] = {"any": [{"nobody": "knows this"}]}
    cluster.put(KYVERNO, cluster_policy("owned"), broken)
    with pytest.raises(PolicyError, match="nobody"):
        loaded(tmp_path, cluster, KYVERNO)
    assert ids(loaded(tmp_path, cluster, KYVERNO, more="policies: {pack: false, disabled: [broken]}")) == ["owned"]


def test_kinds_that_are_not_known_are_not_passed_over(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO, cluster_policy("owned"), cluster_policy("new", kind="Unheard"))
    with pytest.raises(PolicyError, match="Unheard is not read here"):
        loaded(tmp_path, cluster, KYVERNO)


def test_the_cluster_excepts_nothing_from_what_files_say(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(EXCEPTIONS, exception("old", "owned"))
    (tmp_path / "owned.yaml").write_text(json.dumps(cluster_policy("owned")))
    found = loaded(tmp_path, cluster, EXCEPTIONS, more="policies: {pack: false, paths: [owned.yaml]}")
    by_id = {policy.id: policy for policy in found.served.grounds.bundle.policies}
    assert sorted(by_id) == ["PolicyException.old", "owned"]
    assert not any("PolicyException" in source.text for source in by_id["owned"].sources)


def test_a_cluster_without_policies(tmp_path: Path) -> None:
    cluster = Cluster()
    cluster.put(KYVERNO)
    with pytest.raises(ConfigError, match="nothing could ever be decided"):
        loaded(tmp_path, cluster, KYVERNO)
    assert ids(loaded(tmp_path, cluster, KYVERNO, more="policies: {pack: [image-digests]}")) == ["image-digests"]


def test_without_a_cluster_its_policies_are_missed(tmp_path: Path) -> None:
    (tmp_path / "gateproof.yaml").write_text(f'version: 1\nadmission: {{policies: ["{KYVERNO}"]}}\n')
    with pytest.raises(ConfigError, match="no cluster is asked") as caught:
        load(Flags(config=tmp_path / "gateproof.yaml", surface="admission"))
    assert "--cluster" in str(caught.value.hint)
