"""Encodings, URLs, units, versions, addresses, UUIDs, digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateproof.errors import BudgetError
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import UNDEFINED, RegoSet

Call = Callable[..., Any]
S = RegoSet.of
TIME_UUID = "d5f9a0de-6d4d-11ee-b962-0242ac120002"


@pytest.mark.parametrize(
    ("name", "operands", "result"),
    [
        ("base64.encode", ["é"], "w6k="),
        ("base64.decode", ["YW\nI="], "ab"),
        ("base64.is_valid", ["YQ"], False),
        ("base64url.decode", ["-_8"], "\udcfb\udcff"),
        ("base64url.encode_no_pad", ["a"], "YQ"),
        ("hex.encode", ["é"], "c3a9"),
        ("hex.decode", ["c3a9"], "é"),
        ("urlquery.encode", ["a b&é~"], "a+b%26%C3%A9~"),
        ("urlquery.decode", ["a+b%26"], "a b&"),
        ("urlquery.encode_object", [{"b": S(["y", "x"]), "a": "1"}], "a=1&b=x&b=y"),
        ("urlquery.decode_object", ["a=1&b&a=2"], {"a": ["1", "2"], "b": [""]}),
        ("uri.is_valid", ["http://[::1"], False),
        ("units.parse", ["10Ki"], 10240),
        ("units.parse", ["200m"], 0.2),
        ("units.parse", ["1.5M"], 1_500_000),
        ("units.parse_bytes", ["1.1KB"], 1100),
        ("units.parse_bytes", ["2MiB"], 2 << 20),
        ("semver.compare", ["1.2.3-alpha.1", "1.2.3-alpha.beta"], -1),
        ("semver.compare", ["v1.10.0", "1.9.0"], 1),
        ("semver.is_valid", ["1.2"], False),
        ("net.cidr_contains", ["10.0.0.0/8", "10.1.2.3"], True),
        ("net.cidr_contains", ["10.0.0.0/16", "10.0.0.0/8"], False),
        ("net.cidr_contains", ["::ffff:10.0.0.0/104", "10.1.1.1"], True),
        ("net.cidr_intersects", ["192.168.0.0/16", "192.168.1.0/24"], True),
        ("net.cidr_is_valid", ["01.2.3.4/8"], False),
        ("net.cidr_expand", ["10.0.0.0/31"], S(["10.0.0.0", "10.0.0.1"])),
        ("net.cidr_merge", [["192.0.2.0/25", "192.0.2.128/25"]], S(["192.0.2.0/24"])),
        ("net.cidr_contains_matches", ["1.1.1.0/24", ["1.1.1.1", "2.2.2.2"]], S([["1.1.1.0/24", 0]])),
        ("uuid.parse", ["nope"], UNDEFINED),
        ("crypto.md5", ["foo"], "acbd18db4cc2f85cedef654fccc4a4d8"),
        ("crypto.sha1", ["foo"], "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"),
        ("crypto.hmac.equal", ["a", "b"], False),
    ],
)
def test_gives(call: Call, name: str, operands: list[Any], result: Any) -> None:
    assert call(name, *operands) == result


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("base64.decode", ["YQ=x"], "illegal base64 data at input byte 2"),
        ("base64.decode", ["YQ"], "illegal base64 data at input byte 0"),
        ("hex.decode", ["6g"], "invalid byte: U+0067 'g'"),
        ("hex.decode", ["abc"], "odd length hex string"),
        ("urlquery.decode", ["%zz"], 'invalid URL escape "%zz"'),
        ("urlquery.encode_object", [{"a": 1}], "values must be string, array[string], or set[string]"),
        ("uri.parse", ["http://h:ab/"], 'invalid port ":ab" after host'),
        ("units.parse", [" 1"], "spaces not allowed in resource strings"),
        ("units.parse", ["K"], "no amount provided"),
        ("units.parse", ["1X"], "unit X not recognized"),
        ("units.parse_bytes", ["1.2.3"], "could not parse byte amount to a number"),
        ("semver.compare", ["1", "1.2.3"], 'operand 1: string "1" is not a valid SemVer'),
        ("net.cidr_contains", ["10.0.0.0", "10.0.0.1"], "invalid CIDR address: 10.0.0.0"),
        ("net.cidr_contains_matches", ["10.0.0.0/8", [1]], "operand 2: element must be string or non-empty array"),
        ("net.cidr_merge", [["::1"]], "IPv6 invalid: needs prefix length"),
    ],
)
def test_refuses(call: Call, name: str, operands: list[Any], message: str) -> None:
    with pytest.raises(BuiltinError) as caught:
        call(name, *operands)
    assert message in caught.value.message


def test_a_url_is_taken_apart(call: Call) -> None:
    assert call("uri.parse", "HTTPS://u:p@[fe80::1%25en0]:443/a%2Fb?q=1#f") == {
        "scheme": "https",
        "hostname": "fe80::1%en0",
        "port": "443",
        "path": "/a/b",
        "raw_path": "/a%2Fb",
        "raw_query": "q=1",
        "fragment": "f",
    }


def test_a_time_based_uuid_tells_time_and_node(call: Call) -> None:
    assert call("uuid.parse", "{" + TIME_UUID + "}") == {
        "version": 1,
        "variant": "RFC4122",
        "time": 1697589156488009400,
        "nodeid": "02-42-ac-12-00-02",
        "macvariables": "local:unicast",
        "clocksequence": 14690,
    }


def test_random_values_come_from_the_seed_alone(call: Call) -> None:
    assert call("uuid.rfc4122", "k") == call("uuid.rfc4122", "k") != call("uuid.rfc4122", "l")
    assert call("uuid.parse", call("uuid.rfc4122", "k")) == {"version": 4, "variant": "RFC4122"}
    assert call("rand.intn", "k", 1000) == call("rand.intn", "k", -1000) in range(1000)
    assert call("rand.intn", "k", 0) == 0


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("net.cidr_expand", ["::/0"]),
        ("net.cidr_expand", ["10.0.0.0/8"]),
        ("net.cidr_contains_matches", [["10.0.0.0/8"] * 100, ["10.0.0.1"] * 100]),
        ("units.parse", ["1e99999"]),
        ("units.parse_bytes", ["1" * 9000]),
    ],
)
def test_work_is_paid_for(poor_call: Call, name: str, operands: list[Any]) -> None:
    with pytest.raises(BudgetError):
        poor_call(name, *operands)
