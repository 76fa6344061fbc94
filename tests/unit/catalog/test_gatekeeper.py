"""Gatekeeper's objects in policy files: what belongs together, and what is said of what judges nothing."""

from __future__ import annotations

import json

import pytest

from gateproof.catalog import pack
from gateproof.catalog.cluster_facts import INVENTORY
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Layer, Severity
from gateproof.documents import Format, read
from gateproof.errors import PolicyError


def template(kind: str, rego: str = "", annotations: str = "{}") -> str:
    return (
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\n"
        f"metadata: {{name: {kind.lower()}, annotations: {annotations}}}\n"
        f"spec:\n  crd: {{spec: {{names: {{kind: {kind}}}}}}}\n"
        f"  targets: [{{target: admission.k8s.gatekeeper.sh, rego: {json.dumps(rego or 'package a')}}}]\n"
    )


def constraint(kind: str, name: str, annotations: str = "{}", spec: str = "{}") -> str:
    about = f"metadata: {{name: {name}, annotations: {annotations}}}"
    return f"apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: {kind}\n{about}\nspec: {spec}\n"


EXPANSION = "apiVersion: expansion.gatekeeper.sh/v1beta1\nkind: ExpansionTemplate\nmetadata: {name: e}\nspec: {}\n"
CONFIG = "apiVersion: config.gatekeeper.sh/v1alpha1\nkind: Config\nmetadata: {name: config}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
SUITE = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\ntests: []\n"


def load(**files: str) -> tuple[Policy, ...]:
    return pack.load({f"{name}.yaml": text for name, text in files.items()})


def names(policy: Policy) -> list[str]:
    return [source.name for source in policy.sources]


def test_a_constraint_and_its_template_are_one_policy() -> None:
    one, two = load(a=constraint("A", "one"), b=constraint("A", "two"), t=template("A"), p=POD, s=SUITE)
    assert (one.id, one.engine, one.kinds) == ("A.one", EngineName.GATEKEEPER, (InputKind.KUBERNETES,))
    assert (names(one), names(two)) == (["a.yaml", "t.yaml"], ["b.yaml", "t.yaml"])
    assert (one.severity, one.title, one.facts) == (Severity.CRITICAL, "A.one", ())


def test_expansions_belong_to_every_constraint() -> None:
    one, two = load(a=constraint("A", "one"), b=constraint("A", "two"), t=template("A"), e=EXPANSION)
    assert names(one) == ["a.yaml", "t.yaml", "e.yaml"]
    assert names(two) == ["b.yaml", "t.yaml", "e.yaml"]


def test_documents_of_one_file_keep_their_lines() -> None:
    [policy] = load(all=f"# first\n{POD}---\n{template('A')}--- # here\n{constraint('A', 'one')}")
    [source] = policy.sources
    lines = source.text.split("\n")
    assert (lines.index("kind: ConstraintTemplate"), lines.index("kind: A")) == (6, 13)
    assert "Pod" not in source.text


def test_lists_are_read() -> None:
    items = ", ".join(_flow(text) for text in (template("A"), constraint("A", "one"), constraint("A", "two"), POD))
    one, two = load(dump=f"apiVersion: v1\nkind: List\nitems: [{items}]\n")
    assert (one.id, two.id) == ("A.one", "A.two")
    [source] = two.sources
    assert [document.value["kind"] for document in read(source.text.encode(), Format.YAML)] == [
        "A",
        "ConstraintTemplate",
    ]


def _flow(text: str) -> str:
    [document] = read(text.encode(), Format.YAML)
    return json.dumps(document.value)


def test_annotations() -> None:
    said = "{gateproof.dev/severity: low, gateproof.dev/controls: 'nist-800-53@5:CM-6', gateproof.dev/title: Mine}"
    described = "{metadata.gatekeeper.sh/title: Theirs, description: What it does., gateproof.dev/remediation: Fix it.}"
    [policy] = load(a=constraint("A", "one", said), t=template("A", annotations=described))
    assert (policy.severity, policy.title, policy.description) == (Severity.LOW, "Mine", "What it does.")
    assert (policy.controls, policy.remediation) == (("nist-800-53@5:CM-6",), "Fix it.")


@pytest.mark.parametrize(
    ("rego", "reads"),
    [
        ("package a\nx { data.inventory.cluster }", True),
        ('package a\nx { data["inventory"] }', True),
        ("package a\n# data.inventory\nx { input.data.inventory }", False),
        ("package a\nx { metadata.inventory }", False),
        ('package a\nx { "#" != data.inventory.cluster }', True),
    ],
    ids=["a reference", "brackets", "nothing", "another name", "no comment"],
)
def test_what_reads_the_inventory_needs_the_fact(rego: str, reads: bool) -> None:
    [policy] = load(a=constraint("A", "one"), t=template("A", rego))
    assert policy.facts == ((INVENTORY,) if reads else ())


@pytest.mark.parametrize(
    ("points", "layers"),
    [
        ("[]", ()),
        ("[{name: '*'}]", ()),
        ("[{name: gator.gatekeeper.sh}]", (Layer.PRE_COMMIT, Layer.CI, Layer.REGISTRY, Layer.CD)),
        ("[{name: validation.gatekeeper.sh}, {name: audit.gatekeeper.sh}]", (Layer.RUNTIME,)),
        ("[{name: gator.gatekeeper.sh}, {name: audit.gatekeeper.sh}]", ()),
        ("[{name: vap.k8s.io}]", ()),
        ("x", ()),
    ],
    ids=str,
)
def test_enforcement_points_are_layers(points: str, layers: tuple[Layer, ...]) -> None:
    spec = f"{{enforcementAction: scoped, scopedEnforcementActions: [{{action: deny, enforcementPoints: {points}}}]}}"
    [policy] = load(a=constraint("A", "one", spec=spec), t=template("A"))
    assert policy.layers == layers


def test_what_judges_nothing_is_a_policy_that_says_so() -> None:
    assert [policy.id for policy in load(t=template("A"), c=CONFIG)] == ["Config.config", "ConstraintTemplate.a"]
    assert [policy.id for policy in load(e=EXPANSION)] == ["ExpansionTemplate.e"]
    assert [names(policy) for policy in load(a=constraint("A", "one"))] == [["a.yaml"]]


def test_templates_may_stand_elsewhere() -> None:
    templates, constraints = {"t.yaml": template("A")}, {"c.yaml": constraint("A", "one")}
    [policy] = pack.load(constraints, beside=[templates])
    assert names(policy) == ["c.yaml", "t.yaml"]
    assert pack.load(templates, beside=[constraints]) == ()
    own = {**constraints, "own.yaml": template("A", "package b")}
    [policy] = pack.load(own, beside=[templates])
    assert names(policy) == ["c.yaml", "own.yaml"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"t": template("A"), "u": template("A", "package b")}, "u.yaml: there is another template for A, in t.yaml"),
        ({"a": constraint("A", "one", "{gateproof.dev/severity: huge}")}, "a.yaml: 'huge' is no severity"),
        ({"a": constraint("A", "one", "{gateproof.dev/controls: CM-999}")}, "a.yaml: "),
        ({"x": "apiVersion: other.gatekeeper.sh/v1\nkind: Thing\n"}, "Thing of other.gatekeeper.sh is no object of"),
        ({"x": f"{POD}---\napiVersion: config.gatekeeper.sh/v1\n  kind: x\n"}, "x.yaml:6:7: not valid as YAML"),
    ],
    ids=["two templates", "severity", "controls", "an unknown group", "no YAML"],
)
def test_what_is_wrong_names_its_file(files: dict[str, str], said: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load(**files)
    assert said in "\n".join(caught.value.problems)
