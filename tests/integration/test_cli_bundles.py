"""Policy bundles from end to end: built, signed, pushed to a real registry, pinned, and judged by, offline too."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, Ran

pytestmark = pytest.mark.integration

TOP = Path(__file__).parents[2]
POLICY = """\
# METADATA
# title: Pods have an owner
# custom:
#   severity: critical
#   controls: [soc2@2017:CC6.1]
package owners

import rego.v1

deny contains msg if {
	input.kind == "Pod"
	not input.metadata.labels.owner
	msg := "has no owner"
}
"""
ORPHAN = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"
OWNED = ORPHAN.replace("{name: web}", "{name: web, labels: {owner: ann}}", 1)


class Registry(msgspec.Struct, frozen=True):
    """A real registry: its address, and the process."""

    address: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, by its own process."""
        self.process.terminate()
        self.process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


HTPASSWD = "ann:$2b$04$abcdefghijklmnopqrstuujfuDmBVdEpp/rsXBeSw0ec5YfAUJRh.\n"
SECRET = "the-password"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """The CNCF's registry on a free port. Skips where it was not built."""
    yield from started(tmp_path / "registry")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Registry]:
    """The same, for Ann alone, with the password SECRET."""
    yield from started(tmp_path / "guarded", HTPASSWD)


def started(folder: Path, users: str = "") -> Iterator[Registry]:
    """A registry that keeps its data in ``folder``, for ``users`` alone if there are any; ended by its own process."""
    program = shutil.which("registry", path=str(TOP / ".peers" / "bin")) or shutil.which("docker-registry")
    if program is None:
        pytest.skip("no registry is here: make peers builds it")
    folder.mkdir()
    port = free_port()
    config: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if users:
        (folder / "htpasswd").write_text(users)
        config["auth"] = {"htpasswd": {"realm": "registry", "path": str(folder / "htpasswd")}}
    (folder / "config.json").write_text(json.dumps(config))  # which is YAML
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(folder / "config.json")], stdout=log, stderr=log)
    found = Registry(f"127.0.0.1:{port}", process)
    try:
        _wait_for(found, folder / "log")
        yield found
    finally:
        found.stop()


def _wait_for(registry: Registry, log: Path) -> None:
    for _ in range(300):
        assert registry.process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"http://{registry.address}/v2/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(log.read_text())


class Signed(msgspec.Struct, frozen=True):
    """A bundle with a signature that counts, and the options that say so."""

    digest: str
    trust: tuple[str, ...]


@pytest.fixture
def signed(gateproof: Gateproof) -> Signed:
    """``b.tar.gz`` with one policy, ``owners``, signed by a key that may."""
    gateproof.write("policy/owners.rego", POLICY)
    gateproof.write("owned.yaml", OWNED)
    gateproof.write("orphan.yaml", ORPHAN)
    assert gateproof("keygen", "bundles.key").code == 0
    made = gateproof("trust", "init", "trust", "--origin", "acme.example/web", "--bundle-key", "bundles.key.pub")
    assert made.code == 0, made.err
    built = gateproof("bundle", "build", "policy", "-o", "b.tar.gz", "--name", "acme/base", "--version", "1.0.0")
    assert built.code == 0, built.err
    assert gateproof("bundle", "sign", "b.tar.gz", "--key", "bundles.key").code == 0
    return Signed(built.out.strip(), ("--trust", "trust/trust.dsse.json", "--root", made.out.strip()))


def judged(run: Ran) -> str:
    """The verdict of a report as text, and what it says about the policy."""
    assert not run.faults()
    return f"{run.code} {run.out}"


def test_a_bundle_is_built_the_same_wherever_and_whenever(gateproof: Gateproof) -> None:
    digests = []
    for place, umask in (("one", "022"), ("two/three", "077")):
        gateproof.write(f"{place}/policy/owners.rego", POLICY)
        gateproof.write(f"{place}/policy/more/other.rego", POLICY.replace("package owners", "package other"))
        script = (
            f'umask {umask}; cd "$1"; touch -d @{len(place)}000000 policy/*; gateproof bundle build policy -o b.tar.gz'
        )
        built = gateproof.shell(script, place)
        assert built.code == 0, built.err
        digests.append(built.out)
    one, two = ((gateproof.folder / place / "b.tar.gz").read_bytes() for place in ("one", "two/three"))
    assert one == two
    assert digests[0] == digests[1]


def test_a_bundle_judges_from_a_file(gateproof: Gateproof, signed: Signed) -> None:
    runs = gateproof.each(
        {name: ("check", f"{name}.yaml", "--policy", "b.tar.gz", *signed.trust) for name in ("owned", "orphan")}
    )
    assert judged(runs["owned"]).startswith("0")
    assert judged(runs["orphan"]).startswith("1")
    assert "has no owner" in runs["orphan"].out
    shown = gateproof("bundle", "show", "b.tar.gz")
    assert shown.code == 0
    assert f"acme/base@1.0.0  {signed.digest}" in shown.out
    assert "Pods have an owner" in shown.out


def test_a_decision_cites_the_bundle_and_keeps_it(gateproof: Gateproof, signed: Signed) -> None:
    options = (*signed.trust, "--evidence", "store", "--key", "trust/signer.key")
    run = gateproof("check", "orphan.yaml", "--policy", "b.tar.gz", "--format", "json", *options)
    assert run.code == 1, run.err
    item = json.loads(run.out)["items"][0]
    claims = item["core"]["scene"]["claims"]
    cited = [claim for claim in claims if claim["field"] == "policies.bundles"]
    assert [(claim["value"], claim["digest"]) for claim in cited] == [("acme/base@1.0.0", signed.digest)]
    blobs = {path.read_bytes() for path in (gateproof.folder / "store").rglob("*") if path.is_file()}
    assert (gateproof.folder / "b.tar.gz").read_bytes() in blobs
    assert (gateproof.folder / "b.tar.gz.dsse.json").read_bytes() in blobs
    root = signed.trust[3]
    assert gateproof("verify", "store", "--root", root).code == 0
    (gateproof.folder / "b.tar.gz").unlink()
    replayed = gateproof("replay", item["decision"], "--evidence", "store", "--root", root)
    assert replayed.code in (0, 1), replayed.err
    assert not replayed.faults()


def test_under_a_trust_policy_only_what_is_signed_as_it_asks(gateproof: Gateproof, signed: Signed) -> None:
    assert gateproof("keygen", "foreign.key").code == 0
    good = (gateproof.folder / "b.tar.gz.dsse.json").read_bytes()
    raw = (gateproof.folder / "b.tar.gz").read_bytes()
    assert gateproof("bundle", "sign", "b.tar.gz", "--key", "foreign.key", "-o", "foreign.json").code == 0
    assert gateproof("bundle", "sign", "b.tar.gz", "--key", "trust/signer.key", "-o", "decisions.json").code == 0
    foreign, decisions = ((gateproof.folder / name).read_bytes() for name in ("foreign.json", "decisions.json"))
    cases = {
        "no signature": (raw, None),
        "a foreign key": (raw, foreign),
        "a key for decisions": (raw, decisions),
        "an altered signature": (raw, good.replace(b'"sig":"', b'"sig":"A', 1)),
        "an altered bundle": (raw.replace(b"critical", b"informed"), good),
        "a bundle that ends early": (raw[:-1], good),
        "no bundle": (b"", good),
    }
    for number, (bundle, signature) in enumerate(cases.values()):
        gateproof.write(f"{number}.tar.gz", bundle)
        if signature is not None:
            gateproof.write(f"{number}.tar.gz.dsse.json", signature)
    checks = {
        name: ("check", "owned.yaml", "--policy", f"{number}.tar.gz", *signed.trust)
        for number, name in enumerate(cases)
    }
    verifications = {
        f"verify: {name}": ("bundle", "verify", f"{number}.tar.gz", *signed.trust) for number, name in enumerate(cases)
    }
    runs = gateproof.each({**checks, **verifications})
    assert {name: run.refused() for name, run in runs.items() if run.refused()} == {}
    assert gateproof("bundle", "verify", "b.tar.gz", *signed.trust).code == 0
    assert gateproof("bundle", "verify", "b.tar.gz").refused("no trust policy") == []


def test_a_bundle_travels_through_a_registry(gateproof: Gateproof, signed: Signed, registry: Registry) -> None:
    tag = f"oci://{registry.address}/acme/policies:1.0.0"
    pushed = gateproof("bundle", "push", "b.tar.gz", tag)
    assert pushed.code == 0, pushed.err
    pinned = pushed.out.strip()
    assert re.fullmatch(rf"oci://{registry.address}/acme/policies@sha256:[0-9a-f]{{64}}", pinned)
    assert gateproof("bundle", "push", "b.tar.gz", tag).out.strip() == pinned
    pulled = gateproof("bundle", "pull", tag, "-o", "c.tar.gz", *signed.trust)
    assert (pulled.code, pulled.out.strip()) == (0, pinned), pulled.err
    for name in ("{}.tar.gz", "{}.tar.gz.dsse.json"):
        one, other = ((gateproof.folder / name.format(each)).read_bytes() for each in "bc")
        assert one == other
    verified = gateproof("bundle", "verify", pinned, *signed.trust)
    assert verified.code == 0
    assert signed.digest in verified.out
    registry.stop()
    offline = gateproof("check", "orphan.yaml", "--policy", pinned, *signed.trust)
    assert judged(offline).startswith("1")
    assert "has no owner" in offline.out
    unknown = gateproof("check", "orphan.yaml", "--policy", f"{pinned[:-3]}000", *signed.trust)
    assert unknown.refused("cannot be asked") == []
    cache = {"XDG_CACHE_HOME": str(gateproof.folder / "empty")}
    assert (
        gateproof("check", "orphan.yaml", "--policy", pinned, *signed.trust, env=cache).refused("cannot be asked") == []
    )


def test_a_tag_is_no_pin(gateproof: Gateproof, signed: Signed, registry: Registry) -> None:
    tag = f"oci://{registry.address}/acme/policies:1.0.0"
    assert gateproof("bundle", "push", "b.tar.gz", tag).code == 0
    assert gateproof("check", "owned.yaml", "--policy", tag).refused("by its digest", "--pin") == []
    gateproof.write("gateproof.yaml", f"version: 1\npolicies:\n  pack: false\n  bundles:\n    - oci: {tag}\n")
    assert gateproof("check", "owned.yaml").refused("by its digest") == []
    before = (gateproof.folder / "gateproof.yaml").read_text()
    foreign = ("--trust", "trust/trust.dsse.json", "--root", f"sha256:{'a' * 64}")
    assert gateproof("bundle", "pull", tag, "--pin", *foreign).refused("root") == []
    assert (gateproof.folder / "gateproof.yaml").read_text() == before
    pulled = gateproof("bundle", "pull", tag, "--pin", *signed.trust)
    assert pulled.code == 0, pulled.err
    assert "has no owner" in gateproof("check", "orphan.yaml").out
    gateproof.write("gateproof.yaml", "version: 1\npolicies:\n  pack: false\n")
    assert gateproof("bundle", "pull", tag, "--pin").refused("policies.bundles") == []


def test_a_newer_tag_is_pinned_in_the_settings(gateproof: Gateproof, signed: Signed, registry: Registry) -> None:
    tag = f"{registry.address}/acme/policies:stable"
    first = gateproof("bundle", "push", "b.tar.gz", tag).out.strip()
    spelled = first.removeprefix("oci://")
    text = f"version: 1 # first\npolicies:\n  pack: false\n  bundles:\n    - oci: {spelled} # ours\n"
    gateproof.write("gateproof.yaml", text)
    assert judged(gateproof("check", "orphan.yaml")).startswith("1")
    gateproof.write("policy/owners.rego", POLICY.replace("has no owner", "belongs to nobody"))
    assert gateproof("bundle", "build", "policy", "-o", "b.tar.gz", "--version", "1.1.0").code == 0
    assert gateproof("bundle", "sign", "b.tar.gz", "--key", "bundles.key").code == 0
    second = gateproof("bundle", "push", "b.tar.gz", tag).out.strip()
    assert "has no owner" in gateproof("check", "orphan.yaml").out
    pulled = gateproof("bundle", "pull", tag, "--pin", *signed.trust)
    assert pulled.code == 0, pulled.err
    changed = (gateproof.folder / "gateproof.yaml").read_text()
    assert changed == text.replace(spelled, second.removeprefix("oci://"))
    assert "belongs to nobody" in gateproof("check", "orphan.yaml").out


def test_a_pull_under_a_trust_policy_is_verified(gateproof: Gateproof, signed: Signed, registry: Registry) -> None:
    (gateproof.folder / "b.tar.gz.dsse.json").rename(gateproof.folder / "kept.json")
    tag = f"oci://{registry.address}/acme/policies:1.0.0"
    assert gateproof("bundle", "push", "b.tar.gz", tag).code == 0
    assert gateproof("bundle", "pull", tag, "-o", "c.tar.gz", *signed.trust).refused("not signed") == []
    assert not (gateproof.folder / "c.tar.gz").exists()
    pinned = gateproof("bundle", "pull", tag).out.strip()
    assert gateproof("check", "owned.yaml", "--policy", pinned, *signed.trust).refused("not signed") == []
    # Signed afterwards: what is in the cache is the same bundle, and its signature is found.
    assert gateproof("bundle", "push", "b.tar.gz", tag, "--signature", "kept.json").out.strip() == pinned
    assert judged(gateproof("check", "owned.yaml", "--policy", pinned, *signed.trust)).startswith("0")


def test_a_signature_made_anew_takes_the_place_of_one_that_is_cached(
    gateproof: Gateproof, signed: Signed, registry: Registry
) -> None:
    tag = f"oci://{registry.address}/acme/policies:1.0.0"
    assert gateproof("keygen", "old.key").code == 0
    assert gateproof("bundle", "sign", "b.tar.gz", "--key", "old.key", "-o", "old.json").code == 0
    assert gateproof("bundle", "push", "b.tar.gz", tag, "--signature", "old.json").code == 0
    pinned = gateproof("bundle", "pull", tag).out.strip()
    assert gateproof("check", "owned.yaml", "--policy", pinned, *signed.trust).refused("no signature") == []
    assert gateproof("bundle", "push", "b.tar.gz", tag).code == 0
    assert judged(gateproof("check", "owned.yaml", "--policy", pinned, *signed.trust)).startswith("0")


def test_a_registry_that_asks_who_this_is(gateproof: Gateproof, signed: Signed, guarded: Registry) -> None:
    tag = f"oci://{guarded.address}/acme/policies:1.0.0"

    def logged_in(password: str) -> dict[str, str]:
        auth = base64.b64encode(f"ann:{password}".encode()).decode()
        path = gateproof.folder / gateproof.write(
            "docker/config.json", json.dumps({"auths": {guarded.address: {"auth": auth}}})
        )
        path.chmod(0o600)
        return {"DOCKER_CONFIG": str(path.parent)}

    assert gateproof("bundle", "push", "b.tar.gz", tag).refused("401", "docker login") == []
    wrong = gateproof("bundle", "push", "b.tar.gz", tag, env=logged_in("wrong"))
    assert wrong.refused("401", "docker login") == []
    pushed = gateproof("bundle", "push", "b.tar.gz", tag, env=logged_in(SECRET))
    assert pushed.code == 0, pushed.err
    pinned = pushed.out.strip()
    assert gateproof("check", "owned.yaml", "--policy", pinned).refused("401") == []
    options = ("--policy", pinned, *signed.trust)
    assert judged(gateproof("check", "orphan.yaml", *options, env=logged_in(SECRET))).startswith("1")
    (gateproof.folder / "docker" / "config.json").chmod(0o666)
    readable = {"DOCKER_CONFIG": str(gateproof.folder / "docker")}
    assert gateproof("bundle", "pull", tag, env=readable).refused("somebody else") == []
    assert SECRET not in f"{wrong.err}{pushed.err}{pushed.out}"


def test_a_bundle_of_another_kind_is_not_pulled(gateproof: Gateproof, registry: Registry) -> None:
    tag = f"oci://{registry.address}/acme/nothing:1"
    assert gateproof("bundle", "pull", tag).refused("no such policy bundle") == []
    assert gateproof("bundle", "push", "none.tar.gz", tag).refused() == []
    gateproof.write("b.tar.gz", b"\x1f\x8b")
    assert gateproof("bundle", "push", "b.tar.gz", tag).refused("no policy bundle") == []


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@acme.example", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_protected_bundle_counts_and_a_change_cannot_take_it_away(gateproof: Gateproof, signed: Signed) -> None:
    """With the bundle on the protected branch, what a change does to the file, the bundle or its name is in vain."""
    origin = gateproof.folder
    root = signed.trust[3]
    gateproof.write(
        "gateproof.yaml",
        f"version: 1\npolicies:\n  pack: false\n  bundles: [{{path: b.tar.gz}}]\n"
        f"trust: {{policy: trust/trust.dsse.json, root: '{root}'}}\n",
    )
    git(origin, "init", "-q")
    files = ("gateproof.yaml", "b.tar.gz", "b.tar.gz.dsse.json", "trust/trust.dsse.json", "orphan.yaml")
    git(origin, "add", *files)
    git(origin, "commit", "-q", "-m", "protected")
    clone = gateproof.folder / "clone"
    git(origin, "clone", "-q", str(origin), str(clone))

    def checked() -> Ran:
        return gateproof("check", "orphan.yaml", cwd=clone, env={"GIT_CEILING_DIRECTORIES": ""})

    assert judged(checked()).startswith("1")
    (clone / "b.tar.gz").write_bytes(b"")
    (clone / "b.tar.gz.dsse.json").unlink()
    assert judged(checked()).startswith("1")
    (clone / "gateproof.yaml").write_text("version: 1\npolicies: {pack: false, bundles: [{path: mine.tar.gz}]}\n")
    run = checked()
    assert judged(run).startswith("1")
    assert "has no owner" in run.out


def test_rows_parameters_and_frameworks_travel_along(gateproof: Gateproof) -> None:
    gateproof.write(
        "acme.yaml",
        "id: acme\ntitle: House rules\ncontrols:\n  - {id: A-1, title: Owners, related: [soc2@2017:CC6.1]}\n",
    )
    gateproof.write("policy/owners.rego", POLICY.replace("critical", "medium").replace("soc2@2017:CC6.1", "acme:A-1"))
    gateproof.write(
        "baseline.yaml",
        "version: 1\ncatalog: {frameworks: [acme.yaml]}\ngate:\n  rows:\n"
        "    - {name: owners-block, action: block, severities: [medium, high, critical], policies: [owners]}\n",
    )
    gateproof.write("orphan.yaml", ORPHAN)
    built = gateproof("bundle", "build", "policy", "-o", "b.tar.gz", "--settings", "baseline.yaml")
    assert built.code == 0, built.err
    shown = gateproof("bundle", "show", "b.tar.gz").out
    assert "row        owners-block" in shown
    assert "framework  acme" in shown
    lenient = ("--env", "dev")
    with_row = gateproof("check", "orphan.yaml", "--policy", "b.tar.gz", "--format", "json", *lenient)
    assert with_row.code == 1, with_row.err
    assert "owners-block" in with_row.out
    assert "acme:A-1" in with_row.out
    gateproof.write("loose.yaml", "version: 1\ngate:\n  rows: [{name: w, action: warn, environments: [dev]}]\n")
    gateproof.write("policy/owners.rego", POLICY)
    refused = gateproof("bundle", "build", "policy", "-o", "c.tar.gz", "--settings", "loose.yaml")
    assert refused.refused() == []
    assert not (gateproof.folder / "c.tar.gz").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "none", "-o", "b.tar.gz"),
        ("build", "policy", "-o", "b.zip"),
        ("build", "policy", "-o", "b.tar.gz", "--name", "../x"),
        ("build", "policy", "-o", "b.tar.gz", "--version", "one two"),
        ("build", "policy", "-o", "b.tar.gz", "--settings", "none.yaml"),
        ("build", "policy", "policy/owners.rego", "-o", "b.tar.gz"),
        ("show", "none.tar.gz"),
        ("show", "policy/owners.rego"),
        ("show", "oci://nonsense"),
        ("sign", "none.tar.gz", "--key", "none.key"),
        ("verify", "none.tar.gz"),
        ("push", "b.tar.gz", "oci://registry.example/p"),
        ("push", "b.tar.gz", f"oci://registry.example/p@sha256:{'a' * 64}"),
        ("pull", "https://registry.example/p"),
        ("pull", "oci://127.0.0.1:1/p:1"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_refused(gateproof: Gateproof, arguments: tuple[str, ...]) -> None:
    gateproof.write("policy/owners.rego", POLICY)
    assert gateproof("bundle", *arguments).refused() == []
    assert not (gateproof.folder / "b.tar.gz").exists()


def test_what_a_bundle_says_is_shown_as_text(gateproof: Gateproof) -> None:
    gateproof.write("policy/owners.rego", POLICY.replace("Pods have", "\\u001b[31m::error::Pods have"))
    assert gateproof("bundle", "build", "policy", "-o", "b.tar.gz", "--description", "\x1b[2J").code == 0
    shown = gateproof("bundle", "show", "b.tar.gz")
    assert shown.code == 0
    assert not shown.faults()


def test_denied_stays_denied_with_the_built_in_policies(gateproof: Gateproof) -> None:
    gateproof.write("denied.yaml", ORPHAN)
    assert gateproof("bundle", "build", "pack", "-o", "b.tar.gz", "--name", "base").code == 0
    run = gateproof("check", "denied.yaml", "--policy", "b.tar.gz", "--format", "json")
    assert run.code == 1, run.err
    assert "container-hardening" in run.out
