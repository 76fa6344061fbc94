"""Dockerfile, in the list form that conftest's parser gives to policies.

One object for each instruction, in order: ``Cmd`` (lower case), ``Flags``, ``JSON`` (whether the arguments are a JSON
array), ``Stage`` (how many FROM came before, less one), ``SubCmd`` (of ONBUILD), ``Value`` (the arguments); comments
directly above an instruction come as ``Cmd`` "comment". The syntax is that of BuildKit's Dockerfile reference:
parser directives, continuation lines with comments and blank lines in them, here-documents.

As with conftest, the bodies of here-documents are not part of the value, and variables are not expanded. Unlike
conftest, which flags an instruction knows is not checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from msgspec import Struct

from gateproof.documents.interface import Document, Format, Position
from gateproof.documents.places import Wanted
from gateproof.documents.refusals import shown, unreadable

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+)$")
_DIRECTIVES = frozenset(("escape", "syntax", "check"))
_SPACE = re.compile(r"[ \t\v\f\r]+")
_HEREDOC = re.compile(r"""\d*<<(-?)("[^"]*"|'[^']*'|[^\s<"']+)$""")
_WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\]|["'\\])+""", re.DOTALL)
_FLAG = re.compile(r"""--(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"'\\])*(?=\s|$)""", re.DOTALL)

_LISTS = frozenset(("arg", "expose", "from"))
_STRINGS = frozenset(("maintainer", "stopsignal", "user", "workdir"))
_JSON_OR_STRING = frozenset(("cmd", "entrypoint", "run", "shell"))
_JSON_OR_LIST = frozenset(("add", "copy", "volume"))
_PAIRS = frozenset(("env", "label"))
_NESTED = frozenset(("healthcheck", "onbuild"))
_KNOWN = _LISTS | _STRINGS | _JSON_OR_STRING | _JSON_OR_LIST | _PAIRS | _NESTED
_HEREDOC_TAKERS = frozenset(("add", "copy", "run"))
_MAY_BE_EMPTY = frozenset(("cmd", "entrypoint", "run"))


class _Instruction(Struct, frozen=True):
    """One logical line: where it starts, its text without continuations, the comments above it."""

    offset: int
    line: int
    text: str
    comments: tuple[tuple[int, str], ...]


def read(text: str) -> tuple[Document, ...]:
    """Read one Dockerfile."""
    commands = [command for _, command in _commands(text)]
    if not commands:
        raise unreadable(
            Format.DOCKERFILE, "it has no instructions", "pass a file that starts with FROM", Position(1, 1)
        )
    return (Document(commands, Format.DOCKERFILE),)


def locate(text: str, roots: Mapping[int, Wanted]) -> None:
    """Set the offset of every wanted instruction, and of what is inside it: all of it stands where it starts."""
    root = roots.get(0)
    if root is None:
        return
    root.offset = 0
    for index, (offset, _) in enumerate(_commands(text)):
        if index in root.children:
            root.children[index].offset = offset


def _commands(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    stage = 0
    froms = 0
    for instruction in _instructions(text):
        for offset, comment in instruction.comments:
            yield offset, _command("comment", stage, value=[comment])
        command = _parse(instruction)
        if command["Cmd"] == "from":
            stage, froms = froms, froms + 1
        command["Stage"] = stage
        yield instruction.offset, command


def _instructions(text: str) -> Iterator[_Instruction]:
    """Split into logical lines; here-documents are passed over with the instruction that they belong to."""
    lines = _Lines(text)
    escape = _escape(text)
    ending = re.compile(rf"(?:(?<!{escape})|^){escape}[ \t]*$")
    comments: list[tuple[int, str]] = []
    while (line := lines.take()) is not None:
        offset, number = lines.offset, lines.number
        body = line.strip()
        if body.startswith("#"):
            if not lines.in_directives:
                comments.append((offset, line[1:].strip()))
            continue
        pieces = [line.lstrip()]
        while ending.search(pieces[-1]) and (more := lines.take()) is not None:
            if more.strip() and not more.lstrip().startswith("#"):
                pieces[-1] = ending.sub("", pieces[-1])
                pieces.append(more)
        joined = "".join(pieces[:-1]) + ending.sub("", pieces[-1])
        if joined.strip():  # a blank line keeps the comments above it
            instruction = _Instruction(offset + len(line) - len(line.lstrip()), number, joined.strip(), tuple(comments))
            yield instruction
            _pass_heredocs(lines, instruction)
            comments = []


class _Lines:
    """The physical lines, one at a time, with the offset and number of the last one taken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = 0
        self.offset = 0
        self.number = 0
        self.in_directives = True

    def take(self) -> str | None:
        if self._next >= len(self._text):
            return None
        self.offset = self._next
        end = self._text.find("\n", self._next)
        stop = len(self._text) if end < 0 else end
        self._next = stop + 1
        self.number += 1
        line = self._text[self.offset : stop].removesuffix("\r")
        self.in_directives = self.in_directives and _directive(line) is not None
        return line


def _directive(line: str) -> tuple[str, str] | None:
    match = _DIRECTIVE.match(line.strip())
    if match and match[1].lower() in _DIRECTIVES:
        return match[1].lower(), match[2]
    return None


def _escape(text: str) -> str:
    """The escape character that the parser directives at the top choose, ready for a regular expression."""
    lines = _Lines(text)
    seen: set[str] = set()
    escape = "\\"
    while (line := lines.take()) is not None and lines.in_directives:
        directive = _directive(line)
        name, value = directive or ("", "")
        if name in seen:
            _refuse(lines.number, f"the parser directive {name!r} stands twice", "remove one of them")
        seen.add(name)
        if name == "escape":
            if value not in ("\\", "`"):
                _refuse(lines.number, f"{shown(value)} cannot be the escape character", "use \\ or `")
            escape = value
    return re.escape(escape)


def _pass_heredocs(lines: _Lines, instruction: _Instruction) -> None:
    words = instruction.text.split(None, 2)
    name = words[1] if words[0].lower() == "onbuild" and len(words) > 1 else words[0]
    if name.lower() not in _HEREDOC_TAKERS or "<<" not in instruction.text:
        return
    for word in _WORD.findall(instruction.text):
        heredoc = _HEREDOC.match(word)
        if not heredoc:
            continue
        terminator = heredoc[2].strip("\"'")
        while (line := lines.take()) is not None:
            if (line.lstrip("\t") if heredoc[1] else line) == terminator:
                break
        else:
            _refuse(instruction.line, f"the here-document {shown(terminator)} does not end", "end it with its own name")


def _parse(instruction: _Instruction) -> dict[str, Any]:
    name, _, rest = _split(instruction.text)
    rest = rest.strip()
    cmd = name.lower()
    if cmd not in _KNOWN:
        _refuse(instruction.line, f"unknown instruction {shown(name)}", "correct its name")
    flags, rest = _flags(rest)
    if cmd == "onbuild":
        inner = _parse_onbuild(instruction, rest)
        return _command(cmd, flags=flags, json_form=inner["JSON"], subcommand=inner["name"], value=inner["Value"])
    value, json_form = _arguments(instruction, cmd, rest)
    _check(instruction, cmd, value, json_form)
    return _command(cmd, flags=flags if rest or flags else None, json_form=json_form, value=value or None)


def _parse_onbuild(instruction: _Instruction, rest: str) -> dict[str, Any]:
    name = _split(rest)[0]
    if name.lower() in ("onbuild", "from", "maintainer", ""):
        _refuse(
            instruction.line,
            f"ONBUILD cannot be followed by {shown(name) if name else 'nothing'}",
            "name an instruction",
        )
    inner = _parse(_Instruction(instruction.offset, instruction.line, rest, ()))
    return {**inner, "name": name}


def _arguments(instruction: _Instruction, cmd: str, rest: str) -> tuple[list[str], bool]:
    """The arguments, and whether they stand in JSON form."""
    if cmd == "healthcheck":
        kind, _, command = _split(rest)
        value, json_form = _json_or_string(instruction, command.strip())
        return [kind, *value] if kind else [], json_form
    if cmd in _JSON_OR_STRING:
        return _json_or_string(instruction, rest)
    if cmd in _JSON_OR_LIST:
        array = _json_array(instruction, rest)
        return (_SPACE.split(rest) if rest else [], False) if array is None else (array, True)
    if cmd in _PAIRS:
        return _pairs(instruction, cmd, rest), False
    if cmd in _STRINGS:
        return [rest] if rest else [], False
    if cmd == "arg":
        return _WORD.findall(rest), False
    return _SPACE.split(rest) if rest else [], False


def _json_or_string(instruction: _Instruction, rest: str) -> tuple[list[str], bool]:
    array = _json_array(instruction, rest)
    if array is not None:
        return array, True
    return [rest] if rest else [], False


def _json_array(instruction: _Instruction, rest: str) -> list[str] | None:
    """The strings of a JSON array; None when ``rest`` is not one and so counts as plain text."""
    if not rest.startswith("["):
        return None
    try:
        array = json.loads(rest)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in array):
        _refuse(instruction.line, "a JSON array of arguments may hold only strings", "quote every argument")
    return [item.encode("utf-8", "replace").decode() for item in array]


def _pairs(instruction: _Instruction, cmd: str, rest: str) -> list[str]:
    """``name=value`` words, or the old form of one name and the rest of the line."""
    words = _WORD.findall(rest)
    if words and "=" not in words[0]:
        name, _, value = _split(rest)
        if not value.strip():
            _refuse(instruction.line, f"{cmd.upper()} needs a name and a value", "write name=value")
        return [name, value.strip(), ""]
    parts: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            _refuse(instruction.line, f"{shown(word)} is not of the form name=value", "write name=value")
        parts += (name, value, equals)
    return parts


def _flags(rest: str) -> tuple[list[str], str]:
    """Split off the leading ``--name=value`` words, without their quotes and escapes."""
    flags: list[str] = []
    while match := _FLAG.match(rest):
        rest = rest[match.end() :].lstrip()
        if match[0] == "--":
            break
        flags.append(re.sub(r"\\(.)|[\"']", r"\1", match[0]))
    return flags, rest


def _split(text: str) -> tuple[str, str, str]:
    match = _SPACE.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _check(instruction: _Instruction, cmd: str, value: list[str], json_form: bool) -> None:
    """Refuse what cannot be built: too few arguments, or the wrong ones."""
    problem = None
    if not value and cmd not in _MAY_BE_EMPTY:
        problem = f"{cmd.upper()} needs an argument"
    elif cmd == "from" and (len(value) not in (1, 3) or (len(value) == 3 and value[1].lower() != "as")):
        problem = "FROM takes an image, or an image AS a name"
    elif cmd in ("add", "copy") and len(value) < 2:
        problem = f"{cmd.upper()} takes at least a source and a destination"
    elif cmd == "healthcheck" and (len(value) < 2 if value[0].upper() == "CMD" else value[0].upper() != "NONE"):
        problem = "HEALTHCHECK takes NONE, or CMD and a command"
    elif cmd == "shell" and not json_form:
        problem = "SHELL takes a JSON array"
    if problem:
        _refuse(instruction.line, problem, "complete the instruction")


def _command(
    cmd: str,
    stage: int = 0,
    *,
    flags: list[str] | None = None,
    json_form: bool = False,
    subcommand: str = "",
    value: list[str] | None,
) -> dict[str, Any]:
    return {"Cmd": cmd, "Flags": flags, "JSON": json_form, "Stage": stage, "SubCmd": subcommand, "Value": value}


def _refuse(line: int, problem: str, hint: str) -> NoReturn:
    raise unreadable(Format.DOCKERFILE, problem, hint, Position(line, 1))
