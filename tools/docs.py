"""Write what documents take from the code: references, and transcripts.

Usage: python tools/docs.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.reference import controls, policies

ROOT = Path(__file__).resolve().parents[1]
_TRANSCRIPT = re.compile(r"(<!-- transcript: (?P<command>[^\n]*) -->\n```console\n).*?(```\n<!-- end -->)", re.DOTALL)
_SETTINGS = re.compile(r"(<!-- settings -->\n).*?(<!-- end -->)", re.DOTALL)


def generate() -> dict[Path, str]:
    """The text of every document that is generated, whole or in part, by its path."""
    reference = ROOT / "docs" / "reference"
    documents = {
        reference / "cli.md": _command_line(),
        reference / "policies.md": policies(),
        reference / "controls.md": controls(),
    }
    for path in (ROOT / "README.md",):
        documents[path] = _TRANSCRIPT.sub(_transcript, path.read_text(encoding="utf-8"))
    path = ROOT / "docs" / "reference" / "settings.md"
    tables = "\n".join(_settings())
    documents[path] = _SETTINGS.sub(lambda match: f"{match[1]}{tables}\n{match[2]}", path.read_text(encoding="utf-8"))
    return documents


def run(arguments: list[str], folder: Path) -> str:
    """Standard output of ``gateproof`` with ``arguments`` in ``folder``, away from this machine's settings."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GATEPROOF_", "GIT_"))}
    environment |= {"CI": "true", "COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "gateproof", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"gateproof {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def _transcript(match: re.Match[str]) -> str:
    """The block again, with what the command prints in a copy of the example service."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples" / "payments" / "manifests", Path(folder) / "manifests")
        output = run(match["command"].split(), Path(folder))
    return f"{match[1]}$ gateproof {match['command']}\n{output}{match[3]}"


def _settings() -> Iterator[str]:
    """A section for each mapping of ``gateproof.yaml``: what its struct says, and a table of its keys."""
    import msgspec

    from gateproof.settings import Settings, json_schema

    definitions = json_schema()["$defs"]
    # The published schema is for editors and has no markup; the structs' own words have.
    described = {name: each["description"] for name, each in msgspec.json.schema(Settings)["$defs"].items()}
    waiting = [("", "Settings")]
    while waiting:
        place, name = waiting.pop()
        keys = definitions[name]["properties"]
        required = definitions[name].get("required", ())
        yield f"### {f'`{place}`' if place else 'The file'}\n"
        yield f"{' '.join(described[name].replace('``', '`').split())}\n"
        yield "| key | value | default |\n| --- | --- | --- |"
        for key, value in keys.items():
            default = "required" if key in required else _default(value.get("default"))
            yield f"| `{key}` | {_value(value, definitions)} | {default} |"
        yield ""
        below = {key: _mapping(value, definitions) for key, value in keys.items()}
        waiting += [(f"{place}.{key}".lstrip("."), inner) for key, inner in reversed(below.items()) if inner]


def _mapping(value: dict[str, Any], definitions: dict[str, Any]) -> str | None:
    """The name of the mapping that ``value``, or each of its elements, is."""
    for option in (value, value.get("items", {}), *value.get("anyOf", ())):
        name: str = option.get("$ref", "").rpartition("/")[2]
        if "properties" in definitions.get(name, {}):
            return name
    return None


def _value(value: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What a value may be, in words."""
    from gateproof.catalog import scales

    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        scale = getattr(scales, name, None)  # a schema sorts its words; scales go from lenient to strict
        return ", ".join(f"`{word}`" for word in scale) if scale else _value(definitions[name], definitions)
    if "anyOf" in value:
        return ", or ".join(_value(one, definitions) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if value["type"] == "array":
        return f"list of {_value(value['items'], definitions)}"
    words = {"string": "text", "boolean": "`true` or `false`", "integer": "number", "object": "mapping"}
    return words[value["type"]]


def _default(value: Any) -> str:
    return f"`{str(value).lower()}`" if value not in (None, "", (), [], {}) else ""


def _command_line() -> str:
    import click

    from gateproof.cli import COMMANDS, cli

    lines = [
        "# Command line",
        "",
        "Generated from the code. Exit codes: 0 ALLOW or WARN, 1 DENY, 2 everything else.",
        "",
    ]
    context = click.Context(cli, info_name="gateproof", help_option_names=cli.context_settings["help_option_names"])

    def describe(command: click.Command, name: str, above: click.Context) -> None:
        inner = click.Context(command, info_name=name, parent=above, max_content_width=100, terminal_width=100)
        if isinstance(command, click.Group):
            for child in command.list_commands(inner):
                found = command.get_command(inner, child)
                assert found is not None
                describe(found, child, inner)
            return
        lines.extend([f"## {inner.command_path}", "", "```text", command.get_help(inner), "```", ""])

    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        describe(command, name, context)
    return "\n".join(lines)


if __name__ == "__main__":
    for path, text in generate().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")  # noqa: T201 - a tool says what it did
