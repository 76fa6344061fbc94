"""What ``conftest test`` reads: configurations by path or folder, policies, data, and its settings file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from gateproof.adapters.files import as_text, load, read
from gateproof.documents import Format
from gateproof.documents import read as read_document
from gateproof.engines.conftest import File
from gateproof.engines.conftest.documents import parse, parser_of
from gateproof.errors import ConfigError, DocumentError, InputError, PolicyError, UsageError, placed

_POLICY_BYTES = 4 * 1024 * 1024
_DATA = {".yaml": Format.YAML, ".yml": Format.YAML, ".json": Format.JSON}
_SETTINGS = {".toml": Format.TOML, **_DATA}


def configurations(paths: Sequence[str], parser: str | None, ignore: str) -> dict[str, File]:
    """The configurations of files and folders, by the path that conftest shows. Raises UsageError and DocumentError.

    ``parser`` is taken for every file, or by its name. ``ignore`` is a regular expression (RE2): paths below folders
    that it finds something in are left out.
    """
    found: dict[str, File] = {}
    for path in _files(paths, ignore):
        chosen = parser or parser_of(path)
        if chosen is None:
            hint = "name its parser with --parser"
            raise UsageError("no parser is known for a file of this name", where=as_text(path), hint=hint)
        shown = as_text(path)
        source = load(path)
        if source.problem:
            raise InputError(source.problem, where=shown, hint="check the path")
        absolute = as_text(os.path.abspath(path))
        with placed(shown):
            configuration = parse(source.raw, chosen)
        found[shown] = File(shown, configuration, os.path.basename(absolute), os.path.dirname(absolute))
    return found


def policies(paths: Sequence[str]) -> dict[str, str]:
    """Name → text of every Rego file, tests among them, in files and folders. Raises PolicyError."""
    found = {}
    for path in _walked(paths, (".rego",)):
        raw = _bytes(path)
        try:
            found[as_text(os.path.normpath(path))] = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            where = as_text(path)
            raise PolicyError(
                f"not UTF-8 at byte {error.start}", where=where, hint="save the policy as UTF-8"
            ) from None
    if not found:
        raise PolicyError(
            f"there are no policies in {', '.join(map(as_text, paths))}", hint="name a folder with .rego files: -p PATH"
        )
    return found


def data(paths: Sequence[str]) -> dict[str, Any]:
    """The document ``data`` that YAML and JSON files make up: each stands where its folder does below its path.

    Raises PolicyError for files that cannot be read, hold no object at the top, or contradict each other.
    """
    merged: dict[str, Any] = {}
    for path in paths:
        for file in _walked([path], tuple(_DATA)):
            folders = os.path.relpath(os.path.dirname(file), path).split(os.sep) if os.path.isdir(path) else ["."]
            value = _document(file)
            for folder in reversed([name for name in folders if name != "."]):
                value = {as_text(folder): value}
            if not isinstance(value, dict):
                raise PolicyError("data must be an object here", where=as_text(file), hint="put it below a name")
            _merge(merged, value, as_text(file))
    return merged


def settings(file: Path | None) -> dict[str, Any]:
    """Options that a settings file gives, by flag: ``file``, or conftest.toml, .yaml or .json of the working folder.

    Raises ConfigError.
    """
    candidates = [file] if file else [Path(f"conftest{suffix}") for suffix in _SETTINGS]
    chosen = next((path for path in candidates if path.is_file()), file)
    if chosen is None:
        return {}
    hint = "it has conftest's flags as names, such as policy and namespace"
    if chosen.suffix not in _SETTINGS:
        raise ConfigError("settings are read from .toml, .yaml and .json files", where=str(chosen), hint=hint)
    try:
        found = read_document(read(chosen, _POLICY_BYTES), _SETTINGS[chosen.suffix])
    except (InputError, DocumentError) as error:
        raise ConfigError(error.message, where=str(chosen), hint=error.hint) from None
    if len(found) != 1 or not isinstance(found[0].value, dict):
        raise ConfigError("these are no settings", where=str(chosen), hint=hint)
    return found[0].value


def _files(paths: Sequence[str], ignore: str) -> list[str]:
    found: list[str] = []
    for path in filter(None, paths):
        if path != "-" and os.path.isdir(path):
            found += _below(path, ignore)
        elif path == "-" or os.path.exists(path):
            found.append(path)
        else:
            raise UsageError("there is no such file or folder", where=as_text(path), hint="check the path")
    if not found:
        raise UsageError("no files found", where=", ".join(map(as_text, paths)), hint="name files, folders, or -")
    return list(dict.fromkeys(found))


def _below(folder: str, ignore: str) -> Iterator[str]:
    import re2

    quiet = re2.Options()
    quiet.log_errors = False
    try:
        pattern = re2.compile(ignore, quiet) if ignore else None
    except re2.error:
        hint = "write it in the syntax of RE2"
        raise UsageError(f"{ignore[:80]!r} is no regular expression", where="--ignore", hint=hint) from None
    seen: set[str] = set()

    def walk(top: str) -> Iterator[str]:
        real = os.path.realpath(top)
        if real in seen:
            return
        seen.add(real)
        try:
            names = sorted(os.listdir(top))
        except OSError as error:
            _refuse(error)
        for name in names:
            path = os.path.normpath(os.path.join(top, name))
            if os.path.isdir(path):
                yield from walk(os.path.realpath(path) if os.path.islink(path) else path)
            elif not (pattern and pattern.search(as_text(path))) and parser_of(os.path.realpath(path)):
                yield path

    yield from walk(os.path.realpath(folder) if os.path.islink(folder) else folder)


def _walked(paths: Iterable[str], suffixes: tuple[str, ...]) -> Iterator[str]:
    """Files with one of ``suffixes`` in files and folders, in order."""
    for path in paths:
        if not os.path.exists(path):
            raise PolicyError("there is no such file or folder", where=as_text(path), hint="check -p and -d")
        if not os.path.isdir(path):
            yield from (file for file in [path] if file.endswith(suffixes))
            continue
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(suffixes))


def _bytes(path: str) -> bytes:
    try:
        return read(Path(path), _POLICY_BYTES)
    except InputError as error:
        raise PolicyError(error.message, where=as_text(path), hint=error.hint) from None


def _document(path: str) -> Any:
    try:
        found = read_document(_bytes(path), _DATA[os.path.splitext(path)[1]])
    except DocumentError as error:
        raise PolicyError(str(error), where=as_text(path), hint=error.hint) from None
    if len(found) != 1:
        raise PolicyError(f"{len(found)} documents where one should be", where=as_text(path), hint="split the file")
    return found[0].value


def _merge(into: dict[str, Any], more: dict[str, Any], file: str) -> None:
    for name, value in more.items():
        if name not in into:
            into[name] = value
        elif isinstance(into[name], dict) and isinstance(value, dict):
            _merge(into[name], value, file)
        else:
            raise PolicyError(f"{name[:80]!r} has a value from another file already", where=file, hint="rename one")


def _refuse(error: OSError) -> NoReturn:
    """A folder that cannot be listed could hold what matters: it is never passed over."""
    raise UsageError(
        f"cannot be listed: {error.strerror}", where=as_text(str(error.filename)), hint="check permissions"
    )
