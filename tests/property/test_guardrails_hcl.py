"""Whatever is written as HCL reads back as it was."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateproof.documents import Format, read
from gateproof.guardrails.hcl import block

# Templates keep their source when they are read; here nothing is one.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=40).filter(
    lambda text: "${" not in text and "%{" not in text
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(st.from_regex("[a-z][a-z0-9_]{0,20}", fullmatch=True), VALUES, max_size=4))
def test_what_is_written_reads_back(values: dict[str, Any]) -> None:
    keywords = {"for", "if", "in", "null", "true", "false"}
    named = {key: value for key, value in values.items() if key not in keywords}
    text = block("locals", named)
    assert read(text.encode(), Format.HCL)[0].value == {"locals": [named]}
