"""What holds for every policy bundle, whatever its policies are called and whoever builds it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gateproof.catalog import bundle_archive
from gateproof.catalog.policy import EngineName, Policy, Source
from gateproof.catalog.policy_bundle import PolicyBundle, decode, encode
from gateproof.catalog.scales import Severity
from gateproof.documents import canonical
from gateproof.errors import PolicyError

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..", "metadata.json")
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def policies(draw: st.DrawFn) -> tuple[Policy, ...]:
    """Policies in order of their ids, each with files of its own."""
    found = []
    for name in sorted(draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))):
        files = draw(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3))
        found.append(
            Policy(
                id=name,
                engine=draw(st.sampled_from(EngineName)),
                severity=draw(st.sampled_from(Severity)),
                title=draw(TEXTS),
                parameters=draw(st.dictionaries(NAMES, st.integers(-1000, 1000) | TEXTS | st.booleans(), max_size=2)),
                sources=tuple(sorted(Source(each, text) for each, text in files.items())),
            )
        )
    return tuple(found)


def bundle(found: tuple[Policy, ...]) -> PolicyBundle:
    return PolicyBundle(name="acme/base", version="1.0.0", policies=found)


@given(policies(), st.randoms(use_true_random=False))
def test_a_bundle_reads_back_and_order_decides_nothing(found: tuple[Policy, ...], order: random.Random) -> None:
    raw = encode(bundle(found))
    assert decode(raw) == bundle(found)
    shuffled = [
        msgspec.structs.replace(each, sources=tuple(order.sample(each.sources, len(each.sources)))) for each in found
    ]
    order.shuffle(shuffled)
    assert encode(bundle(tuple(shuffled))) == raw


@given(policies(), st.data())
def test_whatever_is_altered_is_refused(found: tuple[Policy, ...], data: st.DataObject) -> None:
    raw = encode(bundle(found))
    at = data.draw(st.integers(0, len(raw) - 1))
    altered = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    for each in (altered, raw[:at], raw[:at] + raw[at + 1 :], raw[:at] + b"\0" + raw[at:]):
        if each != raw:
            try:
                decode(each)
            except PolicyError:
                continue
            raise AssertionError(f"taken although altered at {at}")


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_bundle_or_refused(raw: bytes) -> None:
    for each in (raw, bundle_archive._GZIP + raw, bundle_archive._gzip(raw)):
        try:
            assert encode(decode(each)) == each
        except PolicyError as error:
            assert error.hint  # noqa: PT017 - most bytes are no bundle; those that are must be written the same


@given(st.dictionaries(st.from_regex(r"[a-z.%-]{1,5}(/[a-z.%-]{1,5}){0,2}", fullmatch=True), st.binary(max_size=600)))
def test_an_archive_has_one_spelling(members: dict[str, bytes]) -> None:
    try:
        raw = bundle_archive.write(members)
    except PolicyError:
        return
    assert bundle_archive.read(raw) == members


BUILD = """
import sys
from gateproof.catalog import pack
from gateproof.catalog.policy_bundle import PolicyBundle, encode
policies = pack.load({"a/policy.rego": "package b\\ndeny contains 'x'".replace("'", chr(34))})
sys.stdout.buffer.write(encode(PolicyBundle(name="base", version="1.0.0", policies=policies)))
"""


@settings(max_examples=4, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "PYTHONHASHSEED": st.integers(0, 1000).map(str),
            "TZ": st.sampled_from(["UTC", "Pacific/Auckland"]),
            "LC_ALL": st.sampled_from(["C", "C.UTF-8"]),
            "SOURCE_DATE_EPOCH": st.integers(0, 2**31).map(str),
        }
    )
)
def test_every_machine_builds_the_same_bytes(environment: dict[str, Any]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    done = subprocess.run(
        [sys.executable, "-c", BUILD], env={**kept, **environment}, capture_output=True, check=True, umask=0o077
    )
    assert canonical.digest(done.stdout) == "sha256:ab947d6cd57035663d0f9ec61872e4ec3107f43586180d0cbd7ed470203a12e6"
