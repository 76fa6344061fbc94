"""Credentials for registries, as docker and oras keep them: ``config.json`` and its credential helpers.

https://docs.docker.com/reference/cli/docker/login/#credential-stores. Nothing of what is read is ever shown.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from pathlib import Path

import msgspec

from gateproof.errors import ConfigError

_MAX_BYTES = 1024 * 1024
_HELPER_TIMEOUT = 30
_DOCKER_HUB = "docker.io"
_HINT = "log in again: docker login or oras login writes this file"


class Credentials(msgspec.Struct, frozen=True):
    """A user's name and password, or a token that others are asked for with."""

    username: str = ""
    password: str = ""
    identity_token: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"

    __str__ = __repr__

    @property
    def basic(self) -> str:
        """The value of a header ``Authorization`` (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class _Auth(msgspec.Struct, frozen=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identitytoken: str = ""


class _Config(msgspec.Struct, frozen=True, rename="camel"):
    auths: dict[str, _Auth] = {}
    cred_helpers: dict[str, str] = {}
    creds_store: str = ""


class _Helped(msgspec.Struct, frozen=True, rename="pascal"):
    username: str
    secret: str


class DockerConfig:
    """The file at ``path``; read when it is first asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._config: _Config | None = None

    def credentials(self, host: str) -> Credentials | None:
        """What is kept for the registry ``host``, None where nothing is. Raises ConfigError."""
        if self._config is None:
            self._config = self._read()
        config = self._config
        for name, helper in config.cred_helpers.items():
            if _host(name) == host:
                return self._helped(helper, name)
        for name, auth in config.auths.items():
            if _host(name) == host and (found := self._stored(auth)):
                return found
        if config.creds_store:
            return self._helped(config.creds_store, next((name for name in config.auths if _host(name) == host), host))
        return None

    def _read(self) -> _Config:
        try:
            with open(self._path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
                    raise self._refused("is no file of credentials")
                if status.st_uid not in (os.geteuid(), 0) or status.st_mode & 0o022:
                    raise self._refused("could have been written by somebody else")
                raw = file.read(_MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return _Config()
        except OSError as error:
            raise self._refused(f"cannot be read: {error.strerror}") from None
        try:
            return msgspec.json.decode(raw, type=_Config)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise self._refused("is not what docker writes") from None  # its words could hold a secret

    def _stored(self, auth: _Auth) -> Credentials | None:
        if auth.identitytoken:
            return Credentials(identity_token=auth.identitytoken)
        if auth.username:
            return Credentials(auth.username, auth.password)
        if not auth.auth:
            return None
        try:
            username, _, password = base64.b64decode(auth.auth, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise self._refused("has an entry that is not base64") from None
        return Credentials(username, password.rstrip("\0"))

    def _helped(self, helper: str, name: str) -> Credentials | None:
        """What the program ``docker-credential-<helper>`` says about the registry ``name``, None if nothing."""
        import subprocess

        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", helper):
            raise self._refused("names a credential helper that is no name")
        program = f"docker-credential-{helper}"
        try:
            done = subprocess.run(
                [program, "get"], input=name.encode(), capture_output=True, timeout=_HELPER_TIMEOUT, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            raise self._refused(f"names {program}, which does not answer") from None
        if done.returncode != 0:
            return None
        try:
            said = msgspec.json.decode(done.stdout[:_MAX_BYTES], type=_Helped)
        except (msgspec.MsgspecError, UnicodeError):
            raise self._refused(f"names {program}, which does not say what a helper says") from None
        if said.username == "<token>":
            return Credentials(identity_token=said.secret)
        return Credentials(said.username, said.secret)

    def _refused(self, why: str) -> ConfigError:
        return ConfigError(f"the file of registry credentials {why}", where=str(self._path), hint=_HINT)


def _host(name: str) -> str:
    """The registry that an entry is for: entries may be URLs, and Docker Hub's is one of its own."""
    host = re.sub(r"^https?://", "", name).partition("/")[0]
    return _DOCKER_HUB if host in ("index.docker.io", "registry-1.docker.io") else host
