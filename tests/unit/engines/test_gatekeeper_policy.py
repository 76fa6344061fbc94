"""Gatekeeper's templates and constraints: what loads, and what is refused with its file and line."""

from __future__ import annotations

import pytest

from gateproof.catalog.policy import Source
from gateproof.engines import rego
from gateproof.engines.gatekeeper.judging import Judge
from gateproof.engines.gatekeeper.policy import Idle, load
from gateproof.engines.gatekeeper.template import Rego, rule
from gateproof.errors import PolicyError

TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: k8slabels
spec:
  crd:
    spec:
      names: {kind: K8sLabels}
      validation:
        openAPIV3Schema:
          type: object
          properties:
            labels: {type: array, items: {type: string}}
            least: {type: integer, default: 1}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package k8slabels

        violation[{"msg": msg}] {
          name := input.parameters.labels[_]
          not input.review.object.metadata.labels[name]
          msg := sprintf("no label %v", [name])
        }
"""
CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sLabels
metadata: {name: owner}
spec:
  parameters: {labels: [owner]}
"""
MUTATOR = "apiVersion: mutations.gatekeeper.sh/v1\nkind: Assign\nmetadata: {name: a}\nspec: {}\n"


def sources(template: str = TEMPLATE, constraint: str = CONSTRAINT) -> tuple[Source, ...]:
    named = (("constraint.yaml", constraint), ("template.yaml", template))
    return tuple(Source(name, text) for name, text in named if text)


def problems(template: str = TEMPLATE, constraint: str = CONSTRAINT) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        load(sources(template, constraint))
    assert caught.value.hint
    return tuple(caught.value.problems)


def test_a_constraint_and_its_template() -> None:
    judge = load(sources())
    assert isinstance(judge, Judge)
    assert judge.constraint.parameters == {"labels": ["owner"], "least": 1}
    assert judge.constraint.action == "deny"
    assert judge.template.kind == "K8sLabels"
    assert isinstance(judge.template.code, Rego)
    assert judge.template.code.v0


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha1"])
def test_versions_of_templates(version: str) -> None:
    assert isinstance(load(sources(TEMPLATE.replace("gatekeeper.sh/v1", f"gatekeeper.sh/{version}"))), Judge)


def test_code_of_an_engine() -> None:
    code = """\
      code:
        - engine: Other
          source: {}
        - engine: Rego
          source:
            version: v1
            rego: |
              package k8slabels
              import data.lib.words
              violation contains {"msg": words.no} if not input.review.object.metadata.labels
            libs:
              - |
                package lib.words
                no := "no labels"
"""
    judge = load(sources(TEMPLATE.partition("      rego: |")[0] + code))
    assert isinstance(judge, Judge)
    assert isinstance(judge.template.code, Rego)
    assert not judge.template.code.v0


WRONG_TEMPLATES = {
    "the version": ("gatekeeper.sh/v1\n", "gatekeeper.sh/v2\n", "template.yaml:1:1: apiVersion: 'v2' is not one of"),
    "the name": ("name: k8slabels", "name: labels", "template.yaml:4:3: metadata.name: must be its kind in lower case"),
    "no kind": ("names: {kind: K8sLabels}", "names: {}", "names: it does not say the kind of its constraints"),
    "another target": (
        "admission.k8s",
        "validation.k8s",
        "spec.targets[0].target: must be admission.k8s.gatekeeper.sh",
    ),
    "no target": ("targets:", "aims:", "spec.targets: must be a list of exactly one target; it has none"),
    "no code": ("rego: |", "rigo: |", "spec.targets[0]: there is neither rego nor code"),
    "an unknown type": ("type: integer", "type: int", "14:21: spec.crd.spec.validation.openAPIV3Schema"),
    "operations": ("      rego: |", "      operations: [PATCH]\n      rego: |", "must be a list of *, CREATE"),
    "a target that is none": (
        "- target: admission.k8s.gatekeeper.sh\n      rego: |",
        "- 1\nx: |",
        "a target is an object",
    ),
    "validation": ("validation:", "validation: x\n      other:", "spec.crd.spec.validation: must be an object"),
    "a kind that is no text": ("{kind: K8sLabels}", "{kind: 1}", "spec.crd.spec.names.kind: must be a string"),
    "code that is no list": ("rego: |", "code: x\n      text: |", "spec.targets[0].code: must be a list"),
    "an empty library": ("      rego: |", "      libs: ['']\n      rego: |", "spec.targets[0].libs[0]: must be Rego"),
    "libraries": ("      rego: |", "      libs: x\n      rego: |", "libs: must be a list of Rego modules"),
}


@pytest.mark.parametrize("name", WRONG_TEMPLATES)
def test_what_a_template_must_not_be(name: str) -> None:
    old, new, said = WRONG_TEMPLATES[name]
    assert old in TEMPLATE
    assert said in "\n".join(problems(TEMPLATE.replace(old, new)))


WRONG_REGO = {
    "it does not parse": (
        "package k8slabels",
        "package k8slabels\n        violation[",
        "template.yaml:21:25: rego_parse_error",
    ),
    "no violation": ("violation[", "deny[", "template.yaml:18:1: there is no rule violation: it could never fail"),
    "a function": ('violation[{"msg": msg}] {', "violation(x) = msg {", "there is no rule violation"),
    "an unknown function": ("sprintf(", "sprint(", "template.yaml:23:10: rego_type_error: undefined function sprint"),
    "foreign data": ("input.parameters", "data.parameters", "21:11: of data, only data.lib and data.inventory"),
    "data by a name": ("input.parameters", "data[input.x]", "21:11: of data, only data.lib and data.inventory"),
    "all of data": ("input.parameters", "data", "21:11: of data, only data.lib and data.inventory can be read"),
    "an import": (
        "package k8slabels",
        "package k8slabels\n        import data.x",
        "19:1: import data.x: only data.lib",
    ),
    "a provider": ('sprintf("no label %v", [name])', "external_data({})", "23:10: external_data (a Provider is asked"),
    "a package of a library": (
        "package k8slabels",
        "package lib.x",
        "18:1: the package of a template is not below lib",
    ),
}


@pytest.mark.parametrize("name", WRONG_REGO)
def test_rego_is_refused_at_the_lines_of_the_yaml(name: str) -> None:
    old, new, said = WRONG_REGO[name]
    assert old in TEMPLATE
    assert said in "\n".join(problems(TEMPLATE.replace(old, new)))


def test_a_library_elsewhere() -> None:
    text = TEMPLATE.replace("      rego: |", "      libs: ['package other']\n      rego: |")
    [problem] = problems(text)
    assert problem == "template.yaml (libs[0]):17:1: the package of a library is below lib, not other"


def test_text_that_is_no_object() -> None:
    assert "a.yaml:1:5: not valid as YAML" in _told("a: b: c")
    assert (
        _told("- 1\n---\n- 2")
        == "a.yaml: document 1 has no apiVersion and kind\na.yaml: document 2 has no apiVersion and kind"
    )
    with pytest.raises(PolicyError, match="there is no object of Gatekeeper in it"):
        load((Source("a.yaml", "# nothing"),))


def _told(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        load((Source("a.yaml", text),))
    return "\n".join(caught.value.problems)


def test_a_constraint_need_not_say_anything() -> None:
    template = TEMPLATE.replace("least: {type: integer, default: 1}", "least: {type: integer}")
    judge = load(sources(template, CONSTRAINT.partition("spec:")[0]))
    assert isinstance(judge, Judge)
    assert judge.constraint.parameters is None


def test_lists_of_the_legacy_schema() -> None:
    text = TEMPLATE.replace("gatekeeper.sh/v1\n", "gatekeeper.sh/v1beta1\n").replace(
        "{type: array, items: {type: string}}", "{type: array}"
    )
    assert isinstance(load(sources(text, CONSTRAINT.replace("[owner]", "[owner, {a: 1}]"))), Judge)


def test_only_other_engines() -> None:
    code = "      code: [{engine: Other, source: {}}]\n"
    [problem] = problems(TEMPLATE.partition("      rego: |")[0] + code)
    assert "spec.targets[0].code: no code of the engines Rego and K8sNativeValidation; it has Other" in problem


WRONG_CONSTRAINTS = {
    "the version": ("/v1beta1", "/v1", "constraint.yaml:1:1: apiVersion: 'v1' is not one of v1beta1, v1alpha1"),
    "the name": ("name: owner", "name: Owner", "constraint.yaml:3:12: metadata.name: 'Owner' is no name"),
    "a type": ("[owner]", "owner", "5:16: spec.parameters.labels: must be of type array, not 'owner'"),
    "an item": ("[owner]", "[1]", "spec.parameters.labels[0]: must be of type string, not 1"),
    "an unknown parameter": ("labels: [", "label: [", "5:16: spec.parameters.label: the schema does not know it"),
    "an unknown action": (
        "spec:",
        "spec:\n  enforcementAction: stop",
        "enforcementAction: 'stop' is no action (dryrun",
    ),
    "an unknown match": ("spec:", "spec:\n  match: {kind: [Pod]}", "spec.match.kind: the schema does not know it"),
    "a glob": ("spec:", "spec:\n  match: {namespaces: ['a*b']}", "spec.match.namespaces[0]: 'a*b' does not match"),
    "an operator": (
        "spec:",
        "spec:\n  match: {labelSelector: {matchExpressions: [{key: a, operator: Is}]}}",
        "spec.match.labelSelector: 'Is' is no operator",
    ),
    "values": (
        "spec:",
        "spec:\n  match: {namespaceSelector: {matchExpressions: [{key: a, operator: In}]}}",
        "spec.match.namespaceSelector: the operator In needs values",
    ),
    "a source": ("spec:", "spec:\n  match: {source: Mine}", "spec.match.source: must be one of 'All', 'Generated'"),
    "no values": (
        "spec:",
        "spec:\n  match: {labelSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
        "spec.match.labelSelector: the operator Exists takes no values",
    ),
    "no points": (
        "spec:",
        "spec:\n  enforcementAction: scoped\n  scopedEnforcementActions: [{action: deny}]",
        "spec.scopedEnforcementActions[0]: it names no enforcementPoints",
    ),
    "nothing scoped": ("spec:", "spec:\n  enforcementAction: scoped", "there are no scopedEnforcementActions"),
    "an unknown point": (
        "spec:",
        "spec:\n  enforcementAction: scoped\n  scopedEnforcementActions:\n"
        "    - {action: deny, enforcementPoints: [{name: elsewhere}]}",
        "'elsewhere' is no enforcement point",
    ),
    "an unknown scoped action": (
        "spec:",
        "spec:\n  enforcementAction: scoped\n  scopedEnforcementActions:\n"
        "    - {action: scoped, enforcementPoints: [{name: '*'}]}",
        "scopedEnforcementActions[0].action: 'scoped' is no action",
    ),
}


@pytest.mark.parametrize("name", WRONG_CONSTRAINTS)
def test_what_a_constraint_must_not_be(name: str) -> None:
    old, new, said = WRONG_CONSTRAINTS[name]
    assert old in CONSTRAINT
    [problem] = problems(constraint=CONSTRAINT.replace(old, new))
    assert said in problem


def test_all_problems_are_told_at_once() -> None:
    wrong = CONSTRAINT.replace("[owner]", "owner").replace("name: owner", "name: A")
    assert len(problems(constraint=wrong)) == 2


def test_lines_are_those_of_a_file_of_many_documents() -> None:
    assert (
        "constraint.yaml:15:16: spec.parameters.labels"
        in problems(constraint="\n" * 10 + CONSTRAINT.replace("[owner]", "owner"))[0]
    )


def test_a_constraint_without_its_template() -> None:
    [problem] = problems(template="")
    assert problem == "constraint.yaml:2:1: kind: there is no ConstraintTemplate whose constraints are K8sLabels"
    [problem] = problems(constraint=CONSTRAINT.replace("K8sLabels", "K8sOther"))
    assert "kind: the template is for K8sLabels, not for K8sOther" in problem


def test_what_judges_nothing_says_so() -> None:
    assert load(sources(constraint="")) == Idle("there is no Constraint for this ConstraintTemplate: it judges nothing")
    idle = load((Source("a.yaml", MUTATOR),))
    assert isinstance(idle, Idle)
    assert "does not gate" in idle.reason
    with pytest.raises(PolicyError, match="more than one constraint"):
        load((*sources(), Source("other.yaml", CONSTRAINT)))
    with pytest.raises(PolicyError, match="makes no policy of Gatekeeper"):
        load((*sources(), Source("pod.yaml", "apiVersion: v1\nkind: Pod\n")))


def test_a_broken_template_is_told_without_its_constraint() -> None:
    [problem] = problems(TEMPLATE.replace("violation[", "deny["), "")
    assert "there is no rule violation" in problem


@pytest.mark.parametrize(
    ("points", "action"),
    [
        ("[{action: warn, enforcementPoints: [{name: gator.gatekeeper.sh}]}]", "warn"),
        (
            "[{action: warn, enforcementPoints: [{name: '*'}]},"
            " {action: deny, enforcementPoints: [{name: validation.gatekeeper.sh}]}]",
            "deny",
        ),
        ("[{action: dryrun, enforcementPoints: [{name: audit.gatekeeper.sh}]}]", "dryrun"),
    ],
    ids=["one point", "the strictest", "audit"],
)
def test_scoped_actions(points: str, action: str) -> None:
    scoped = f"spec:\n  enforcementAction: scoped\n  scopedEnforcementActions: {points}"
    judge = load(sources(constraint=CONSTRAINT.replace("spec:", scoped)))
    assert isinstance(judge, Judge)
    assert judge.constraint.action == action


def test_what_the_api_server_enforces_alone() -> None:
    scoped = (
        "spec:\n  enforcementAction: scoped\n  scopedEnforcementActions:"
        " [{action: deny, enforcementPoints: [{name: vap.k8s.io}]}]"
    )
    idle = load(sources(constraint=CONSTRAINT.replace("spec:", scoped)))
    assert isinstance(idle, Idle)
    assert "vap.k8s.io" in idle.reason


def test_templates_of_older_versions_keep_unknown_parameters() -> None:
    unknown = CONSTRAINT.replace("labels: [owner]", "labels: [owner], other: {a: 1}")
    older = TEMPLATE.replace("gatekeeper.sh/v1\n", "gatekeeper.sh/v1beta1\n")
    assert isinstance(load(sources(older, unknown)), Judge)
    without = older.partition("      validation:")[0] + older[older.index("  targets:") :]
    assert isinstance(load(sources(without, unknown)), Judge)
    strict = without.replace("v1beta1", "v1")
    assert "spec.parameters: the schema does not know it" in problems(strict, unknown)[0]


def test_a_template_is_compiled_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}

    class Cache:
        def get(self, digest: str) -> bytes | None:
            return kept.get(digest)

        def put(self, digest: str, program: bytes) -> None:
            kept[digest] = program

    monkeypatch.setattr(rego, "_cache", Cache())
    text = TEMPLATE.replace("no label", "there is no label")
    programs = []
    for name in ("one", "two"):
        judge = load(sources(text, CONSTRAINT.replace("name: owner", f"name: {name}")))
        assert isinstance(judge, Judge)
        assert isinstance(judge.template.code, Rego)
        programs.append(rule(judge.template.code).program)
    assert programs[0] is programs[1]
    assert len(kept) == 1
    rule.cache_clear()
    assert isinstance(judge, Judge)
    assert isinstance(judge.template.code, Rego)
    again = rule(judge.template.code).program
    assert again is not programs[0]
    assert again.rules == programs[0].rules
    assert len(kept) == 1
