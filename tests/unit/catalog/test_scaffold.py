"""A new policy passes lint and test as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateproof.adapters.files import write_new
from gateproof.adapters.policy_folders import find
from gateproof.catalog.policy import InputKind
from gateproof.catalog.scaffold import scaffold
from gateproof.engines.linting import lint
from gateproof.errors import UsageError

KINDS = [kind for kind in InputKind if kind is not InputKind.UNKNOWN]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_clean(kind: InputKind, tmp_path: Path) -> None:
    write_new(tmp_path / "our-own", scaffold("our-own", kind))
    (files,) = find([str(tmp_path)])
    assert lint(files, now="2026-11-23T05:00:00Z") == ()
    assert {sample.expected for sample in files.samples} == {"allowed", "denied", "undecided"}
    assert "our-own" in files.rego["policy.rego"]
    assert not any(b"__" in text for text in scaffold("our-own", kind).values())


def test_controls_are_cited() -> None:
    text = scaffold("a", InputKind.KUBERNETES, ("nist-800-53@5:SC-28",))["policy.rego"].decode()
    assert "#   controls:\n#     - nist-800-53@5:SC-28\n#   kinds" in text


@pytest.mark.parametrize("policy_id", ["", "A", "a_b", "a--b", "../a", "a/b", "a\n", "1a", "a" * 81])
def test_what_is_no_id(policy_id: str) -> None:
    with pytest.raises(UsageError):
        scaffold(policy_id, InputKind.KUBERNETES)


def test_an_id_that_is_taken() -> None:
    with pytest.raises(UsageError, match="built-in") as raised:
        scaffold("encryption-at-rest", InputKind.TERRAFORM_PLAN)
    assert "overlays" in str(raised.value.hint)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("a", "link"):
        with pytest.raises(UsageError):
            write_new(tmp_path / name, {"x": b""})
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["a", "link"]
