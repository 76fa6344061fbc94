"""Kyverno's functions on objects and lists, and those that read JSON, YAML and certificates."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from gateproof.engines.kyverno.jmespath.errors import JmespathError
from gateproof.engines.kyverno.jmespath.interface import Function, Hidden
from gateproof.engines.kyverno.jmespath.texts import written
from gateproof.engines.kyverno.jmespath.values import equal, is_number
from gateproof.rego.builtins import json_text, yaml_text
from gateproof.rego.context import Context

_PEM = re.compile(
    r"-----BEGIN (?P<type>CERTIFICATE|CERTIFICATE REQUEST)-----\s(?P<body>[A-Za-z0-9+/=\s]*)-----END (?P=type)-----"
)
_LONGEST_CERTIFICATE = 65_536
_CERTIFICATE_COST = 500


def _lookup(_: Context, where: Any, key: Any) -> Any:
    if isinstance(where, dict):
        if not isinstance(key, str):
            raise JmespathError("lookup(): the key of an object is a string")
        return where.get(key)
    if not is_number(key) or key != int(key):
        raise JmespathError("lookup(): the index of a list is an integer")
    return where[int(key)] if 0 <= key < len(where) else None


def _items(ctx: Context, value: Any, key_name: str, value_name: str) -> list[Any]:
    ctx.spend(len(value))
    pairs = ((key, value[key]) for key in sorted(value)) if isinstance(value, dict) else enumerate(value)
    return [{key_name: key, value_name: member} for key, member in pairs]


def _object_from_lists(ctx: Context, keys: list[Any], values: list[Any]) -> dict[str, Any]:
    ctx.spend(len(keys))
    made = {}
    for place, key in enumerate(keys):
        if isinstance(key, bool):
            name = "true" if key else "false"
        elif isinstance(key, str) or is_number(key):
            name = written(key)
        else:
            raise JmespathError("object_from_lists(): keys are strings")
        made[name] = values[place] if place < len(values) else None
    return made


def _label_match(ctx: Context, wanted: dict[str, Any], labels: dict[str, Any]) -> bool:
    ctx.spend(len(wanted))
    return all(key in labels and equal(value, labels[key]) for key, value in wanted.items())


def _x509_decode(ctx: Context, text: str) -> dict[str, Any]:
    """The fields of Go's ``x509.Certificate`` or ``x509.CertificateRequest`` with an RSA key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from gateproof.rego.builtins import x509_fields

    ctx.spend(_CERTIFICATE_COST + len(text) // 8)
    found = _PEM.search(text) if len(text) <= _LONGEST_CERTIFICATE else None
    if found is None:
        raise JmespathError("x509_decode(): there is no certificate or request in PEM")
    try:
        raw = base64.b64decode("".join(found["body"].split()), validate=True)
        read: Any = x509.load_der_x509_certificate(raw) if found["type"] == "CERTIFICATE" else None
        read = read or x509.load_der_x509_csr(raw)
        key = read.public_key()
        if not isinstance(key, RSAPublicKey):
            raise JmespathError("x509_decode(): only certificates with RSA keys are decoded")
        fields = x509_fields.certificate(read) if found["type"] == "CERTIFICATE" else x509_fields.request(read)
    except (ValueError, TypeError, binascii.Error) as error:
        if isinstance(error, JmespathError):
            raise
        raise JmespathError(f"x509_decode(): {error}") from None
    numbers = key.public_numbers()
    return {**fields, "PublicKey": {"N": str(numbers.n), "E": numbers.e}}


FUNCTIONS = (
    Function("items", ("object|array", "string", "string"), _items, hidden=Hidden.MEMBERS),
    Function("label_match", ("object", "object"), _label_match),
    Function("lookup", ("object|array", "string|number"), _lookup, hidden=Hidden.MEMBERS),
    Function("object_from_lists", ("array", "array"), _object_from_lists, hidden=Hidden.MEMBERS),
    Function("parse_json", ("string",), json_text.json_unmarshal),
    Function("parse_yaml", ("string",), yaml_text.yaml_unmarshal),
    Function("x509_decode", ("string",), _x509_decode),
)
