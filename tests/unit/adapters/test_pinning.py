"""A digest is written where a file names the repository, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateproof.adapters.pinning import pinned
from gateproof.catalog.oci import Reference
from gateproof.errors import ConfigError

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
REFERENCE = Reference("registry.example", "acme/policies", digest=NEW)
PINNED = f"registry.example/acme/policies@{NEW}"


def pin(path: Path, reference: Reference) -> str:
    with pinned(path, reference) as said:
        return said


SPELLINGS = [
    "registry.example/acme/policies:1.2.0",
    "oci://registry.example/acme/policies:1.2.0",
    f"registry.example/acme/policies@{OLD}",
    f"oci://registry.example/acme/policies:1.2.0@{OLD}",
    "registry.example/acme/policies",
]


@pytest.mark.parametrize("spelled", SPELLINGS)
@pytest.mark.parametrize(
    "form", ["    - oci: {}  # ours\n", '    - {{oci: "{}"}}\n', "    - {{oci: {}}}\n", "    - oci: {}"]
)
def test_the_digest_takes_the_place_of_what_was_named(tmp_path: Path, spelled: str, form: str) -> None:
    file = tmp_path / "gateproof.yaml"
    before = "version: 1 # first\npolicies:\n  bundles:\n"
    file.write_text(before + form.format(spelled))
    assert "pinned to" in pin(file, REFERENCE)
    assert file.read_text() == before + form.format(PINNED)
    assert "already" in pin(file, REFERENCE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"policies:\n  bundles:\n    - oci: registry.example/acme/policies-more@{OLD}\n",
        f"policies:\n  bundles:\n    - oci: other.registry.example/acme/policies@{OLD}\n",
        f"policies:\n  bundles:\n    - oci: registryXexample/acme/policies@{OLD}\n",
        "policies:\n  bundles:\n    - path: registry.example/acme/policies\n",
    ],
    ids=["empty", "a longer name", "a longer host", "another host", "a path"],
)
def test_a_file_that_does_not_name_it_stays(tmp_path: Path, text: str) -> None:
    file = tmp_path / "gateproof.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        pin(file, REFERENCE)
    assert PINNED in (caught.value.hint or "")
    assert file.read_text() == text


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        pin(tmp_path / "none.yaml", REFERENCE)
    assert PINNED in (caught.value.hint or "")
    (tmp_path / "latin.yaml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        pin(tmp_path / "latin.yaml", REFERENCE)


def test_the_file_is_as_it_was_where_what_follows_fails(tmp_path: Path) -> None:
    file = tmp_path / "gateproof.yaml"
    file.write_text("oci: registry.example/acme/policies:1\n")
    with pytest.raises(KeyError), pinned(file, REFERENCE):  # noqa: PT012 - what is in the file meanwhile is the point
        assert PINNED in file.read_text()
        raise KeyError
    assert file.read_text() == "oci: registry.example/acme/policies:1\n"
