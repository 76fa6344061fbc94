"""IP addresses and CIDR ranges, as Kubernetes has them: without zones, and no IPv4 inside of IPv6."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import ClassVar

from gateproof.cel.errors import EvaluationError
from gateproof.cel.values import Opaque

_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}")


class IP(Opaque, frozen=True):
    """An address."""

    cel_type: ClassVar[str] = "net.IP"

    address: IPv4Address | IPv6Address

    @property
    def size(self) -> int:
        """Bytes."""
        return self.address.max_prefixlen // 8


class CIDR(Opaque, frozen=True):
    """An address, which need not be the first of its range, and how many of its bits the range shares."""

    cel_type: ClassVar[str] = "net.CIDR"

    address: IPv4Address | IPv6Address
    bits: int

    @property
    def size(self) -> int:
        """Bytes that the range shares, upwards."""
        return -(-self.bits // 8)


def _parsed(text: str, said: str) -> IPv4Address | IPv6Address:
    if "%" in text:
        raise EvaluationError(f'IP address "{text}" with zone value is not allowed', hint="leave the zone out")
    try:
        address = ip_address(text)
    except ValueError:
        hint = "write an address such as 192.0.2.1 or 2001:db8::1; isIP() tells"
        raise EvaluationError(f"{said}: unable to parse IP", hint=hint) from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        raise EvaluationError(f'IPv4-mapped IPv6 address "{text}" is not allowed', hint="write it as IPv4")
    return address


def ip(text: str) -> IP:
    """``ip(text)``."""
    said = f'IP Address "{text}" parse error during conversion from string: ParseAddr("{text}")'
    return IP(_parsed(text, said))


def is_ip(text: str) -> bool:
    """``isIP(text)``."""
    try:
        ip(text)
    except EvaluationError:
        return False
    return True


def ip_is_canonical(text: str) -> bool:
    """``ip.isCanonical(text)``: whether it is the one way to write the address."""
    return str(ip(text).address) == text


def string_of_ip(value: IP) -> str:
    """``string(value)``."""
    return str(value.address)


def family(value: IP) -> int:
    """``value.family()``: 4 or 6."""
    return value.address.version


def is_unspecified(value: IP) -> bool:
    """``value.isUnspecified()``."""
    return value.address.is_unspecified


def is_loopback(value: IP) -> bool:
    """``value.isLoopback()``."""
    return value.address.is_loopback


def is_link_local_multicast(value: IP) -> bool:
    """``value.isLinkLocalMulticast()``: 224.0.0.0/24, or ff_2::/16."""
    packed = value.address.packed
    if value.address.version == 4:
        return packed[:3] == b"\xe0\x00\x00"
    return packed[0] == 0xFF and packed[1] & 0x0F == 0x02


def is_link_local_unicast(value: IP) -> bool:
    """``value.isLinkLocalUnicast()``."""
    return value.address.is_link_local


def is_global_unicast(value: IP) -> bool:
    """``value.isGlobalUnicast()``: private ones are."""
    address = value.address
    special = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not special and address.packed != b"\xff\xff\xff\xff"


def cidr(text: str) -> CIDR:
    """``cidr(text)``."""
    said = "network address parse error during conversion from string"
    address, slash, length = text.rpartition("/")
    hint = "write a range such as 192.0.2.0/24; isCIDR() tells"
    if not slash or not _LENGTH.fullmatch(length):
        raise EvaluationError(f"{said}: invalid CIDR", hint=hint)
    parsed = _parsed(address, said)
    if int(length) > parsed.max_prefixlen:
        raise EvaluationError(f"{said}: prefix length out of range", hint=hint)
    return CIDR(parsed, int(length))


def is_cidr(text: str) -> bool:
    """``isCIDR(text)``."""
    try:
        cidr(text)
    except EvaluationError:
        return False
    return True


def string_of_cidr(value: CIDR) -> str:
    """``string(value)``."""
    return f"{value.address}/{value.bits}"


def _prefix(address: IPv4Address | IPv6Address, bits: int) -> int:
    return int(address) >> (address.max_prefixlen - bits)


def contains_ip(value: CIDR, other: IP) -> bool:
    """``value.containsIP(other)``."""
    if value.address.version != other.address.version:
        return False
    return _prefix(value.address, value.bits) == _prefix(other.address, value.bits)


def contains_ip_string(value: CIDR, other: str) -> bool:
    """``value.containsIP(other)``."""
    return contains_ip(value, ip(other))


def contains_cidr(value: CIDR, other: CIDR) -> bool:
    """``value.containsCIDR(other)``."""
    return value.bits <= other.bits and contains_ip(value, IP(other.address))


def contains_cidr_string(value: CIDR, other: str) -> bool:
    """``value.containsCIDR(other)``."""
    return contains_cidr(value, cidr(other))


def prefix_length(value: CIDR) -> int:
    """``value.prefixLength()``."""
    return value.bits


def address_of(value: CIDR) -> IP:
    """``value.ip()``."""
    return IP(value.address)


def masked(value: CIDR) -> CIDR:
    """``value.masked()``: with the first address of the range."""
    network = ip_network((value.address, value.bits), strict=False)
    return CIDR(network.network_address, value.bits)
