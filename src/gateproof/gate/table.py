"""The gate table at work: which row decides a finding, and whether a team's own rows may stand.

Which row wins: among the rows whose every non-empty column holds the value at hand, the one with the most non-empty
columns (environments, tiers, classifications, severities, layers, controls, policies count one each, however many
values they list). A tie goes to the stricter action, then to the name. A row that loosens stops matching at its
expiry. Where no row matches, the finding blocks. For a finding of which the policy itself says that it only warns, rows
count that name policies, and no others; where none of them matches, it warns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Protocol, TypeVar

import msgspec

from gateproof.catalog.gate_table import Action, GateTable, Row
from gateproof.catalog.scales import Classification, Environment, Layer, Scale, Severity, Tier
from gateproof.documents.instants import instant, is_instant
from gateproof.engines.interface import Finding

NO_ROW = Row("(no row matches)", Action.BLOCK)
ADVISORY = Row("(the policy itself only warns)", Action.WARN)

_COLUMNS = ("environments", "tiers", "classifications", "severities", "layers", "controls", "policies")


class Destination(Protocol):
    """Where a change goes: a Context, or the Scene of a Decision."""

    @property
    def environment(self) -> Environment: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def data_classification(self) -> Classification: ...


class Cell(msgspec.Struct, frozen=True):
    """One cell of the table: what a row is looked up with, policy and controls aside."""

    environment: Environment
    tier: Tier
    data_classification: Classification
    severity: Severity

    def __str__(self) -> str:
        return f"{self.environment}, tier {self.tier}, {self.data_classification} data, {self.severity}"


def specificity(row: Row) -> int:
    """How many columns of ``row`` say something."""
    return sum(1 for column in _COLUMNS if getattr(row, column))


class Lookup:
    """Rows of ``table`` that can match in ``place`` at ``now``, best first. Lookups are remembered.

    Rows are looked at when the first finding asks: most changes have none.
    """

    def __init__(self, table: GateTable, place: Destination, now: str) -> None:
        self._table, self._place, self._now = table, place, now
        self._found: dict[tuple[object, ...], Row] = {}

    @cached_property
    def _rows(self) -> list[Row]:
        rows = (row for row in self._table.rows if _is_live(row, self._now) and _fits(row, self._place))
        return sorted(rows, key=_precedence)

    @cached_property
    def layers(self) -> frozenset[Layer]:
        """The layers that some live row names: elsewhere the table decides the same."""
        return frozenset(layer for row in self._rows for layer in row.layers)

    def row_for(self, finding: Finding, layer: Layer | None = None) -> Row:
        """The row that decides ``finding``; with no ``layer``, rows that name layers do not match."""
        key = (finding.policy, finding.severity, finding.controls, finding.advisory, layer)
        row = self._found.get(key)
        if row is None:
            advisory = finding.advisory is True
            rows = (row for row in self._rows if row.policies or not advisory)
            row = next((row for row in rows if _matches(row, finding, layer)), ADVISORY if advisory else NO_ROW)
            self._found[key] = row
        return row


def row_for(table: GateTable, place: Destination, finding: Finding, now: str, layer: Layer | None = None) -> Row:
    """The row of ``table`` that decides ``finding`` in ``place`` at ``now``, seen from ``layer`` or from none."""
    return Lookup(table, place, now).row_for(finding, layer)


def merge(default: GateTable, own: GateTable) -> GateTable:
    """The default table with a team's own rows and obligations. Own rows win only by being more specific."""
    return GateTable(rows=default.rows + own.rows, obligations=default.obligations + own.obligations)


def check_table(own: GateTable, default: GateTable) -> tuple[str, ...]:
    """Why the team's ``own`` rows may not stand beside ``default``: every problem in words, nothing when they may.

    Each row is held against every cell of environment, tier, classification and severity. A row without ``loosens``
    must never win where the default table blocks, and must not be looser in a stricter cell than in a more lenient one.
    """
    return (*_naming(own, default), *_looser(own, default), *_not_monotonic(own, default))


def cells() -> Iterator[Cell]:
    """Every cell, from lenient to strict in each column."""
    return (Cell(*values) for values in product(Environment, Tier, Classification, Severity))


def _naming(own: GateTable, default: GateTable) -> Iterator[str]:
    seen = {row.name for row in default.rows}
    for row in own.rows:
        if row.name in seen:
            yield f"row {row.name!r}: there is another row of this name"
        seen.add(row.name)
        if row.loosens is not None and not is_instant(row.loosens.expires):
            yield f"row {row.name!r}: loosens.expires must look like 2026-11-23T05:00:00Z, not {row.loosens.expires!r}"
        if row.loosens is not None and not (row.loosens.reason.strip() and row.loosens.owner.strip()):
            yield f"row {row.name!r}: loosens needs a reason and an owner"


def _looser(own: GateTable, default: GateTable) -> Iterator[str]:
    for row in own.rows:
        if row.action is Action.BLOCK or row.loosens is not None:
            continue
        looser = [cell for cell in cells() if _fits_cell(row, cell) and _beats(row, _decider(default.rows, cell))]
        if looser:
            yield (
                f"row {row.name!r} warns where the default table blocks ({_some(looser)}): "
                "give it `loosens` with reason, owner and expires, or narrow it"
            )


def _not_monotonic(own: GateTable, default: GateTable) -> Iterator[str]:
    """Own rows that block where a stricter neighbour is only warned about, seen from the findings that the row is for.

    The default table is monotonic, and a warning that is too lenient is found by ``_looser``: what is left are rows
    that block.
    """
    reported = set()
    for row in own.rows:
        if row.loosens is not None or row.action is Action.WARN:
            continue
        rows = [other for other in (*default.rows, *own.rows) if other.loosens is None and _is_for(other, row)]
        decider = {cell: _decider(rows, cell) for cell in cells()}
        for cell, stricter in _steps():
            lenient = decider[stricter]
            if decider[cell] is row and lenient.action is Action.WARN and row.name not in reported:
                reported.add(row.name)
                yield (
                    f"row {row.name!r} blocks ({cell}) what row {lenient.name!r} only warns about in a stricter place "
                    f"({stricter}): add a row that blocks there too"
                )


def _is_for(other: Row, row: Row) -> bool:
    """Whether ``other`` is for the findings that ``row`` is for, as far as layers, controls and policies go."""
    return all(not theirs or theirs == ours for theirs, ours in zip(_aspect(other), _aspect(row), strict=True))


def _aspect(row: Row) -> tuple[tuple[Layer, ...], tuple[str, ...], tuple[str, ...]]:
    return row.layers, row.controls, row.policies


_S = TypeVar("_S", bound=Scale)


def _next(value: _S) -> _S | None:
    scale = list(type(value))
    return scale[value.rank + 1] if value.rank + 1 < len(scale) else None


def _steps() -> Iterator[tuple[Cell, Cell]]:
    """Each cell with each of its neighbours that is stricter by one step in one column."""
    for cell in cells():
        for field in cell.__struct_fields__:
            stricter = _next(getattr(cell, field))
            if stricter is not None:
                yield cell, msgspec.structs.replace(cell, **{field: stricter})


def _decider(rows: Iterable[Row], cell: Cell) -> Row:
    return min((row for row in rows if _fits_cell(row, cell)), key=_precedence, default=NO_ROW)


def _beats(row: Row, other: Row) -> bool:
    return other.action is Action.BLOCK and _precedence(row) < _precedence(other)


def _precedence(row: Row) -> tuple[int, bool, str]:
    return -specificity(row), row.action is not Action.BLOCK, row.name


def _is_live(row: Row, now: str) -> bool:
    return row.loosens is None or (is_instant(row.loosens.expires) and instant(now) < instant(row.loosens.expires))


def _fits(row: Row, place: Destination) -> bool:
    return (
        (not row.environments or place.environment in row.environments)
        and (not row.tiers or place.tier in row.tiers)
        and (not row.classifications or place.data_classification in row.classifications)
    )


def _fits_cell(row: Row, cell: Cell) -> bool:
    return _fits(row, cell) and (not row.severities or cell.severity in row.severities)


def _matches(row: Row, finding: Finding, layer: Layer | None) -> bool:
    return (
        (not row.severities or finding.severity in row.severities)
        and (not row.layers or layer in row.layers)
        and (not row.policies or _any_match(row.policies, (finding.policy,)))
        and (not row.controls or _any_match(row.controls, finding.controls))
    )


def _any_match(patterns: Sequence[str], values: Sequence[str]) -> bool:
    return any(
        value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern
        for pattern in patterns
        for value in values
    )


def _some(found: Sequence[Cell]) -> str:
    rest = len(found) - 1
    return f"{found[0]}" + (f"; and {rest} more cells" if rest else "")
