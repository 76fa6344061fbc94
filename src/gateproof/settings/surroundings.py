"""What the environment says about this machine: where to keep things (XDG Base Directory Specification), colour."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def state_folder(environ: Mapping[str, str] | None = None) -> Path:
    """What a verifier remembers: ``$GATEPROOF_STATE``, else ``$XDG_STATE_HOME/gateproof``."""
    variables = os.environ if environ is None else environ
    given = variables.get("GATEPROOF_STATE")
    return Path(given) if given else _home(variables, "XDG_STATE_HOME", ".local/state")


def cache_folder(environ: Mapping[str, str] | None = None) -> Path | None:
    """What can be made again: ``$XDG_CACHE_HOME/gateproof``. None in CI, where nothing is kept between runs."""
    variables = os.environ if environ is None else environ
    if variables.get("CI", "").lower() not in ("", "0", "false"):
        return None
    return _home(variables, "XDG_CACHE_HOME", ".cache")


def registry_credentials(environ: Mapping[str, str] | None = None) -> Path:
    """Where credentials for registries are: ``$REGISTRY_AUTH_FILE``, ``$DOCKER_CONFIG/config.json``, else docker's."""
    variables = os.environ if environ is None else environ
    if given := variables.get("REGISTRY_AUTH_FILE"):
        return Path(given)
    folder = variables.get("DOCKER_CONFIG")
    return (Path(folder) if folder else Path.home() / ".docker") / "config.json"


def cluster_address(environ: Mapping[str, str] | None = None) -> tuple[str, int] | None:
    """Host and port of the API server of the cluster that this process is a Pod of; None outside of one."""
    variables = os.environ if environ is None else environ
    host, port = variables.get("KUBERNETES_SERVICE_HOST", ""), variables.get("KUBERNETES_SERVICE_PORT", "443")
    return (host, int(port)) if host and port.isdecimal() else None


def wants_color(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a terminal may be coloured: not under ``NO_COLOR`` (no-color.org), nor on a dumb one."""
    variables = os.environ if environ is None else environ
    return not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"


def terminal_width(environ: Mapping[str, str] | None = None) -> int:
    """Columns of the terminal that standard output is, or what ``COLUMNS`` says; 100 where it is none."""
    columns = (os.environ if environ is None else environ).get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size().columns or 100
    except OSError:
        return 100


def _home(variables: Mapping[str, str], name: str, default: str) -> Path:
    home = variables.get(name, "")
    # A relative path in these variables is to be ignored, says the specification.
    return (Path(home) if os.path.isabs(home) else Path.home() / default) / "gateproof"
