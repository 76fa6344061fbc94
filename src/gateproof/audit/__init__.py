"""Audit: what runs in a cluster, judged as admission would judge it, and compared with what admission let in.

Pure: the bytes of a dump and decisions come in, an ``Audit`` comes out. Objects are taken one by one, so a dump of any
size is read in the memory that its largest object needs; only what is open stays.
"""

from gateproof.audit.audit import Audit, Report
from gateproof.audit.content import content, differences
from gateproof.audit.drift import Drift, DriftKind, Ledger
from gateproof.audit.dump import pieces

__all__ = ["Audit", "Drift", "DriftKind", "Ledger", "Report", "content", "differences", "pieces"]
