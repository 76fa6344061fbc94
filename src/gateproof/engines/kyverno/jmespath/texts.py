"""Kyverno's functions on texts: cutting, replacing, expressions, wildcards, Base64, digests, versions, paths, URLs."""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from gateproof.engines.kyverno import versions, wildcard
from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function
from gateproof.engines.kyverno.jmespath.values import Int64, plain_number
from gateproof.rego.builtins import encoding, regex, strings
from gateproof.rego.context import Context

_TEXT_OR_NUMBER = "string|number"


def written(value: Any) -> str:
    """A text or number as the text that the functions compute with."""
    return value if isinstance(value, str) else plain_number(value)


def _replace(ctx: Context, text: str, old: str, new: str, count: float = -1) -> str:
    places = text.count(old) if old else len(text) + 1
    times = places if count < 0 else min(places, int(count))
    ctx.spend(1 + len(text) // 64 + times)
    ctx.check_size(len(text) + times * max(len(new) - len(old), 0))
    return text.replace(old, new, times)


def _compare(_: Context, one: str, other: str) -> Int64:
    return Int64((one > other) - (one < other))


def _equal_fold(ctx: Context, one: str, other: str) -> bool:
    return strings.lower(ctx, strings.upper(ctx, one)) == strings.lower(ctx, strings.upper(ctx, other))


def _truncate(_: Context, text: str, length: float) -> str:
    return text[: max(0, int(length))]


def _to_boolean(_: Context, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise JmespathError(f"to_boolean(): {text[:40]!r} is neither true nor false")
    return text.lower() == "true"


def _match(ctx: Context, expression: str, text: Any) -> bool:
    return regex.regex_match(ctx, expression, written(text))


def _replace_matches(ctx: Context, expression: str, text: Any, replacement: Any) -> str:
    return regex.regex_replace(ctx, written(text), expression, written(replacement))


def _replace_literally(ctx: Context, expression: str, text: Any, replacement: Any) -> str:
    return regex.regex_replace(ctx, written(text), expression, written(replacement).replace("$", "$$"))


def _pattern_match(ctx: Context, pattern: str, text: Any) -> bool:
    shown = written(text)
    ctx.spend(1 + len(pattern) * len(shown) // 16)
    return wildcard.matches(pattern, shown)


def _base64_decode(ctx: Context, text: str) -> str:
    ctx.spend(1 + len(text) // 16)
    return encoding.base64_decode(ctx, text)


def _digest(name: str) -> Function:
    def compute(ctx: Context, text: str) -> str:
        ctx.spend(1 + len(text) // 16)
        return hashlib.new(name, text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()

    return Function(name, ("string",), compute)


def _canonical_path(_: Context, path: str) -> str:
    """Go's ``filepath.Join`` of one element."""
    if not path:
        return ""
    rooted, kept = path.startswith("/"), list[str]()
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in ("", ".") and not (part == ".." and rooted):
            kept.append(part)
    return ("/" if rooted else "") + "/".join(kept) or "."


@lru_cache(maxsize=256)
def _range(text: str) -> versions.Range:
    try:
        return versions.parse_range(text)
    except ValueError as error:
        raise JmespathError(f"semver_compare(): {error}") from None


def _semver_compare(_: Context, version: str, wanted: str) -> bool:
    found = versions.parse(version)
    if found is None:
        # Kyverno takes it for 0.0.0, so that any text is older than every version.
        raise JmespathError(f"semver_compare(): {version[:80]!r} is no semantic version")
    return _range(wanted).holds(found)


def _is_external_url(_: Context, url: str) -> bool:
    try:
        address = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        raise JmespathError("is_external_url(): names are not resolved here, only addresses are told") from None
    return not (address.is_loopback or _is_private(address))


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Go's ``net.IP.IsPrivate``: RFC 1918 and RFC 4193."""
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16") if address.version == 4 else ("fc00::/7",)
    return any(address in ipaddress.ip_network(network) for network in networks)


def _image_normalize(_: Context, image: str) -> str:
    from gateproof.engines.kyverno.images import ImageError, parse_image

    try:
        return parse_image(image).reference
    except ImageError as error:
        raise JmespathError(f"image_normalize(): {error}") from None


FUNCTIONS = (
    Function("base64_decode", ("string",), _base64_decode),
    Function("base64_encode", ("string",), encoding.base64_encode),
    Function("compare", ("string", "string"), _compare),
    Function("equal_fold", ("string", "string"), _equal_fold),
    Function("image_normalize", ("string",), _image_normalize),
    Function("is_external_url", ("string",), _is_external_url),
    _digest("md5"),
    Function("path_canonicalize", ("string",), _canonical_path),
    Function("pattern_match", ("string", _TEXT_OR_NUMBER), _pattern_match),
    Function("regex_match", ("string", _TEXT_OR_NUMBER), _match),
    Function("regex_replace_all", ("string", _TEXT_OR_NUMBER, _TEXT_OR_NUMBER), _replace_matches),
    Function("regex_replace_all_literal", ("string", _TEXT_OR_NUMBER, _TEXT_OR_NUMBER), _replace_literally),
    Function("replace", ("string", "string", "string", "number"), _replace),
    Function("replace_all", ("string", "string", "string"), _replace),
    Function("semver_compare", ("string", "string"), _semver_compare),
    _digest("sha1"),
    _digest("sha256"),
    Function("split", ("string", "string"), strings.split),
    Function("to_boolean", ("string",), _to_boolean),
    Function("to_lower", ("string",), strings.lower),
    Function("to_upper", ("string",), strings.upper),
    Function("trim", ("string", "string"), strings.trim),
    Function("trim_prefix", ("string", "string"), strings.trim_prefix),
    Function("truncate", ("string", "number"), _truncate),
)
