"""The file that a policy bundle travels in: tar inside gzip, the same to the byte wherever it is written. Pure.

One set of members has one spelling: sorted names, no times, no owners, and gzip whose blocks are stored, because what
deflate makes of the same bytes differs between the libraries that machines have. Any tar reads the file. ``read`` takes
nothing but that spelling, so there is no compression to be a bomb, and no link, folder or second member to be led by.

Formats: POSIX.1-1988 ustar; RFC 1951 section 3.2.4 and RFC 1952.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping

from gateproof.errors import PolicyError

MAX_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 5_000
MAX_MEMBER_BYTES = 4 * 1024 * 1024

_BLOCK = 512
_STORED = 0xFFFF
_GZIP = bytes.fromhex("1f8b08000000000000ff")
_USTAR = struct.Struct("100s8s8s8s12s12s8s1s100s6s2s32s32s8s8s155s12x")
_SEGMENT = r"(?!\.\.?(?:/|\Z))[A-Za-z0-9._~%@+-]+"
_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_HINT = "get it again from where it comes from, or build it with `gateproof bundle build`"


def write(members: Mapping[str, bytes]) -> bytes:
    """The archive of ``members``, names to content. Raises PolicyError for what cannot be in one."""
    if len(members) > MAX_MEMBERS:
        raise _refused(f"{len(members):,} files are more than {MAX_MEMBERS:,}")
    raw = _gzip(b"".join(_tar(members)))
    if len(raw) > MAX_BYTES:
        raise _refused(f"{len(raw):,} bytes are more than {MAX_BYTES:,}")
    return raw


def read(raw: bytes) -> dict[str, bytes]:
    """The members of an archive. Raises PolicyError unless ``write`` gives exactly ``raw`` of them."""
    if len(raw) > MAX_BYTES:
        raise _refused(f"it has {len(raw):,} bytes, more than {MAX_BYTES:,}")
    tar = _content(raw)
    members = dict(_members(tar))
    if b"".join(_tar(members)) != tar:
        raise _refused("it ends early, or has something after its end")
    return members


def _tar(members: Mapping[str, bytes]) -> Iterator[bytes]:
    for name in sorted(members):
        content = members[name]
        yield _header(name, len(content))
        yield content
        yield bytes(-len(content) % _BLOCK)
    yield bytes(2 * _BLOCK)


def _header(name: str, size: int) -> bytes:
    if not _NAME.fullmatch(name):
        raise _refused(f"{name[:80]!r} is no name for a file in it")
    if size > MAX_MEMBER_BYTES:
        raise _refused(f"{name[:80]}: {size:,} bytes are more than {MAX_MEMBER_BYTES:,}")
    prefix, last = _split(name)
    number = b"%07o\0"
    fields = [last, number % 0o644, number % 0, number % 0, b"%011o\0" % size, b"%011o\0" % 0, b" " * 8, b"0", b""]
    fields += [b"ustar\0", b"00", b"", b"", b"", b"", prefix]
    fields[6] = b"%06o\0 " % sum(_USTAR.pack(*fields))
    return _USTAR.pack(*fields)


def _split(name: str) -> tuple[bytes, bytes]:
    """``name`` as ustar keeps it: up to 155 bytes before a slash, up to 100 after it."""
    raw = name.encode("ascii")
    if len(raw) <= 100:
        return b"", raw
    at = raw.find(b"/", len(raw) - 101)
    if not 0 < at <= 155:
        raise _refused(f"the name {name[:80]!r}… is too long")
    return raw[:at], raw[at + 1 :]


def _members(tar: bytes) -> Iterator[tuple[str, bytes]]:
    at, last = 0, ""
    for _ in range(MAX_MEMBERS):
        header = tar[at : at + _BLOCK]
        if not header.strip(b"\0"):
            return
        name, size = _parsed(header)
        if name <= last:
            raise _refused(f"{name[:80]!r} stands twice, or out of order")
        yield name, tar[at + _BLOCK : at + _BLOCK + size]
        at, last = at + _BLOCK + size + -size % _BLOCK, name
    if tar[at:].strip(b"\0"):
        raise _refused(f"it has more than {MAX_MEMBERS:,} files")


def _parsed(header: bytes) -> tuple[str, int]:
    """Name and size, of a header that is exactly as ``_header`` writes it."""
    if len(header) < _BLOCK:
        raise _refused("it ends early")
    fields = _USTAR.unpack(header)
    name = b"/".join(part for part in (fields[15].rstrip(b"\0"), fields[0].rstrip(b"\0")) if part).decode("latin-1")
    if fields[7] != b"0":
        raise _refused(f"{name[:80]!r} is a link, a folder or something else that is no file")
    size = fields[4].rstrip(b"\0")
    if not re.fullmatch(rb"[0-7]{11}", size) or _header(name, int(size, 8)) != header:
        raise _refused(f"what it says about {name[:80]!r} is not what `gateproof bundle build` writes")
    return name, int(size, 8)


def _gzip(content: bytes) -> bytes:
    parts = [_GZIP]
    for at in range(0, len(content), _STORED):
        block = content[at : at + _STORED]
        parts += [struct.pack("<BHH", at + _STORED >= len(content), len(block), len(block) ^ _STORED), block]
    parts.append(struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF))
    return b"".join(parts)


def _content(raw: bytes) -> bytes:
    """What ``_gzip`` gives ``raw`` for. Nothing is decompressed: blocks that are not stored are refused."""
    if raw[:2] != _GZIP[:2]:
        raise _refused("it is no gzip file")
    parts, at, last = [], len(_GZIP), 0
    while not last:
        if len(raw) < at + 5:
            raise _refused("it ends early")
        last, length, complement = struct.unpack_from("<BHH", raw, at)
        if last > 1 or length ^ complement != _STORED:
            raise _refused("it was compressed or altered by something else than `gateproof bundle build`")
        parts.append(raw[at + 5 : at + 5 + length])
        at += 5 + length
    content = b"".join(parts)
    if _gzip(content) != raw:
        raise _refused("its checksum, its length or its end is not right")
    return content


def _refused(why: str) -> PolicyError:
    return PolicyError(f"this is no policy bundle: {why}", hint=_HINT)
