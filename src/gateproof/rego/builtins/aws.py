"""``providers.aws.sign_req``: Signature Version 4 of AWS, on a request as ``http.send`` would take it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from gateproof.rego.builtins import uris
from gateproof.rego.builtins.json_text import to_text
from gateproof.rego.builtins.operands import number, object_, wrong_operand, wrong_type
from gateproof.rego.builtins.quoting import encode_utf8, quote
from gateproof.rego.builtins.sizes import charge_for
from gateproof.rego.context import Context
from gateproof.rego.values import Value

_REQUEST_KEYS = frozenset(
    {
        "body",
        "cache",
        "cache_ignored_headers",
        "caching_mode",
        "enable_redirect",
        "force_cache",
        "force_cache_duration_seconds",
        "force_json_decode",
        "force_yaml_decode",
        "headers",
        "max_retry_attempts",
        "method",
        "raise_error",
        "raw_body",
        "timeout",
        "tls_ca_cert",
        "tls_ca_cert_env_variable",
        "tls_ca_cert_file",
        "tls_client_cert",
        "tls_client_cert_env_variable",
        "tls_client_cert_file",
        "tls_client_key",
        "tls_client_key_env_variable",
        "tls_client_key_file",
        "tls_insecure_skip_verify",
        "tls_server_name",
        "tls_use_system_certs",
        "url",
    }
)
_REQUIRED = frozenset({"method", "url"})
_CONFIGURATION = frozenset({"aws_access_key", "aws_region", "aws_secret_access_key", "aws_service"})
_UNSIGNED = frozenset({"authorization", "user-agent", "x-amzn-trace-id"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT64 = range(-(2**63), 2**63)


def providers_aws_sign_req(ctx: Context, request: Value, configuration: Value, time_ns: Value) -> dict[str, Value]:
    """The request with the headers that authorise it at ``time_ns``."""
    charge_for(ctx, request)
    ctx.spend(100)
    wanted, config = object_(request, 1), object_(configuration, 1)
    _check_configuration(config)
    moment = number(time_ns, 1)
    if type(moment) is not int or moment not in _INT64:
        raise wrong_operand(3, "could not convert time_ns value into a unix timestamp")
    _check_request(wanted)
    headers = wanted.get("headers", {})
    if type(headers) is not dict:
        raise wrong_type(0, headers, "object")
    unsigned_body = config.get("disable_payload_signing", False)
    if type(unsigned_body) is not bool:
        raise wrong_operand(2, "invalid value for 'disable_payload_signing' in AWS config")
    digest = "UNSIGNED-PAYLOAD" if unsigned_body else hashlib.sha256(_body(wanted)).hexdigest()
    kept = {_text(name): _text(value) for name, value in headers.items()}
    added = _sign(wanted, config, kept, digest, _EPOCH + timedelta(seconds=moment // 10**9))
    return {**wanted, "headers": {**kept, **added}}


def _check_configuration(config: dict[Any, Value]) -> None:
    missing = _CONFIGURATION - config.keys()
    if missing:
        raise wrong_operand(2, f"missing required AWS config parameters(s): {_set_text(missing)}")
    invalid = {name for name in _CONFIGURATION if type(config[name]) is not str}
    if invalid:
        raise wrong_operand(2, f"invalid values for required AWS config parameters(s): {_set_text(invalid)}")


def _check_request(request: dict[Any, Value]) -> None:
    unknown = {str(name) for name in request.keys() - _REQUEST_KEYS}
    if unknown:
        raise wrong_operand(1, f"invalid request parameters(s): {_set_text(unknown)}")
    if _REQUIRED - request.keys():
        raise wrong_operand(1, f"missing required request parameters(s): {_set_text(_REQUIRED - request.keys())}")
    invalid = {name for name in _REQUIRED if type(request[name]) is not str}
    if invalid:
        raise wrong_operand(1, f"invalid values for required request parameters(s): {_set_text(invalid)}")


def _set_text(names: set[str] | frozenset[str]) -> str:
    return f"{{{', '.join(map(quote, sorted(names)))}}}"


def _text(value: Value) -> str:
    return value if type(value) is str else ""


def _body(request: dict[Any, Value]) -> bytes:
    if "raw_body" in request:
        return encode_utf8(_text(request["raw_body"]))
    return encode_utf8(to_text(request["body"])) if "body" in request else b""


def _sign(
    request: dict[Any, Value], config: dict[Any, Value], headers: dict[str, str], digest: str, now: datetime
) -> dict[str, str]:
    """The headers to add, ``Authorization`` among them."""
    url = uris.parse(request["url"])
    region, service = config["aws_region"], config["aws_service"]
    date, time = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    added = {"host": uris.host(request["url"]), "x-amz-date": time}
    if service in ("s3", "glacier"):
        added["x-amz-content-sha256"] = digest
    if _text(config.get("aws_session_token")):
        added["x-amz-security-token"] = config["aws_session_token"]
    signed = added | {name.lower(): text for name, text in headers.items() if name.lower() not in _UNSIGNED}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = "\n".join((request["method"], url.get("raw_path", ""), url.get("raw_query", ""), lines, names, digest))
    scope = f"{date}/{region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(encode_utf8(canonical)).hexdigest()}"
    key = encode_utf8("AWS4" + config["aws_secret_access_key"])
    for part in (date, region, service, "aws4_request", to_sign):
        key = hmac.new(key, encode_utf8(part), "sha256").digest()
    credential = f"Credential={config['aws_access_key']}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 {credential},SignedHeaders={names},Signature={key.hex()}"
    return {**added, "Authorization": authorization}
