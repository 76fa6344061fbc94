"""Settings: the only reader of environment variables and of ``gateproof.yaml``."""

from gateproof.settings.loading import (
    NAME,
    BundlePlace,
    Git,
    PolicyPath,
    Resolved,
    key_password,
    load,
    load_served,
    read_file,
)
from gateproof.settings.resolving import LOOSER, File, Flags, resolve_context, resolve_settings
from gateproof.settings.schema import Settings, json_schema
from gateproof.settings.surroundings import (
    cache_folder,
    cluster_address,
    registry_credentials,
    state_folder,
    terminal_width,
    wants_color,
)

__all__ = [
    "LOOSER",
    "NAME",
    "BundlePlace",
    "File",
    "Flags",
    "Git",
    "PolicyPath",
    "Resolved",
    "Settings",
    "cache_folder",
    "cluster_address",
    "json_schema",
    "key_password",
    "load",
    "load_served",
    "read_file",
    "registry_credentials",
    "resolve_context",
    "resolve_settings",
    "state_folder",
    "terminal_width",
    "wants_color",
]
