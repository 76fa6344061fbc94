"""Policies of a cluster as text: whatever they say is read back from it, and from nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.documents import Format, read
from gateproof.server.cluster import Watch

COLLECTION = "kyverno.io/v1/clusterpolicies"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(-(2.0**53), 2.0**53, allow_nan=False)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Stored:
    """Stands in for the API server: it has one object in each collection."""

    def __init__(self, spec: Any) -> None:
        self.one = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "a"}, "spec": spec}

    def listed(self, _: str) -> list[dict[str, Any]]:
        return [self.one]


@given(spec=VALUES)
def test_what_is_stored_is_what_is_read(spec: Any) -> None:
    stored = Stored(spec)
    (text,) = Watch(stored).policies([COLLECTION]).values()  # type: ignore[arg-type]
    (document,) = read(text.encode(), Format.YAML)
    assert document.value == stored.one
    assert "\n---" not in text
