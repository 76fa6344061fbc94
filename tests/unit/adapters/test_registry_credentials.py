"""Credentials as docker keeps them: found by host, never shown, and not taken from a file that others can write."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from gateproof.adapters.registry_credentials import Credentials, DockerConfig
from gateproof.errors import ConfigError

SECRET = "the-password"
AUTH = base64.b64encode(f"ann:{SECRET}".encode()).decode()


def config(folder: Path, value: Any) -> DockerConfig:
    path = folder / "config.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    path.chmod(0o600)
    return DockerConfig(path)


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("registry.example", "registry.example"),
        ("registry.example:5000", "registry.example:5000"),
        ("https://registry.example/v1/", "registry.example"),
        ("http://registry.example", "registry.example"),
        ("https://index.docker.io/v1/", "docker.io"),
    ],
)
def test_an_entry_is_for_its_host(tmp_path: Path, entry: str, host: str) -> None:
    found = config(tmp_path, {"auths": {"other.example": {"auth": "eDp5"}, entry: {"auth": AUTH}}})
    assert found.credentials(host) == Credentials("ann", SECRET)
    for other in ("example", "registry.example.evil.example", "registry.example:1", "evil.example"):
        assert found.credentials(other) is None


def test_all_forms_of_an_entry(tmp_path: Path) -> None:
    entries = {
        "a.example": {"username": "ann", "password": SECRET},
        "b.example": {"identitytoken": "token"},
        "c.example": {},
        "d.example": {"auth": base64.b64encode(b"ann:a:b").decode()},
    }
    found = config(tmp_path, {"auths": entries, "HttpHeaders": {}, "detachKeys": "x"})
    assert found.credentials("a.example") == Credentials("ann", SECRET)
    assert found.credentials("b.example") == Credentials(identity_token="token")
    assert found.credentials("c.example") is None
    assert found.credentials("d.example") == Credentials("ann", "a:b")


def test_no_file_is_no_credentials(tmp_path: Path) -> None:
    assert DockerConfig(tmp_path / "no" / "config.json").credentials("registry.example") is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    found = config(tmp_path, {})
    (tmp_path / "config.json").chmod(mode)
    with pytest.raises(ConfigError, match="somebody else"):
        found.credentials("registry.example")


WRONG = [
    b"",
    b"[]",
    f'{{"auths": {{"a.example": {{"auth": 1}}}}, "secret": "{SECRET}"}}'.encode(),
    f'{{"auths": "{SECRET}"}}'.encode(),
    b"\xff",
    b'{"auths": ' * 50_000,
    json.dumps({"auths": {"a.example": {"auth": SECRET + "!"}}}).encode(),
    json.dumps({"auths": {"a.example": {"auth": "/w=="}}}).encode(),
    json.dumps({"credHelpers": {"a.example": "../evil"}}).encode(),
    json.dumps({"credHelpers": {"a.example": "there-is-no-such-helper"}}).encode(),
]


@pytest.mark.parametrize("raw", WRONG, ids=range(len(WRONG)))
def test_what_is_no_such_file_is_said_without_what_is_in_it(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, raw).credentials("a.example")
    assert caught.value.hint
    assert SECRET not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_pipe_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "huge").write_bytes(bytes(2 * 1024 * 1024))
    for path in (tmp_path / "pipe", tmp_path / "huge", tmp_path):
        with pytest.raises(ConfigError):
            DockerConfig(path).credentials("a.example")


HELPER = """#!/bin/sh
read -r host
test "$1 $host" = "get registry.example" || exit 1
printf '%s' '{answer}'
"""


def helper(folder: Path, answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "docker-credential-mine"
    program.write_text(HELPER.replace("{answer}", answer))
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("way", [{"credHelpers": {"registry.example": "mine"}}, {"credsStore": "mine"}], ids=str)
def test_a_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: dict[str, Any]) -> None:
    helper(tmp_path, json.dumps({"ServerURL": "x", "Username": "ann", "Secret": SECRET}), monkeypatch)
    found = config(tmp_path, way)
    assert found.credentials("registry.example") == Credentials("ann", SECRET)
    assert found.credentials("other.example") is None


def test_a_helper_may_give_a_token_and_nonsense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {"credsStore": "mine"}
    helper(tmp_path, json.dumps({"Username": "<token>", "Secret": "token"}), monkeypatch)
    assert config(tmp_path, ours).credentials("registry.example") == Credentials(identity_token="token")
    helper(tmp_path, SECRET, monkeypatch)
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, ours).credentials("registry.example")
    assert SECRET not in str(caught.value)


def test_credentials_are_not_shown() -> None:
    for text in (
        repr(Credentials("ann", SECRET, "token")),
        str([Credentials("ann", SECRET)]),
        f"{Credentials('a', SECRET)}",
    ):
        assert SECRET not in text
        assert "token" not in text
