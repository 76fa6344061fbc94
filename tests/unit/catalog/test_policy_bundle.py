"""Policy bundles: the same bytes for the same content, and nothing else is read."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import msgspec
import pytest

from gateproof.catalog import bundle_archive, pack, policy_bundle
from gateproof.catalog.frameworks import Entry, Framework, shipped
from gateproof.catalog.gate_table import Action, GateTable, Loosening, ObligationRule, Row
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.policy_bundle import PolicyBundle, decode, encode, merged_gate
from gateproof.catalog.scales import Environment, Severity
from gateproof.documents import canonical
from gateproof.errors import PolicyError


def policy(name: str, *sources: Source, **more: Any) -> Policy:
    return Policy(
        id=name,
        engine=EngineName.REGO,
        title="A title",
        severity=Severity.HIGH,
        sources=sources or (Source("policy.rego", f"package {name}\n"),),
        **more,
    )


ROW = Row("own", Action.BLOCK, environments=(Environment.STAGING,), policies=("a",))
FRAMEWORK = Framework(
    "acme", "2026", "House rules", "the wiki", "", (Entry("A-1", "Owners", related=("soc2@2017:CC6.1",)),)
)
BUNDLE = PolicyBundle(
    name="acme/base",
    version="1.2.0",
    description="What applies everywhere",
    policies=(policy("a", controls=("soc2@2017:CC6.1",), parameters={"limit": 3}), policy("b.c")),
    gate=GateTable(rows=(ROW,), obligations=(ObligationRule("approval", "somebody else", (Environment.PROD,)),)),
    frameworks=(FRAMEWORK,),
)
RAW = encode(BUNDLE)


def rewritten(**files: bytes | None) -> bytes:
    """The bundle with other files (None: without), and a manifest that lists what there is."""
    members = bundle_archive.read(RAW)
    for name, content in files.items():
        if content is None:
            del members[name]
        else:
            members[name] = content
    manifest = json.loads(members.pop("manifest.json"))
    manifest["files"] = {
        name: {"digest": canonical.digest(content), "size": len(content)} for name, content in members.items()
    }
    return bundle_archive.write({**members, "manifest.json": canonical.encode(manifest)})


def test_a_bundle_reads_back_as_it_was() -> None:
    assert decode(RAW) == BUNDLE
    assert encode(decode(RAW)) == RAW


def test_order_decides_nothing() -> None:
    backwards = msgspec.structs.replace(BUNDLE, policies=tuple(reversed(BUNDLE.policies)))
    assert encode(backwards) == RAW


def test_the_bytes_are_those_of_this_format() -> None:
    """A change of this digest is a change of the format: bundles that are pinned would not be built again the same."""
    one = PolicyBundle(name="base", version="1.0.0", policies=(policy("a"),))
    assert canonical.digest(encode(one)) == "sha256:85b160893e71c40ad89d138192f6106d953f8c782756c117b02c85a76a9dcc38"


def test_the_manifest_has_every_file_with_its_digest() -> None:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(RAW))) as archive:
        content = {member.name: archive.extractfile(member) for member in archive}
        files = {name: file.read() for name, file in content.items() if file}
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: each["digest"] for name, each in manifest["files"].items()} == {
        name: canonical.digest(raw) for name, raw in files.items()
    }
    assert [*files] == [
        "frameworks/acme@2026.json",
        "gate.json",
        "policies/a/metadata.json",
        "policies/a/policy.rego",
        "policies/b.c/metadata.json",
        "policies/b.c/policy.rego",
    ]
    assert (manifest["name"], manifest["version"], manifest["format"]) == ("acme/base", "1.2.0", 1)


def test_the_built_in_policies_travel_with_the_library_that_they_use() -> None:
    policies = pack.builtin(["s3-public-access", "container-hardening"])
    found = decode(encode(PolicyBundle(name="base", version="1", policies=policies)))
    assert found.policies == policies
    assert any(source.name == "lib/terraform.rego" for each in found.policies for source in each.sources)


def test_every_mutated_byte_is_refused() -> None:
    raw = encode(PolicyBundle(name="base", version="1", policies=(policy("a"),)))
    refused = 0
    for at in range(len(raw)):
        altered = bytearray(raw)
        altered[at] ^= 1 << at % 8
        with pytest.raises(PolicyError):
            decode(bytes(altered))
        refused += 1
    assert refused == len(raw) > 3_000


MEMBERS = sorted(bundle_archive.read(RAW))


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_less_is_refused(name: str) -> None:
    members = bundle_archive.read(RAW)
    del members[name]
    with pytest.raises(PolicyError) as caught:
        decode(bundle_archive.write(members))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["x", "policies/a/more.rego", "policies/c/policy.rego", "gate.json.bak", "lib/x.rego"])
def test_a_member_more_is_refused(name: str) -> None:
    with pytest.raises(PolicyError, match=name):
        decode(bundle_archive.write({**bundle_archive.read(RAW), name: b"package more"}))


@pytest.mark.parametrize("name", ["x", "policies/x", "frameworks/x", "policies/c/policy.rego", "lib/x.rego"])
def test_a_member_more_is_refused_although_the_manifest_lists_it(name: str) -> None:
    with pytest.raises(PolicyError):
        decode(rewritten(**{name: b"package more"}))


METADATA = "policies/a/metadata.json"
WRONG: dict[str, tuple[str, Any]] = {
    "an unknown field": (METADATA, {"newer": 1}),
    "another id": (METADATA, {"id": "z"}),
    "an unknown severity": (METADATA, {"severity": "none"}),
    "sources in the metadata": (METADATA, {"sources": []}),
    "an unknown engine": (METADATA, {"engine": "shell"}),
    "a row that warns": ("gate.json", {"rows": [{"name": "own", "action": "warn"}]}),
    "a row that loosens": (
        "gate.json",
        {"rows": [{"name": "own", "action": "block", "loosens": {"reason": "r", "owner": "o", "expires": "e"}}]},
    ),
    "a framework of another name": ("frameworks/acme@2026.json", {"id": "other"}),
    "an id of a control that is a path": ("frameworks/acme@2026.json", {"controls": [{"id": "../x", "title": "t"}]}),
    "a framework of OSCAL": ("frameworks/acme@2026.json", {"catalog": {}}),
    "another format": ("manifest.json", {"format": 2}),
    "a name that is a path": ("manifest.json", {"name": "../x"}),
    "no version": ("manifest.json", {"version": ""}),
    "an unknown field of the manifest": ("manifest.json", {"newer": 1}),
}


@pytest.mark.parametrize(("name", "changes"), WRONG.values(), ids=WRONG.keys())
def test_what_a_bundle_cannot_say_is_refused(name: str, changes: dict[str, Any]) -> None:
    members = bundle_archive.read(RAW)
    altered = canonical.encode({**json.loads(members[name]), **changes})
    raw = rewritten(**{name: altered}) if name != "manifest.json" else bundle_archive.write({**members, name: altered})
    with pytest.raises(PolicyError) as caught:
        decode(raw)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b'{"id": "a"}', b'{"id":"a","id":"a"}', b"\xff", b"[" * 20_000],
    ids=["empty", "list", "null", "open", "spaced", "twice", "no UTF-8", "deep"],
)
@pytest.mark.parametrize("name", ["manifest.json", METADATA, "gate.json", "frameworks/acme@2026.json"])
def test_json_that_is_none_or_not_canonical_is_refused(name: str, content: bytes) -> None:
    members = {**bundle_archive.read(RAW), name: content}
    with pytest.raises(PolicyError):
        decode(bundle_archive.write(members) if name == "manifest.json" else rewritten(**{name: content}))


@pytest.mark.parametrize("name", ["policies/a/%70olicy.rego", "policies/a/x%2", "policies/a/x%FF"])
def test_names_have_one_spelling(name: str) -> None:
    with pytest.raises(PolicyError):
        decode(rewritten(**{name: b"package a"}))


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(PolicyError, match="UTF-8"):
        decode(rewritten(**{"policies/a/policy.rego": b"\xff"}))


UNFIT: dict[str, dict[str, Any]] = {
    "no policies": {"policies": ()},
    "two policies of one id": {"policies": (policy("a"), policy("a"))},
    "a policy without text": {"policies": (msgspec.structs.replace(policy("a"), sources=()),)},
    "two files of one name": {"policies": (policy("a", Source("x", "1"), Source("x", "2")),)},
    "a file in the place of metadata": {"policies": (policy("a", Source("metadata.json", "")),)},
    "an id that is a path": {"policies": (policy(".."),)},
    "a file that is outside": {"policies": (policy("a", Source("../x.rego", "")),)},
    "a name with capitals": {"name": "Acme"},
    "a version that is a path": {"version": "1/2"},
    "a row that warns": {"gate": GateTable(rows=(Row("own", Action.WARN),))},
    "a row that loosens": {
        "gate": GateTable(rows=(Row("own", Action.BLOCK, loosens=Loosening("r", "o", "2027-01-01T00:00:00Z")),))
    },
}


@pytest.mark.parametrize("changes", UNFIT.values(), ids=UNFIT.keys())
def test_what_makes_no_bundle_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyError) as caught:
        encode(msgspec.structs.replace(BUNDLE, **changes))
    assert caught.value.hint


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        encode(msgspec.structs.replace(BUNDLE, name="A", version="", policies=()))
    assert len(caught.value.problems) == 3


def test_controls_become_canonical_beside_a_catalogue() -> None:
    bundle = PolicyBundle(name="a", version="1", policies=(policy("a", controls=("CC-6.1", "acme:a-1")),))
    known = shipped().plus([FRAMEWORK])
    assert bundle.with_canonical_controls(known).policies[0].controls == ("acme@2026:A-1", "soc2@2017:CC6.1")
    with pytest.raises(PolicyError, match="no control"):
        bundle.with_canonical_controls()


def test_rows_of_several_bundles_count_once() -> None:
    own = GateTable(rows=(Row("mine", Action.BLOCK),))
    table = merged_gate(own, [BUNDLE, BUNDLE])
    assert [row.name for row in table.rows] == ["mine", "own"]
    assert len(table.obligations) == 1


def test_no_field_of_a_policy_is_lost() -> None:
    assert {field.name for field in msgspec.structs.fields(Policy)} >= policy_bundle._metadata(
        BUNDLE.policies[0]
    ).keys()
    full = pack.builtin()
    assert decode(encode(PolicyBundle(name="a", version="1", policies=full))).policies == full
