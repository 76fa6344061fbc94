"""Keys, trust, signing, recording, verifying, replaying and answering with everything that can be wrong about them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Gateproof, House

pytestmark = pytest.mark.integration

OTHER_ROOT = "sha256:" + "0" * 64
SURROGATE = b"\xff".decode("utf-8", "surrogateescape")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of ``size`` at ``place``; skips where this user may not mount one."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("this user may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_keygen_refuses_and_leaves_nothing(gateproof: Gateproof) -> None:
    gateproof.write("there", "precious")
    gateproof.write("half.pub", "precious")
    gateproof.write("blank", "\n")
    before = everything(gateproof.folder)
    calls = {
        "there": (("there",), "never overwritten"),
        "half": (("half",), "never overwritten"),
        "folder": ((".",), "a folder where"),
        "gone": (("gone/key",), "cannot be written"),
        "proc": (("/proc/key",), "cannot be written"),
        "device": (("/dev/full",), "never overwritten"),
        "long": (("x" * 5000,), "too long"),
        "type": (("key", "--type", "rsa"), "'ed25519'"),
        "blank": (("key", "--password-file", "blank"), "the password file is empty"),
        "no file": (("key", "--password-file", "gone"), "No such file"),
        "endless": (("key", "--password-file", "/dev/zero"), "a device"),
        "folder password": (("key", "--password-file", "."), "a directory"),
        "argument": ((), "PATH"),
    }
    ran = gateproof.each({name: ("keygen", *arguments) for name, (arguments, _) in calls.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(calls[name][1]))} == {}
    nobody = gateproof("keygen", "key", env={"GATEPROOF_KEY_PASSWORD": ""})
    assert nobody.refused("nobody to ask", "GATEPROOF_KEY_PASSWORD") == []
    assert everything(gateproof.folder) == before


def test_trust_init_makes_everything_or_nothing(gateproof: Gateproof) -> None:
    gateproof.write("half/signer.key", "precious")
    gateproof.write("file", "")
    gateproof.write("garbage.pub", "garbage")
    before = everything(gateproof.folder)
    named = ("--origin", "acme.example/web")
    calls = {
        "half": (("half", *named), "has signer.key already"),
        "file": (("file", *named), "is a file"),
        "proc": (("/proc/trust", *named), "cannot be made"),
        "no origin": (("t",), "--origin"),
        "space": (("t", "--origin", "a b"), "is no name for a log"),
        "line": (("t", "--origin", "a\nb"), "is no name for a log"),
        "escape": (("t", "--origin", "\x1b[31m"), "is no name for a log"),
        "plus": (("t", "--origin", "a+b"), "is no name for a log"),
        "bytes": (("t", "--origin", SURROGATE), "is no name for a log"),
        "long": (("t", "--origin", "x" * 5000), "is no name for a log"),
        "person": (("t", *named, "--person", "vera"), "EMAIL,RANK"),
        "nobody": (("t", *named, "--person", ",vp"), "EMAIL,RANK"),
        "rank": (("t", *named, "--person", "v@a,god"), "'god' is not one of"),
        "twice": (("t", *named, "--person", "v@a,vp", "--person", "v@a,vp"), "one name is one person"),
        "no key": (("t", *named, "--person", "v@a,vp,gone"), "no such key file"),
        "garbage": (("t", *named, "--person", "v@a,vp,garbage.pub"), "not a public key"),
    }
    ran = gateproof.each({name: ("trust", "init", *arguments) for name, (arguments, _) in calls.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(calls[name][1]))} == {}
    assert everything(gateproof.folder) == before


def test_trust_init_takes_back_what_it_made(gateproof: Gateproof) -> None:
    with small_disk(gateproof.folder / "disk", "16k"):
        ran = gateproof("trust", "init", "disk/trust", "--origin", "acme.example/web")
        assert ran.refused("No space left") == []
        assert everything(gateproof.folder / "disk") == {}


def test_sign_refuses_and_leaves_nothing(gateproof: Gateproof, house: House) -> None:
    waiver = (house.folder / "waiver.yaml").read_text("utf-8")
    os.mkfifo(house.folder / "pipe")
    bad: dict[str, tuple[str | bytes, str]] = {
        "empty": ("", "holds 0 documents"),
        "cut": ("{", "cannot be read"),
        "list": ("[]", "Expected `object`"),
        "bytes": (b"\xfe\xff\xff", "waiver"),
        "deep": ("[" * 100_000, "deeper than"),
        "field": ("foo: 1\n", "foo: unknown field"),
        "key twice": (waiver + "ticket: WEB-2\n", "duplicate key 'ticket'"),
        "date": (waiver.replace("2026-02-01", "2026-13-01"), "not_after"),
        "order": (waiver.replace("2026-02-01", "2025-02-01"), "later than not_before"),
        "all": (waiver.replace("[container-hardening]", "[all]"), "never for all policies"),
    }
    before = everything(house.folder)
    key = ("--key", "vp.key", "-o", "signed.json")
    calls = {
        "folder": (("waiver", ".", *key), "a directory"),
        "device": (("waiver", "/dev/zero", *key), "a device"),
        "pipe": (("waiver", "pipe", *key), "nobody writes to"),
        "gone": (("waiver", "gone", *key), "No such file"),
        "kind": (("promise", "waiver.yaml", *key), "'waiver'"),
        "public": (("waiver", "waiver.yaml", "--key", "vp.key.pub", "-o", "signed.json"), "chmod 600"),
        "no key": (("waiver", "waiver.yaml", "--key", "gone", "-o", "signed.json"), "no such key file"),
        "output": (("waiver", "waiver.yaml", "--key", "vp.key", "-o", "gone/signed.json"), "cannot be written"),
        "itself": (("waiver", "waiver.yaml", "--key", "vp.key", "-o", "./waiver.yaml"), "overwrite what it is made"),
        "its key": (("waiver", "waiver.yaml", "--key", "vp.key", "-o", "vp.key"), "overwrite what it is made"),
    }
    ran = gateproof.each({name: ("sign", *arguments) for name, (arguments, _) in calls.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(calls[name][1]))} == {}
    assert everything(house.folder) == before
    named = {name: ("sign", "waiver", gateproof.write(f"bad/{name}", text), *key) for name, (text, _) in bad.items()}
    ran = gateproof.each(named)
    assert {name: missing for name, each in ran.items() if (missing := each.refused(bad[name][1]))} == {}
    wrong = gateproof("sign", "waiver", "waiver.yaml", *key, env={"GATEPROOF_KEY_PASSWORD": "wrong"})
    assert wrong.refused("does not open with this password") == []
    assert not (house.folder / "signed.json").exists()


def test_recording_refuses_wrong_keys_and_trust_before_it_writes(gateproof: Gateproof, house: House) -> None:
    trust = house.folder / "trust"
    shutil.copy(trust / "signer.key", house.folder / "group.key")
    (house.folder / "group.key").chmod(0o640)
    gateproof.write("garbage", "garbage")
    (house.folder / "garbage").chmod(0o600)
    assert gateproof("keygen", "p256.key", "--type", "ecdsa-p256").code == 0
    os.mkfifo(house.folder / "pipe")
    policy = (trust / "trust.dsse.json").read_text("utf-8")
    unsigned = {**json.loads(policy), "signatures": []}
    gateproof.write("unsigned.json", json.dumps(unsigned, separators=(",", ":"), sort_keys=True))
    gateproof.write("altered.json", policy.replace('"payload":"ey', '"payload":"fy'))
    gateproof.write("bytes.json", b"\xff\xfe\x00")
    gateproof.write("deep.json", "[" * 100_000)
    gateproof.write("file", "")
    gateproof.write("unread\n::error::.json", "")
    before = everything(house.folder)
    cases: dict[str, tuple[dict[str, str | None], str]] = {
        "no key": ({"key": None}, "no key is given"),
        "key gone": ({"key": "gone"}, "no such key file"),
        "key folder": ({"key": "trust"}, "Is a directory"),
        "key device": ({"key": "/dev/zero"}, "not a file"),
        "key pipe": ({"key": "pipe"}, "not a file"),
        "key garbage": ({"key": "garbage"}, "not an encrypted private key"),
        "key public": ({"key": "trust/signer.key.pub"}, "others than its owner"),
        "key group": ({"key": "group.key"}, "chmod 600"),
        "key root": ({"key": "trust/root.key"}, "does not let this key sign as 'decision'"),
        "key foreign": ({"key": "vp.key"}, "does not let this key sign as 'decision'"),
        "key p256": ({"key": "p256.key"}, "does not let this key sign as 'decision'"),
        "no trust": ({"trust": None, "roster": None}, "under a trust policy, and none is given"),
        "trust gone": ({"trust": "gone"}, "No such file"),
        "trust folder": ({"trust": "."}, "a directory"),
        "trust pipe": ({"trust": "pipe"}, "nobody writes to"),
        "trust device": ({"trust": "/dev/zero"}, "a device"),
        "trust garbage": ({"trust": "garbage"}, "garbage: this is not a DSSE envelope"),
        "trust empty": ({"trust": "file"}, "file: this is not a DSSE envelope"),
        "trust bytes": ({"trust": "bytes.json"}, "bytes.json: this is not a DSSE envelope"),
        "trust deep": ({"trust": "deep.json"}, "deep.json: this is not a DSSE envelope"),
        "trust unsigned": ({"trust": "unsigned.json"}, "unsigned.json: "),
        "trust altered": ({"trust": "altered.json"}, "altered.json: "),
        "trust roster": ({"trust": "trust/roster.dsse.json"}, "roster.dsse.json: "),
        "trust name": ({"trust": "unread\n::error::.json"}, "not a DSSE envelope"),
        "roster gone": ({"roster": "gone"}, "No such file"),
        "roster garbage": ({"roster": "garbage"}, "garbage: this is not a DSSE envelope"),
        "roster trust": ({"roster": "trust/trust.dsse.json"}, "trust.dsse.json: "),
        "no root": ({"root": None}, "not the fingerprint of its root"),
        "root garbage": ({"root": "garbage"}, "sha256:<64 hex digits>"),
        "root escape": ({"root": "\x1b[31m"}, "sha256:<64 hex digits>"),
        "root other": ({"root": OTHER_ROOT}, "another root"),
        "store url": ({"evidence": "s3://bucket/x"}, "no adapter serves s3://"),
        "store file": ({"evidence": "file"}, "something else should be"),
        "store below": ({"evidence": "file/store"}, "something else should be"),
        "store device": ({"evidence": "/dev/null"}, "something else should be"),
        "store long": ({"evidence": "x" * 5000}, "too long"),
        "store new": ({"evidence": "new"}, "rolled back"),
        "output": ({"output": "gone/report"}, "cannot be written"),
        "output folder": ({"output": "trust"}, "Is a directory"),
        "input": ({"fact": "gone"}, "No such file"),
        "password": ({"password-file": "."}, "a directory"),
    }
    calls = {name: ("check", "allowed.yaml", *house.options(**changes)) for name, (changes, _) in cases.items()}
    ran = gateproof.each(calls)
    assert {name: missing for name, each in ran.items() if (missing := each.refused(cases[name][1]))} == {}
    for name, variables, words in (
        ("wrong", {"GATEPROOF_KEY_PASSWORD": "wrong"}, "does not open with this password"),
        ("nobody", {"GATEPROOF_KEY_PASSWORD": ""}, "nobody to ask"),
        ("state", {"GATEPROOF_STATE": "/proc/state"}, "cannot be written"),
        ("state file", {"GATEPROOF_STATE": str(house.folder / "file")}, "cannot be written"),
    ):
        assert gateproof("check", "allowed.yaml", *house.options(), env=variables).refused(words) == [], name
    assert everything(house.folder) == before


def test_a_store_that_is_full_or_read_only(gateproof: Gateproof, house: House) -> None:
    disk = house.folder / "disk"
    shutil.rmtree(gateproof.environment["GATEPROOF_STATE"])
    call = ("check", "allowed.yaml", *house.options(evidence="disk/store"))
    with small_disk(disk, "64k"):
        assert gateproof(*call).refused("full") == []
        assert gateproof("verify", "disk/store", "--root", house.root).refused("no finished log") == []
        subprocess.run(["mount", "-o", "remount,size=10m", str(disk)], check=True)
        assert gateproof(*call).code == 0
        assert gateproof("verify", "disk/store", "--root", house.root).code == 0
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before = everything(disk)
        refused = {
            "record": (call, "read-only"),
            "output": (("check", "allowed.yaml", "-o", "disk/report"), "Read-only"),
            "keygen": (("keygen", "disk/key"), "Read-only"),
            "trust": (("trust", "init", "disk/trust", "--origin", "x"), "Read-only"),
            "state": (("verify", "disk/store", "--root", house.root, "--state", "disk/state"), "Read-only"),
        }
        ran = gateproof.each({name: arguments for name, (arguments, _) in refused.items()})
        assert {name: missing for name, each in ran.items() if (missing := each.refused(refused[name][1]))} == {}
        assert gateproof("verify", "disk/store", "--root", house.root).code == 0
        assert everything(disk) == before


@pytest.mark.parametrize(
    "command",
    [("verify",), ("log", "list"), ("log", "fsck"), ("replay", "--all", "--evidence"), ("answer", "x", "--evidence")],
    ids=" ".join,
)
def test_readers_of_evidence_refuse_what_is_no_store_or_no_root(
    gateproof: Gateproof, house: House, command: tuple[str, ...]
) -> None:
    gateproof.write("file", "")
    (house.folder / "hollow").mkdir()
    root = ("--root", house.root)
    cases: dict[str, tuple[tuple[str, ...], str]] = {
        "gone": (("gone", *root), "there is no evidence store"),
        "hollow": (("hollow", *root), "no finished log"),
        "file": (("file", *root), "something else should be"),
        "device": (("/dev/null", *root), "something else should be"),
        "url": (("s3://bucket/x", *root), "no adapter serves s3://"),
        "escape": (("a\x1b[31mb\n::error::x", *root), "there is no evidence store"),
        "long": (("x" * 5000, *root), "there is no evidence store"),
        "garbage": (("store", "--root", "garbage"), "64 hex digits"),
        "other": (("store", "--root", OTHER_ROOT), "another root"),
    }
    if command != ("log", "fsck"):
        cases["no root"] = (("store",), "fingerprint of the trust root is needed")
        cases["state"] = (("store", *root, "--state", "file"), "is a file")
    ran = gateproof.each({name: (*command, *arguments) for name, (arguments, _) in cases.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(cases[name][1]))} == {}


def test_a_store_that_was_rolled_back_is_refused(gateproof: Gateproof, house: House) -> None:
    shutil.copytree(house.folder / "store", house.folder / "older")
    root = ("--root", house.root)
    assert gateproof("verify", "store", *root).code == 0
    assert gateproof("check", "allowed.yaml", *house.options()).code == 0
    cases = {
        "verify": ("verify", "older", *root),
        "list": ("log", "list", "older", *root),
        "replay": ("replay", "--all", "--evidence", "older", *root),
        "answer": ("answer", "access", "--evidence", "older", *root),
        "check": ("check", "allowed.yaml", *house.options(evidence="older")),
    }
    ran = gateproof.each(cases)
    assert {name: missing for name, each in ran.items() if (missing := each.refused("it was rolled back"))} == {}
    assert gateproof("verify", "store", *root).code == 0


def test_a_store_made_again_under_other_keys_is_refused(gateproof: Gateproof, house: House) -> None:
    made = gateproof("trust", "init", "forged", "--origin", "acme.example/web")
    other = made.out.strip()
    options = ("--evidence", "again", "--key", "forged/signer.key", "--trust", "forged/trust.dsse.json")
    assert gateproof("check", "allowed.yaml", *options, "--root", other).code == 0
    assert gateproof("verify", "again", "--root", other).code == 0
    assert gateproof("verify", "again", "--root", house.root).refused("another root") == []
    assert gateproof("verify", "store", "--root", other).refused("another root") == []
    shutil.rmtree(house.folder / "store")
    (house.folder / "again").rename(house.folder / "store")
    assert gateproof("check", "allowed.yaml", *house.options()).refused() == []


def test_what_was_seen_must_be_readable(gateproof: Gateproof, house: House) -> None:
    (seen,) = Path(gateproof.environment["GATEPROOF_STATE"]).iterdir()
    root = ("--root", house.root)
    for content in (b"", b"{", b"\xff\xfe", b"[" * 60_000, b"[" * 100_000, seen.read_bytes()[:-10]):
        seen.write_bytes(content)
        assert gateproof("verify", "store", *root).refused("remembers the last checkpoint") == []
        assert seen.read_bytes() == content
    seen.unlink()
    os.mkfifo(seen)
    assert gateproof("verify", "store", *root).refused("remembers the last checkpoint") == []
    seen.unlink()
    seen.mkdir()
    assert gateproof("verify", "store", *root).refused("remembers the last checkpoint") == []


def test_paths_in_a_file_that_no_system_has(gateproof: Gateproof, house: House) -> None:
    gateproof.write("key/gateproof.yaml", 'version: 1\nevidence: {key: "a\\0b"}\n')
    gateproof.write("store/gateproof.yaml", 'version: 1\nevidence: {store: "a\\0b"}\n')
    key = ("--config", "key/gateproof.yaml", *house.options(key=None))
    store = ("--config", "store/gateproof.yaml", *house.options(evidence=None))
    assert gateproof("check", "allowed.yaml", *key).refused("this is no path") == []
    assert gateproof("check", "allowed.yaml", *store).refused("this is no path") == []


def test_replay_refuses_what_is_not_there(gateproof: Gateproof, house: House) -> None:
    where = ("--evidence", "store", "--root", house.root)
    cases = {
        "word": (("x",), "no decision with this digest"),
        "digest": ((OTHER_ROOT,), "no decision with this digest"),
        "escape": (("\x1b[31m",), "no decision with this digest"),
        "bytes": ((SURROGATE,), "no decision with this digest"),
        "both": (("x", "--all"), "--all"),
        "neither": ((), "--all"),
    }
    ran = gateproof.each({name: ("replay", *arguments, *where) for name, (arguments, _) in cases.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(cases[name][1]))} == {}


def test_answer_refuses_what_it_cannot_ask(gateproof: Gateproof, house: House) -> None:
    where = ("--evidence", "store", "--root", house.root)
    gateproof.write("garbage", "garbage that is no database, and long enough")
    os.mkfifo(house.folder / "pipe")
    ask = "access control"
    cases = {
        "nothing": ((), "QUESTION"),
        "gibberish": (("blah blah",), "nothing of the question is understood"),
        "bytes": ((SURROGATE,), "nothing of the question is understood"),
        "long": (("x" * 100_000,), "nothing of the question is understood"),
        "control": (("--control", "nope"), "there is no control 'nope'"),
        "near": (("--control", "soc2@2017:CC6.99"), "soc2@2017:CC6.8"),
        "escape": (("--control", "\x1b[31m"), "there is no control"),
        "since": ((ask, "--since", "yesterday"), "write it as 2026-11-23"),
        "month": ((ask, "--since", "2026-13-01"), "write it as 2026-11-23"),
        "zero": ((ask, "--until", "0000-00-00"), "write it as 2026-11-23"),
        "stray": ((f"{ask} 2026-01-01",), "is not clear"),
        "env": ((ask, "--env", "qa"), "'prod'"),
        "tier": ((ask, "--tier", "9"), "'1'"),
        "format": ((ask, "--format", "pdf"), "'html'"),
        "output": ((ask, "--output", "gone/answer"), "cannot be written"),
        "folder": ((ask, "--output", "."), "Is a directory"),
        "index folder": ((ask, "--index", "."), "the index cannot be used"),
        "index gone": ((ask, "--index", "gone/index"), "the index cannot be used"),
        "index garbage": ((ask, "--index", "garbage"), "the index cannot be used"),
        "index device": ((ask, "--index", "/dev/zero"), "the index cannot be used"),
        "index pipe": ((ask, "--index", "pipe"), "the index cannot be used"),
    }
    before = everything(house.folder)
    ran = gateproof.each({name: ("answer", *arguments, *where) for name, (arguments, _) in cases.items()})
    assert {name: missing for name, each in ran.items() if (missing := each.refused(cases[name][1]))} == {}
    assert everything(house.folder) == before


def test_an_answer_without_evidence_is_whole_and_says_so(gateproof: Gateproof, house: House) -> None:
    where = ("--evidence", "store", "--root", house.root)
    cases = {
        "service": ("access control", "--service", "nobody"),
        "hostile": ("access control", "--service", "\x1b[31m<script>"),
        "past": ("access control", "--until", "2020-01-01"),
        "swapped": ("access control", "--since", "2026-12-01", "--until", "2026-01-01"),
    }
    ran = gateproof.each({name: ("answer", *arguments, *where) for name, arguments in cases.items()})
    assert {name: (each.code, each.faults(), "Gaps" in each.out) for name, each in ran.items()} == dict.fromkeys(
        cases, (2, [], True)
    )


def test_controls_that_do_not_exist(gateproof: Gateproof) -> None:
    words = ("zzz", "\x1b[31m", SURROGATE, "x" * 100_000)
    ran = gateproof.each({word: ("controls", word) for word in words})
    assert {word: missing for word in words if (missing := ran[word].refused("no control matches"))} == {}
