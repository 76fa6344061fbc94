"""Asks kubectl what the YAML table says: the reader must go on reading what a cluster reads."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path as File
from typing import Any

import pytest

KUBECTL = shutil.which("kubectl")
TABLE = json.loads((File(__file__).parents[1] / "unit" / "documents" / "yaml_table.json").read_text("utf-8"))

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on PATH"),
]

# Where the reader is stricter on purpose: an application's own tags, and !!merge on something that is not <<.
STRICTER = ("!foo", "!!foo", "!!merge")
# Where libyaml knows an escape that go-yaml does not.
WIDER = ("\\/",)


def cluster_reads(spec: str) -> Any:
    """What kubectl makes of ``spec``; None when it refuses it."""
    lines = "".join(f"  {line}\n" for line in spec.split("\n"))
    manifest = f"apiVersion: v1\nkind: Foo\nmetadata: {{name: a}}\nspec:\n{lines}"
    assert KUBECTL
    done = subprocess.run(
        [KUBECTL, "label", "--local", "-o", "json", "-f", "-", "x=y"],
        input=manifest.encode(),
        capture_output=True,
        check=False,
    )
    return json.loads(done.stdout)["spec"] if done.returncode == 0 else None


def same(ours: Any, theirs: Any) -> bool:
    """Equality of JSON values: kubectl prints a float without a fraction as an integer."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return float(ours) == float(theirs)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: repr(row["yaml"]))
def test_the_table_is_what_kubectl_reads(row: dict[str, Any]) -> None:
    theirs = cluster_reads(row["yaml"])
    if "kubectl" in row:
        expected = STRICTER if row.get("refused") else WIDER
        assert any(part in row["yaml"] for part in expected)
        assert same(row["kubectl"], theirs)
    elif row.get("refused"):
        assert theirs is None
    else:
        assert same(row["reads"], theirs)
