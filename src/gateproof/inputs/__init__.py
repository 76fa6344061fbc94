"""Inputs: bytes → Input, a change that can be judged, its secrets replaced; and its resources as policies see them."""

from gateproof.inputs.detect import decode, parse, resources
from gateproof.inputs.input import Input, Redaction, Remark, Resource, Subject
from gateproof.inputs.redact import is_redacted
from gateproof.inputs.views import by_address, document

__all__ = [
    "Input",
    "Redaction",
    "Remark",
    "Resource",
    "Subject",
    "by_address",
    "decode",
    "document",
    "is_redacted",
    "parse",
    "resources",
]
