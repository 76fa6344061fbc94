"""ExpansionTemplates: what they make, what is refused, and that they end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gateproof.catalog.policy import Source
from gateproof.engines.gatekeeper.expansion import Expansion, expand
from gateproof.engines.gatekeeper.policy import Idle, load
from gateproof.errors import EvaluationError, PolicyError

EXPANSION = """\
apiVersion: expansion.gatekeeper.sh/v1alpha1
kind: ExpansionTemplate
metadata: {name: workloads}
spec:
  applyTo: [{groups: [apps], versions: [v1], kinds: [Deployment, StatefulSet]}]
  templateSource: spec.template
  generatedGVK: {group: "", version: v1, kind: Pod}
"""


def expansion(name: str, kind: str, makes: str) -> Expansion:
    return Expansion(name=name, applies_to=frozenset({("a", "v1", kind)}), source=("spec",), makes=("a", "v1", makes))


def test_what_is_made_keeps_what_stands_there() -> None:
    value = {
        "apiVersion": "a/v1",
        "kind": "Big",
        "metadata": {"name": "One", "namespace": "x"},
        "spec": {"metadata": {"labels": {"b": "c"}, "name": "z"}, "spec": {"d": 1}, "kind": "Lie"},
    }
    [made] = expand(value, [expansion("t", "Big", "Small")])
    assert made.value == {
        "apiVersion": "a/v1",
        "kind": "Small",
        "metadata": {
            "labels": {"b": "c"},
            "name": "one-small",
            "namespace": "x",
            "ownerReferences": [{"apiVersion": "a/v1", "kind": "Big", "name": "One", "uid": ""}],
        },
        "spec": {"d": 1},
    }
    assert value["metadata"] == {"name": "One", "namespace": "x"}


def test_an_owner_is_named_once() -> None:
    owner = {"apiVersion": "a/v1", "kind": "Big", "name": "one"}
    value = {
        "apiVersion": "a/v1",
        "kind": "Big",
        "metadata": {"name": "one"},
        "spec": {"metadata": {"ownerReferences": [owner]}},
    }
    [made] = expand(value, [expansion("t", "Big", "Small")])
    assert made.value["metadata"]["ownerReferences"] == [owner]


def test_what_is_made_is_expanded_in_its_turn() -> None:
    inner: dict[str, object] = {"metadata": {}, "spec": {"metadata": {}}}
    value = {"apiVersion": "a/v1", "kind": "A", "metadata": {"name": "x"}, "spec": inner}
    made = list(expand(value, [expansion("one", "A", "B"), expansion("two", "B", "C")]))
    assert [(each.by.name, each.value["metadata"]["name"]) for each in made] == [("one", "x-b"), ("two", "x-b-c")]


def test_too_much_ends_as_an_error() -> None:
    deep: dict[str, object] = {}
    for _ in range(12):
        deep = {"spec": deep}
    kinds = "ABCDEFGHIJ"
    many = [expansion(f"{a}{n}", a, b) for a, b in pairwise(kinds) for n in range(2)]
    value = {"apiVersion": "a/v1", "kind": "A", **deep}
    with pytest.raises(EvaluationError, match="more than 100 objects"):
        list(expand(value, many))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("v1alpha1", "v1", "a.yaml:1:1: apiVersion: 'v1' is not one of v1beta1, v1alpha1"),
        ("kind: ExpansionTemplate", "kind: Other", "kind: Other is not known (ExpansionTemplate)"),
        ("{name: workloads}", "{}", "metadata.name: must be a name of up to 63 characters"),
        ("kinds: [Deployment, StatefulSet]", "kinds: []", "it applies to nothing"),
        ("  templateSource: spec.template\n", "", "it does not say where what is made stands"),
        ("kind: Pod", "kind: ''", "it does not say the version and kind of what is made"),
        ('group: "", version: v1, kind: Pod', "group: apps, version: v1, kind: Deployment", "without end"),
        ("spec.template", "[spec]", "spec.templateSource: must be of type string, not a list"),
        ("templateSource", "templateSauce", "the schema does not know it"),
        ("spec.template", "spec.template\n  enforcementAction: scoped", "'scoped' is no action"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_refused(old: str, new: str, said: str) -> None:
    assert old in EXPANSION
    with pytest.raises(PolicyError) as caught:
        load((Source("a.yaml", EXPANSION.replace(old, new)),))
    assert said in "\n".join(caught.value.problems)


def test_cycles_are_refused() -> None:
    back = EXPANSION.replace("name: workloads", "name: back").replace("[apps]", "['']")
    back = back.replace("[Deployment, StatefulSet]", "[Pod]").replace(
        'group: "", version: v1, kind: Pod', "group: apps, version: v1, kind: Deployment"
    )
    with pytest.raises(PolicyError, match="the ExpansionTemplates workloads, back expand without end"):
        load((Source("a.yaml", EXPANSION), Source("b.yaml", back)))


def test_alone_it_judges_nothing() -> None:
    assert load((Source("a.yaml", EXPANSION),)) == Idle(
        "there is no Constraint for what is expanded: it judges nothing"
    )
