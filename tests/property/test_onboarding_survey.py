"""Whatever files hold, an inventory of them is made, in any order the same, and is what its schema says."""

from __future__ import annotations

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gateproof.onboarding import terraform_source
from gateproof.onboarding.inventory import File, Inventory, Repository
from gateproof.onboarding.recognition import CI_FILES, HOOKS, SCANNER_FILES, is_dockerfile, limit
from gateproof.onboarding.survey import survey

NAMES = (
    *CI_FILES,
    *SCANNER_FILES,
    HOOKS,
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "CODEOWNERS",
    "Chart.yaml",
    "Dockerfile",
    "OWNERS",
    "a/main.tf",
    "a/main.tf.json",
    "gateproof.yaml",
    "kustomization.yaml",
    "plan.json",
    "pod.yaml",
    "policy.rego",
)
WORDS = (
    "apiVersion: v1\n", "kind: Pod\n", "metadata:\n", "  labels: {owner: x}\n", "---\n", "on: push\n", "jobs:\n",
    "spec: {containers: [{image: 'a:1'}]}\n", "  a:\n", "    steps: [{run: gateproof check x}]\n", "FROM alpine\n",
    "repos: [{hooks: [{id: x}]}]\n", "FROM ${A:-b}\n", "* @me\n", 'resource "aws_s3_bucket" "x" {\n', "}\n", "\t", "é",
    "  tags = { owner = 1 }\n", "<<EOT\n", "EOT\n", '"${a', "{", "[", '"resource_changes":', '{"kind":', "&a", "*a",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
FILES = st.dictionaries(
    st.sampled_from(NAMES), st.one_of(TEXTS.map(str.encode), st.binary(max_size=200)), max_size=6
).map(lambda files: [File(path, raw) for path, raw in files.items()])


@given(FILES)
def test_an_inventory_is_always_made(files: list[File]) -> None:
    found = survey("x", files, ())
    assert found.files == len(files)
    assert found == survey("x", list(reversed(files)), ())
    encoded = msgspec.json.encode(Inventory(repositories=(found,)))
    assert msgspec.json.decode(encoded, type=Inventory).repositories == (found,)
    assert isinstance(found, Repository)
    json.loads(encoded)


@given(TEXTS)
def test_blocks_are_read_as_far_as_they_go(text: str) -> None:
    for block in terraform_source.read(text):
        assert set(block.text) | set(block.keys) <= block.names


@given(st.text(max_size=50))
def test_only_what_says_something_is_read(path: str) -> None:
    assert limit(path) >= 0
    assert not is_dockerfile(path) or limit(path)
