"""Installation: the Kubernetes objects that `gateproof serve --admission` runs as, for kubectl, Kustomize and Helm.

Pure: parameters come in, objects and files come out. What they contain passes the built-in policies about Kubernetes,
in prod, and the restricted Pod Security Standard.
"""

from gateproof.installation.objects import objects
from gateproof.installation.packaging import chart, kustomization, stream
from gateproof.installation.parameters import SETTINGS, BreakGlass, Parameters, settings
from gateproof.installation.webhook import GUARDED, Guarded

__all__ = [
    "GUARDED",
    "SETTINGS",
    "BreakGlass",
    "Guarded",
    "Parameters",
    "chart",
    "kustomization",
    "objects",
    "settings",
    "stream",
]
