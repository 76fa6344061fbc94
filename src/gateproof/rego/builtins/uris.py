"""URLs as Go's ``url.Parse`` takes them apart (RFC 3986, with Go's deviations)."""

from __future__ import annotations

import re

from gateproof.rego.builtins.encoding import decode_utf8
from gateproof.rego.builtins.operands import fail, string
from gateproof.rego.builtins.quoting import encode_utf8, quote
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_PORT = re.compile(r"(?::[0-9]*)?")
_USER_INFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_IN_HOST = frozenset("!$&'()*+,;=:[]<>\"-_.~")


def uri_parse(ctx: Context, text: Value) -> dict[str, Value]:
    """Scheme, hostname, port, path, raw_path, raw_query and fragment, each where it is not empty."""
    ctx.spend(len(string(text, 1)) // 16)
    return {name: value for name, value in parse(text).items() if value}


def uri_is_valid(ctx: Context, text: Value) -> bool:
    if type(text) is not str or not text:
        return False
    ctx.spend(len(text) // 16)
    try:
        parse(text)
    except BuiltinError:
        return False
    return True


def parse(text: str) -> dict[str, str]:
    """The parts of ``text`` under the names of ``uri.parse``; raises BuiltinError where Go refuses it."""
    whole, _, fragment = text.partition("#")
    if any(char < " " or char == "\x7f" for char in whole):
        raise _refusal(text, "net/url: invalid control character in URL")
    scheme, rest = _scheme(text, whole)
    rest, _, query = rest.partition("?")
    parts = {"scheme": scheme, "raw_query": query, "fragment": _unescape(text, fragment)}
    if not rest.startswith("/"):
        if scheme:
            return parts  # opaque, as mailto:someone
        if ":" in rest.partition("/")[0]:
            raise _refusal(text, "first path segment in URL cannot contain colon")
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        parts |= _authority(text, authority)
    path = _unescape(text, rest)
    return parts | {"path": path, "raw_path": rest if rest != escape(path) else path}


def _scheme(text: str, whole: str) -> tuple[str, str]:
    if whole == "*":
        return "", whole
    if whole.startswith(":"):
        raise _refusal(text, "missing protocol scheme")
    match = _SCHEME.fullmatch(whole)
    return (match[1].lower(), match[2]) if match else ("", whole)


def _authority(text: str, authority: str) -> dict[str, str]:
    user, at, host = authority.rpartition("@")
    if at and not _USER_INFO.fullmatch(user):
        raise _refusal(text, "net/url: invalid userinfo")
    _unescape(text, user)
    if host.startswith("["):
        inside, bracket, port = host[1:].rpartition("]")
        if not bracket:
            raise _refusal(text, "missing ']' in host")
        name = _unescape_zone(text, inside)
    else:
        inside, port = _split_port(host)
        name = _host(text, inside)
    if not _PORT.fullmatch(port):
        raise _refusal(text, f"invalid port {quote(port)} after host")
    return {"hostname": name, "port": port[1:]}


def _unescape_zone(text: str, inside: str) -> str:
    """In an IPv6 literal only the zone may be escaped."""
    address, separator, zone = inside.partition("%25")
    return _host(text, address) + ("%" + _unescape(text, zone) if separator else "")


def _split_port(host: str) -> tuple[str, str]:
    """The name and, with its colon, what follows the last one."""
    name, colon, digits = host.rpartition(":")
    return (name, colon + digits) if colon else (host, "")


def _host(text: str, host: str) -> str:
    for match in re.finditer(r"%(..)?", host):
        # Bytes that are not ASCII are all that may be escaped in a host.
        if match[1] is None or not re.fullmatch(r"[89A-Fa-f][0-9A-Fa-f]|25", match[1]):
            raise _refusal(text, f"invalid URL escape {quote(match[0])}")
    for char in host:
        if char < "\x80" and not char.isalnum() and char not in _IN_HOST and char != "%":
            raise _refusal(text, f"invalid character {quote(char)} in host name")
    return _unescape(text, host)


def _unescape(text: str, part: str) -> str:
    bad = re.search(r"%(?![0-9A-Fa-f]{2})", part)
    if bad:
        raise _refusal(text, f"invalid URL escape {quote(part[bad.start() : bad.start() + 3])}")
    return decode_utf8(re.sub(rb"%(..)", lambda match: bytes.fromhex(match[1].decode()), encode_utf8(part)))


def escape(path: str) -> str:
    """The default escaping of a path, from which ``raw_path`` may differ."""
    safe = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@"
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in encode_utf8(path))


def _refusal(text: str, reason: str) -> BuiltinError:
    return fail(f"parse {quote(text)}: {reason}")


def host(text: str) -> str:
    """The host of ``text`` with its port, as a ``Host`` header has it."""
    parts = parse(text)
    name, port = parts.get("hostname", ""), parts.get("port", "")
    name = f"[{name}]" if ":" in name else name
    return f"{name}:{port}" if port else name
