"""Which texts count as credentials, and which names as those of secrets."""

from __future__ import annotations

import base64
import json

import pytest

from gateproof import engines, inputs
from gateproof.catalog import pack
from gateproof.engines.interface import Outcome, Result

NOW = "2026-11-23T05:00:00Z"
# In two parts, so that scanners of this repository leave them alone.
CREDENTIALS = {
    "a GitHub token": "gh" + "p_" + "a1B2" * 9,
    "a fine-grained GitHub token": "github" + "_pat_" + "a1B2" * 8,
    "a GitLab token": "gl" + "pat-" + "a1B2" * 5,
    "a Google API key": "AI" + "za" + "a1B2_" * 7,
    "a Slack token": "xo" + "xb-" + "1234567890-abc",
    "a Stripe key": "sk" + "_live_" + "a1B2" * 6,
    "a URL with a password": "postgres://cards:" + "hunter2@db.internal/cards",
    "a private key": "-----BEGIN " + "EC PRIVATE KEY-----",
    "an AWS access key": "AK" + "IAIOSFODNN7EXAMPLE",
    "a temporary AWS access key": "AS" + "IAIOSFODNN7EXAMPLE",
    "an npm token": "np" + "m_" + "a1B2" * 9,
}
NAMES = ["PASSWORD", "DB_PASSWORD", "dbPassword", "db-password", "API_KEY", "apiKey", "GITHUB_TOKEN", "client.secret"]
INNOCENT_NAMES = ["PWD", "DB_PASSWORD_ARN", "TOKEN_URL", "PASSWORD_FILE", "MAX_TOKENS", "KEY", "SECRETS_PATH"]
INNOCENT_TEXTS = [
    "",
    "info",
    "AKIA",
    "https://example.com/a:b@c",
    "https://user:${TOKEN}@example.com",
    "arn:aws:iam::123456789012:role/cards",
    "-----BEGIN PUBLIC KEY-----",
    "s3://acme-cards/AKIAIOSFODNN7EXAMPLEX",
]


def results(resource_type: str, values: dict[str, object]) -> list[Result]:
    name = "plaintext-secrets/policy.rego"
    (policy,) = pack.load({name: (pack.POLICIES / name).read_text(encoding="utf-8")})
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    resource = {"address": f"{resource_type}.cards", "mode": "managed", "type": resource_type, "name": "cards"}
    plan = {"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": [{**resource, "change": change}]}
    subject = inputs.parse(json.dumps(plan).encode())
    return list(engines.engine_for(policy.engine).evaluate(policy, subject, {}, now=NOW))


def judged(resource_type: str, values: dict[str, object]) -> Outcome:
    (result,) = results(resource_type, values)
    return result.outcome


def of_variable(name: str, value: object) -> Outcome:
    return judged("aws_lambda_function", {"environment": [{"variables": {name: value}}]})


@pytest.mark.parametrize("text", CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_credentials_are_found_under_any_name(text: str) -> None:
    assert of_variable("CONFIG", f"a {text}") is Outcome.FAIL


@pytest.mark.parametrize("text", CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_credentials_are_found_in_scripts(text: str) -> None:
    script = f"#!/bin/sh\necho '{text}'\n"
    assert judged("aws_launch_template", {"user_data": script}) is Outcome.FAIL
    assert judged("aws_launch_template", {"user_data": base64.b64encode(script.encode()).decode()}) is Outcome.FAIL


@pytest.mark.parametrize("text", INNOCENT_TEXTS)
def test_other_texts_are_not(text: str) -> None:
    assert of_variable("CONFIG", text) is Outcome.PASS


@pytest.mark.parametrize("name", NAMES)
def test_names_tell_secrets(name: str) -> None:
    assert of_variable(name, "hunter2") is Outcome.FAIL
    assert of_variable(name, 12345) is Outcome.FAIL
    assert of_variable(name, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:cards") is Outcome.PASS
    assert of_variable(name, "true") is Outcome.PASS


@pytest.mark.parametrize("name", INNOCENT_NAMES)
def test_other_names_do_not(name: str) -> None:
    assert of_variable(name, "hunter2") is Outcome.PASS


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DB_PASSWORD=hunter2", Outcome.FAIL),
        ("  export DB_PASSWORD='hunter2'", Outcome.FAIL),
        ('true; API_TOKEN="abc" cards', Outcome.FAIL),
        ("DB_PASSWORD=$(fetch)", Outcome.PASS),
        ('DB_PASSWORD="$SECRET"', Outcome.PASS),
        ("DB_PASSWORD=`fetch`", Outcome.PASS),
        ("DB_PASSWORD=", Outcome.PASS),
        ("DB_HOST=db.internal", Outcome.PASS),
    ],
)
def test_assignments_in_scripts(line: str, expected: Outcome) -> None:
    assert judged("aws_instance", {"user_data": f"#!/bin/sh\n{line}\nexec cards\n"}) is expected


def test_messages_never_hold_the_secret() -> None:
    for text in CREDENTIALS.values():
        (result,) = results("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD": text}}]})
        assert result.findings
        assert all(text not in finding.message for finding in result.findings)
