"""The gate table: every cell of the default, which row wins, what a team's own rows may do."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest

from gateproof.catalog.default_gate import DEFAULT
from gateproof.catalog.gate_table import Action, GateTable, Loosening, Row
from gateproof.catalog.scales import Classification, Environment, Layer, Severity, Tier
from gateproof.engines.interface import Finding
from gateproof.gate.table import NO_ROW, Cell, Lookup, cells, check_table, merge, row_for, specificity
from gateproof.inputs.context import Context

NOW = "2026-11-23T05:00:00Z"
LOOSE = Loosening(reason="moving", owner="ann", expires="2026-12-01T00:00:00Z")
SC28, CC61 = "nist-800-53@5:SC-28", "soc2@2017:CC6.1"


def place(cell: Cell) -> Context:
    return Context(environment=cell.environment, tier=cell.tier, data_classification=cell.data_classification)


def finding(severity: Severity = Severity.HIGH, policy: str = "s3", controls: tuple[str, ...] = (SC28,)) -> Finding:
    return Finding(policy, "aws_s3_bucket.a", "public", severity, controls)


def action(own: tuple[Row, ...], cell: Cell, now: str = NOW, layer: Layer | None = None) -> Action:
    table = merge(DEFAULT, GateTable(own))
    return row_for(table, place(cell), finding(cell.severity), now, layer).action


PROD_HIGH = Cell(Environment.PROD, Tier.ONE, Classification.RESTRICTED, Severity.HIGH)
DEV_LOW = Cell(Environment.DEV, Tier.THREE, Classification.PUBLIC, Severity.LOW)


def expected(environment: str, tier: str, classification: str, severity: str) -> str:
    """The page's table, written once more in other words."""
    if environment == "prod":
        return "warn" if (tier, classification, severity) == ("3", "public", "low") else "block"
    if environment == "staging":
        return "block" if classification == "restricted" or severity in ("high", "critical") else "warn"
    return "block" if severity == "critical" or (classification, severity) == ("restricted", "high") else "warn"


def test_every_cell_of_the_default_table() -> None:
    words = list(product(("dev", "staging", "prod"), "321", ("public", "internal", "confidential", "restricted"),
                         ("low", "medium", "high", "critical")))  # fmt: skip
    assert len(words) == 3 * 3 * 4 * 4 == len(list(cells()))
    for environment, tier, classification, severity in words:
        cell = Cell(Environment(environment), Tier(tier), Classification(classification), Severity(severity))
        assert action((), cell) == expected(environment, tier, classification, severity), str(cell)


@pytest.mark.parametrize("cell", list(cells()), ids=str)
def test_what_a_policy_only_warns_about_is_blocked_by_no_row_but_one_of_its_name(cell: Cell) -> None:
    advisory = msgspec.structs.replace(finding(cell.severity), advisory=True)
    every, named = Row("every", Action.BLOCK), Row("named", Action.BLOCK, policies=("s*",))
    for own, expected in (((), Action.WARN), ((every,), Action.WARN), ((every, named), Action.BLOCK)):
        assert row_for(merge(DEFAULT, GateTable(own)), place(cell), advisory, NOW).action is expected


def test_no_cell_of_the_default_table_is_looser_than_a_more_lenient_one() -> None:
    blocks = {cell for cell in cells() if action((), cell) is Action.BLOCK}
    for lenient, strict in product(cells(), repeat=2):
        fields = lenient.__struct_fields__
        if all(getattr(lenient, field).rank <= getattr(strict, field).rank for field in fields) and lenient in blocks:
            assert strict in blocks, f"{strict} is looser than {lenient}"


def test_own_default_passes_its_own_check() -> None:
    assert check_table(GateTable(()), DEFAULT) == ()


@pytest.mark.parametrize(
    ("environment", "tier", "classification", "names"),
    [
        ("prod", "1", "public", ["approval", "canary"]),
        ("prod", "3", "restricted", ["approval", "canary"]),
        ("prod", "2", "confidential", []),
        ("staging", "1", "restricted", []),
        ("dev", "1", "restricted", []),
    ],
)
def test_obligations_of_the_default_table(environment: str, tier: str, classification: str, names: list[str]) -> None:
    due = {
        rule.name
        for rule in DEFAULT.obligations
        if (not rule.environments or environment in rule.environments)
        and (not rule.tiers or tier in rule.tiers)
        and (not rule.classifications or classification in rule.classifications)
    }
    assert sorted(due) == names


def test_the_most_specific_row_wins_however_many_values_its_columns_list() -> None:
    wide = Row("wide", Action.WARN, environments=tuple(Environment), tiers=tuple(Tier), loosens=LOOSE)
    assert specificity(wide) == 2
    assert action((wide,), PROD_HIGH) is Action.WARN
    narrow = Row("narrow", Action.BLOCK, environments=(Environment.PROD,), tiers=(Tier.ONE,), policies=("s3",))
    assert action((wide, narrow), PROD_HIGH) is Action.BLOCK


def test_a_tie_goes_to_the_stricter_and_then_to_the_name() -> None:
    tie = Row("a-tie", Action.WARN, policies=("s3",), loosens=LOOSE)
    assert action((tie,), PROD_HIGH) is Action.BLOCK
    twins = tuple(Row(name, Action.BLOCK, environments=(Environment.PROD,)) for name in ("z", "b", "a"))
    table = merge(DEFAULT, GateTable(twins))
    assert row_for(table, place(PROD_HIGH), finding(), NOW).name == "a"


@pytest.mark.parametrize(
    ("row", "matches"),
    [
        (Row("x", Action.BLOCK, policies=("s3",)), True),
        (Row("x", Action.BLOCK, policies=("s*",)), True),
        (Row("x", Action.BLOCK, policies=("*",)), True),
        (Row("x", Action.BLOCK, policies=("s3x", "S3")), False),
        (Row("x", Action.BLOCK, controls=(CC61, SC28)), True),
        (Row("x", Action.BLOCK, controls=("nist-800-53@5:SC-*",)), True),
        (Row("x", Action.BLOCK, controls=(CC61,)), False),
        (Row("x", Action.BLOCK, severities=(Severity.LOW,)), False),
        (Row("x", Action.BLOCK, environments=(Environment.PROD,)), False),
        (Row("x", Action.BLOCK, layers=(Layer.CD,)), False),
    ],
)
def test_which_columns_match(row: Row, matches: bool) -> None:
    found = row_for(GateTable((row,)), place(DEV_LOW), finding(), NOW)
    assert (found is row) is matches
    assert found is row or found is NO_ROW


def test_what_no_row_matches_blocks() -> None:
    assert row_for(GateTable(()), place(DEV_LOW), finding(Severity.LOW), NOW).action is Action.BLOCK


def test_rows_that_name_layers_match_at_those_layers_alone() -> None:
    row = Row("at-cd", Action.BLOCK, environments=(Environment.DEV,), layers=(Layer.CD,))
    assert action((row,), DEV_LOW, layer=Layer.CD) is Action.BLOCK
    assert action((row,), DEV_LOW, layer=Layer.CI) is Action.WARN
    assert action((row,), DEV_LOW) is Action.WARN
    assert Lookup(merge(DEFAULT, GateTable((row,))), place(DEV_LOW), NOW).layers == {Layer.CD}
    assert Lookup(merge(DEFAULT, GateTable((row,))), place(PROD_HIGH), NOW).layers == frozenset()


@pytest.mark.parametrize(
    ("now", "expected_action"),
    [
        ("2026-11-30T23:59:59Z", Action.WARN),
        ("2026-12-01T00:00:00Z", Action.BLOCK),
        ("2027-01-01T00:00:00Z", Action.BLOCK),
    ],
)
def test_a_row_that_loosens_counts_until_it_expires(now: str, expected_action: Action) -> None:
    row = Row("moving", Action.WARN, environments=(Environment.PROD,), policies=("s3",), loosens=LOOSE)
    assert action((row,), PROD_HIGH, now) is expected_action


@pytest.mark.parametrize("expires", ["", "never", "9999-99-99T00:00:00Z", "2099-01-01", "2099-01-01T00:00:00+00:00"])
def test_a_row_whose_expiry_cannot_be_read_does_not_loosen(expires: str) -> None:
    loose = msgspec.structs.replace(LOOSE, expires=expires)
    row = Row("moving", Action.WARN, environments=(Environment.PROD,), policies=("s3",), loosens=loose)
    assert action((row,), PROD_HIGH) is Action.BLOCK
    assert any("loosens.expires" in problem for problem in check_table(GateTable((row,)), DEFAULT))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Row("soft", Action.WARN, environments=(Environment.PROD,), policies=("s3",)), "warns where"),
        (Row("soft", Action.WARN, (Environment.DEV,), tiers=(Tier.THREE,), severities=(Severity.CRITICAL,)),
         "dev, tier 3, public data, critical"),
        (Row("dev-rest", Action.BLOCK, environments=(Environment.DEV,)), "another row of this name"),
        (Row("x", Action.WARN, policies=("s",), loosens=Loosening(reason=" ", owner="", expires=NOW)), "a reason"),
        (Row("odd", Action.BLOCK, environments=(Environment.DEV,), policies=("s3",)), "add a row that blocks"),
        (Row("always", Action.BLOCK, policies=("s3",)), "what row 'prod-low-risk' only warns about"),
        (Row("odd", Action.BLOCK, severities=(Severity.LOW,), policies=("s3",)), "add a row that blocks"),
    ],
)  # fmt: skip
def test_rows_that_may_not_stand(row: Row, problem: str) -> None:
    problems = check_table(GateTable((row,)), DEFAULT)
    assert any(problem in found and repr(row.name) in found for found in problems), problems


@pytest.mark.parametrize(
    "row",
    [
        Row("harmless", Action.WARN, policies=("s3",)),  # ties with prod-everything and loses
        Row("low-in-dev", Action.WARN, environments=(Environment.DEV,), severities=(Severity.LOW,)),
        Row("stricter-from-staging", Action.BLOCK, environments=(Environment.STAGING, Environment.PROD),
            severities=(Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL), policies=("s3",)),
        Row("stricter-for-the-worst", Action.BLOCK, severities=(Severity.HIGH, Severity.CRITICAL)),
        Row("moving", Action.WARN, environments=(Environment.PROD,), policies=("s3",), loosens=LOOSE),
    ],
)  # fmt: skip
def test_rows_that_may_stand(row: Row) -> None:
    assert check_table(GateTable((row,)), DEFAULT) == ()
