"""The file of a bundle: readable by any tar, and read back from one spelling alone."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from gateproof.catalog import bundle_archive
from gateproof.catalog.bundle_archive import MAX_BYTES, MAX_MEMBER_BYTES, MAX_MEMBERS, read, write
from gateproof.errors import PolicyError

MEMBERS = {"manifest.json": b"{}", "policies/a/policy.rego": b"package a\n" * 100, "policies/b/lib/x.rego": b""}
DEEP = "policies/" + "/".join(["d" * 30] * 5) + "/policy.rego"


def info(name: str, content: bytes = b"x", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    """A member as `tarfile` writes it."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for field, value in changes.items():
        setattr(member, field, value)
    return member, content


def stored(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """An archive with those headers, otherwise spelled as ours."""
    tar = b"".join(
        member.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % 512) for member, content in members
    )
    return bundle_archive._gzip(tar + bytes(1024))


def test_what_was_written_is_read() -> None:
    assert read(write(MEMBERS)) == MEMBERS
    assert write(dict(reversed(MEMBERS.items()))) == write(MEMBERS)
    assert read(write({DEEP: b"long"})) == {DEEP: b"long"}
    assert read(write({})) == {}


def test_any_tar_reads_it() -> None:
    members = {**MEMBERS, DEEP: b"deep", "large.json": b"0" * 200_000}
    with tarfile.open(fileobj=io.BytesIO(write(members)), mode="r:gz") as archive:
        found = {member.name: archive.extractfile(member) for member in archive}
        assert {name: file.read() for name, file in found.items() if file} == members
        assert all((member.mtime, member.uid, member.mode) == (0, 0, 0o644) for member in archive)
    assert gzip.decompress(write(members))


def test_the_headers_are_those_of_tarfile() -> None:
    assert read(stored(info("a"), info("b", b"y"))) == {"a": b"x", "b": b"y"}


HOSTILE = {
    "a path upwards": (info("../a"),),
    "a path upwards inside": (info("a/../../b"),),
    "an absolute path": (info("/etc/passwd"),),
    "a name that is a dot": (info("./a"),),
    "a symbolic link": (info("a", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),),
    "a hard link": (info("a", b"", type=tarfile.LNKTYPE, linkname="b"),),
    "a folder": (info("a", b"", type=tarfile.DIRTYPE),),
    "a device": (info("a", b"", type=tarfile.CHRTYPE),),
    "a name twice": (info("a"), info("a", b"y")),
    "another order": (info("b"), info("a")),
    "a time": (info("a", mtime=1),),
    "an owner": (info("a", uid=1),),
    "a mode": (info("a", mode=0o755),),
    "a name with a space": (info("a b"),),
    "a name with a back slash": (info("a\\b"),),
    "an extended header": (info("a", b"30 path=../../../../etc/passwd\n", type=tarfile.XHDTYPE), info("b")),
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_members_are_refused(members: tuple[tuple[tarfile.TarInfo, bytes], ...]) -> None:
    with pytest.raises(PolicyError, match="no policy bundle") as caught:
        read(stored(*members))
    assert caught.value.hint


def test_a_bomb_is_refused_without_being_decompressed() -> None:
    bomb = gzip.compress(bytes(100 * 1024 * 1024), mtime=0)
    with pytest.raises(PolicyError, match="compressed or altered"):
        read(bomb)
    tar = b"".join(bundle_archive._tar(MEMBERS))
    with pytest.raises(PolicyError, match="compressed or altered"):
        read(gzip.compress(tar, mtime=0))


def test_every_byte_counts() -> None:
    raw = write(MEMBERS)
    for at in range(len(raw)):
        for bit in (1, 0x80):
            altered = bytearray(raw)
            altered[at] ^= bit
            with pytest.raises(PolicyError):
                read(bytes(altered))


def test_every_end_counts() -> None:
    raw = write({"a": b"x"})
    for at in range(len(raw)):
        with pytest.raises(PolicyError):
            read(raw[:at])
    for more in (b"\0", b"x", raw):
        with pytest.raises(PolicyError):
            read(raw + more)


def test_a_tar_with_more_or_less_at_its_end_is_refused() -> None:
    tar = b"".join(bundle_archive._tar(MEMBERS))
    for altered in (tar[:-512], tar[:-1024], tar + bytes(512), tar + b"x" * 512, b"", bytes(512)):
        with pytest.raises(PolicyError):
            read(bundle_archive._gzip(altered))


def test_limits() -> None:
    with pytest.raises(PolicyError, match="more than"):
        read(bytes(MAX_BYTES + 1))
    with pytest.raises(PolicyError, match="more than"):
        write({"a": bytes(MAX_MEMBER_BYTES + 1)})
    with pytest.raises(PolicyError, match="more than"):
        write({str(number): b"" for number in range(MAX_MEMBERS + 1)})
    many = {f"{number:02}": bytes(MAX_MEMBER_BYTES) for number in range(MAX_BYTES // MAX_MEMBER_BYTES)}
    with pytest.raises(PolicyError, match="more than"):
        write(many)
    headers = [info(f"{number:05}", b"") for number in range(MAX_MEMBERS + 1)]
    with pytest.raises(PolicyError, match="more than 5,000 files"):
        read(stored(*headers))
    for name in ("a" * 101, f"{'a' * 156}/b", "ä", "", "a//b", "a/"):
        with pytest.raises(PolicyError):
            write({name: b""})


def test_a_size_that_is_no_number_is_refused() -> None:
    member, content = info("a")
    header = bytearray(member.tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = b"\x80" + bytes(10) + b"\x01"  # the form of GNU for large sizes
    with pytest.raises(PolicyError):
        read(bundle_archive._gzip(bytes(header) + content + bytes(511 + 1024)))
