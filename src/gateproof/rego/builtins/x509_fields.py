"""Certificates, requests and keys as OPA shows them: the fields of Go's structures in ``crypto/x509``.

Binary fields are in Base64, empty lists are null, algorithms and key usages are Go's numbers.
"""

from __future__ import annotations

import base64
import ipaddress
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from gateproof.errors import EvaluationError
from gateproof.rego.builtins import uris
from gateproof.rego.builtins.der import Element, elements, object_identifier
from gateproof.rego.errors import BuiltinError
from gateproof.rego.values import Value

Fields = dict[str, Value]

_NAME_FIELDS = {
    NameOID.COUNTRY_NAME: "Country",
    NameOID.LOCALITY_NAME: "Locality",
    NameOID.ORGANIZATION_NAME: "Organization",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OrganizationalUnit",
    NameOID.POSTAL_CODE: "PostalCode",
    NameOID.STATE_OR_PROVINCE_NAME: "Province",
    NameOID.STREET_ADDRESS: "StreetAddress",
}
_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
EXTENDED_KEY_USAGES = {
    "2.5.29.37.0": 0,
    "1.3.6.1.5.5.7.3.1": 1,
    "1.3.6.1.5.5.7.3.2": 2,
    "1.3.6.1.5.5.7.3.3": 3,
    "1.3.6.1.5.5.7.3.4": 4,
    "1.3.6.1.5.5.7.3.5": 5,
    "1.3.6.1.5.5.7.3.6": 6,
    "1.3.6.1.5.5.7.3.7": 7,
    "1.3.6.1.5.5.7.3.8": 8,
    "1.3.6.1.5.5.7.3.9": 9,
    "1.3.6.1.4.1.311.10.3.3": 10,
    "2.16.840.1.113730.4.1": 11,
    "1.3.6.1.4.1.311.2.1.22": 12,
    "1.3.6.1.4.1.311.61.1.1": 13,
}
_SIGNATURES = {
    "1.2.840.113549.1.1.2": 1,
    "1.2.840.113549.1.1.4": 2,
    "1.2.840.113549.1.1.5": 3,
    "1.2.840.113549.1.1.11": 4,
    "1.2.840.113549.1.1.12": 5,
    "1.2.840.113549.1.1.13": 6,
    "1.2.840.10040.4.3": 7,
    "2.16.840.1.101.3.4.3.2": 8,
    "1.2.840.10045.4.1": 9,
    "1.2.840.10045.4.3.2": 10,
    "1.2.840.10045.4.3.3": 11,
    "1.2.840.10045.4.3.4": 12,
    "1.3.101.112": 16,
}
_PSS = "1.2.840.113549.1.1.10"
_PSS_SIGNATURES = {"sha256": 13, "sha384": 14, "sha512": 15}
_HANDLED = {(2, 5, 29, arc) for arc in (14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54)}
_POLICY_MAPPINGS = (2, 5, 29, 33)


def certificate(cert: x509.Certificate) -> Fields:
    """Go's ``x509.Certificate``."""
    tbs = elements(elements(cert.tbs_certificate_bytes)[0].content)
    body = tbs[1:] if tbs[0].tag == 0xA0 else tbs
    raw_extensions = [part for part in tbs if part.tag == 0xA3]
    extensions = _extensions(elements(raw_extensions[0].content)[0]) if raw_extensions else []
    return {
        "Raw": _base64(cert.public_bytes(Encoding.DER)),
        "RawTBSCertificate": _base64(cert.tbs_certificate_bytes),
        "RawSubjectPublicKeyInfo": _base64(body[5].raw),
        "RawSubject": _base64(body[4].raw),
        "RawIssuer": _base64(body[2].raw),
        "Signature": _base64(cert.signature),
        "SignatureAlgorithm": _signature_algorithm(cert),
        **_public_key_fields(cert.public_key()),
        "Version": cert.version.value + 1,
        "SerialNumber": int.from_bytes(body[0].content, signed=True),
        "Issuer": name(cert.issuer),
        "Subject": name(cert.subject),
        "NotBefore": cert.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "NotAfter": cert.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Extensions": extensions or None,
        "ExtraExtensions": None,
        "UnhandledCriticalExtensions": unhandled_critical(extensions) or None,
        **_usage_fields(cert.extensions),
        **_alternative_names(cert.extensions),
        **_place_fields(cert.extensions),
        **_constraint_fields(cert.extensions),
        **_policy_fields(cert.extensions, extensions),
    }


def request(csr: x509.CertificateSigningRequest) -> Fields:
    """Go's ``x509.CertificateRequest``."""
    info = elements(elements(csr.tbs_certrequest_bytes)[0].content)
    attributes, extensions = _attributes(info[3]) if len(info) > 3 else ([], [])
    return {
        "Raw": _base64(csr.public_bytes(Encoding.DER)),
        "RawTBSCertificateRequest": _base64(csr.tbs_certrequest_bytes),
        "RawSubjectPublicKeyInfo": _base64(info[2].raw),
        "RawSubject": _base64(info[1].raw),
        "Version": int.from_bytes(info[0].content),
        "Signature": _base64(csr.signature),
        "SignatureAlgorithm": _signature_algorithm(csr),
        **_public_key_fields(csr.public_key()),
        "Subject": name(csr.subject),
        "Attributes": attributes or None,
        "Extensions": extensions or None,
        "ExtraExtensions": None,
        **_alternative_names(csr.extensions),
    }


def _attributes(part: Element) -> tuple[list[Value], list[Value]]:
    attributes: list[Value] = []
    extensions: list[Value] = []
    for attribute in elements(part.content):
        kind, values = elements(attribute.content)
        sets = [_extensions(each) for each in elements(values.content)]
        if object_identifier(kind.content) != [1, 2, 840, 113549, 1, 9, 14] or any(
            each["Critical"] for group in sets for each in group
        ):
            raise EvaluationError(
                "a certificate request has attributes that are not offered", hint="use requests with plain extensions"
            )
        pairs = [[{"Type": each["Id"], "Value": each["Value"]} for each in group] for group in sets]
        attributes.append({"Type": object_identifier(kind.content), "Value": pairs})
        extensions += [each for group in sets for each in group]
    return attributes, extensions


def _extensions(sequence: Element) -> list[Fields]:
    found: list[Fields] = []
    for extension in elements(sequence.content):
        kind, *critical, value = elements(extension.content)
        found.append(
            {
                "Id": object_identifier(kind.content),
                "Critical": bool(critical and critical[0].content != b"\0"),
                "Value": _base64(value.content),
            }
        )
    return found


def unhandled_critical(extensions: list[Fields]) -> list[Value]:
    """The critical extensions that Go's verification does not understand."""
    return [each["Id"] for each in extensions if each["Critical"] and tuple(each["Id"]) not in _HANDLED]


def name(subject: x509.Name) -> Fields:
    """Go's ``pkix.Name``; of single-valued fields the last."""
    fields: Fields = dict.fromkeys(_NAME_FIELDS.values()) | {"CommonName": "", "SerialNumber": "", "ExtraNames": None}
    names: list[Value] = []
    for attribute in subject:
        names.append({"Type": _arcs(attribute.oid), "Value": attribute.value})
        if attribute.oid in _NAME_FIELDS:
            field = _NAME_FIELDS[attribute.oid]
            fields[field] = [*(fields[field] or []), attribute.value]
        elif attribute.oid == NameOID.COMMON_NAME:
            fields["CommonName"] = attribute.value
        elif attribute.oid == NameOID.SERIAL_NUMBER:
            fields["SerialNumber"] = attribute.value
    return {**fields, "Names": names or None}


def _signature_algorithm(signed: x509.Certificate | x509.CertificateSigningRequest) -> int:
    identifier = signed.signature_algorithm_oid.dotted_string
    if identifier == _PSS:
        digest = signed.signature_hash_algorithm
        return _PSS_SIGNATURES.get(digest.name if digest else "", 0)
    return _SIGNATURES.get(identifier, 0)


def _public_key_fields(key: Any) -> Fields:
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"PublicKeyAlgorithm": 1, "PublicKey": {"E": numbers.e, "N": numbers.n}}
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        return {"PublicKeyAlgorithm": 3, "PublicKey": {"Curve": {}, "X": point.x, "Y": point.y}}
    if isinstance(key, ed25519.Ed25519PublicKey):
        return {"PublicKeyAlgorithm": 4, "PublicKey": _base64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))}
    raise EvaluationError("a certificate has a key of an unusual kind", hint="use RSA, ECDSA or Ed25519 keys")


def private_key(key: Any) -> Value:
    """Go's ``rsa.PrivateKey``, ``ecdsa.PrivateKey`` or ``ed25519.PrivateKey``."""
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        return {
            **_public_key_fields(key.public_key())["PublicKey"],
            "D": numbers.d,
            "Primes": [numbers.p, numbers.q],
            "Precomputed": {"Dp": numbers.dmp1, "Dq": numbers.dmq1, "Qinv": numbers.iqmp, "CRTValues": []},
        }
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {**_public_key_fields(key.public_key())["PublicKey"], "D": key.private_numbers().private_value}
    if isinstance(key, ed25519.Ed25519PrivateKey):
        seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return _base64(seed + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    raise EvaluationError("a private key is of an unusual kind", hint="use RSA, ECDSA or Ed25519 keys")


def _usage_fields(extensions: x509.Extensions) -> Fields:
    usage = _value(extensions, x509.KeyUsage)
    bits = 0
    if usage is not None:
        bits = sum(getattr(usage, field) << place for place, field in enumerate(_KEY_USAGES))
        if usage.key_agreement:
            bits |= usage.encipher_only << 7 | usage.decipher_only << 8
    extended = [each.dotted_string for each in _value(extensions, x509.ExtendedKeyUsage) or ()]
    basic = _value(extensions, x509.BasicConstraints)
    length = 0 if basic is None else -1 if basic.path_length is None else basic.path_length
    return {
        "KeyUsage": bits,
        "ExtKeyUsage": [EXTENDED_KEY_USAGES[each] for each in extended if each in EXTENDED_KEY_USAGES] or None,
        "UnknownExtKeyUsage": [
            [int(arc) for arc in each.split(".")] for each in extended if each not in EXTENDED_KEY_USAGES
        ]
        or None,
        "BasicConstraintsValid": basic is not None,
        "IsCA": basic is not None and basic.ca,
        "MaxPathLen": length,
        "MaxPathLenZero": basic is not None and length == 0,
    }


def _alternative_names(extensions: x509.Extensions) -> Fields:
    names = _value(extensions, x509.SubjectAlternativeName)
    return {
        "DNSNames": (names and names.get_values_for_type(x509.DNSName)) or None,
        "EmailAddresses": (names and names.get_values_for_type(x509.RFC822Name)) or None,
        "IPAddresses": [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] or None if names else None,
        "URIs": [_url(uri) for uri in names.get_values_for_type(x509.UniformResourceIdentifier)] or None
        if names
        else None,
    }


def uri_strings(cert: x509.Certificate) -> list[Value] | None:
    """The URIs that a certificate is for, as OPA adds them to Go's fields."""
    names = _value(cert.extensions, x509.SubjectAlternativeName)
    found: list[Value] = list(names.get_values_for_type(x509.UniformResourceIdentifier)) if names else []
    return found or None


def _url(text: str) -> Fields:
    """Go's ``url.URL``."""
    try:
        parts = uris.parse(text)
    except BuiltinError as error:
        raise ValueError(error.message) from None
    raw = parts.get("raw_path", "")
    opaque = "" if "path" in parts else text.partition(":")[2].partition("#")[0].partition("?")[0]
    return {
        "Scheme": parts["scheme"],
        "Opaque": opaque,
        "User": {} if "@" in text.partition("//")[2].partition("/")[0] else None,
        "Host": uris.host(text),
        "Path": parts.get("path", ""),
        "RawPath": raw if raw != uris.escape(parts.get("path", "")) else "",
        "OmitHost": False,
        "ForceQuery": text.partition("#")[0].endswith("?"),
        "RawQuery": parts["raw_query"],
        "Fragment": parts["fragment"],
        "RawFragment": "",
    }


def _place_fields(extensions: x509.Extensions) -> Fields:
    own = _value(extensions, x509.SubjectKeyIdentifier)
    authority = _value(extensions, x509.AuthorityKeyIdentifier)
    access = list(_value(extensions, x509.AuthorityInformationAccess) or ())
    points = [point.full_name or () for point in _value(extensions, x509.CRLDistributionPoints) or ()]
    kinds = x509.oid.AuthorityInformationAccessOID
    return {
        "SubjectKeyId": _base64(own.digest) if own else None,
        "AuthorityKeyId": _base64(authority.key_identifier) if authority and authority.key_identifier else None,
        "OCSPServer": [each.access_location.value for each in access if each.access_method == kinds.OCSP] or None,
        "IssuingCertificateURL": [
            each.access_location.value for each in access if each.access_method == kinds.CA_ISSUERS
        ]
        or None,
        "CRLDistributionPoints": [each.value for point in points for each in point] or None,
    }


def _constraint_fields(extensions: x509.Extensions) -> Fields:
    constraints = _value(extensions, x509.NameConstraints)
    critical = constraints is not None and extensions.get_extension_for_class(x509.NameConstraints).critical
    fields: Fields = {"PermittedDNSDomainsCritical": critical}
    for side, names in (
        ("Permitted", constraints.permitted_subtrees if constraints else None),
        ("Excluded", constraints.excluded_subtrees if constraints else None),
    ):
        for label, kind in (
            ("DNSDomains", x509.DNSName),
            ("EmailAddresses", x509.RFC822Name),
            ("URIDomains", x509.UniformResourceIdentifier),
        ):
            fields[side + label] = [each.value for each in names or () if isinstance(each, kind)] or None
        ranges = [each.value for each in names or () if isinstance(each, x509.IPAddress)]
        fields[f"{side}IPRanges"] = [_ip_range(each) for each in ranges] or None
    return fields


def _ip_range(network: Any) -> Fields:
    if not isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network):
        raise ValueError("a name constraint without a network")
    return {"IP": str(network.network_address), "Mask": _base64(network.netmask.packed)}


def _policy_fields(extensions: x509.Extensions, raw: list[Fields]) -> Fields:
    if any(tuple(each["Id"]) == _POLICY_MAPPINGS for each in raw):
        raise EvaluationError("a certificate has policy mappings, which are not offered", hint="read its other fields")
    policies = [each.policy_identifier for each in _value(extensions, x509.CertificatePolicies) or ()]
    limits = _value(extensions, x509.PolicyConstraints)
    inhibit = _value(extensions, x509.InhibitAnyPolicy)
    explicit = limits.require_explicit_policy if limits else None
    mapping = limits.inhibit_policy_mapping if limits else None
    skip = inhibit.skip_certs if inhibit else None
    return {
        "Policies": [each.dotted_string for each in policies] or None,
        "PolicyIdentifiers": [_arcs(each) for each in policies] or None,
        "PolicyMappings": None,
        "RequireExplicitPolicy": explicit or 0,
        "RequireExplicitPolicyZero": explicit == 0,
        "InhibitPolicyMapping": mapping or 0,
        "InhibitPolicyMappingZero": mapping == 0,
        "InhibitAnyPolicy": skip or 0,
        "InhibitAnyPolicyZero": skip == 0,
    }


def _value(extensions: x509.Extensions, kind: Any) -> Any:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _arcs(identifier: x509.ObjectIdentifier) -> list[Value]:
    return [int(arc) for arc in identifier.dotted_string.split(".")]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
