"""URLs as Go's ``net/url`` reads those of requests: absolute, or beginning with a slash."""

from __future__ import annotations

import re
from typing import ClassVar, Final
from urllib.parse import unquote, unquote_to_bytes

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import Opaque

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BAD_HOST_ESCAPE = re.compile(r"%(?!25)[0-7][0-9A-Fa-f]|%(?![0-9A-Fa-f]{2})")
_BAD_HOST: Final = frozenset(" #/?@\\^`{|}")
_PORT = re.compile(r"(?::[0-9]*)?")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_ENCODED_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@\[\]%/]*")
_PLAIN_PATH: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@",
)


class URL(Opaque, frozen=True):
    """A URL in its parts; ``host`` has the port."""

    cel_type: ClassVar[str] = "kubernetes.URL"

    scheme: str
    user: str
    host: str
    path: str
    query: str
    fragment: str


def _failed(text: str, why: str) -> EvaluationError:
    said = f'URL parse error during conversion from string: parse "{text}": {why}'
    return EvaluationError(said, hint="write a URL such as https://example.com/path; isURL() tells")


def _split(text: str) -> tuple[str, str]:
    """The scheme, and what follows it."""
    match = _SCHEME.fullmatch(text)
    if match:
        return match[1].lower(), match[2]
    if text.startswith(":"):
        raise _failed(text, "missing protocol scheme")
    return "", text


def _check_request(text: str) -> None:
    """Raise EvaluationError for what cannot be the URL of a request."""
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        raise _failed(text, "net/url: invalid control character in URL")
    if not text:
        raise _failed(text, "empty url")
    if text == "*":
        return
    scheme, rest = _split(text)
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        if not scheme:
            raise _failed(text, "invalid URI for request")
        return
    if scheme and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        _authority(text, scheme, authority)
        rest = slash + path
    if _BAD_ESCAPE.search(rest):
        raise _failed(text, "invalid URL escape")


def _authority(text: str, scheme: str, authority: str) -> tuple[str, str]:
    """User and host. Only the web's schemes take no colons in names of hosts."""
    user, _, host = authority.rpartition("@")
    if not _USER.fullmatch(user) or _BAD_ESCAPE.search(user):
        raise _failed(text, "net/url: invalid userinfo")
    if host.startswith("["):
        inside, bracket, port = host.rpartition("]")
        if not bracket:
            raise _failed(text, "missing ']' in host")
        address, _, checked = inside[1:].partition("%25")
        if not _is_ipv6(address):
            raise _failed(text, "invalid host")
    elif "[" in host:
        raise _failed(text, "invalid IP-literal")
    else:
        cut = host.find(":") if scheme in ("http", "https") else host.rfind(":")
        checked, port = (host[:cut], host[cut:]) if cut >= 0 else (host, "")
    if not _PORT.fullmatch(port):
        raise _failed(text, f'invalid port "{port}" after host')
    if _BAD_HOST_ESCAPE.search(checked):
        raise _failed(text, "invalid URL escape")
    if not _BAD_HOST.isdisjoint(checked):
        raise _failed(text, "invalid character in host name")
    return user, unquote(host)


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def url(text: str) -> URL:
    """``url(text)``."""
    _check_request(text)
    before, _, fragment = text.partition("#")
    if _BAD_ESCAPE.search(fragment):
        raise _failed(text, "invalid URL escape")
    scheme, rest = _split(before)
    rest, _, query = rest.partition("?")
    user = host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        user, host = _authority(text, scheme, authority)
        rest = slash + path
    elif scheme and not rest.startswith("/"):
        rest = ""  # opaque, such as of mailto:
    return URL(scheme, user, host, _escaped_path(rest), query, fragment)


def _escaped_path(path: str) -> str:
    """``path`` as it is where all of it may stand in a path, else escaped."""
    if _ENCODED_PATH.fullmatch(path):
        return path
    return "".join(chr(byte) if byte in _PLAIN_PATH else f"%{byte:02X}" for byte in unquote_to_bytes(path))


def is_url(text: str) -> bool:
    """``isURL(text)``."""
    try:
        _check_request(text)
    except EvaluationError:
        return False
    return True


def get_scheme(value: URL) -> str:
    """``value.getScheme()``."""
    return value.scheme


def get_host(value: URL) -> str:
    """``value.getHost()``: with the port."""
    return value.host


def _host_and_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or not port.isascii() or (port and not port.isdigit()):
        return host, ""
    return name, port


def get_hostname(value: URL) -> str:
    """``value.getHostname()``: without port and brackets."""
    name, _ = _host_and_port(value.host)
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def get_port(value: URL) -> str:
    """``value.getPort()``."""
    return _host_and_port(value.host)[1]


def get_escaped_path(value: URL) -> str:
    """``value.getEscapedPath()``."""
    return value.path


def get_query(value: URL) -> dict[str, list[str]]:
    """``value.getQuery()``: the values of each parameter; those that cannot be read are left out."""
    found: dict[str, list[str]] = {}
    for pair in value.query.split("&"):
        if pair and ";" not in pair and not _BAD_ESCAPE.search(pair):
            key, _, text = pair.partition("=")
            found.setdefault(unquote(key.replace("+", " ")), []).append(unquote(text.replace("+", " ")))
    return found
