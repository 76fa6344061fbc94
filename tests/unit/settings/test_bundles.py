"""policies.bundles: pinned, from one place each, and the protected ones alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateproof.errors import ConfigError
from gateproof.settings import BundlePlace, Flags, Resolved, json_schema, load, registry_credentials
from gateproof.settings.reading import read_settings

DIGEST = "sha256:" + "a" * 64
OCI = f"registry.example/acme/policies@{DIGEST}"


class FakeGit:
    """A protected branch with one ``gateproof.yaml``, or none."""

    def __init__(self, top: Path, text: str | None) -> None:
        self.top = top
        self.text = text

    def repository(self, _: Path) -> Path | None:
        return self.top

    def check(self, folder: Path) -> None:
        """It always answers."""

    def resolve(self, _: Path, ref: str) -> str | None:
        return f"commit-of-{ref}"

    def show(self, folder: Path, _: str, path: str) -> bytes | None:
        here = folder == self.top and path == "gateproof.yaml" and self.text is not None
        return (self.text or "").encode() if here else None

    def default_branch(self, _: Path) -> str | None:
        return "origin/main"

    def head(self, _: Path) -> tuple[str, str]:
        return "c0ffee", "bob"


def settings(*bundles: str) -> str:
    return f"version: 1\npolicies:\n  bundles: [{', '.join(bundles)}]\n"


def run(folder: Path, protected: str | None, tree: str | None, *policies: str) -> Resolved:
    if tree is not None:
        (folder / "gateproof.yaml").write_text(tree)
    return load(Flags(policies=policies), folder=folder, git=FakeGit(folder, protected), environ={})


def ignored(found: Resolved) -> list[str]:
    return [claim.value for claim in found.context.claims if claim.field == "policies.bundles" and not claim.used]


def test_protected_bundles_are_read_as_they_stand_there(tmp_path: Path) -> None:
    text = settings(f"{{oci: {OCI!r}}}", "{path: b.tar.gz}")
    found = run(tmp_path, text, text)
    commit = "commit-of-origin/main"
    source = "origin/main:gateproof.yaml"
    assert found.bundles == (
        BundlePlace(shown=OCI, source=source, oci=OCI, path=Path(), ref=commit),
        BundlePlace(shown="b.tar.gz", source=source, path=tmp_path / "b.tar.gz", ref=commit),
    )
    assert ignored(found) == []


def test_the_working_tree_s_count_only_where_nothing_is_protected(tmp_path: Path) -> None:
    other = OCI.replace("a" * 64, "b" * 64)
    found = run(tmp_path, settings(f"{{oci: {OCI!r}}}"), settings(f"{{oci: {other!r}}}", "{path: mine.tar.gz}"))
    assert [place.oci for place in found.bundles] == [OCI]
    assert ignored(found) == [other, "mine.tar.gz", f"without {OCI}"]
    unprotected = run(tmp_path, None, settings(f"{{oci: {other!r}}}"))
    assert [(place.oci, place.ref) for place in unprotected.bundles] == [(other, "")]
    assert ignored(unprotected) == []


def test_flags_name_bundles_by_their_form(tmp_path: Path) -> None:
    found = run(tmp_path, None, None, "policy", "b.tar.gz", "c.tgz", f"oci://{OCI}", "pack", "b.tar.gz")
    assert [place.shown for place in found.bundles] == ["b.tar.gz", "c.tgz", f"oci://{OCI}"]
    assert [place.oci for place in found.bundles] == ["", "", f"oci://{OCI}"]
    assert [place.path for place in found.policies] == [tmp_path / "policy"]
    assert found.settings.policies.pack is True
    alone = run(tmp_path, None, None, "b.tar.gz")
    assert alone.settings.policies.pack is False


WRONG: dict[str, tuple[str, str]] = {
    "a tag": ("{oci: registry.example/acme/policies:1.2.0}", "by its digest"),
    "no reference": ("{oci: nonsense}", "no reference"),
    "nothing": ("{}", "either oci or path"),
    "both": (f"{{oci: {OCI!r}, path: b.tar.gz}}", "either oci or path"),
    "something else": ("{url: x}", "there is no setting 'url'"),
    "text": ("b.tar.gz", "policies.bundles[0]"),
}


@pytest.mark.parametrize(("bundle", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_bundle_is_told_with_its_line(bundle: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings(f"version: 1\npolicies:\n  bundles:\n    - {bundle}\n".encode(), "gateproof.yaml")
    assert "gateproof.yaml:4" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("bundle", "valid"),
    [
        ({"oci": OCI}, True),
        ({"oci": f"oci://{OCI}"}, True),
        ({"path": "b.tar.gz"}, True),
        ({"oci": "registry.example/p:1"}, False),
        ({"oci": OCI, "path": "b.tar.gz"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_the_published_schema_says_the_same(bundle: dict[str, Any], valid: bool) -> None:
    import jsonschema_rs

    value = {"version": 1, "policies": {"bundles": [bundle]}}
    assert jsonschema_rs.is_valid(json_schema(), value) == valid


def test_where_credentials_are() -> None:
    assert registry_credentials({"REGISTRY_AUTH_FILE": "/a/auth.json", "DOCKER_CONFIG": "/b"}) == Path("/a/auth.json")
    assert registry_credentials({"DOCKER_CONFIG": "/b"}) == Path("/b/config.json")
    assert registry_credentials({}) == Path.home() / ".docker" / "config.json"
