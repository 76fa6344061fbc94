"""Open Policy Agent as the engine for Rego: a binary that is started for it, or a server that runs already.

Both are asked through OPA's REST API (https://www.openpolicyagent.org/docs/rest-api). A binary serves each policy on a
socket that only this user reaches, one process for all documents, and is stopped at the end. A running server is only
ever read: it must have the policies that are judged by, to the letter.

OPA has a clock, a network and an environment of its own, so what it says is for comparison: it cannot be replayed.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from gateproof import rego
from gateproof.catalog.policy import Source
from gateproof.documents import Format, canonical, read
from gateproof.engines.rego import RegoEngine
from gateproof.errors import EvaluationError, GateproofError, PolicyError, UsageError
from gateproof.rego.program import Program

_START_SECONDS = 20
_ANSWER_SECONDS = 60
_HINT = "look at OPA's own log, or judge with the built-in engine"
_MOST_BYTES = 64 * 1024 * 1024
_LONGEST_ERROR = 2_000
_HINT_SERVER = "check its address, and that it runs"


class Opa:
    """OPA, by the path of a binary or the address of a server; ``with`` stops what was started."""

    def __init__(self, place: str = "opa") -> None:
        """Find out whether OPA is there and which one. Raises UsageError."""
        self._stack = ExitStack()
        self._binary = "" if "://" in place else _found(place)
        self._server = "" if self._binary else place
        self._programs: dict[tuple[Source, ...], Program] = {}
        self.name = f"opa {self._version()}"
        self.engine = RegoEngine(self._program)

    def __enter__(self) -> Opa:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _version(self) -> str:
        if self._server:
            client = _Client(_over_network(self._server), self._server)
            return _printable(client.ask("POST", "/v1/query", {"query": "x = opa.runtime().version"}), "x")
        try:
            done = subprocess.run([self._binary, "version"], capture_output=True, timeout=_START_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise UsageError(f"cannot be run: {error}", where=self._binary, hint="name an opa binary") from None
        first = done.stdout.decode("utf-8", "replace").partition("\n")[0]
        if not first.startswith("Version: "):
            raise UsageError("this is not OPA", where=self._binary, hint="name an opa binary")
        return first.removeprefix("Version: ").strip()[:40]

    def _program(self, sources: tuple[Source, ...]) -> Program:
        if sources not in self._programs:
            own = rego.compile({source.name: source.text for source in sources})
            client = self._of_server(sources) if self._server else self._started(sources)
            self._programs[sources] = _OpaProgram(own, client, may_write=bool(self._binary))
        return self._programs[sources]

    def _of_server(self, sources: tuple[Source, ...]) -> _Client:
        client = _Client(_over_network(self._server), self._server)
        answer = client.ask("GET", "/v1/policies", None)
        loaded = {one.get("raw") for one in answer.get("result", []) if isinstance(one, dict)}
        if missing := [source.name for source in sources if source.text not in loaded]:
            raise PolicyError(
                f"the server does not have {', '.join(missing[:5])} as it is judged by",
                where=self._server,
                hint="load the same policies there, or give the path of an opa binary",
            )
        return client

    def _started(self, sources: tuple[Source, ...]) -> _Client:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="gateproof-opa-")))
        (folder / "policies").mkdir()
        for number, source in enumerate(sources):
            (folder / "policies" / f"{number}.rego").write_text(source.text, encoding="utf-8")
        address = str(folder / "opa.sock")
        command = [self._binary, "run", "--server", "--addr", f"unix://{address}", "--log-level", "error"]
        command += ["--skip-version-check", *_version_flag(sources), "policies"]
        with open(folder / "log", "wb") as log:
            process = subprocess.Popen(
                command, cwd=folder, env={"HOME": str(folder)}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._stack.callback(_stop, process)
        client = _Client(_Local(address), self._binary)
        deadline = time.monotonic() + _START_SECONDS
        while not client.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (folder / "log").read_bytes()[:_LONGEST_ERROR].decode("utf-8", "replace")
                raise PolicyError(
                    f"OPA does not start with this policy: {said.strip()}",
                    where=self._binary,
                    hint="correct what OPA says, or judge with the built-in engine",
                )
            time.sleep(0.02)
        return client


class _OpaProgram(Program):
    """A program of which OPA gives the answers; rules and their names are known from our own compiler."""

    __slots__ = ("_client", "_given", "_may_write")

    def __init__(self, own: Program, client: _Client, *, may_write: bool) -> None:
        super().__init__(own.plan)
        self._client = client
        self._may_write = may_write
        self._given: Any = None

    def evaluate(self, path: str | Sequence[str], input: Any = None, data: Any = None, **_: Any) -> Any:
        """What OPA has at ``path`` for ``input``. Time and seed are OPA's own. Raises EvaluationError."""
        if data != self._given:
            self._give(data)
        parts = path.split(".")[1:] if isinstance(path, str) else path
        where = "/v1/data/" + "/".join(quote(part, safe="") for part in parts)
        answer = self._client.ask("POST", where, {"input": input})
        return _with_sets(answer["result"]) if "result" in answer else rego.UNDEFINED

    def _give(self, data: Any) -> None:
        if self._may_write:
            for name, value in data.items():
                self._client.ask("PUT", f"/v1/data/{quote(name, safe='')}", value)
        elif any(data.values()):
            raise EvaluationError(
                "the policy has parameters or facts, and a running server is only read",
                hint="give the path of an opa binary",
            )
        self._given = data


class _Client:
    """OPA's REST API over one connection at a time."""

    def __init__(self, connection: http.client.HTTPConnection, place: str) -> None:
        self._connection = connection
        self._place = place

    def is_ready(self) -> bool:
        """Whether OPA answers yet."""
        try:
            self.ask("GET", "/health", None)
        except GateproofError:
            return False
        return True

    def ask(self, method: str, path: str, body: Any) -> dict[str, Any]:
        """The object that OPA answers with. Raises EvaluationError for anything else."""
        raw = b"" if body is None else canonical.encode(body)
        try:
            self._connection.request(method, path, raw or None, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            answer = response.read(_MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise EvaluationError(f"OPA does not answer: {error}", where=self._place, hint=_HINT_SERVER) from None
        finally:
            self._connection.close()
        if response.status not in (200, 204):
            said = answer[:_LONGEST_ERROR].decode("utf-8", "replace")
            raise EvaluationError(
                f"OPA answers {response.status}: {' '.join(said.split())}", where=self._place, hint=_HINT
            )
        if len(answer) > _MOST_BYTES:
            raise EvaluationError(f"OPA's answer is larger than {_MOST_BYTES} bytes", where=self._place, hint=_HINT)
        value = read(answer, Format.JSON)[0].value if answer.strip() else {}
        if not isinstance(value, dict):
            raise EvaluationError("OPA answers with something else than an object", where=self._place, hint=_HINT)
        return value


class _Local(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_ANSWER_SECONDS)
        self.sock.connect(self._path)


def _over_network(address: str) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.path.strip("/") or parts.query or parts.username:
        raise UsageError("this is no address of an OPA server", where=address, hint="write http://HOST:PORT")
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=_ANSWER_SECONDS)
    return http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)


def _found(place: str) -> str:
    path = shutil.which(place)
    if path is None:
        hint = "install OPA, or write opa:PATH or opa:http://HOST:PORT"
        raise UsageError("there is no OPA to run", where=place, hint=hint)
    return os.path.abspath(path)


def _version_flag(sources: Sequence[Source]) -> list[str]:
    """What makes OPA read the language that our compiler found the sources to be in."""
    from gateproof.rego.parser import parse_module

    if all(parse_module(source.name, source.text).v1 for source in sources):
        return []
    for source in sources:
        parse_module(source.name, source.text, v0=True)
    return ["--v0-compatible"]


def _with_sets(value: Any) -> Any:
    """Members of an answer that are arrays as the sets that they are: JSON has none."""
    if not isinstance(value, dict):
        return value
    return {name: rego.RegoSet.of(member) if isinstance(member, list) else member for name, member in value.items()}


def _printable(answer: Mapping[str, Any], name: str) -> str:
    result = answer.get("result")
    version = result[0].get(name) if isinstance(result, list) and result and isinstance(result[0], dict) else None
    return version[:40] if isinstance(version, str) and version.isprintable() else "of an unknown version"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
