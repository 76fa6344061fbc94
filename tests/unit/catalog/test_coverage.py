"""Coverage: what is enforced where, what is a gap, and what no gate can enforce."""

from __future__ import annotations

import pytest

from gateproof.catalog.coverage import Line, State, concerns, cover, layers, line
from gateproof.catalog.frameworks import Entry, Framework, shipped
from gateproof.catalog.policy import EngineName, InputKind, Policy
from gateproof.catalog.scales import Layer, Severity


def policy(name: str, *controls: str, at: tuple[Layer, ...] = (), kinds: tuple[InputKind, ...] = ()) -> Policy:
    return Policy(
        id=name,
        engine=EngineName.REGO,
        title=name,
        severity=Severity.HIGH,
        controls=controls,
        layers=at,
        kinds=kinds,
    )


def enforced(found: Line) -> dict[Layer, tuple[str, ...]]:
    return {cell.layer: cell.policies for cell in found.cells if cell.policies}


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((InputKind.TERRAFORM_PLAN,), {Layer.PRE_COMMIT, Layer.CI, Layer.CD}),
        ((InputKind.KUBERNETES,), {Layer.PRE_COMMIT, Layer.CI, Layer.CD, Layer.RUNTIME}),
        ((InputKind.DOCKERFILE, InputKind.GITHUB_WORKFLOW), {Layer.PRE_COMMIT, Layer.CI}),
        ((InputKind.UNKNOWN,), set()),
        ((), {Layer.PRE_COMMIT, Layer.CI, Layer.CD, Layer.RUNTIME}),
    ],
)
def test_a_policy_without_layers_works_where_its_inputs_are_at_hand(
    kinds: tuple[InputKind, ...], expected: set[Layer]
) -> None:
    assert set(layers(policy("p", kinds=kinds))) == expected
    assert layers(policy("p", kinds=kinds, at=(Layer.REGISTRY,))) == (Layer.REGISTRY,)


def test_one_control() -> None:
    sc28 = "nist-800-53@5:SC-28"
    policies = [policy("b", sc28, at=(Layer.CI,)), policy("a", sc28, at=(Layer.CI, Layer.CD)), policy("c", "x@1:y")]
    found = line(shipped(), policies, sc28)
    assert enforced(found) == {Layer.CI: ("a", "b"), Layer.CD: ("a",)}
    assert found.state is State.ENFORCED
    assert found.open == (Layer.PRE_COMMIT, Layer.RUNTIME)
    assert found.topics == ("encryption at rest",)
    assert found.number == "SC-28"


def test_a_related_or_a_more_general_control_is_not_enforced_by_that() -> None:
    policies = [policy("a", "nist-800-53@5:SC-28(1)")]
    assert line(shipped(), policies, "nist-800-53@5:SC-28").state is State.GAP
    assert line(shipped(), policies, "pci-dss@4.0.1:3.5.1").state is State.GAP


def test_what_no_gate_can_enforce_is_no_gap_unless_a_policy_says_that_it_does() -> None:
    people = "soc2@2017:CC1.1"
    found = line(shipped(), [], people)
    assert found.state is State.NOT_BY_A_GATE
    assert found.reason
    cited = line(shipped(), [policy("a", people, at=(Layer.CI,))], people)
    assert (cited.state, cited.reason) == (State.ENFORCED, "")


def test_the_matrix_of_a_framework() -> None:
    entries = (
        Entry("H", "heading", heading=True),
        Entry("H.1", "one"),
        Entry("H.2", "two"),
        Entry("H.3", "three", not_by_gate="because"),
    )
    catalog = shipped().plus([Framework("own", "1", "Own", "", "", entries)])
    [matrix] = cover(catalog, [policy("a", "own@1:H.1", "own@1:H", at=(Layer.CI,))], ["own"])
    assert [matrix.count(state) for state in State] == [1, 1, 1]
    assert (matrix.controls, matrix.at(Layer.CI), matrix.at(Layer.CD)) == (3, 1, 0)
    assert [(each.number, each.state, each.heading) for each in matrix.lines] == [
        ("H", None, True),
        ("H.1", State.ENFORCED, False),
        ("H.2", State.GAP, False),
        ("H.3", State.NOT_BY_A_GATE, False),
    ]
    assert enforced(matrix.lines[0]) == {Layer.CI: ("a",)}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ["soc2@2017", "nist-800-53@5", "pci-dss@4.0.1", "hipaa"]),
        (("soc2",), ["soc2@2017"]),
        (("hipaa", "pci-dss@4.0.1"), ["pci-dss@4.0.1", "hipaa"]),
        (("soc2@2016",), []),
    ],
)
def test_which_frameworks(names: tuple[str, ...], expected: list[str]) -> None:
    assert [matrix.framework for matrix in cover(shipped(), [], names)] == expected


def test_states_add_up() -> None:
    for matrix in cover(shipped(), []):
        assert sum(matrix.count(state) for state in State) == matrix.controls
        assert matrix.count(State.ENFORCED) == 0
        assert matrix.count(State.GAP) > 0


def test_concerns_count_the_policies_that_cite_what_tells_them() -> None:
    found = {each.topic: each for each in concerns([policy("a", "nist-800-53@5:SC-28", at=(Layer.CI,))])}
    assert len(found) == 16
    at_rest = {cell.layer: cell for cell in found["encryption at rest"].cells}
    assert at_rest[Layer.CI].policies == ("a",)
    assert at_rest[Layer.CD].is_open
    assert not at_rest[Layer.REGISTRY].possible
    general = concerns([policy("a", "soc2@2017:CC6.1", at=(Layer.CI,))])
    assert not any(cell.policies for each in general for cell in each.cells)
