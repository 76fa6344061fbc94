"""IP addresses and networks in CIDR notation, both versions, as Go's package ``net`` reads and writes them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gateproof.rego.builtins.operands import collection, fail, string
from gateproof.rego.context import Context
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import RegoSet, Value, object_keys
from gateproof.rego.values import key as key_of

_PREFIX_LENGTH = re.compile(r"[0-9]{1,6}")
_MAPPED = 0xFFFF << 32  # where IPv6 has the IPv4 addresses
_IPV4_END = 1 << 32


class Network(NamedTuple):
    """All addresses from ``first`` to ``last``; ``bits`` is 32 or 128."""

    bits: int
    first: int
    last: int

    def contains(self, other: Network) -> bool:
        return self.bits == other.bits and self.first <= other.first and other.last <= self.last

    def meets(self, address: int, bits: int) -> bool:
        return self.bits == bits and self.first <= address <= self.last


def parse_address(text: str) -> Network | None:
    """The address that ``text`` writes, as a network of one; IPv4 in IPv6's notation is IPv4."""
    if "%" in text or "/" in text or not text.isascii():
        return None
    try:
        address = int(ipaddress.IPv6Address(text)) if ":" in text else int(ipaddress.IPv4Address(text))
    except ValueError:
        return None
    if ":" not in text:
        return Network(32, address, address)
    if address - _MAPPED in range(_IPV4_END):
        return Network(32, address - _MAPPED, address - _MAPPED)
    return Network(128, address, address)


def parse_network(text: str) -> Network:
    """The network that ``text`` writes; bits behind the prefix do not matter."""
    address_text, slash, prefix_text = text.partition("/")
    address = parse_address(address_text)
    size = 128 if ":" in address_text else 32
    if address is None or not slash or not _PREFIX_LENGTH.fullmatch(prefix_text) or int(prefix_text) > size:
        raise fail(f"invalid CIDR address: {text}")
    value = address.first + (_MAPPED if address.bits < size else 0)
    span = (1 << (size - int(prefix_text))) - 1
    first, last = value & ~span, value | span
    if size == 128 and first - _MAPPED in range(_IPV4_END):
        return Network(32, first - _MAPPED, last - _MAPPED)
    return Network(size, first, last)


def net_cidr_is_valid(text: Value) -> bool:
    if type(text) is not str:
        return False
    try:
        parse_network(text)
    except BuiltinError:
        return False
    return True


def net_cidr_contains(network: Value, other: Value) -> bool:
    """Whether an address or a network is inside of ``network``."""
    return parse_network(string(network, 1)).contains(_address_or_network(other))


net_cidr_overlap = net_cidr_contains


def _address_or_network(text: Value) -> Network:
    address = parse_address(string(text, 1))
    if address is not None:
        return address
    if not net_cidr_is_valid(text):
        raise fail(f"not a valid textual representation of an IP address or CIDR: {text}")
    return parse_network(text)


def net_cidr_intersects(left: Value, right: Value) -> bool:
    one, other = parse_network(string(left, 1)), parse_network(string(right, 1))
    return one.meets(other.first, other.bits) or other.meets(one.first, one.bits)


def net_cidr_expand(ctx: Context, text: Value) -> RegoSet:
    """All addresses of a network."""
    network = parse_network(string(text, 1))
    size = network.last - network.first + 1
    ctx.check_size(size)
    ctx.spend(4 * size)
    write = ipaddress.IPv4Address if network.bits == 32 else ipaddress.IPv6Address
    texts = [str(write(address)) for address in range(network.first, network.last + 1)]
    return RegoSet(dict(zip(texts, texts, strict=True)))


def net_cidr_contains_matches(ctx: Context, networks: Value, others: Value) -> RegoSet:
    """The pairs of keys whose network contains whose address or network."""
    parsed: dict[tuple[int, str], Network] = {}

    def read(side: int, text: Value, parse: Callable[[Value], Network]) -> Network:
        known = parsed.get((side, string(text, 1)))
        if known is None:
            known = parsed[side, text] = parse(text)
        return known

    pairs: list[Value] = []
    inner = list(_named(others, 2)) if _has_members(networks) else []
    for network, name in _named(networks, 1):
        ctx.spend(5 + 4 * len(inner))
        for other, other_name in inner:
            if read(1, network, lambda text: parse_network(string(text, 1))).contains(
                read(2, other, _address_or_network)
            ):
                pairs.append([name, other_name])
        ctx.check_size(len(pairs))
    return RegoSet.of(pairs)


def _has_members(value: Value) -> bool:
    return type(value) is str or (type(value) in (list, dict, RegoSet) and len(value) > 0)


def _named(value: Value, position: int) -> Iterator[tuple[Value, Value]]:
    """Each network text of an operand with the key by which results name it."""
    if type(value) is str:
        yield value, value
    elif type(value) is list:
        for index, item in enumerate(value):
            yield _text(item, position), index
    elif type(value) is RegoSet:
        for item in value:
            yield _text(item, position), item
    elif type(value) is dict:
        for name in object_keys(value):
            yield _text(value[key_of(name)], position), name


def _text(item: Value, position: int) -> Value:
    if type(item) is str:
        return item
    if type(item) is list and item:
        return item[0]
    raise fail(f"operand {position}: element must be string or non-empty array")


def net_cidr_merge(ctx: Context, texts: Value) -> RegoSet:
    """The fewest networks that cover the same addresses."""
    if type(texts) is not list and type(texts) is not RegoSet:
        raise fail("operand must be an array")
    items = collection(texts, 1)
    ctx.spend(10 * len(items))
    named = [(_mergeable(item), item) for item in items]
    # On one line of addresses, by their ends: IPv4 where IPv6 has it.
    line = sorted((_on_line(network), network.bits, text) for network, text in named)
    merged: list[tuple[int, int, str | None]] = []
    for (last, first), _, text in reversed(line):
        if merged and merged[-1][0] - (merged[-1][0] not in (0, _MAPPED)) <= last:
            start, end, _unused = merged[-1]
            merged[-1] = (min(start, first), end, None)
        else:
            merged.append((first, last, text))
    return RegoSet.of(text for each in merged for text in _write(*each))


def _on_line(network: Network) -> tuple[int, int]:
    offset = _MAPPED if network.bits == 32 else 0
    return network.last + offset, network.first + offset


def _mergeable(item: Value) -> Network:
    if type(item) is not str:
        raise fail("element must be string")
    address = parse_address(item)
    if address is None:
        return parse_network(item)
    if address.bits == 128:
        raise fail("IPv6 invalid: needs prefix length")
    return parse_network(_with_class(item))


def _with_class(text: str) -> str:
    """A bare IPv4 address is taken as the network of its historical class."""
    address = str(ipaddress.IPv4Address(parse_address(text).first))  # type: ignore[union-attr]  # the caller read it before
    leading = int(address.partition(".")[0])
    return f"{address}/{8 if leading < 128 else 16 if leading < 192 else 24}"


def _write(first: int, last: int, text: str | None) -> Iterator[str]:
    """The networks from ``first`` to ``last``; one that was not merged is written as Go writes it."""
    if text is not None:
        if "/" not in text:
            yield _with_class(text)
            return
        network = parse_network(text)
        yield str(_summary(*network)[0])
        return
    bits = 32 if first in range(_MAPPED, _MAPPED + _IPV4_END) and last < _MAPPED + _IPV4_END else 128
    offset = _MAPPED if bits == 32 else 0
    yield from map(str, _summary(bits, first - offset, last - offset))


def _summary(bits: int, first: int, last: int) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    if bits == 32:
        return list(ipaddress.summarize_address_range(ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)))
    return list(ipaddress.summarize_address_range(ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)))
