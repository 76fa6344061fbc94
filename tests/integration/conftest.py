"""The command line as a real process, and what the tests of it share."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

PASSWORD = "correct horse battery staple"
TIMEOUT = 600
"""Seconds after which a command hangs; a machine under load must not reach it."""
MEMORY = 3 << 30
"""Bytes of address space that a command may ask for."""

_FOREIGN = ("GATEPROOF_", "GITHUB_", "GITLAB_", "CI", "GIT_", "PYTHON", "XDG_")
_RAW = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

ALLOWED = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web
      securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}
"""
DENIED = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}\n"


def plan(address: str = "aws_s3_bucket_acl.logs", acl: str = "public-read", **more: Any) -> str:
    """A Terraform plan with one bucket ACL."""
    change = {"actions": ["create"], "before": None, "after": {"acl": acl, "bucket": "logs"}, "after_unknown": {}}
    resource_change = {
        "address": address,
        "mode": "managed",
        "type": "aws_s3_bucket_acl",
        "name": "logs",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": change,
        **more,
    }
    return json.dumps({"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": [resource_change]})


class Ran(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    def faults(self) -> list[str]:
        """What no command may ever do, whatever it is given."""
        said = [] if self.code in (0, 1, 2) else [f"exit code {self.code}"]
        said += [word for word in ("Traceback", "internal: ") if word in self.err]
        said += [f"raw {found[0]!r} in the output" for text in (self.out, self.err) if (found := _RAW.search(text))]
        return said

    def refused(self, *words: str) -> list[str]:
        """What is missing to a clear refusal: nothing on standard output, and an error that says these words."""
        said = self.faults()
        if self.code != 2 or self.out:
            said.append(f"exit code {self.code} with {len(self.out)} characters of output")
        if not self.err.startswith("error: ") or "\nnext:  " not in self.err:
            said.append("no error, or no next step")
        said += [f"does not say {word!r}" for word in words if word not in _unwrapped(self.err)]
        return [*said, self.err] if said else []

    def undecided(self, *words: str) -> list[str]:
        """What is missing to a complete report that says UNDECIDED and these words."""
        said = self.faults()
        if self.code != 2 or self.err or "UNDECIDED" not in self.out or "to pass" not in self.out:
            said.append(f"exit code {self.code}, no whole report")
        said += [f"does not say {word!r}" for word in words if word not in _unwrapped(self.out)]
        return [*said, self.out, self.err] if said else []


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


class Gateproof:
    """Runs commands in a folder of their own, a few at a time."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        self.environment = {
            **kept,
            "HOME": str(home),
            "GATEPROOF_STATE": str(home / "state"),
            "GATEPROOF_KEY_PASSWORD": PASSWORD,
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
        }

    def write(self, name: str, content: str | bytes) -> str:
        """Write a file below the folder; gives its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    def __call__(
        self, *arguments: str, stdin: bytes | Path = b"", env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Ran:
        """Run ``gateproof`` with ``arguments`` in the folder."""
        given: dict[str, Any] = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin.open("rb")}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "gateproof", *arguments],
                cwd=cwd or self.folder,
                env={**self.environment, **(env or {})},
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
                preexec_fn=_limit_memory,
                **given,
            )
        finally:
            if "stdin" in given:
                given["stdin"].close()
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def shell(self, script: str, *arguments: str) -> Ran:
        """Run a bash script in which ``gateproof`` is a function, and ``$1`` … are ``arguments``."""
        script = f'gateproof() {{ "{sys.executable}" -m gateproof "$@"; }}\n{script}'
        done = subprocess.run(
            ["bash", "-c", script, "bash", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def each(self, calls: Mapping[str, tuple[str, ...]], **options: Any) -> dict[str, Ran]:
        """Run every call; by name, how it ended."""
        with ThreadPoolExecutor(3) as pool:
            runs = {name: pool.submit(self, *arguments, **options) for name, arguments in calls.items()}
            return {name: run.result() for name, run in runs.items()}


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.fixture
def gateproof(tmp_path: Path) -> Gateproof:
    """The command line in an empty folder."""
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    return Gateproof(work, home)


class House(msgspec.Struct, frozen=True):
    """A folder with keys, trust policy, roster, a signed waiver, and a store with two decisions."""

    folder: Path
    root: str

    @property
    def grounds(self) -> dict[str, str]:
        """Options of ``check`` that record evidence."""
        trust = self.folder / "trust"
        return {
            "--evidence": str(self.folder / "store"),
            "--key": str(trust / "signer.key"),
            "--trust": str(trust / "trust.dsse.json"),
            "--roster": str(trust / "roster.dsse.json"),
            "--root": self.root,
        }

    def options(self, **changes: str | None) -> tuple[str, ...]:
        """``grounds`` as arguments, with ``changes``; None leaves an option out."""
        chosen = {**self.grounds, **{f"--{name}": value for name, value in changes.items()}}
        return tuple(word for option, value in chosen.items() if value is not None for word in (option, value))


WAIVER = """\
kind: exception
policies: [container-hardening]
environment: prod
service: web
reason_code: migration
reason: Until the image is rebuilt.
risk_owner: rita@acme.example
requester: rita@acme.example
approver: vera@acme.example
ticket: WEB-1
not_before: 2026-01-01T00:00:00Z
not_after: 2026-02-01T00:00:00Z
resources: [v1/Pod/web]
"""


@pytest.fixture(scope="session")
def built_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The house that every test gets a copy of."""
    folder = tmp_path_factory.mktemp("house")
    run = Gateproof(folder, folder)
    assert run("keygen", "vp.key").code == 0
    people = ("--person", "vera@acme.example,vp,vp.key.pub", "--person", "rita@acme.example,manager")
    made = run("trust", "init", "trust", "--origin", "acme.example/web", *people)
    assert made.code == 0, made.err
    house = House(folder, made.out.strip())
    run.write("waiver.yaml", WAIVER)
    assert run("sign", "waiver", "waiver.yaml", "--key", "vp.key", "-o", "waiver.json").code == 0
    run.write("allowed.yaml", ALLOWED)
    run.write("denied.yaml", DENIED)
    recorded = run("check", "allowed.yaml", "denied.yaml", *house.options())
    assert recorded.code == 1, recorded.err
    return house


@pytest.fixture
def house(built_house: House, gateproof: Gateproof) -> House:
    """A house of the test's own; ``gateproof`` runs in it and has seen its log."""
    shutil.rmtree(gateproof.folder)
    shutil.copytree(built_house.folder, gateproof.folder)
    shutil.copytree(built_house.folder / "state", gateproof.environment["GATEPROOF_STATE"])
    return House(gateproof.folder, built_house.root)
