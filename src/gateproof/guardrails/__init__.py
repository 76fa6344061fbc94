"""Locks of the platforms themselves: what no account, subscription or project may do, whoever asks for it.

A gate judges what passes through it. A guardrail (a service control policy, a permission boundary, a policy of Azure,
an organization policy of Google Cloud) refuses the rest, at the platform. They are data, a file for each platform; this
package chooses those that serve a control, fills in their parameters, and writes them down.
"""

from gateproof.guardrails.choice import Choice, choose
from gateproof.guardrails.guardrail import Guardrail, Kind, Parameters, guardrails
from gateproof.guardrails.rendering import render

__all__ = ["Choice", "Guardrail", "Kind", "Parameters", "choose", "guardrails", "render"]
