"""Bytes to values as a cluster or a tool reads them, with positions and limits.

``read`` gives documents, ``positions`` says afterwards where their values stand, ``lines_around`` shows the place.
Every byte is taken as hostile: what cannot be read in full, and in one way only, is a ``DocumentError``.
"""

from gateproof.documents.interface import Document, Format, Limits, Note, Path, Place, Position
from gateproof.documents.reading import positions, read
from gateproof.documents.sniffing import sniff
from gateproof.documents.text import decode_text, lines_around

__all__ = [
    "Document",
    "Format",
    "Limits",
    "Note",
    "Path",
    "Place",
    "Position",
    "decode_text",
    "lines_around",
    "positions",
    "read",
    "sniff",
]
